// The Risk view: states, limits with their use, margin, exposure, the runaway guard and what changed; painted as it moves.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "risk";

  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_risk = {
    on_facts(facts) {
      if (facts && state.isStarted) ts.boundary.guard(PANEL, taken)(facts);
      return root.dash_clientside.no_update;
    },
  };
  const state = { facts: null, isDesk: false, edits: new Map(), faults: new Map(), whose: null, isLeaving: false, isStarted: false, isSending: false };
  if (typeof document === "undefined") return;

  const byId = (id) => document.getElementById(id);
  const element = (...given) => ts.dom.element(...given);
  const model = () => ts.riskModel;
  const live = () => ts.live.state;
  const written = new Map();
  const dirty = () => ts.painter.dirty(PANEL);
  const limitsNow = () => state.facts.limits[state.isDesk ? "desk" : "account"];
  const accountName = () => (ts.accounts.current() || live().desk.account).name || "this account";
  const ownId = () => live().status.account;
  const typed = () => (typed.kept = typed.kept || ts.riskTyped.makeTyped(root.sessionStorage));
  const whoseNow = () => (state.isDesk ? "desk" : `account ${chosenId()}`);

  // Replaces the children of a place only when what they say changed.
  function fill(id, said, make) {
    const text = JSON.stringify(said);
    if (written.get(id) === text) return;
    written.set(id, text);
    byId(id).replaceChildren(...make());
  }

  function chip(name) {
    return element("span", { class: "state-chip is-" + ts.standing.KINDS[name] }, ts.standing.WORDS[name]);
  }

  const cell = (content, kind = "") => element("td", { class: kind }, content);

  function empty(columns, text) {
    return [element("tr", {}, element("td", { colspan: columns, class: "risk-empty" }, text))];
  }

  // ---- states

  function stateRows() {
    const rows = [{ id: "", name: "Whole desk" }, ...ts.accounts.all];
    return rows.filter(({ id }) => live().risk[id]).map((account) => ({ account, view: live().risk[account.id] }));
  }

  function paintStates() {
    const rows = stateRows();
    const said = rows.map(({ account, view }) => [account.name, account.equity, account.day_pl, view.state, view.since, view.by, view.message, view.is_desks, ts.standing.heldBack(view), account.id === chosenId()]);
    fill("risk-states", said, () => rows.map(stateRow));
  }

  const chosenId = () => ts.page.account || ownId();

  function stateRow({ account, view }) {
    const isActive = view.state === "active";
    const { format } = ts;
    const isMine = account.id === chosenId();
    return element(
      "tr",
      { class: isMine ? "is-mine" : "" },
      element("th", { scope: "row" }, account.name, isMine ? element("span", { class: "muted" }, " in this window") : null),
      cell(chip(view.state)),
      cell(isActive ? "–" : ts.standing.when(view.since), "num"),
      cell(isActive ? "–" : ts.standing.who(view.by).replace(/^by /, "")),
      cell(isActive ? "Orders are taken" : whyStopped(view), "risk-why"),
      cell(account.equity === undefined ? "" : format.money(account.equity), "num"),
      cell(account.equity === undefined ? "" : format.signed(account.day_pl), "num " + format.tone(account.day_pl)),
      cell(stateDeed(account, view, isActive)),
    );
  }

  function whyStopped(view) {
    const said = (view.is_desks ? "The whole desk: " : "") + view.message;
    return ts.standing.heldBack(view) ? `${said}. ${ts.standing.LIMIT_FIRST}` : said;
  }

  function stateDeed(account, view, isActive) {
    if (isActive) return "";
    const isDesks = account.id === "" || view.is_desks;
    const deed = ts.boundary.guard(PANEL, async () => {
      await ts.standing.reactivate(isDesks, account.id === ownId() ? "" : account.id);
      ask();
    });
    return ts.standing.reactivation(isDesks && account.id ? "Reactivate the desk" : "Reactivate", deed, ts.standing.heldBack(view));
  }

  // ---- limits

  function buildLimits() {
    for (const row of document.querySelectorAll("#risk-limits .limit-row")) {
      const { limit: name, unit, title } = row.dataset;
      if (!name) {
        row.querySelector(".limit-set").append(title === "State" ? element("span", { id: "risk-standing" }) : element("span", { class: "muted" }, "always"));
        continue;
      }
      const isFlag = unit === "flag";
      const input = element("input", { class: isFlag ? "" : "field num", type: isFlag ? "checkbox" : "text", name, inputmode: unit === "symbols" || isFlag ? null : "decimal", autocomplete: "off", spellcheck: "false", placeholder: unit === "symbols" ? "none" : "no limit", "aria-label": title });
      input.addEventListener(isFlag ? "change" : "input", ts.boundary.guard(PANEL, () => edited(name, unit, isFlag ? input.checked : input.value)));
      input.addEventListener("keydown", ts.boundary.guard(PANEL, (event) => {
        if (event.key === "Enter") setLimits();
        else if (event.key === "Escape") forget(name);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }));
      const words = element("span", { class: "limit-unit" }, model().UNITS[unit]);
      row.querySelector(".limit-set").append(element("div", { class: "limit-field" }, input, words, element("span", { class: "limit-waits", hidden: true }, "not set yet")), element("p", { class: "limit-fault", role: "alert" }));
      const bar = element("div", { class: "limit-bar", hidden: true }, element("div", {}));
      row.querySelector(".limit-use").append(bar, element("span", { class: "limit-used num" }), element("p", { class: "limit-cause" }));
    }
  }

  function edited(name, unit, text) {
    const { value, fault } = model().parsed(text, unit, name);
    if (fault) state.faults.set(name, fault);
    else state.faults.delete(name);
    if (!fault && model().isSame(value, limitsNow().own[name])) return forget(name);
    state.edits.set(name, fault ? undefined : value);
    typed().put(state.whose, name, text);
    return dirty();
  }

  function forget(name) {
    state.edits.delete(name);
    state.faults.delete(name);
    typed().drop(state.whose, name);
    dirty();
  }

  function forgetAll() {
    state.edits.clear();
    state.faults.clear();
    typed().clear(state.whose);
    dirty();
  }

  // What was typed for this account, or for the desk, and not set: it stands there again.
  function recall() {
    state.whose = whoseNow();
    state.edits.clear();
    state.faults.clear();
    for (const [name, text] of Object.entries(typed().of(state.whose))) {
      const row = document.querySelector(`#risk-limits [data-limit="${name}"]`);
      if (!row) continue;
      const input = row.querySelector("input");
      if (input.type === "checkbox") input.checked = text;
      else input.value = text;
      edited(name, row.dataset.unit, text);
    }
    dirty();
  }

  function paintLimits() {
    const { own, held } = limitsNow();
    const view = live().risk[state.isDesk ? "" : chosenId()] || { state: "active", uses: [] };
    const uses = new Map(view.uses.map((use) => [use.name, use]));
    fill("risk-standing", view.state, () => [chip(view.state)]);
    for (const row of document.querySelectorAll("#risk-limits .limit-row")) {
      const { limit: name, unit } = row.dataset;
      if (name) paintLimit(row, name, unit, own, held, uses.get(name));
      if (name) paintCause(row, view.state !== "active" && view.cause === name ? view.message : "");
    }
    const whose = model().scopeNote(state.isDesk, accountName(), ts.accounts.all.length);
    fill("risk-limits-note", whose, () => [whose]);
    paintDeeds();
  }

  function paintLimit(row, name, unit, own, held, use) {
    const input = row.querySelector("input");
    const isEdited = state.edits.has(name);
    row.classList.toggle("is-edited", isEdited);
    if (!isEdited && document.activeElement !== input) {
      const text = model().shown(own[name], unit);
      if (unit === "flag") input.checked = text;
      else if (input.value !== text) input.value = text;
    }
    const isStricter = !state.isDesk && !model().isSame(own[name], held[name]);
    const waits = row.querySelector(".limit-waits");
    if (waits.hidden === isEdited) waits.hidden = !isEdited;
    const note = state.faults.get(name) || (isStricter ? `The desk's holds: ${model().shown(held[name], unit) || "none"}${unit === "percent" ? " %" : ""}` : "");
    const said = row.querySelector(".limit-fault");
    if (said.textContent !== note) said.textContent = note;
    said.classList.toggle("is-note", !state.faults.has(name));
    input.setAttribute("aria-invalid", String(state.faults.has(name)));
    paintUse(row, model().meter(use, ts.format));
  }

  // The limit that stopped the account says so, where it is set.
  function paintCause(row, message) {
    row.classList.toggle("is-cause", Boolean(message));
    const at = row.querySelector(".limit-cause");
    const text = message ? `Passed: ${message}.` : "";
    if (at.textContent !== text) at.textContent = text;
  }

  function paintUse(row, found) {
    const text = found ? found.text : "";
    const at = row.querySelector(".limit-used");
    if (at.textContent !== text) at.textContent = text;
    const bar = row.querySelector(".limit-bar");
    const share = found && found.share !== null ? found.share : null;
    bar.hidden = share === null;
    if (share === null) return;
    bar.dataset.kind = found.kind;
    bar.firstChild.style.transform = `scaleX(${share})`;
  }

  function paintDeeds() {
    const count = state.edits.size;
    const at = byId("risk-deeds");
    paintDoor();
    at.hidden = !count;
    fill("risk-deeds", [count, state.faults.size, state.isSending], () => [
      element("span", {}, `${ts.riskTyped.counted(count)} changed, not set yet`),
      element("button", { type: "button", class: "quiet-button", onclick: forgetAll }, "Leave them"),
      element("button", { type: "button", class: "main-button", disabled: state.faults.size > 0 || state.isSending, onclick: ts.boundary.guard(PANEL, setLimits) }, count === 1 ? "Set the limit" : "Set the limits"),
    ]);
  }

  const titleOf = (name) => document.querySelector(`#risk-limits [data-limit="${name}"]`).dataset.title;

  async function setLimits() {
    if (!state.edits.size || state.faults.size || state.isSending) return;
    const { own } = limitsNow();
    const changes = Object.fromEntries(state.edits);
    const wider = Object.keys(changes).filter((name) => model().isWider(name, changes[name], own[name]));
    if (wider.length && !(await isMeant(wider))) return;
    state.isSending = true;
    dirty();
    const receipt = await ts.intents.send({ do: "set_limits", limits: changes, ...(state.isDesk ? { scope: "desk" } : {}) }, { quiet: true });
    state.isSending = false;
    ts.page.toast(receipt.ok ? "good" : "bad", receipt.message);
    if (receipt.ok) forgetAll();
    else if (changes[receipt.field] !== undefined) state.faults.set(receipt.field, receipt.message.replace(/^Refused: /, ""));
    dirty();
    ask();
  }

  function isMeant(wider) {
    const names = wider.map(titleOf).join(", ");
    const whose = state.isDesk ? "the whole desk" : accountName();
    return ts.page.confirm(`Allow ${whose} more?`, { detail: `Wider than before: ${names}. No program may do this; you may.`, yes: "Raise", no: "Leave it" });
  }

  function paintScope() {
    const name = accountName();
    fill("risk-scope", [name, state.isDesk], () => {
      const option = (isDesk, text) => {
        const input = element("input", { type: "radio", name: "risk-scope", checked: state.isDesk === isDesk, onchange: ts.boundary.guard(PANEL, () => ((state.isDesk = isDesk), recall())) });
        return element("label", {}, input, text);
      };
      return [element("fieldset", { class: "choice" }, element("legend", { class: "visually-hidden" }, "Whose limits"), element("div", { class: "segments" }, option(false, `Limits of ${name}`), option(true, "Limits of the whole desk")))];
    });
  }

  // ---- margin, exposure, guard, history

  function paintMargin() {
    const { account } = live().desk;
    fill("risk-margin-title", account.name, () => [account.name ? `Margin of ${account.name}` : "Margin"]);
    if (account.equity === undefined) return fill("risk-margin", null, () => [element("p", { class: "risk-empty" }, "The account's figures are on their way.")]);
    const rules = (ts.accounts.current() || {}).rules;
    const rows = model().marginRows(account, rules, ts.format);
    return fill("risk-margin", [rows, account.margin_call], () => [
      account.margin_call ? element("p", { class: "risk-call", role: "alert" }, `Margin call: ${account.margin_call}`) : null,
      element("dl", { class: "risk-pairs" }, ...rows.flatMap(([name, text, kind]) => [element("dt", {}, name), element("dd", { class: "num " + (kind === "bad" ? "down" : "") }, text)])),
    ].filter(Boolean));
  }

  function paintExposure() {
    const { positions, account } = live().desk;
    const rows = model().exposure(positions || [], account.equity);
    fill("risk-exposure", rows, () => (rows.length ? rows.map(exposureRow) : [element("p", { class: "risk-empty" }, "What is held will stand here, by what it is worth.")]));
  }

  function exposureRow({ symbol, qty, value, share }) {
    const side = qty > 0 ? "long" : "short";
    const bar = element("div", {});
    bar.style.transform = `scaleX(${Math.min(1, share || 0)})`;
    return element(
      "div",
      { class: "exposure-row" },
      element("b", {}, symbol),
      element("span", { class: "muted" }, side),
      element("div", { class: "limit-bar", "data-kind": qty > 0 ? "long" : "short" }, bar),
      element("span", { class: "num" }, ts.format.money(value)),
      element("span", { class: "num muted" }, share === null ? "–" : ts.format.number(share * 100, 1) + " %"),
    );
  }

  function paintGuard() {
    const { sources } = state.facts;
    const view = live().risk[chosenId()];
    const rows = sources.map((source) => ({ source, found: model().guardState(source, view) }));
    fill("risk-guard", [rows], () => (rows.length ? rows.map(guardRow) : empty(5, "Every source of orders (ticket, ladder, a key's name) will stand here once it has sent one.")));
  }

  function guardRow({ source, found }) {
    const { number } = ts.format;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, source.source || "All together"),
      cell(number(source.per_second, 1), "num"),
      cell(number(source.usual, 2), "num"),
      cell(model().paces(source, ts.format)),
      cell(found.kind === "good" ? element("span", { class: "muted" }, found.text) : element("span", { class: "risk-guarded is-" + found.kind }, found.text)),
    );
  }

  function paintHistory() {
    const { changes } = state.facts;
    fill("risk-history", changes, () => (changes.length ? changes.map(historyRow) : empty(5, "Every halt, every limit passed and every reactivation will stand here.")));
  }

  function historyRow(change) {
    return element(
      "tr",
      {},
      cell(ts.standing.when(change.at), "num"),
      cell(change.account === "" ? "Whole desk" : change.name),
      cell(chip(change.state)),
      cell(ts.standing.who(change.by).replace(/^by /, "")),
      cell(change.message, "risk-why"),
    );
  }

  // ---- the view

  function paint() {
    paintScope();
    paintStates();
    paintMargin();
    paintExposure();
    if (!state.facts || state.facts.account !== chosenId()) return;
    paintLimits();
    paintGuard();
    paintHistory();
  }

  function taken(facts) {
    state.facts = facts;
    if (facts.account === chosenId() && state.whose !== whoseNow()) recall();
    dirty();
  }

  const ask = () => root.dash_clientside.set_props("risk-wish", { data: { at: Date.now() } });

  function follow(name) {
    root.dash_clientside.set_props("risk-tick", { disabled: name !== PANEL });
    if (name === PANEL) ts.accounts.refresh();
    else if (state.isLeaving) ts.page.toast("warn", ts.riskTyped.leaving(state.edits.size, state.isDesk ? "the whole desk" : accountName()));
    state.isLeaving = name === PANEL && state.edits.size > 0;
  }

  // The way to this view says that something waits there.
  function paintDoor() {
    const count = state.edits.size;
    state.isLeaving = ts.views.open === PANEL && count > 0;
    const door = document.querySelector('.rail-door[data-view="risk"]');
    if (!door || door.dataset.waiting === String(count)) return;
    door.dataset.waiting = String(count);
    door.setAttribute("aria-label", count ? `Risk: ${ts.riskTyped.counted(count)} not set yet` : "Risk");
  }

  function start() {
    state.isStarted = true;
    buildLimits();
    ts.painter.add(PANEL, paint);
    for (const kind of ["risk", "desk", "status"]) ts.live.on(kind, () => ts.painter.isShown(PANEL) && dirty());
    ts.page.onAccount(dirty);
    ts.page.onTheme(dirty);
    ts.accounts.on(dirty);
    root.setInterval(() => ts.painter.isShown(PANEL) && !document.hidden && ts.accounts.refresh(), 2000);
    ts.boundary.onRetry(PANEL, () => (written.clear(), ask()));
    ts.views.on(follow);
    follow(ts.views.open);
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
