// Market data: the dialog that chooses a market, shows how every provider is, and takes keys. Also the first visit's.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "providers";
  const PANES = ["market", "state", "order", "keys"];
  const POLL_MS = 1000;
  const TYPING_MS = 300;
  const DISPUTED = 0.005;
  if (typeof document === "undefined") return;

  const view = { pane: "market", n: 0, timer: 0, opener: null, vendors: [], keys: [], chosen: "simulated", symbols: {}, reached: null, isBusy: false, searchTimer: 0, searchN: 0, testing: new Map(), said: new Map(), taping: new Set() };

  const $ = (id) => document.getElementById(`providers-${id}`);
  const make = (...all) => ts.dom.element(...all);
  const words = () => ts.providersRows;
  const set = (store, data) => root.dash_clientside.set_props(`providers-${store}`, { data });
  const guard = (fn) => ts.boundary.guard(PANEL, fn);
  const dialog = () => $("dialog");

  // Opening and leaving
  function open(pane = "market", opener = null, isQuiet = false) {
    view.opener = opener && opener.focus ? opener : null;
    view.said.clear();
    view.answer = null;
    if (!dialog().open) (isQuiet ? dialog().show() : dialog().showModal());
    dialog().classList.toggle("is-quiet", isQuiet);
    if (isQuiet && document.activeElement) document.activeElement.blur();
    view.chosen = presentMarket();
    show(pane);
    if (!isQuiet) $(`${pane}-tab`).focus();
    ask("market");
    if (isQuiet) askReach();
  }

  // The first visit is told which live markets there are from here.
  function askReach() {
    view.reached = null;
    set("reach-asked", { n: (view.n += 1) });
  }

  function onReached(data) {
    view.reached = data.reached;
    const line = $("reach");
    if (line) line.textContent = reachLine();
  }

  const reachLine = () => words().reachText(view.reached, view.keys.some((key) => key.held));

  function presentMarket() {
    const { source } = ts.live.state.status;
    return source === "replay" || source === "simulated" ? source : "";
  }

  function close() {
    dialog().close();
  }

  function onClosed() {
    root.clearInterval(view.timer);
    view.timer = 0;
    for (const input of $("keys").querySelectorAll("input")) input.value = "";
    if (view.opener) view.opener.focus();
  }

  function show(pane) {
    view.pane = pane;
    for (const each of PANES) {
      $(each).hidden = each !== pane;
      $(`${each}-tab`).setAttribute("aria-selected", String(each === pane));
    }
    root.clearInterval(view.timer);
    view.timer = pane === "state" ? root.setInterval(guard(() => ask("state")), POLL_MS) : 0;
    if (pane === "state") ask("state");
  }

  function ask(what) {
    if (what === "state" && document.hidden) return;
    view.n += 1;
    set("asked", { n: view.n, what, symbol: ts.page.symbol });
  }

  function onTabKey(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const pane = PANES[(PANES.indexOf(view.pane) + by + PANES.length) % PANES.length];
    show(pane);
    $(`${pane}-tab`).focus();
  }

  // Market
  function paintMarket() {
    const opening = firstOpen() || view.chosen;
    if (!view.chosen) view.chosen = opening;
    const options = [
      option("simulated", "Simulated", "A whole market of agents, always open, the same for the same seed."),
      option("replay", "Replay a recording…", "A recorded day with its real book; your orders work in it."),
      ...view.vendors.filter((vendor) => vendor.symbols.length).map((vendor) => option(vendor.id, `Live: ${vendor.title}`, vendor.note, vendor)),
    ];
    const list = make("div", { class: "providers-choices", role: "radiogroup", "aria-label": "Market" }, ...options);
    const line = make("div", { id: "providers-answer", role: "alert", class: "providers-answer" });
    const start = make("button", { id: "providers-open", type: "button", class: "main-button", onclick: guard(openChosen) }, "Open");
    const stay = make("button", { id: "providers-stay", type: "button", class: "quiet-button", onclick: close }, "Stay in this market");
    const foot = make("div", { class: "providers-foot" }, line, make("div", { class: "dialog-actions" }, stay, start));
    $("market").replaceChildren(...intro(), list, foot);
    paintPicker();
    answer(...(view.answer || [""]));
  }

  function intro() {
    if (!dialog().classList.contains("is-quiet")) return [];
    const welcome = "Welcome. This market is simulated and already running: trade in it, or choose another one. You can do so at any time by the badge in the header.";
    return [make("p", { class: "providers-intro" }, welcome), make("p", { id: "providers-reach", class: "providers-reach", role: "status" }, reachLine())];
  }

  const firstOpen = () => (view.vendors.find((vendor) => vendor.is_first) || {}).id;
  const vendorOf = (id) => view.vendors.find((vendor) => vendor.id === id);

  function option(id, title, note, vendor) {
    const input = make("input", { type: "radio", name: "providers-choice", value: id, onchange: guard(() => choose(id)) });
    input.checked = view.chosen === id;
    const isNow = vendor ? vendor.is_first : presentMarket() === id;
    const marks = [];
    if (isNow) marks.push(make("span", { class: "providers-mark is-now" }, "open now"));
    if (vendor && vendor.is_open && !isNow) marks.push(make("span", { class: "providers-mark" }, "stands in now"));
    if (vendor && vendor.needs_key) marks.push(make("span", { class: "providers-mark" }, "needs a key"));
    const text = make("span", { class: "providers-text" }, make("b", {}, title, ...marks), make("span", { class: "muted" }, note));
    return make("div", { class: "providers-option", "data-option": id }, make("label", { class: "providers-choice" }, input, text));
  }

  function choose(id) {
    view.chosen = id;
    answer("");
    paintPicker();
  }

  function paintPicker() {
    const vendor = vendorOf(view.chosen);
    const start = $("open");
    const isHere = view.chosen === "simulated" && presentMarket() === "simulated";
    start.disabled = view.isBusy;
    $("stay").hidden = isHere;
    start.textContent = view.chosen === "replay" ? "Choose a recording…" : vendor && vendor.needs_key ? "Enter a key…" : vendor ? `Open ${vendor.title}` : isHere ? "Trade in this market" : "Open the simulated market";
    for (const former of $("market").querySelectorAll(".providers-picker")) former.remove();
    if (!vendor || vendor.needs_key) return;
    const at = $("market").querySelector(`[data-option="${vendor.id}"]`);
    at.append(make("div", { class: "providers-picker" }, ...picker(vendor)));
    at.scrollIntoView({ block: "nearest" });
  }

  const symbolsOf = (vendor) => view.symbols[vendor.id] || (vendor.is_first ? Object.keys(ts.page.instruments) : vendor.symbols);

  function picker(vendor) {
    const chips = make("div", { class: "providers-chips", role: "list", "aria-label": "Symbols to open" }, ...symbolsOf(vendor).map((symbol) => chip(vendor, symbol)));
    const input = make("input", { id: "providers-symbol", class: "field", placeholder: "Add a symbol", autocomplete: "off", spellcheck: "false", "aria-label": "Add a symbol" });
    input.addEventListener("keydown", guard((event) => onSymbolKey(event, vendor, input)));
    input.addEventListener("input", guard(() => onTyped(vendor, input)));
    const find = make("button", { type: "button", class: "quiet-button", onclick: guard(() => search(vendor, input.value)) }, "Find");
    return [chips, make("div", { class: "providers-add" }, input, find), make("div", { id: "providers-found-list", class: "providers-found", role: "status" }), ...backups(vendor)];
  }

  function chip(vendor, symbol) {
    const remove = make("button", { type: "button", class: "icon-button", "aria-label": `Leave out ${symbol}`, onclick: guard(() => setSymbols(vendor, symbolsOf(vendor).filter((each) => each !== symbol))) }, make("i", { class: "bi bi-x", "aria-hidden": "true" }));
    return make("span", { class: "providers-chip", role: "listitem" }, symbol, remove);
  }

  function setSymbols(vendor, symbols) {
    view.symbols[vendor.id] = symbols;
    const typed = $("symbol") ? $("symbol").value : "";
    paintPicker();
    $("symbol").value = typed;
    $("symbol").focus();
  }

  function add(vendor, symbol) {
    $("symbol").value = "";
    setSymbols(vendor, words().withSymbol(symbolsOf(vendor), symbol));
  }

  function onSymbolKey(event, vendor, input) {
    if (event.key !== "Enter" || !input.value.trim()) return;
    event.preventDefault();
    add(vendor, input.value);
  }

  // Where no quota can be used up by typing, the list follows what is typed.
  function onTyped(vendor, input) {
    root.clearTimeout(view.searchTimer);
    if (vendor.refusal || vendor.is_keyed || input.value.trim().length < 2) return;
    view.searchTimer = root.setTimeout(guard(() => search(vendor, input.value)), TYPING_MS);
  }

  function search(vendor, text) {
    if (!text.trim()) return;
    view.searchN += 1;
    $("found-list").replaceChildren(make("span", { class: "muted" }, "Looking…"));
    set("search", { n: view.searchN, provider: vendor.id, text });
  }

  function onFound({ n, found, message }) {
    const vendor = vendorOf(view.chosen);
    if (n !== view.searchN || !vendor || !$("found-list")) return;
    const buttons = found.slice(0, 12).map((each) =>
      make("button", { type: "button", class: "quiet-button providers-find", onclick: guard(() => add(vendor, each.symbol)) }, make("b", {}, each.symbol), make("span", { class: "muted" }, each.name)),
    );
    $("found-list").replaceChildren(...(message ? [make("span", { class: "muted" }, message)] : buttons));
  }

  function backups(vendor) {
    if (!vendor.backups.length) return [];
    const boxes = vendor.backups.map(({ id, title }) => {
      const box = make("input", { type: "checkbox", onchange: guard(() => standIn(id, box.checked)) });
      box.checked = isStandIn(id);
      return make("label", {}, box, title);
    });
    const change = make("button", { type: "button", class: "quiet-button", onclick: guard(() => (show("order"), $("order-tab").focus())) }, "Change the order…");
    const legend = "Stand in when it fails, in this order, and are compared with it";
    return [make("fieldset", { class: "providers-backups" }, make("legend", {}, legend), ...boxes, ...(vendor.backups.length > 1 ? [change] : []))];
  }

  const isStandIn = (id) => Boolean((vendorOf(id) || {}).stands_in);
  const standInsOf = (vendor) => vendor.backups.map(({ id }) => id).filter(isStandIn);

  // Order: who is preferred and who stands in; kept in the data folder.
  function paintOrder() {
    const note = make("p", {}, "The first is offered first; when it fails, those that stand in serve in this order. Drag a row, or use its arrows. Used when a live market is opened next.");
    const said = make("p", { id: "providers-order-said", role: "status", class: "providers-good" });
    $("order").replaceChildren(note, ...words().groups(view.vendors).map(([title, ids]) => orderList(title, ids)), said);
  }

  function orderList(title, ids) {
    const rows = ids.map((id, at) => orderRow(vendorOf(id), at, ids));
    return make("section", { "aria-label": title }, make("h3", {}, title), make("ol", { class: "providers-order" }, ...rows));
  }

  function orderRow(vendor, at, ids) {
    const icon = (name) => make("i", { class: `bi bi-${name}`, "aria-hidden": "true" });
    const grip = make("span", { class: "providers-grip", "aria-hidden": "true", title: "Drag" }, icon("grip-vertical"));
    const box = make("input", { type: "checkbox", "aria-label": `${vendor.title} stands in`, onchange: guard(() => standIn(vendor.id, box.checked)) });
    box.checked = vendor.stands_in;
    const arrow = (by, name, word) => {
      const button = make("button", { type: "button", class: "icon-button", "data-by": String(by), "aria-label": `${vendor.title} ${word}`, onclick: guard(() => reorder(words().moved(ids, vendor.id, by), vendor.id, by)) }, icon(name));
      button.disabled = words().moved(ids, vendor.id, by) === ids;
      return button;
    };
    const state = vendor.needs_key ? "needs a key" : at === 0 ? "preferred" : "";
    const mark = state ? make("span", { class: at === 0 && !vendor.needs_key ? "providers-mark is-now" : "providers-mark" }, state) : "";
    const row = make("li", { class: "providers-place", "data-provider": vendor.id }, grip, make("span", { class: "providers-rank" }, String(at + 1)), make("span", { class: "providers-name" }, vendor.title, mark), make("label", { class: "providers-stands" }, box, "stands in"), arrow(-1, "chevron-up", "up"), arrow(1, "chevron-down", "down"));
    grip.addEventListener("pointerdown", guard((event) => drag(event, row, vendor.id, ids)));
    return row;
  }

  // The row follows the pointer; where it is let go is its place.
  function drag(event, row, id, ids) {
    if (event.button) return;
    event.preventDefault();
    const grip = event.currentTarget;
    const from = event.clientY;
    const height = row.offsetHeight;
    const first = ids.indexOf(id);
    const placeAt = (y) => Math.max(0, Math.min(ids.length - 1, first + Math.round((y - from) / height)));
    const siblings = [...row.parentElement.children];
    const move = (moved) => {
      const at = placeAt(moved.clientY);
      siblings.forEach((each, place) => {
        const by = each === row ? moved.clientY - from : place > first && place <= at ? -height : place < first && place >= at ? height : 0;
        each.style.transform = by ? `translateY(${by}px)` : "";
      });
    };
    const end = (last) => {
      for (const kind of ["pointermove", "pointerup", "pointercancel"]) grip.removeEventListener(kind, handlers[kind]);
      row.classList.remove("is-dragged");
      siblings.forEach((each) => (each.style.transform = ""));
      if (last.type === "pointerup") reorder(words().placed(ids, id, placeAt(last.clientY)), id, 0);
    };
    const handlers = { pointermove: guard(move), pointerup: guard(end), pointercancel: guard(end) };
    grip.setPointerCapture(event.pointerId);
    row.classList.add("is-dragged");
    for (const kind of Object.keys(handlers)) grip.addEventListener(kind, handlers[kind]);
  }

  function reorder(ids, id, by) {
    const place = new Map(ids.map((each, at) => [each, at]));
    const mine = view.vendors.filter((vendor) => place.has(vendor.id));
    if (mine.every((vendor, at) => vendor.id === ids[at])) return;
    let next = 0;
    const sorted = ids.map(vendorOf);
    view.vendors = view.vendors.map((vendor) => (place.has(vendor.id) ? sorted[next++] : vendor));
    for (const vendor of view.vendors) vendor.backups.sort((one, other) => view.vendors.findIndex(({ id: each }) => each === one.id) - view.vendors.findIndex(({ id: each }) => each === other.id));
    prefer();
    paintOrder();
    paintMarket();
    $("order-said").textContent = `${vendorOf(id).title} is now number ${place.get(id) + 1} of ${ids.length}.`;
    const buttons = [...$("order").querySelectorAll(`[data-provider="${id}"] button`)];
    const wanted = buttons.find((button) => button.dataset.by === String(by) && !button.disabled) || buttons.find((button) => !button.disabled);
    if (by && wanted) wanted.focus();
  }

  function standIn(id, isChosen) {
    vendorOf(id).stands_in = isChosen;
    prefer();
    if (view.pane === "order") paintMarket();
    else paintOrder();
  }

  function prefer() {
    set("prefer", { n: (view.n += 1), order: view.vendors.map((vendor) => vendor.id), stand_ins: view.vendors.filter((vendor) => vendor.stands_in).map((vendor) => vendor.id) });
  }

  function onPreferred({ ok, message }) {
    if (ok) return;
    const line = $("order-said");
    if (line) line.className = "providers-error";
    if (line) line.textContent = message;
    ts.page.toast("bad", message);
  }

  function answer(text, isGood = false) {
    view.answer = [text, isGood];
    const line = $("answer");
    if (!line) return;
    line.textContent = text;
    line.dataset.kind = isGood ? "good" : "bad";
  }

  async function openChosen() {
    const vendor = vendorOf(view.chosen);
    if (view.chosen === "replay") return close(), ts.page.emit("open-replay", view.opener);
    if (vendor && vendor.needs_key) return show("keys");
    const intent = vendor ? { do: "open_live", provider: vendor.id, symbols: symbolsOf(vendor), backups: standInsOf(vendor) } : { do: "open_simulated" };
    if (!vendor && presentMarket() === "simulated") return close();
    return busyWith(vendor ? `Asking ${vendor.title}` : "Opening", () => ts.intents.send(intent, { quiet: true }));
  }

  async function busyWith(text, act) {
    const since = Date.now();
    view.isBusy = true;
    $("open").disabled = true;
    const tell = () => answer(`${text} · ${Math.round((Date.now() - since) / 1000)} s`, true);
    tell();
    const timer = root.setInterval(tell, 500);
    const receipt = await act();
    root.clearInterval(timer);
    view.isBusy = false;
    $("open").disabled = false;
    if (receipt.ok) return close();
    ask("market");
    return answer(receipt.message);
  }

  // Providers
  function paintState(data) {
    const { facts, ordered } = words();
    const at = $("state");
    if (!at.firstChild) at.append(make("div", { id: "providers-words" }), make("div", { id: "providers-switches" }), make("div", { id: "providers-list", class: "providers-list" }));
    paintWords(data);
    const rows = ordered(data.providers);
    const list = $("list");
    if (list.dataset.order !== rows.map((row) => row.id).join()) {
      list.dataset.order = rows.map((row) => row.id).join();
      list.replaceChildren(...rows.map(skeleton));
    }
    rows.forEach((row) => fill(row, facts(row, data.now), data.now));
    paintSwitches(data.switches);
  }

  function skeleton(row) {
    const test = make("button", { type: "button", class: "quiet-button", "data-part": "test", onclick: guard(() => tryOut(row.id)) }, "Test");
    const record = make("button", { type: "button", class: "quiet-button", "data-part": "record", title: "Write down all that it says, to be replayed later. Its line is opened anew, so that the file begins with whole books.", onclick: guard(() => tape(row.id)) }, "Record");
    const head = make("div", { class: "providers-head" }, make("span", { class: "providers-dot", "aria-hidden": "true" }), make("h3", {}, row.title), make("span", { class: "providers-mark", "data-part": "role" }), make("span", { "data-part": "state", class: "muted" }), make("span", { class: "providers-actions" }, record, test));
    return make("section", { class: "providers-row", "data-provider": row.id, "aria-label": row.title }, head, make("dl", { "data-part": "facts" }), make("p", { "data-part": "error", class: "providers-error" }), make("p", { "data-part": "said", role: "status" }), make("p", { "data-part": "recording", class: "providers-recording" }), make("details", { "data-part": "cannot" }, make("summary", {}, "What it does not give"), make("ul", {})));
  }

  function fill(row, facts, now) {
    const at = $("list").querySelector(`[data-provider="${row.id}"]`);
    const part = (name) => at.querySelector(`[data-part="${name}"]`);
    at.dataset.tone = words().needsKey(row) ? "off" : words().TONES[row.state] || "off";
    put(part("state"), words().stateText(row, now));
    part("role").hidden = !row.role;
    put(part("role"), row.role);
    part("role").classList.toggle("is-now", row.role === "serves");
    put(part("error"), row.error || "");
    part("error").hidden = !row.error;
    putFacts(part("facts"), facts);
    putLines(part("cannot"), words().withheld(row.cannot));
    const said = view.said.get(row.id);
    put(part("said"), said ? said.message : "");
    part("said").hidden = !said;
    part("said").className = said && !said.ok ? "providers-error" : "providers-good";
    part("test").disabled = view.testing.has(row.id);
    const { recording } = row;
    const isOn = Boolean(recording && recording.is_on);
    part("record").hidden = !row.is_open && !isOn;
    put(part("record"), isOn ? "Stop recording" : "Record");
    part("record").setAttribute("aria-pressed", String(isOn));
    view.taping[isOn ? "add" : "delete"](row.id);
    put(part("recording"), words().recordingText(recording));
    part("recording").hidden = !recording;
    part("recording").classList.toggle("is-on", isOn);
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function putFacts(list, facts) {
    if (!list.children.length) list.append(...facts.flatMap(([name]) => [make("dt", {}, name), make("dd", {})]));
    facts.forEach(([, value], index) => put(list.querySelectorAll("dd")[index], value));
  }

  function putLines(details, lines) {
    details.hidden = !lines.length;
    const list = details.lastElementChild;
    if (list.dataset.lines === lines.join("\n")) return;
    list.dataset.lines = lines.join("\n");
    list.replaceChildren(...lines.map((line) => make("li", {}, line)));
  }

  function paintWords({ symbol, words: said, now }) {
    const at = $("words");
    at.hidden = said.length === 0;
    if (!said.length) return;
    const off = words().differences(said);
    const rows = said.map((each, at) => make("tr", {}, make("th", { scope: "row" }, each.provider), ...[each.last, each.bid, each.ask].map((price) => make("td", {}, price || "–")), offCell(off[at]), make("td", {}, each.said ? words().span(now - each.said) : "never")));
    const head = make("tr", {}, ...["What each says", "Last", "Bid", "Ask", "Off", "Age"].map((text) => make("th", { scope: "col" }, text)));
    at.replaceChildren(make("table", { class: "providers-words" }, make("caption", {}, symbol), make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  function offCell(share) {
    const cell = make("td", {}, share === null ? "–" : ts.format.percent(share * 100));
    cell.classList.toggle("is-off", Math.abs(share || 0) >= DISPUTED);
    return cell;
  }

  function paintSwitches(switches) {
    const at = $("switches");
    const key = switches.map((each) => each.at + each.kind).join();
    if (at.dataset.key === key) return;
    at.dataset.key = key;
    const lines = switches.map((each) => make("li", {}, make("time", {}, ts.format.time(each.at)), " ", words().switchText(each)));
    at.replaceChildren(...(lines.length ? [make("h3", {}, "Who served what"), make("ol", { class: "providers-switches" }, ...lines)] : []));
  }

  function tryOut(provider) {
    view.testing.set(provider, Date.now());
    view.said.set(provider, { ok: true, message: "Asking…" });
    set("test", { n: (view.n += 1), provider });
  }

  function tape(provider) {
    set("record", { n: (view.n += 1), provider, on: !view.taping.has(provider) });
  }

  function onRecorded({ provider, ok, message }) {
    if (message) view.said.set(provider, { ok, message });
    if (view.pane === "state") ask("state");
  }

  function onTested(said) {
    view.testing.delete(said.provider);
    view.said.set(said.provider, said);
    if (view.pane === "state") ask("state");
  }

  // Keys
  function paintKeys() {
    const note = make("p", {}, "Keys are kept in a file of your data folder that only you can read, and are never shown again. A key in the environment wins.");
    $("keys").replaceChildren(note, ...view.keys.map(keyForm));
  }

  function keyForm({ name, title, held }) {
    const isFixed = held === "environment";
    const state = { environment: "set in the environment", file: "kept" }[held] || "none yet";
    const input = make("input", { type: "password", class: "field", autocomplete: "off", spellcheck: "false", id: `providers-key-${name}`, placeholder: held ? "••••••••" : name });
    input.disabled = isFixed;
    const save = make("button", { type: "submit", class: "quiet-button" }, "Keep");
    save.disabled = isFixed;
    const forget = make("button", { type: "button", class: "quiet-button", onclick: guard(() => keep(name, "")) }, "Forget");
    forget.disabled = held !== "file";
    const label = make("label", { for: input.id }, title, make("span", { class: "muted" }, ` ${state}`));
    const said = make("p", { "data-key": name, role: "status" });
    const form = make("form", { class: "providers-key" }, label, make("div", { class: "providers-add" }, input, save, forget), said);
    form.addEventListener("submit", guard((event) => onKeep(event, name, input)));
    return form;
  }

  function onKeep(event, name, input) {
    event.preventDefault();
    const key = input.value;
    input.value = "";
    if (key.trim()) keep(name, key);
  }

  function keep(name, key) {
    set("keep", { n: (view.n += 1), name, key });
  }

  // The key does not stay in the page longer than it takes to hand it over.
  function onKept(kept) {
    set("keep", null);
    view.kept = kept;
    ask("market");
  }

  function paintKept() {
    const line = view.kept && $("keys").querySelector(`[data-key="${view.kept.name}"]`);
    if (!line) return;
    line.textContent = view.kept.message;
    line.className = view.kept.ok ? "providers-good" : "providers-error";
    view.kept = null;
  }

  function onRows(data) {
    if (!dialog().open) return;
    if (data.providers) return paintState(data);
    view.vendors = data.vendors;
    view.keys = data.keys;
    if (!view.isBusy) paintMarket();
    paintOrder();
    paintKeys();
    paintKept();
  }

  const noUpdate = () => root.dash_clientside.no_update;
  const handler = (fn) => (data) => {
    if (data) guard(fn)(data);
    return noUpdate();
  };
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_providers = { on_rows: handler(onRows), on_tested: handler(onTested), on_recorded: handler(onRecorded), on_found: handler(onFound), on_reached: handler(onReached), on_preferred: handler(onPreferred), on_kept: handler(onKept) };

  // Only the very first visit, and without taking the focus.
  function greet() {
    if (ts.page.stored("welcomed", false) || ts.page.isSolo() || presentMarket() !== "simulated") return;
    ts.page.store("welcomed", true);
    open("market", null, true);
  }

  function start() {
    $("close").addEventListener("click", close);
    dialog().addEventListener("close", guard(onClosed));
    dialog().addEventListener("click", (event) => event.target === dialog() && close());
    $("tabs").addEventListener("keydown", guard(onTabKey));
    for (const pane of PANES) $(`${pane}-tab`).addEventListener("click", guard(() => show(pane)));
    ts.page.on("open-providers", (asked) => open((asked && asked.pane) || "market", asked && asked.opener));
    ts.keys.add("shift+m", "Choose a market; providers and keys", guard(() => open()), { group: "Market" });
    ts.keys.add("esc", "", () => (dialog().open && dialog().classList.contains("is-quiet") ? (close(), true) : false), { hidden: true, typing: true });
    const stop = ts.live.on("status", guard(() => (greet(), typeof stop === "function" && stop())));
    if (ts.live.state.status.source) greet();
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
