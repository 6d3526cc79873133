// The ticket's drawers: exits, size by risk, and the rarer terms. Open on demand, one at a time.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const NAMES = ["exits", "sizing", "more"];
  const KINDS = [["stop", "Stop"], ["stop_limit", "Stop limit"], ["trailing_stop", "Trailing"]];
  if (typeof document === "undefined") return;

  const drawers = (ts.ticketDrawers = { open: null, told: "null" });
  const dom = {};
  // The side that the order had before the exits of a position turned it; null while they do not.
  let sideBefore = null;
  const exitsModel = () => ts.ticketExits;
  const terms = () => ts.ticketTerms;
  const model = () => ts.ticketModel;
  const view = () => ts.ticketView;
  const entry = () => ts.ticketForm;
  const form = () => entry().form;
  const at = (name) => view().at(name);
  const element = (...all) => ts.dom.element(...all);
  const guard = (fn) => ts.boundary.guard(PANEL, fn);

  // ---- building

  function input(id, label, onText, attributes = {}) {
    const made = element("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", id: `ticket-${id}`, "aria-label": label, ...attributes });
    made.addEventListener("input", guard(() => onText(made.value)));
    made.addEventListener("focus", () => made.select());
    return (dom[id] = made);
  }

  function select(id, label, options, onChoose) {
    const made = element("select", { id: `ticket-${id}`, class: "ticket-select", "aria-label": label }, ...options.map(([value, text]) => element("option", { value }, text)));
    made.addEventListener("change", guard(() => onChoose(made.value)));
    return (dom[id] = made);
  }

  function check(id, text, title, onToggle) {
    const box = element("span", { class: "ticket-check", "aria-hidden": "true" });
    const made = element("button", { type: "button", id: `ticket-${id}`, class: "ticket-post-only", role: "checkbox", "aria-checked": "false", title }, box, text);
    made.addEventListener("click", guard(() => made.getAttribute("aria-disabled") === "true" ? entry().refuse(made.title) : onToggle()));
    return (dom[id] = made);
  }

  const row = (...children) => element("div", { class: "ticket-leg" }, ...children);

  function radios(id, label, choices, onChoose) {
    const host = element("div", { id: `ticket-${id}`, class: "ticket-choices is-small", role: "radiogroup", "aria-label": label });
    for (const [value, text] of choices) {
      const button = element("button", { type: "button", class: "ticket-choice", role: "radio", "data-value": value, "aria-checked": "false" }, text);
      button.addEventListener("click", guard(() => onChoose(value)));
      host.append(button);
    }
    host.addEventListener("keydown", guard((event) => onRadioKey(event, host, onChoose)));
    return (dom[id] = host);
  }

  function onRadioKey(event, host, onChoose) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...host.children].filter((button) => !button.hidden);
    const chosen = buttons.findIndex((button) => button.getAttribute("aria-checked") === "true");
    const next = buttons[(chosen + step + buttons.length) % buttons.length];
    onChoose(next.dataset.value);
    next.focus();
  }

  const modes = (...names) => names.map((name) => [name, exitsModel().MODES[name]]);

  function leg(name, word, title, modeNames) {
    const set = (changes) => changeLeg(name, changes);
    return row(
      check(`${name}-on`, word, title, () => set({ isOn: !form().exits[name].isOn })),
      input(`${name}-value`, word, (text) => set({ value: text, isOn: true }), { "aria-describedby": "ticket-refusal-exits" }),
      select(`${name}-mode`, `${word} is given as`, modes(...modeNames), (mode) => changeMode(name, mode)),
      select(`${name}-tif`, `${word}: time in force`, [["gtc", "GTC"], ["day", "DAY"]], (tif) => set({ tif })),
    );
  }

  function buildExits() {
    dom.picture = ts.ticketPayoff.picture();
    dom.words = element("p", { class: "ticket-payoff-words muted" });
    at("exits").replaceChildren(
      radios("exits-of", "Exits of", [["order", "Of this order"], ["position", "Of the position"]], setOf),
      leg("profit", "Take profit", "A limit order on the other side, sent when the entry has filled", ["price", "ticks", "percent", "money", "r"]),
      leg("loss", "Stop loss", "A stop on the other side, sent when the entry has filled", ["price", "ticks", "percent", "money"]),
      row(radios("loss-kind", "Kind of stop", KINDS, (kind) => changeLeg("loss", { kind, isOn: true })), input("loss-offset", "Limit, ticks beyond the stop", (text) => changeLeg("loss", { offset: text }), { title: "The limit, in ticks beyond the stop" })),
      element("p", { id: "ticket-refusal-exits", class: "ticket-refusal", role: "alert" }),
      dom.picture.svg,
      dom.words,
    );
  }

  function buildSizing() {
    dom.sentence = element("p", { class: "ticket-sizing-words", role: "status" });
    dom.use = element("button", { type: "button", id: "ticket-sizing-use", class: "quiet-button ticket-use" }, "Use");
    dom.use.addEventListener("click", guard(useSize));
    at("sizing").replaceChildren(
      row(element("span", { class: "ticket-label" }, "Risk"), input("risk-value", "Risk", (text) => changeRisk({ value: text })), select("risk-unit", "Risk is given in", [["percent", "% of equity"], ["money", "USD"]], (unit) => changeRisk({ unit, value: unit === "percent" ? "1" : "500" }))),
      row(element("span", { class: "ticket-label" }, "Stop"), input("size-stop", "Stop", (text) => changeLeg("loss", { value: text })), select("size-mode", "Stop is given as", modes("price", "ticks", "percent", "money"), (mode) => changeMode("loss", mode))),
      dom.sentence,
      row(dom.use, check("size-place", "Send the stop too", "Switches the stop loss of this order on", () => changeLeg("loss", { isOn: !form().exits.loss.isOn }))),
    );
  }

  function buildMore() {
    at("more").replaceChildren(
      row(
        check("reduce-only", "Reduce only", "Closes a position but never opens one", () => entry().setTerm("reduceOnly", !form().reduceOnly)),
        check("extended", "Extended hours", "Works before and after the day's session too", () => entry().setTerm("extended", !form().extended)),
      ),
      row(element("span", { class: "ticket-label", title: "An iceberg: the rest stands behind, out of sight" }, "Show only"), input("display", "Quantity that is shown", (text) => entry().setTerm("display", text.trim()), { placeholder: "all of it" })),
      row(element("span", { class: "ticket-label" }, "Tag"), input("tag", "Tag", (text) => entry().setTerm("tag", text.trim()), { inputmode: "text", maxlength: "64", placeholder: "the idea behind it" })),
      ts.ticketLots.build(),
    );
  }

  // ---- what changes

  function changeLeg(name, changes) {
    if (name === "loss" && changes.isOn === false) countWithoutRisk();
    Object.assign(form().exits[name], changes);
    if (name === "profit" && changes.isOn && form().exits.profit.mode === "r" && !form().exits.loss.isOn) form().exits.loss.isOn = true;
    keep();
    entry().changed();
    showExits();
  }

  // Without a stop there is no risk to count in: the take profit stays where it is, given in percent.
  function countWithoutRisk() {
    const { profit } = form().exits;
    if (profit.mode !== "r") return;
    const found = drawers.resolved(true);
    if (found.profit === null || found.entry === null) return;
    Object.assign(profit, { mode: "percent", value: inMode("percent", found.profit, found) });
  }

  // Another way to say the same price.
  function changeMode(name, mode) {
    const { exits } = form();
    const found = drawers.resolved(true);
    const ticks = found[name];
    const value = ticks === null || found.entry === null ? "" : inMode(mode, ticks, found);
    changeLeg(name, { mode, ...(value ? { value } : {}) });
    if (mode === "r" && !exits.loss.isOn) changeLeg("loss", { isOn: true });
  }

  function inMode(mode, ticks, found) {
    const { tick, pd } = entry().instrument();
    const away = Math.abs(ticks - found.entry);
    if (mode === "price") return exitsModel().decimal(ticks, entry().instrument());
    if (mode === "ticks") return String(Math.round(away));
    if (mode === "money") return (away * tick).toFixed(pd);
    if (mode === "percent") return String(Number(((away / found.entry) * 100).toFixed(3)));
    return found.loss === null ? "2" : String(Number((away / Math.abs(found.entry - found.loss)).toFixed(2)));
  }

  function setOf(of) {
    const held = drawers.held();
    if (of === "position" && !held) return;
    form().exits.of = of;
    if (of === "order") drawers.turnBack();
    if (of === "position") {
      sideBefore ??= form().side;
      Object.assign(form().exits.profit, { isOn: true });
      Object.assign(form().exits.loss, { isOn: true });
      entry().setSide(held.qty > 0 ? "sell" : "buy");
      entry().setQuantity(held.text);
    }
    entry().changed();
    showExits();
  }

  function changeRisk(changes) {
    Object.assign(form().risk, changes);
    ts.page.store("ticket.risk", form().risk);
    showExits();
    ts.painter.dirty(PANEL);
  }

  function useSize() {
    const { qty } = sizing();
    if (qty) entry().setQuantity(qty);
  }

  // How exits are given is a habit: kept, without the prices, which are another day's.
  function keep() {
    const { profit, loss } = form().exits;
    const habit = ({ isOn, mode, value }) => (mode === "price" ? { isOn } : { isOn, mode, value });
    ts.page.store("ticket.exits", { profit: habit(profit), loss: { ...habit(loss), kind: loss.kind, offset: loss.offset } });
  }

  function recall() {
    const kept = ts.page.stored("ticket.exits", {}) || {};
    form().exits = exitsModel().blank();
    for (const name of ["profit", "loss"]) Object.assign(form().exits[name], kept[name] || {}, { isOn: false });
    form().risk = { value: "1", unit: "percent", ...(ts.page.stored("ticket.risk", {}) || {}) };
  }

  // ---- what is known

  drawers.held = () => exitsModel().heldOf(ts.live.state.desk.positions, form().symbol);

  // The exits' prices now, or those that are being confirmed; `isAll` as if both were switched on.
  drawers.resolved = (isAll) => {
    const { exits } = form();
    const { asked } = ts.ticketSend.state;
    if (asked && !isAll) return asked.exits;
    const wanted = isAll ? { ...exits, profit: { ...exits.profit, isOn: true }, loss: { ...exits.loss, isOn: true } } : exits;
    return exitsModel().resolved({ ...form(), exits: wanted }, entry().instrument(), entry().book(), drawers.held(), entry().last());
  };

  drawers.fault = () => {
    if (!terms().hasExits(form())) return null;
    if (form().exits.of === "position" && !drawers.held()) return { field: "take_profit", text: `there is no position in ${form().symbol} to protect` };
    return exitsModel().fault(form(), entry().instrument(), drawers.resolved());
  };

  drawers.words = () => (terms().hasExits(form()) ? exitsModel().words(drawers.resolved(), entry().instrument(), ts.format) : []);
  drawers.wish = () => (terms().hasExits(form()) ? exitsModel().wish(form(), entry().instrument(), drawers.resolved(), drawers.held()) : {});

  function sizing() {
    const equity = Number(ts.live.state.desk.account.equity) || 0;
    const { account, positions } = ts.live.state.desk;
    const { entry: from, loss } = drawers.resolved(true);
    const asks = entry().book() ? entry().book().a : [];
    const price = form().side === "sell" && asks.length ? Math.max(from || 0, asks[0][0]) : from;
    const most = model().affordable(form(), entry().instrument(), price, account, positions, feeOfUnit());
    return exitsModel().sizing(exitsModel().riskMoney(form().risk, equity) || 0, from, loss, entry().instrument(), equity, ts.format, most);
  }

  // What the desk said that one unit of this order costs in fees.
  function feeOfUnit() {
    const qty = quantityNow();
    return qty ? (Number((entry().state.answer || {}).fee) || 0) / qty : 0;
  }

  // ---- showing

  function write(id, text) {
    if (dom[id] !== document.activeElement && dom[id].value !== text) dom[id].value = text;
  }

  function showExits() {
    if (!dom.words) return;
    const { exits, risk } = form();
    for (const name of ["profit", "loss"]) {
      const each = exits[name];
      dom[`${name}-on`].setAttribute("aria-checked", String(each.isOn));
      write(`${name}-value`, each.value);
      dom[`${name}-mode`].value = each.mode;
      dom[`${name}-tif`].value = each.tif || "gtc";
    }
    write("loss-offset", exits.loss.offset);
    dom["loss-offset"].hidden = exits.loss.kind !== "stop_limit";
    write("size-stop", exits.loss.value);
    dom["size-mode"].value = exits.loss.mode;
    dom["size-place"].setAttribute("aria-checked", String(exits.loss.isOn));
    write("risk-value", risk.value);
    dom["risk-unit"].value = risk.unit;
    choose("loss-kind", exits.loss.kind);
    choose("exits-of", exits.of);
    write("display", form().display);
    write("tag", form().tag);
    dom["reduce-only"].setAttribute("aria-checked", String(form().reduceOnly));
    dom.extended.setAttribute("aria-checked", String(form().extended));
    showButtons();
  }

  function choose(id, value) {
    for (const button of dom[id].children) {
      const isOn = button.dataset.value === value;
      button.setAttribute("aria-checked", String(isOn));
      button.tabIndex = isOn ? 0 : -1;
    }
  }

  // What a closed drawer holds is told on its button.
  function showButtons() {
    const { exits } = form();
    const counts = { exits: Number(exits.profit.isOn) + Number(exits.loss.isOn), sizing: 0, more: [form().reduceOnly, form().extended, form().display, form().tag, form().lotWords].filter(Boolean).length };
    const titles = { exits: "Exits", sizing: "Size by risk", more: "More" };
    for (const name of NAMES) {
      const button = at(`open-${name}`);
      view().write(`open-${name}`, counts[name] ? `${titles[name]} · ${counts[name]}` : titles[name]);
      button.setAttribute("aria-expanded", String(drawers.open === name));
      button.classList.toggle("is-on", counts[name] > 0);
      at(name).hidden = drawers.open !== name;
    }
    document.getElementById(PANEL).dataset.drawer = drawers.open || "";
    document.getElementById(PANEL).dataset.of = exits.of;
  }

  function setOpen(name) {
    drawers.open = drawers.open === name ? null : name;
    if (drawers.open === "exits") switchOn();
    showExits();
    if (drawers.open && ts.page.isNarrow()) at(name).scrollIntoView({ block: "nearest" });
    ts.painter.dirty(PANEL);
  }

  // Whoever opens the exits wants some: those of the last time stand at once, where the order may have any.
  function switchOn() {
    const { exits } = form();
    if (exits.profit.isOn || exits.loss.isOn || form().reduceOnly || terms().AT_AUCTION.has(form().tif)) return;
    const wanted = exitsModel().usual(ts.page.stored("ticket.exits", null));
    for (const name of ["profit", "loss"]) exits[name].isOn = wanted[name];
    if (exits.profit.isOn && exits.profit.mode === "r") exits.loss.isOn = true;
    entry().changed();
  }

  // The bracket as it would be sent now, for the chart: {symbol, side, entry, isResting, profit, loss (ticks), qty}; null for none.
  function draft() {
    if (!terms().hasExits(form()) || drawers.fault() || !ts.painter.isShown(PANEL)) return null;
    const { entry: from, profit, loss, dir } = drawers.resolved();
    if (from === null) return null;
    const isResting = form().exits.of === "order" && form().type !== "market";
    return { symbol: form().symbol, side: dir > 0 ? "buy" : "sell", entry: from, isResting, profit, loss, qty: quantityNow() };
  }

  drawers.tellDraft = () => {
    const found = draft();
    const text = JSON.stringify(found);
    if (text === drawers.told) return;
    drawers.told = text;
    ts.page.emit("exits", found);
  };

  // Painted with the ticket: the picture, the sentence of the size, and what the position allows.
  drawers.paint = () => {
    showHeld();
    drawers.tellDraft();
    if (drawers.open === "exits") showPayoff();
    if (drawers.open === "sizing") showSizing();
    ts.ticketLots.paint(drawers.open === "more");
  };

  function showHeld() {
    const held = drawers.held();
    const key = held ? held.text : "";
    if (!held && form().exits.of === "position" && !ts.ticketSend.isBusy()) setOf("order");
    if (dom.heldShown === key) return;
    dom.heldShown = key;
    dom["exits-of"].hidden = !held;
    if (held) dom["exits-of"].lastChild.textContent = `Of ${ts.format.brief(held.text, entry().instrument().qd)} held`;
  }

  function feesNow() {
    const answer = entry().state.answer || {};
    const exits = answer.exit_fees || {};
    const isOwn = form().exits.of === "position";
    return { entry: isOwn ? 0 : Number(answer.fee) || 0, profit: Number(exits.take_profit) || 0, loss: Number(exits.stop_loss) || 0 };
  }

  function quantityNow() {
    const lots = model().lotsWanted(form(), entry().instrument(), entry().book());
    return lots ? lots * entry().instrument().lot : 0;
  }

  function showPayoff() {
    const instrument = entry().instrument();
    const { format } = ts;
    const found = drawers.resolved();
    const isWhole = terms().hasExits(form()) && !drawers.fault();
    const payoff = isWhole ? exitsModel().payoff(found, quantityNow(), feesNow(), instrument) : null;
    dom.picture.svg.classList.toggle("is-idle", !payoff);
    if (!payoff) return say(terms().hasExits(form()) ? "" : "Switch an exit on: it waits until the entry has filled.");
    const market = ts.live.state.market[form().symbol] || {};
    const words = ts.ticketPayoff.wordsOf(payoff, instrument, format);
    dom.picture.show(ts.ticketPayoff.scene(payoff, market.l ?? null, words), spoken(words));
    return say(ts.ticketPayoff.summary(payoff, instrument, format));
  }

  const spoken = (words) => ["profit", "loss"].filter((name) => words[name].length).map((name) => `${name === "profit" ? "Take profit" : "Stop"} ${words[name].join(", ")}`).join("; ");

  function say(text) {
    if (dom.words.textContent !== text) dom.words.textContent = text;
  }

  function showSizing() {
    const found = sizing();
    if (dom.sentence.textContent !== found.text) dom.sentence.textContent = found.text;
    const text = found.qty ? `Use ${ts.format.quantity(found.qty, entry().instrument().qd)}` : "Use";
    if (dom.use.textContent !== text) dom.use.textContent = text;
    dom.use.disabled = !found.qty;
  }

  // What the terms allow now, each with its reason as a title.
  drawers.allow = (refusals) => {
    for (const [id, name] of [["reduce-only", "reduceOnly"], ["extended", "extended"]]) {
      dom[id].setAttribute("aria-disabled", String(Boolean(refusals[name])));
      dom[id].title = refusals[name] || (name === "extended" ? "Works before and after the day's session too" : "Closes a position but never opens one");
    }
    dom.display.disabled = Boolean(refusals.display);
    dom.display.title = refusals.display || "An iceberg: this much is shown, the rest stands behind it";
  };

  // Both exits of an order that begins at a price: from the chart's menu.
  drawers.bracket = () => {
    Object.assign(form().exits, { of: "order" });
    form().exits.profit.isOn = form().exits.loss.isOn = true;
    drawers.open = "exits";
    entry().changed();
    showExits();
  };

  const habitual = (name) => (({ mode, value }) => ({ mode, value }))(exitsModel().blank()[name]);

  // Another symbol, or an order sent: exits are thought of anew, habits stay.
  drawers.reset = () => {
    const { profit, loss } = form().exits;
    for (const each of [profit, loss]) Object.assign(each, { isOn: false, tif: "" }, each.mode === "price" ? habitual(each === profit ? "profit" : "loss") : {});
    form().exits.of = "order";
    ts.ticketLots.reset();
    dom.heldShown = null;
    showExits();
  };

  // The exits of a position are set: the next order is on the side that it was on.
  drawers.turnBack = () => {
    const side = sideBefore;
    sideBefore = null;
    if (side !== null && side !== form().side) entry().setSide(side);
  };

  drawers.start = () => {
    recall();
    buildExits();
    buildSizing();
    buildMore();
    for (const name of NAMES) at(`open-${name}`).addEventListener("click", guard(() => setOpen(name)));
    ts.keys.add("e", "Exits of the order in the ticket", () => (ts.page.reveal(PANEL), setOpen("exits")), { group: "Orders" });
    showExits();
  };
  Object.assign(drawers, { show: showExits, setOpen });
})(typeof window === "undefined" ? globalThis : window);
