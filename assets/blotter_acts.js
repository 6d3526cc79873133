// What the blotter does to orders and positions: cancel, change, close (all or one lot), flatten. What destroys asks once, unless one-click is on.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const leaving = new Set();

  function isOneClick() {
    return ts.ticket ? ts.ticket.oneClick() : Boolean(ts.page.stored("one-click", false));
  }

  async function agreed(question, detail, yes) {
    return isOneClick() || ts.page.confirm(question, { detail, yes, no: "Leave it" });
  }

  function qtyText(row) {
    const found = ts.page.instruments[row.symbol];
    return ts.format.quantity(row.qty, found ? found.qd : 0);
  }

  async function cancel(row) {
    if (!row.open || leaving.has(row.id)) return;
    leaving.add(row.id);
    ts.blotter.refresh();
    const receipt = await ts.cancels.cancel(row.id, { quiet: true });
    if (!receipt || !receipt.ok) {
      leaving.delete(row.id);
      ts.blotter.refresh();
    }
    if (receipt && receipt.kind !== "good") ts.page.toast(receipt.kind, receipt.message);
  }

  async function cancelAll(orders) {
    if (!orders.length) return ts.page.toast("info", "There is no open order to cancel.");
    if (!(await agreed(`Cancel ${ts.format.counted(orders.length, "open order")}?`, "Positions stay as they are.", "Cancel all"))) return undefined;
    return ts.intents.send({ do: "cancel_all" });
  }

  // Enter closes all of it; the other ways out stand beside that.
  async function close(row) {
    const [whole, ...others] = ts.closing.deeds(row.symbol, row.side === "Long" ? row.qty : -row.qty, ts.page.instruments[row.symbol]);
    const choices = [...others.map(([words], at) => [String(at), words]), ["all", "Close"]];
    const detail = `A market order ${row.side === "Long" ? "sells it" : "buys it back"}, at what the book has now.`;
    const chosen = isOneClick() ? "all" : await ts.questions.ask(`Close ${qtyText(row)} ${row.symbol} at market?`, { detail, choices });
    if (chosen === null) return undefined;
    const [, intent] = chosen === "all" ? whole : others[Number(chosen)];
    return ts.intents.send({ ...intent, source: "blotter" });
  }

  async function closeLot(row) {
    const bought = row.side === "Long" ? "bought" : "sold short";
    const detail = `It closes this lot, ${bought} at ${ts.whyStory.price(row.price, ts.page.instruments[row.symbol], ts.format)} on ${ts.format.date(row.opened)}, and no other.`;
    if (!(await agreed(`${row.act} ${qtyText(row)} ${row.symbol} at market?`, detail, `${row.act} this lot`))) return undefined;
    return ts.intents.send(ts.blotterLots.closing(row));
  }

  async function flatten(orders, positions) {
    if (!orders.length && !positions.length) return ts.page.toast("info", "There is no open order and no position.");
    const detail = `${ts.format.counted(orders.length, "open order")} will be cancelled and ${ts.format.counted(positions.length, "position")} closed at market.`;
    if (!(await agreed("Flatten everything?", detail, "Flatten"))) return undefined;
    return ts.intents.send({ do: "flatten", source: "blotter" });
  }

  const FIELDS = { qty: "Quantity", limit: "Limit price", stop: "Trigger", trail: "Trail" };

  // What was typed, `{field: text}`: the grid shows the old values until the desk has the new ones.
  function change(row, texts) {
    for (const [field, text] of Object.entries(texts)) {
      const value = ts.ticketModel.number(text);
      if (value === null || value <= 0) return ts.page.toast("bad", `${FIELDS[field]} must be a number above 0, was ${text || "empty"}.`);
    }
    const plain = Object.entries(texts).map(([field, text]) => [field, ts.ticketModel.plain(text)]);
    return ts.intents.send({ do: "replace", order_id: row.id, ...Object.fromEntries(plain) });
  }

  function act(row) {
    if (row.isLot) return closeLot(row);
    return row.act === "Close" ? close(row) : cancel(row);
  }

  // Orders that are gone need no mark any more.
  function forget(orders) {
    for (const id of leaving) if (!orders[id] || !ts.whyStory.isOpen(orders[id])) leaving.delete(id);
  }

  ts.blotterActs = { leaving, forget, cancel, cancelAll, close, closeLot, flatten, change, act };
  if (typeof module !== "undefined") module.exports = ts.blotterActs;
})(typeof window === "undefined" ? globalThis : window);
