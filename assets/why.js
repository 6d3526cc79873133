// The explanation on screen: what was chosen in the blotter, else what happened last, told again whenever it changes.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "why";
  const DEPTH = 5;
  const CALM_MS = 200;
  const MOST_STEPS = 6;
  const AWAKE_MS = 1000;

  // What to tell of: the chosen one while it exists, else the latest fill or the latest news of an order.
  function subject(chosen, desk) {
    if (chosen && chosen.kind === "fill" && desk.fills.some((fill) => fill.id === chosen.id)) return chosen;
    if (chosen && chosen.kind === "order" && desk.orders[chosen.id]) return chosen;
    const fill = desk.fills[desk.fills.length - 1];
    const order = latestOrder(desk.orders);
    if (fill && (!order || fill.at >= order.updated || fill.order_id === order.id || wokenBy(fill, order))) return { kind: "fill", id: fill.id };
    return order ? { kind: "order", id: order.id } : null;
  }

  // An exit that went to work because its entry filled: that fill is the news. One that trails moves by itself from then on.
  function wokenBy(fill, order) {
    const isNew = order.updated - fill.at < AWAKE_MS || order.type === "trailing_stop";
    return order.parent === fill.order_id && ts.whyStory.isOpen(order) && isNew;
  }

  function latestOrder(orders) {
    return Object.values(orders).reduce((latest, order) => (!latest || order.updated > latest.updated ? order : latest), null);
  }

  // What stays chosen: an order that was open when it was chosen is let go once it is withdrawn. Its end is the latest
  // news, so it is told all the same, and what happens next is told after it.
  function stillChosen(chosen, desk) {
    const order = chosen && chosen.kind === "order" ? desk.orders[chosen.id] : null;
    if (!order) return chosen;
    const isOpen = ts.whyStory.isOpen(order);
    return chosen.isOpen && !isOpen && order.status !== "filled" ? null : { ...chosen, isOpen };
  }

  // An order that filled whole is explained by its last execution.
  function told({ kind, id }, desk) {
    if (kind === "fill") return { kind, id };
    const order = desk.orders[id];
    const last = [...desk.fills].reverse().find((fill) => fill.order_id === id);
    return order.status === "filled" && last ? { kind: "fill", id: last.id } : { kind, id };
  }

  if (typeof module !== "undefined") module.exports = { subject, stillChosen, latestOrder, told };
  if (typeof document === "undefined") return;

  // `place` is the last one in its queue of the order that is told of: {id, place}.
  const state = { chosen: null, place: { id: null, place: null }, shown: "", bookShown: "", stepsShown: "" };
  let calmTimer = 0;
  const byId = (id) => document.getElementById(id);
  const dirty = () => ts.painter.dirty(PANEL);
  const element = (...all) => ts.dom.element(...all);

  function paint() {
    const { desk } = ts.live.state;
    state.chosen = stillChosen(state.chosen, desk);
    const about = subject(state.chosen, desk);
    byId("why-empty").hidden = about !== null;
    byId("why-latest").hidden = state.chosen === null;
    if (!about) return showSteps([]), show({ title: "Why", about: "", sentences: [] }, null);
    const { kind, id } = told(about, desk);
    showSteps(kind === "fill" ? stepsAround(desk, id) : []);
    return kind === "fill" ? paintFill(desk, id) : paintOrder(desk, desk.orders[id]);
  }

  const instrumentOf = (symbol) => ts.page.instruments[symbol] || { tick: 0.01, lot: 1, pd: 2, qd: 0, cur: "USD" };

  function paintFill(desk, id) {
    const done = ts.whyStory.execution(desk.fills, id);
    const instrument = ts.whyStory.inOwnSteps(done, instrumentOf(done.symbol));
    const tape = ts.live.state.tape[done.symbol];
    show(ts.whyStory.fillStory(done, desk.orders[done.order_id], tape, instrument, ts.format), done);
  }

  function paintOrder(desk, order) {
    const market = ts.live.state.market[order.symbol];
    if (desk.queue[order.id] || state.place.id !== order.id) state.place = { id: order.id, place: desk.queue[order.id] || null };
    show(ts.whyStory.orderStory(order, state.place.place, market, instrumentOf(order.symbol), ts.format, (id) => desk.orders[id] || null), null);
  }

  // The way in and the way out of the same position, each a press away; a long one by its ends.
  function stepsAround(desk, id) {
    const { symbol } = desk.fills.find((fill) => fill.id === id);
    const held = desk.positions.find((position) => position.symbol === symbol);
    const trip = ts.whyStory.tripOf(desk.fills, id, held ? held.qty : 0);
    if (trip.length < 2) return [];
    const shown = trip.length > MOST_STEPS ? [trip[0], ...trip.slice(1 - MOST_STEPS)] : trip;
    return shown.map((step) => ({ ...step, isNow: step.ids.includes(id), ...stepWords(ts.whyStory.execution(desk.fills, step.id)) }));
  }

  function stepWords(done) {
    const instrument = ts.whyStory.inOwnSteps(done, instrumentOf(done.symbol));
    return { about: `${ts.format.quantity(done.qty, instrument.qd)} at ${ts.whyStory.price(done.average, instrument, ts.format)}`, time: ts.format.time(done.at) };
  }

  // ---- writing

  function showSteps(steps) {
    const text = JSON.stringify(steps);
    if (text === state.stepsShown) return;
    state.stepsShown = text;
    byId("why-steps").hidden = !steps.length;
    byId("why-steps").replaceChildren(...steps.map(stepButton));
  }

  function stepButton({ id, word, about, time, isNow }) {
    const onclick = ts.boundary.guard(PANEL, () => (choose({ kind: "fill", id }), refocus(id)));
    return element("button", { type: "button", class: "why-step", "data-fill": id, "aria-pressed": String(isNow), title: time, onclick }, element("b", {}, word), ` ${about}`);
  }

  // The buttons are made anew when one was pressed.
  function refocus(id) {
    paint();
    const again = byId("why-steps").querySelector(`[data-fill="${id}"]`);
    if (again) again.focus();
  }

  function show(story, done) {
    const text = JSON.stringify(story);
    if (text !== state.shown) {
      state.shown = text;
      byId("why-title").textContent = story.title;
      byId("why-about").textContent = story.about;
      byId("why-story").replaceChildren(...story.sentences.map((sentence) => element("p", { class: sentence === story.note ? "is-note" : null }, ...withStrongNumbers(sentence))));
    }
    showBook(done);
  }

  // Quantities and prices stand out in a sentence.
  function withStrongNumbers(sentence) {
    return sentence.split(/(\d+(?:[,:]\d+)*(?:\.\d+)?)/).map((part, place) => (place % 2 ? element("b", {}, part) : part));
  }

  function showBook(done) {
    const key = done ? `${done.id}:${done.parts.length}` : "";
    if (key === state.bookShown) return;
    state.bookShown = key;
    const table = byId("why-book");
    table.hidden = !done || !ts.whyStory.hasBook(done);
    if (!table.hidden) table.replaceChildren(...bookParts(done));
  }

  function bookParts(done) {
    const instrument = ts.whyStory.inOwnSteps(done, instrumentOf(done.symbol));
    const taken = ts.whyStory.lotsByPrice(done, instrument);
    const rows = ts.whyStory.bookRows(done.why.before, done.why.after, DEPTH, taken);
    const most = Math.max(1, ...rows.map((row) => Math.max(row.before, row.after)));
    const head = element("tr", {}, ...["Before", "Price", "After", "Yours"].map((word) => element("th", { scope: "col" }, word)));
    const caption = element("caption", {}, `Book of ${done.symbol} at ${ts.format.time(done.at, true)} ${ts.format.zoneName(done.at)}`);
    return [caption, element("thead", {}, head), element("tbody", {}, ...rows.map((row) => bookRow(row, most, done, instrument)))];
  }

  function bookRow(row, most, done, instrument) {
    const qty = (lots) => (lots ? ts.format.sizeOf(lots, instrument) : "–");
    const bar = (lots) => `--share: ${Math.round((lots / most) * 100)}%`;
    const mark = row.taken ? `${done.side === "buy" ? "▲" : "▼"} ${qty(row.taken)}` : "";
    return element(
      "tr",
      { class: `is-${row.side}${row.taken ? " is-taken" : ""}${row.before !== row.after ? " is-changed" : ""}` },
      element("td", { style: bar(row.before) }, qty(row.before)),
      element("td", {}, ts.format.priceOf(row.ticks, instrument)),
      element("td", { style: bar(row.after) }, qty(row.after)),
      element("td", {}, mark),
    );
  }

  // ---- hearing

  function onDesk(_key, message) {
    const data = (message && message.d) || {};
    if (!message || message.k === "s" || data.orders || data.fills) dirty();
    else calmly();
  }

  // Marks and places in queues change all the time; a sentence that flickers cannot be read.
  function calmly() {
    calmTimer = calmTimer || root.setTimeout(() => ((calmTimer = 0), dirty()), CALM_MS);
  }

  function choose(wish) {
    state.chosen = wish && wish.id ? wish : null;
    dirty();
  }

  function start() {
    const guard = (fn) => ts.boundary.guard(PANEL, fn);
    ts.page.on("why", guard(choose));
    byId("why-latest").addEventListener("click", guard(() => choose(null)));
    ts.live.on("desk", guard(onDesk));
    ts.live.on("market", calmly);
    ts.page.onInstruments(guard((_instruments, isOtherMarket) => isOtherMarket && choose(null)));
    ts.painter.add(PANEL, paint);
    ts.boundary.onRetry(PANEL, () => {
      Object.assign(state, { shown: "", bookShown: "", stepsShown: "" });
      dirty();
    });
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
