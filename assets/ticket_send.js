// From the ticket's button to the fill: asks once, sends, shows the answer, and how long it took.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const DOUBLE_CLICK_MS = 350;
  const KEPT_FILLS = 100;
  const AGE_FROM_MS = 5000;

  // `asked` is {exits, question, sentence, wish} while a question waits; `told` what the line of the last order says, and since when.
  const state = { order: null, asked: null, askedAt: 0, sending: false, told: "", toldAt: 0 };
  const fillSeen = new Map();
  ts.ticketSend = { state, timing: null };
  if (typeof document === "undefined") return;

  const { ticketSend } = ts;
  const model = () => ts.ticketModel;
  const view = () => ts.ticketView;
  const entry = () => ts.ticketForm;
  const at = (name) => ts.ticketView.at(name);
  const dirty = () => ts.painter.dirty(PANEL);
  const now = () => root.performance.now();
  const isBusy = () => state.asked !== null || state.sending;

  const drawers = () => ts.ticketDrawers;
  const isProtecting = () => ts.ticketTerms.isProtecting(entry().form);

  function sentence() {
    const { form } = entry();
    if (!isProtecting()) return model().sentence(form, entry().instrument(), ts.format, drawers().words());
    const qty = ts.format.quantity(model().plain(form.size), entry().instrument().qd);
    return `${form.side === "buy" ? "Buy back" : "Sell"} ${qty} ${form.symbol}: ${drawers().words().join(" or ")}`;
  }

  // As the question says it: with all that is not usual.
  function question() {
    const asides = isProtecting() ? [] : model().asides(entry().form);
    return sentence() + (asides.length ? ` (${asides.join(", ")})` : "");
  }

  // The fault that the page sees by itself. A position's exits need none of the order's own terms.
  function ownFault() {
    const form = isProtecting() ? { ...entry().form, type: "market" } : entry().form;
    return model().fault(form, entry().instrument()) || drawers().fault();
  }

  function wish() {
    const { form } = entry();
    if (!isProtecting()) return model().wishOf(form, drawers().wish());
    return { ...drawers().wish(), post_only: false, ...(form.tag ? { tag: form.tag } : {}) };
  }

  // Why no order of this side is taken now, or null.
  function stop() {
    const { symbol, side } = entry().form;
    return ts.standing.deed(symbol, side);
  }

  function currentFault() {
    const own = ownFault();
    if (own) return own;
    const { refusal, answer, key } = entry().state;
    if (refusal) return refusal;
    if (stop()) return null;
    return answer && answer.key === key && answer.refusal ? { field: answer.field, text: answer.refusal } : null;
  }

  // The button and Enter: asks first, then sends; with one-click it sends.
  function press() {
    if (state.sending || !entry().instrument()) return;
    const [fault, stopped] = [ownFault(), stop()];
    if (stopped) {
      ts.page.toast("warn", `${stopped}.`);
    } else if (fault) {
      entry().state.refusal = fault;
      entry().state.isEdited = true;
      dirty();
      focusFault(fault);
    } else if (ts.ticket.oneClick()) {
      send();
    } else if (!state.asked && currentFault()) {
      entry().state.isEdited = true;
      entry().askSoon();
      dirty();
    } else if (!state.asked) {
      state.asked = asking();
      state.askedAt = now();
      at("submit").focus({ preventScroll: true });
      dirty();
    } else if (now() - state.askedAt > DOUBLE_CLICK_MS) {
      send();
    }
  }

  // What is asked stands until it is answered: the touch moves on, the question and what it sends do not.
  function asking() {
    return { exits: drawers().resolved(), question: question(), sentence: sentence(), wish: wish() };
  }

  const PLACES = { limit_price: "price", stop_price: "stop", trail_price: "trail", trail_percent: "trail", take_profit: "profit-value", stop_loss: "loss-value" };

  function focusFault({ field }) {
    const place = PLACES[field] || "qty";
    if (place.endsWith("-value") && drawers().open !== "exits") drawers().setOpen("exits");
    at(place).focus();
  }

  function leave() {
    if (!state.asked) return false;
    state.asked = null;
    dirty();
    return true;
  }

  // The person's own no: said, so that nobody takes it for sent.
  function decline() {
    if (!state.asked) return false;
    const { sentence: left } = state.asked;
    leave();
    tell(`Left, nothing was sent: ${left}.`, "");
    return true;
  }

  async function send() {
    const { wish: wanted, sentence: doing } = state.asked || asking();
    const timing = { click: now(), receipt: null, fill: null, painted: null, order_id: null };
    Object.assign(state, { sending: true, order: null });
    entry().state.refusal = null;
    ticketSend.timing = timing;
    tell(`${doing}…`, "busy");
    dirty();
    try {
      took(await ts.intents.send({ do: "submit", ...wanted, source: "ticket" }, { quiet: true }), timing);
    } catch (error) {
      tell(`The order was not sent: ${error.message || error}.`, "bad");
    }
    Object.assign(state, { sending: false, asked: null });
    entry().askSoon(false);
    dirty();
  }

  function took(receipt, timing) {
    timing.receipt = now();
    if (receipt.ok) {
      timing.order_id = state.order = receipt.order_id;
      drawers().open = null;
      drawers().reset();
      drawers().turnBack();
      followOrder();
      return;
    }
    entry().state.refusal = { field: receipt.field, text: String(receipt.message || "refused, without a reason").replace(/^Refused: /, "") };
    tell("Not sent: see the reason above.", "bad");
  }

  function tell(text, kind) {
    if (text !== state.told) Object.assign(state, { told: text, toldAt: now() });
    view().write("receipt", text);
    at("receipt").dataset.kind = kind;
    if (kind !== "good") view().write("timing", "");
  }

  // How long ago the line was said, once that is worth a word.
  function showAge() {
    const ms = state.told ? now() - state.toldAt : 0;
    view().write("told", ms < AGE_FROM_MS ? "" : `${ts.sourceChip.ageText(ms)} ago`);
  }

  // The order's own line: what the desk knows of it now, and how long it took from click to paint.
  function followOrder() {
    const { timing } = ticketSend;
    showAge();
    if (!state.order) return;
    const order = ts.live.state.desk.orders[state.order];
    const seen = fillSeen.get(state.order);
    if (seen && timing.fill === null) {
      timing.fill = seen;
      root.requestAnimationFrame(() => {
        timing.painted = now();
        showTiming(timing);
      });
    }
    if (order) tell(ts.whyStory.receipt(order, instrumentOf(order), ts.format), order.status === "rejected" ? "bad" : "good");
    else tell(`Order ${state.order.slice(0, 8)} is on its way.`, "good");
    showTiming(timing);
  }

  // Another order is thought of: what became of the last one is in the blotter.
  function forgetOrder() {
    if (state.sending) return;
    state.order = null;
    tell("", "");
    showAge();
  }

  const instrumentOf = (order) => ts.page.instruments[order.symbol];

  function showTiming(timing) {
    view().write("timing", model().timingText(timing));
  }

  function onDesk(_key, message) {
    const fills = (message && message.k === "d" && message.d.fills) || [];
    for (const fill of fills) if (!fillSeen.has(fill.order_id)) fillSeen.set(fill.order_id, now());
    while (fillSeen.size > KEPT_FILLS) fillSeen.delete(fillSeen.keys().next().value);
    dirty();
  }

  Object.assign(ticketSend, { isBusy, stop, sentence, question, ownFault, wish, currentFault, press, leave, decline, followOrder, forgetOrder, onDesk });
})(typeof window === "undefined" ? globalThis : window);
