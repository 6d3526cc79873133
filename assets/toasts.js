// Short messages. They lie where no control is, at most three are seen, and an error stays until it is dismissed.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const MOST_SEEN = 3;
  const NOTICE_PX = 64;
  const MOST_KEPT = 20;
  const LIFE_MS = { good: 5000, info: 5000, warn: 8000 };
  const WIDEST = 360;
  const SCALE_PX = 68;
  // Above the foot of the plot: its time axis, the marks of its edge and its own buttons.
  const ABOVE_PX = 108;
  const GAP_PX = 8;
  const NARROWEST = 240;

  // How long a message stays, in ms; null until it is dismissed.
  const lifeOf = (kind) => (kind === "bad" ? null : LIFE_MS[kind] || LIFE_MS.info);

  // Where messages stand: over the plot, above the sheet that covers it, else in a line of their own at the foot, or below
  // the header while a keyboard is on the screen.
  function placeOf({ page, solo, max, isPhone, isCovered, isTyping }) {
    if (isTyping) return "head";
    if (page && page !== "desk") return "foot";
    if (isCovered) return isPhone ? "sheet" : "foot";
    const alone = solo || max;
    return !alone || alone === "chart" ? "plot" : "foot";
  }

  // Which messages are still kept when another comes: the one that says the same goes, and beyond the most the oldest that is
  // no error, else the oldest. Each is {kind, text}.
  function keptWith(messages, added) {
    const kept = [...messages.filter((each) => each.text !== added.text), added];
    while (kept.length > MOST_KEPT) kept.splice(Math.max(0, kept.findIndex((each) => each.kind !== "bad")), 1);
    return kept;
  }

  // How many there is room for without covering what can be pressed: one above a sheet, fewer over a low plot.
  function mostAt(place, plotHeight) {
    if (place === "sheet" || place === "head") return 1;
    return place === "foot" ? MOST_SEEN : Math.max(1, Math.min(MOST_SEEN, Math.floor((plotHeight - footOf(plotHeight)) / NOTICE_PX)));
  }

  const footOf = (plotHeight) => Math.round(Math.min(ABOVE_PX, plotHeight * 0.4));

  // The messages that are seen, in the order in which they came: errors first, then the newest.
  function seenOf(messages, most = MOST_SEEN) {
    const byWeight = [...messages].reverse().sort((a, b) => (b.kind === "bad") - (a.kind === "bad"));
    const chosen = new Set(byWeight.slice(0, most));
    return messages.filter((each) => chosen.has(each));
  }

  // Where in a plot `room` wide messages stand: {left, width}. The tags of own lines, whose crosses cancel, reach from its left
  // edge to `tags`: beside them where there is room for words, else in the middle.
  function laneOf(room, tags) {
    const width = Math.min(WIDEST, room - 24);
    const middle = { left: (room - width) / 2, width };
    const beside = tags + GAP_PX;
    const left = room - 12 - beside;
    return beside <= middle.left || left < NARROWEST ? middle : { left: beside, width: Math.min(WIDEST, left) };
  }

  const ns = { lifeOf, placeOf, keptWith, seenOf, mostAt, laneOf };
  ts.toasts = ns;
  if (typeof module !== "undefined") module.exports = ns;
  if (typeof document === "undefined") return;

  const byId = (id) => document.getElementById(id);
  let messages = [];
  let place = "plot";

  function dismiss(message) {
    root.clearTimeout(message.timer);
    messages = messages.filter((each) => each !== message);
    show();
  }

  function wait(message) {
    const life = lifeOf(message.kind);
    if (life !== null) message.timer = root.setTimeout(() => dismiss(message), life);
  }

  // A message that is being read stays.
  function build(message) {
    const close = ts.dom.iconButton("x-lg", "Dismiss", () => dismiss(message));
    const listeners = { onpointerenter: () => root.clearTimeout(message.timer), onpointerleave: () => wait(message) };
    return ts.dom.element("div", { class: `notice is-${message.kind}`, ...listeners }, ts.dom.element("span", {}, message.text), close);
  }

  // A modal dialog takes every press and lies above the page: what is said while it is open is said in it.
  const openDialog = () => [...document.querySelectorAll("dialog:modal")].at(-1) || null;

  function add({ kind, text }) {
    const message = { kind, text, dialog: openDialog() };
    const kept = keptWith(messages, message);
    for (const gone of messages.filter((each) => !kept.includes(each))) root.clearTimeout(gone.timer);
    messages = kept;
    message.element = build(message);
    wait(message);
    show();
  }

  function show() {
    const list = byId("toasts");
    if (!list) return;
    const inside = sayIn(openDialog());
    const most = mostAt(place, byId("chart-stage").clientHeight);
    const onPage = messages.filter((each) => !inside.includes(each));
    const seen = seenOf(onPage, most);
    const more = most < MOST_SEEN ? 0 : onPage.length - seen.length;
    const rest = more ? [ts.dom.element("button", { type: "button", class: "notice-rest", onclick: dismissAll }, `${more} more · Dismiss all`)] : [];
    list.replaceChildren(...rest, ...seen.map((each) => each.element));
    stand();
  }

  // Shows what was said since `dialog` was opened, at its foot; gives these messages. None when there is no dialog.
  function sayIn(dialog) {
    const inside = dialog ? messages.filter((each) => each.dialog === dialog) : [];
    for (const list of document.querySelectorAll(".notices-inside")) if (list.parentElement !== dialog) list.remove();
    if (dialog) listIn(dialog).replaceChildren(...seenOf(inside).map((each) => each.element));
    return inside;
  }

  function listIn(dialog) {
    const list = dialog.querySelector(":scope > .notices-inside") || ts.dom.element("div", { class: "notices-inside", role: "status", "aria-live": "polite", "aria-label": "Messages" });
    if (!list.parentElement) dialog.append(list);
    return list;
  }

  function dismissAll() {
    for (const message of messages) root.clearTimeout(message.timer);
    messages = [];
    show();
  }

  function stand() {
    const list = byId("toasts");
    if (!list) return;
    list.dataset.at = place;
    if (!messages.length) return;
    if (place === "plot") standOver(list, byId("chart-stage").getBoundingClientRect());
    if (place === "sheet") standAbove(list, document.querySelector(".slot.is-open"));
  }

  function standAbove(list, sheet) {
    const bottom = byId("bottom-bar").offsetHeight + (sheet ? sheet.offsetHeight : 0) + GAP_PX;
    list.style.setProperty("--toast-bottom", `${bottom}px`);
  }

  function standOver(list, box) {
    const { left, width } = laneOf(box.width - SCALE_PX, tagsEnd());
    list.style.setProperty("--toast-width", `${Math.round(width)}px`);
    list.style.setProperty("--toast-left", `${Math.round(box.left + left)}px`);
    list.style.setProperty("--toast-bottom", `${Math.round(root.innerHeight - box.bottom + footOf(box.height))}px`);
  }

  // Where the tags of own lines end; those at the plot's edge stand lower than any message.
  function tagsEnd() {
    const panel = ts.chart && ts.chart.panel();
    const tags = panel ? panel.overlay.seen.placed.filter((line) => !line.isEdge) : [];
    return Math.max(0, ...tags.map(({ x, width }) => x + width));
  }

  // What was refused in one account or market says nothing of the next.
  function dropErrors() {
    messages = messages.filter((message) => message.kind !== "bad");
    show();
  }

  // Esc leaves the newest; false when there is none.
  ns.leave = () => {
    if (!messages.length) return false;
    dismiss(messages[messages.length - 1]);
    return true;
  };

  document.addEventListener("DOMContentLoaded", () => {
    ts.page.on("toast", add);
    document.addEventListener("close", (event) => event.target.matches("dialog") && show(), true);
    ts.page.onAccount(dropErrors);
    ts.page.onInstruments((_instruments, isOtherMarket) => isOtherMarket && dropErrors());
    ts.page.on("arranged", (view) => {
      const before = place;
      place = placeOf(view);
      if (place === before) stand();
      else show();
    });
    ts.page.ready(() => {
      new ResizeObserver(stand).observe(byId("chart-stage"));
      ts.live.on("desk", () => messages.length && root.requestAnimationFrame(stand));
    });
    root.addEventListener("resize", stand);
  });
})(typeof window === "undefined" ? globalThis : window);
