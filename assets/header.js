// The header: which market this is, how fresh and how connected, what the account is worth; search, display, help.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PHONE_PX = 600;
  const LOST = { silent: "no answer", reconnecting: "cut off", offline: "offline" };
  const MOVES_BY_ITSELF = new Set(["simulated", "live"]);
  const SESSIONS = { always: "open always", pre: "pre-market", regular: "regular hours", post: "after hours", closed: "closed" };

  // What the badge says: the desk's own word while the desk answers, unless all is older than the desk itself allows.
  function badge(status, connection, isTooOld) {
    const source = status.source || "connecting";
    if (LOST[connection.state]) return connection.state;
    if (!MOVES_BY_ITSELF.has(source) || status.ended) return source;
    if (status.playing === false) return "paused";
    return isTooOld ? "stale" : source;
  }

  // What stands before the age: one that is unusual is the market's silence, which need not be wrong.
  function ageWord(kind, age, quietFrom) {
    return MOVES_BY_ITSELF.has(kind) && age !== null && age > quietFrom ? "quiet" : "age";
  }

  function connectionText(connection, now, timeOf, isShort = false) {
    const { state, attempt, retryAt, rtt, since, heardAt } = connection;
    if (state === "live") return connectedText(rtt, isShort);
    if (state === "silent") return `${isShort ? "" : "No answer for "}${Math.floor((now - heardAt) / 1000)} s`;
    if (state === "reconnecting") {
      const seconds = Math.max(0, Math.ceil(((retryAt || now) - now) / 1000));
      const tries = "ry " + Math.max(1, attempt || 0) + (seconds ? " in " + seconds + " s" : " now");
      return (isShort ? "T" : "Reconnecting, t") + tries;
    }
    if (state === "offline") return (isShort ? "Off " : "Offline since ") + timeOf(since);
    return "Connecting";
  }

  // The line to the server, whatever kind of market comes over it.
  function connectedText(rtt, isShort) {
    if (rtt === null || rtt === undefined) return "Connected";
    return (isShort ? "" : "Connected ") + Math.round(rtt) + " ms";
  }

  function sessionText(status, market) {
    if (market && market.ht) return "halted";
    if (status.ended) return "ended";
    if (status.playing === false) return "paused";
    if (status.source === "simulated" && status.speed && status.speed !== 1) return status.speed + "×";
    return SESSIONS[market && market.st] || "";
  }

  // Day P&L as a share of the equity that the day began with; null when that is nothing.
  function dayShare(equity, dayPl) {
    const start = Number(equity) - Number(dayPl);
    return start > 0 ? (Number(dayPl) / start) * 100 : null;
  }

  // What the day's P&L is made of, [[name, money]…]: in cents, which add up to its own.
  function dayParts({ day_pl: day, day_rpl: realized, day_fees: fees, day_income: income }) {
    const cents = (value) => Math.round(Number(value || 0) * 100);
    const [whole, closed, paid, besides] = [cents(day), cents(realized), -cents(fees), cents(income)];
    const parts = [["Realised today", closed], ["Unrealised today", whole - closed - paid - besides], ["Fees", paid], ["Interest, dividends", besides]];
    return parts.map(([name, value]) => [name, value / 100]);
  }

  // A replay's own account is called after the recording, which stands beside it already.
  function nameText(name, source) {
    return source === "replay" && /^Replay of /.test(name || "") ? "Replay" : name || "Account";
  }

  function asSentence(text) {
    return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");
  }

  // Sentences that a trader must see, worst first; null when all is well.
  function banner(status) {
    if (status.journal && status.journal !== "ok") return { isBad: true, text: `Orders are refused: ${status.journal}. Nothing is lost.` };
    const faults = status.faults || [];
    return faults.length ? { isBad: false, text: faults.map(asSentence).join(" ") } : null;
  }

  function stoppedText(orders, positions) {
    return `Stopped: ${ts.format.counted(orders, "order is", "orders are")} cancelled, ${ts.format.counted(positions, "position is", "positions are")} closing.`;
  }

  function stopDetail(orders, positions) {
    return `${ts.format.counted(orders, "open order is", "open orders are")} cancelled and ${ts.format.counted(positions, "position is", "positions are")} closed at the market.`;
  }

  if (typeof module !== "undefined") module.exports = { badge, ageWord, connectionText, sessionText, nameText, dayShare, dayParts, banner, stopDetail, stoppedText };
  if (typeof document === "undefined") return;

  ts.header = {};
  const CLOSED = new Set(["filled", "canceled", "expired", "rejected", "replaced", "done_for_day"]);
  const byId = (id) => document.getElementById(id);
  const written = new Map();

  function write(id, text) {
    if (written.get(id) === text) return;
    written.set(id, text);
    byId(id).textContent = text;
  }

  function mark(id, name, value) {
    const key = id + "@" + name;
    if (written.get(key) === value) return;
    written.set(key, value);
    byId(id).dataset[name] = value;
  }

  function tone(id, value) {
    const name = ts.format.tone(value);
    if (written.get(id + "@tone") === name) return;
    written.set(id + "@tone", name);
    byId(id).className = name;
  }

  const live = () => ts.live.state;
  const marketNow = () => ts.live.marketNow() || live().status.now || 0;

  function paintSource() {
    const { status, connection } = live();
    const age = ts.freshness.age();
    const kind = badge(status, connection, ts.freshness.isTooOld());
    const word = ageWord(kind, age, ts.freshness.quietFrom());
    const isStale = kind === "stale" || kind in LOST;
    write("header-source", (LOST[kind] || kind).toUpperCase());
    mark("header-source", "source", kind);
    write("header-title", status.title || "");
    write("header-age-word", word);
    write("header-age", word === "quiet" ? ts.sourceChip.ageText(age) : ts.format.age(age));
    byId("header-age").classList.toggle("is-old", isStale || kind === "resync");
    byId("header-age").parentElement.hidden = kind === "replay";
    byId("header-title").title = status.title || "";
    document.documentElement.toggleAttribute("data-stale", isStale);
  }

  // A fast replay has one clock: the bar's, where that is seen.
  function paintClock() {
    const { status, market } = live();
    const now = marketNow();
    const session = sessionText(status, market[ts.page.symbol]);
    const isReplay = status.source === "replay";
    const time = ts.format.time(now) + " " + (now ? ts.format.zoneName(now) : "");
    const date = ts.format.date(now);
    const day = isReplay && !(status.title || "").includes(date) ? date : "";
    const moment = [day, isReplay && ts.painter.isShown("replay") ? "" : time].filter(Boolean).join(" ");
    write("header-clock", [moment, session].filter(Boolean).join(" · "));
  }

  function paintConnection() {
    const { connection } = live();
    mark("header-connection", "state", connection.state);
    const text = connectionText(connection, Date.now(), wallTime, ts.page.isNarrow());
    const at = byId("header-connection").lastElementChild;
    if (at.textContent !== text) at.textContent = text;
  }

  function wallTime(ms) {
    return ts.format.timeIn(ms, Intl.DateTimeFormat().resolvedOptions().timeZone);
  }

  function paintFigures() {
    const { account } = live().desk;
    write("header-account-name", nameText(account.name, live().status.source));
    if (account.equity === undefined) return write("header-equity", ts.format.NONE);
    write("header-equity", ts.format.money(account.equity));
    write("header-buying-power", ts.format.money(account.buying_power));
    const parts = dayParts(account).map(([name, value]) => `${name} ${ts.format.signed(value)}`).join("\n");
    if (byId("header-day-pl").parentElement.title !== parts) byId("header-day-pl").parentElement.title = parts;
    const share = dayShare(account.equity, account.day_pl);
    write("header-day-pl", ts.format.signed(account.day_pl) + (share === null ? "" : " (" + ts.format.percent(share) + ")"));
    return tone("header-day-pl", Number(account.day_pl));
  }

  function paintBanner() {
    const found = banner(live().status);
    const at = byId("header-banner");
    write("header-banner", found ? found.text : "");
    at.hidden = !found;
    at.classList.toggle("is-bad", Boolean(found && found.isBad));
  }

  let titledAt = 0;
  function paintTitle() {
    if (Date.now() - titledAt < 1000) return;
    titledAt = Date.now();
    const market = live().market[ts.page.symbol];
    const price = market && market.l !== null && market.l !== undefined ? " " + ts.format.price(market.l, ts.page.symbol) : "";
    const panel = document.documentElement.dataset.solo;
    const title = ts.page.symbol + price + (panel ? " " + panel : "") + " · TradeSim";
    if (document.title !== title) document.title = title;
  }

  function paint() {
    paintSource();
    paintClock();
    paintConnection();
    paintFigures();
    paintBanner();
    paintPopup();
    paintTitle();
  }

  // Popups
  let popup = null;
  const rowsOfList = new WeakMap();

  function closePopup() {
    if (!popup) return;
    popup.button.setAttribute("aria-expanded", "false");
    popup.box.remove();
    popup = null;
  }

  function openPopup(button, label, ...children) {
    const wasOpen = popup && popup.button === button;
    closePopup();
    if (wasOpen) return;
    const box = ts.dom.element("div", { class: "popup", role: "dialog", "aria-label": label, tabindex: "-1" }, ...children);
    document.body.append(box);
    place(box, button);
    button.setAttribute("aria-expanded", "true");
    popup = { button, box };
    (box.querySelector("input:checked, button, input") || box).focus();
  }

  function place(box, button) {
    const under = button.getBoundingClientRect();
    const isLow = under.top > root.innerHeight / 2;
    box.classList.toggle("is-low", isLow);
    if (isLow && root.innerWidth < PHONE_PX) return;
    const { paddingLeft, paddingRight } = getComputedStyle(byId("desk"));
    const left = Math.min(under.left, root.innerWidth - box.offsetWidth - 8 - parseFloat(paddingRight));
    box.style.left = Math.max(8 + parseFloat(paddingLeft), left) + "px";
    const below = Math.max(under.bottom, byId("header").getBoundingClientRect().bottom) + 4;
    box.style.top = (isLow ? Math.max(8, under.top - box.offsetHeight - 8) : below) + "px";
  }

  function onOutside(event) {
    if (popup && !popup.box.contains(event.target) && !popup.button.contains(event.target) && !event.target.closest("#toasts")) closePopup();
  }

  function pairs(rows) {
    const list = ts.dom.element("dl");
    for (const [name, value] of rows) list.append(ts.dom.element("dt", {}, name), ts.dom.element("dd", {}, value));
    return list;
  }

  // Names and values that stay true while the popup is open: `rowsOf()` is asked again with every painting.
  function livePairs(rowsOf) {
    const list = pairs(rowsOf());
    rowsOfList.set(list, rowsOf);
    return list;
  }

  function paintPopup() {
    const list = popup && popup.box.querySelector("dl");
    if (!rowsOfList.has(list)) return;
    const now = pairs(rowsOfList.get(list)());
    const places = [...list.children];
    if (places.length !== now.children.length) return list.replaceChildren(...now.children);
    for (const [at, place] of places.entries()) if (place.textContent !== now.children[at].textContent) place.textContent = now.children[at].textContent;
  }

  function facts() {
    const { status, connection } = live();
    const { format } = ts;
    const rows = [
      ["Market", status.title || format.NONE],
      ["Kind", status.source || format.NONE],
      ["Market time", format.date(marketNow()) + " " + format.time(marketNow()) + " " + format.zoneName(marketNow())],
      ["Clock", (status.playing ? "running" : "paused") + " at " + (status.speed || 1) + "×"],
      ["Newest data", ts.freshness.text() + " old"],
      ["Instruments", String(Object.keys(ts.page.instruments).length)],
      ["Connection", connectionText(connection, Date.now(), wallTime)],
      ["Faults healed", String(connection.faults || 0)],
    ];
    if (status.end) rows.splice(3, 0, ["Recorded until", format.date(status.end) + " " + format.time(status.end)]);
    return rows;
  }

  function tell(receipt) {
    if (receipt && receipt.message) ts.page.toast(receipt.ok ? "good" : "bad", receipt.message);
  }

  function wish(intent) {
    closePopup();
    return ts.intents.send(intent).then(tell);
  }

  function action(text, onclick) {
    return ts.dom.element("button", { type: "button", class: "quiet-button", onclick }, text);
  }

  function openSource() {
    const { status } = live();
    const isReplay = status.source === "replay";
    const show = (pane) => () => (closePopup(), ts.page.emit("open-providers", { pane, opener: byId("header-source") }));
    const choices = [action("Choose a market…", show("market")), action("Providers", show("state")), action("Keys", show("keys"))];
    if (isReplay || ts.sourceChip.LIVE.has(status.source)) choices.push(action("Back to the simulated market", () => wish({ do: "open_simulated" })));
    choices.push(action(isReplay ? "Open another recording…" : "Open a recording…", () => (closePopup(), ts.page.emit("open-replay", byId("header-source")))));
    openPopup(byId("header-source"), "Market", ts.dom.element("h2", {}, "This market"), livePairs(facts), ...(ts.page.isNarrow() ? ts.marketClock.controls() : []), ts.dom.element("div", { class: "popup-actions" }, ...choices));
  }

  function choice(legend, name, now, options, onChange) {
    const segments = ts.dom.element("div", { class: "segments" });
    for (const [value, label] of options) {
      const input = ts.dom.element("input", { type: "radio", name, value, onchange: () => onChange(value) });
      input.checked = value === now;
      segments.append(ts.dom.element("label", {}, input, label));
    }
    return ts.dom.element("fieldset", { class: "choice" }, ts.dom.element("legend", {}, legend), segments);
  }

  function displayChoices() {
    return [
      choice("Theme", "theme", ts.page.stored("theme", "system"), [["system", "System"], ["light", "Light"], ["dark", "Dark"]], ts.page.setTheme),
      choice("Colours of up and down", "palette", ts.page.palette, [["usual", "Green, red"], ["colourblind", "Blue, orange"]], ts.page.setPalette),
    ];
  }

  function openDisplay() {
    const layout = ts.dom.element("div", { class: "popup-actions" }, action("Put the panels back", () => (closePopup(), ts.page.resetLayout())));
    openPopup(byId("header-display"), "Display", ...displayChoices(), ...(ts.page.isNarrow() ? [] : [layout]));
  }

  // The rest of the header on a narrow screen
  function moreFacts() {
    const { account } = live().desk;
    const { format } = ts;
    return [["Account", account.name || format.NONE], ["Equity", format.money(account.equity)], ["Day P&L", format.signed(account.day_pl)], ...dayParts(account).map(([name, value]) => [name, format.signed(value)]), ["Buying power", format.money(account.buying_power)], ...facts().slice(0, 3)];
  }

  function openMore(button) {
    const item = (icon, text, onclick) =>
      ts.dom.element("button", { type: "button", onclick: () => (closePopup(), onclick()) }, ts.dom.element("i", { class: "bi bi-" + icon, "aria-hidden": "true" }), text);
    const menu = ts.dom.element(
      "div",
      { class: "menu-list" },
      item("bar-chart-steps", "Depth", () => ts.page.reveal("depth")),
      item("clock-history", "Time and sales", () => ts.page.reveal("tape")),
      ...ts.views.doors().map(({ name, label, icon }) => item(icon, label, () => ts.views.go(name))),
      item("person", "Accounts", () => ts.accounts.openSwitcher(button)),
      item("broadcast", "Market and connection", openSource),
      item("question-circle", "Every key", () => ts.page.help()),
    );
    openPopup(button, "More", livePairs(moreFacts), ...displayChoices(), menu);
  }

  async function stopAll() {
    const { desk, connection } = live();
    const orders = Object.values(desk.orders || {}).filter((order) => !CLOSED.has(order.status)).length;
    const positions = (desk.positions || []).filter((position) => Number(position.qty) !== 0).length;
    if (connection.state === "live" && orders + positions === 0) {
      ts.page.toast("info", "Nothing to stop: no order is open and no position is held.");
      return;
    }
    const isSure = await ts.page.confirm("Stop everything?", { detail: stopDetail(orders, positions), yes: "Stop all", no: "Keep going" });
    if (!isSure) return;
    const receipt = await ts.intents.send({ do: "flatten" });
    if (receipt.ok) ts.page.toast("good", stoppedText(orders, positions));
    else tell(receipt);
  }

  // Search
  function startSearch(guard) {
    const host = byId("header-search");
    const recent = () => ts.page.stored("recent", []);
    const search = ts.combobox.make(host, {
      id: "symbol-search",
      label: "Search symbol",
      placeholder: "Search symbol",
      offered: (query) => [...ts.combobox.matches(query, ts.page.instruments, recent()), ...ts.symbols.beyond(query)],
      nameOf: ts.symbols.nameOf,
      none: (query) => `No instrument of this market is called “${query}”.`,
      onChoose: guard(async (symbol) => {
        search.input.blur();
        if (!(await ts.symbols.listed(symbol))) return;
        ts.page.store("recent", ts.combobox.remembered(recent(), symbol));
        ts.page.choose(symbol);
      }),
    });
    ts.symbols.attend(search);
    host.append(ts.dom.element("kbd", { "aria-hidden": "true" }, "/"));
    const show = () => (search.input.placeholder = ts.page.isNarrow() || ts.page.isSolo() ? ts.page.symbol : "Search");
    ts.page.onSymbol(show);
    root.addEventListener("resize", show);
    show();
    ts.keys.add("/", "Search a symbol", () => search.input.focus());
  }

  // Another market was opened: its instruments come from the server.
  function onStatus() {
    const { session } = live().status;
    if (session && session !== ts.page.session && session !== asked) {
      asked = session;
      root.dash_clientside.set_props("session", { data: session });
    }
    ts.painter.dirty("header");
  }
  let asked = null;

  function start() {
    const guard = (fn) => ts.boundary.guard("header", fn);
    startSearch(guard);
    byId("header-source").addEventListener("click", guard(openSource));
    byId("header-display").addEventListener("click", guard(openDisplay));
    byId("header-help").addEventListener("click", guard(() => ts.page.help()));
    Object.assign(ts.header, { openPopup, closePopup, action, pairs, tell, stopAll });
    ts.page.on("more", guard(openMore));
    document.addEventListener("pointerdown", onOutside);
    ts.keys.add("f", "Stop all: cancel every order, close every position", guard(stopAll), { group: "Orders" });
    ts.keys.add("esc", "", () => (popup ? (popup.button.focus(), closePopup(), true) : false), { typing: true, hidden: true });
    ts.painter.add("header", paint);
    ts.live.want("header", ["status", "market", "desk"]);
    ts.live.on("status", onStatus);
    for (const kind of ["desk", "connection"]) ts.live.on(kind, () => ts.painter.dirty("header"));
    ts.page.onSymbol(() => ((titledAt = 0), ts.painter.dirty("header")));
    setInterval(() => ts.painter.dirty("header"), 200);
    if (live().status.session) onStatus();
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
