// Cancelling one order, from any gesture: an exit takes its group along, and what protects a position is not lost unasked.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const OPEN = new Set(["held", "accepted", "pending_new", "new", "partially_filled"]);
  const isOpen = (order) => Boolean(order) && OPEN.has(order.status);
  const isExit = (order) => order.role === "take_profit" || order.role === "stop_loss";
  const NAMES = { take_profit: "take profit", stop_loss: "stop loss" };
  const nameOf = (order) => NAMES[order.role] || "entry";

  // The open orders that a cancel of this one takes along: the entry while it waits, and the other exits.
  function partners(order, orders) {
    if (!order || !isExit(order)) return [];
    const headId = order.parent || order.id;
    const head = orders[headId];
    const ids = new Set([headId, ...((head && head.legs) || []), ...Object.values(orders).filter(({ parent }) => parent === headId).map(({ id }) => id)]);
    return [...ids].filter((id) => id !== order.id).map((id) => orders[id]).filter(isOpen);
  }

  // "stop loss stop 415.00", for each of the orders; `terms` says where one stands.
  const listed = (orders, terms) => orders.map((each) => `${nameOf(each)} (${terms(each)})`).join(" and the ");

  // The question before an exit goes: {title, detail, both, alone}; null when nothing else hangs on it. `size` says how
  // much a quantity is.
  function question(order, others, terms, size) {
    if (!others.length) return null;
    const name = nameOf(order);
    const rest = listed(others, terms);
    const open = size(Number(order.qty) - Number(order.filled || 0));
    const isWaiting = others.some((each) => !isExit(each));
    return {
      title: `Cancel the ${name} (${terms(order)})?`,
      detail: `The ${rest} ${others.length > 1 ? "hang" : "hangs"} on it: cancelled together, ${isWaiting ? "nothing is left to buy or sell" : `${open} ${order.symbol} stay unprotected`}. Cancelled alone, the rest stays at work.`,
      both: isWaiting ? "The whole group" : "All exits",
      alone: `Only the ${name}`,
    };
  }

  // What came of it, of an order that others hung on.
  function told(message, others, terms, alone) {
    if (!others.length) return message;
    return alone ? `${message}. The ${listed(others, terms)} ${others.length > 1 ? "stay" : "stays"}.` : `${message}, and with it the ${listed(others, terms)}.`;
  }

  // Sends the cancel as the person wants it; null when the order is left, else its receipt with the `kind` of toast that
  // it is. With one-click on an exit goes alone.
  async function cancel(id, { quiet = false } = {}) {
    const { orders } = ts.live.state.desk;
    const order = orders[id];
    const others = partners(order, orders);
    const terms = (each) => ts.whyStory.termsText(each, ts.page.instruments[each.symbol], ts.format);
    const wish = others.length ? await wishOf(order, others, terms) : "both";
    if (!wish) return null;
    const alone = wish === "alone";
    const receipt = await ts.intents.send({ do: "cancel", order_id: id, ...(alone ? { alone } : {}) }, { quiet: true });
    const message = receipt.ok ? told(receipt.message, others, terms, alone) : receipt.message;
    const kind = !receipt.ok ? "bad" : others.length && !alone ? "warn" : "good";
    if (!quiet) ts.page.toast(kind, message);
    return { ...receipt, message, kind };
  }

  // "both", "alone", or null for neither.
  function wishOf(order, others, terms) {
    if (ts.ticket ? ts.ticket.oneClick() : ts.page.stored("one-click", false)) return "alone";
    const { qd } = ts.page.instruments[order.symbol];
    const { title, detail, both, alone } = question(order, others, terms, (qty) => ts.format.quantity(qty, qd));
    return ts.page.ask(title, { detail, choices: [["both", both], ["alone", alone]] });
  }

  ts.cancels = { partners, question, told, cancel };
  if (typeof module !== "undefined") module.exports = ts.cancels;
})(typeof window === "undefined" ? globalThis : window);
