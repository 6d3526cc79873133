// From the ticket's button to the fill: asks once, sends, shows the answer, and how long it took.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const DOUBLE_CLICK_MS = 350;
  const KEPT_FILLS = 100;

  const state = { order: null, asked: null, askedAt: 0, sending: false };
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

  function sentence() {
    return model().sentence(entry().form, entry().instrument(), ts.format);
  }

  function currentFault() {
    const own = model().fault(entry().form, entry().instrument());
    if (own) return own;
    const { refusal, answer, key } = entry().state;
    if (refusal) return refusal;
    return answer && answer.key === key && answer.refusal ? { field: answer.field, text: answer.refusal } : null;
  }

  // The button and Enter: asks first, then sends; with one-click it sends.
  function press() {
    if (state.sending || !entry().instrument()) return;
    const fault = model().fault(entry().form, entry().instrument());
    if (fault) {
      entry().state.refusal = fault;
      dirty();
      at(fault.field === "limit_price" ? "price" : "qty").focus();
    } else if (ts.ticket.oneClick()) {
      send();
    } else if (!state.asked) {
      state.asked = model().wishOf(entry().form);
      state.askedAt = now();
      at("submit").focus({ preventScroll: true });
      dirty();
    } else if (now() - state.askedAt > DOUBLE_CLICK_MS) {
      send();
    }
  }

  function leave() {
    if (!state.asked) return false;
    state.asked = null;
    dirty();
    return true;
  }

  async function send() {
    const wish = state.asked || model().wishOf(entry().form);
    const timing = { click: now(), receipt: null, fill: null, painted: null, order_id: null };
    const doing = sentence();
    Object.assign(state, { sending: true, order: null });
    entry().state.refusal = null;
    ticketSend.timing = timing;
    tell(`${doing}…`, "busy");
    dirty();
    try {
      took(await ts.intents.send({ do: "submit", ...wish, source: "ticket" }, { quiet: true }), timing);
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
      followOrder();
      return;
    }
    entry().state.refusal = { field: receipt.field, text: String(receipt.message || "refused, without a reason").replace(/^Refused: /, "") };
    tell("Not sent: see the reason above.", "bad");
  }

  function tell(text, kind) {
    view().write("receipt", text);
    at("receipt").dataset.kind = kind;
    if (kind !== "good") view().write("timing", "");
  }

  // The order's own line: what the desk knows of it now, and how long it took from click to paint.
  function followOrder() {
    const { timing } = ticketSend;
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

  function forgetOrder() {
    state.order = null;
    if (!state.sending) tell("", "");
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

  Object.assign(ticketSend, { isBusy, sentence, currentFault, press, leave, followOrder, forgetOrder, onDesk });
})(typeof window === "undefined" ? globalThis : window);
