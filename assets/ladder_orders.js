// What the ladder sends: how much, with one click or through the ticket, and what came of it.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // What a click means: {do: "send" | "prefill", text}. Pure, so that the hint and the deed cannot differ.
  function deed(side, qty, price, isOneClick, isStop = false) {
    const word = side === "buy" ? "buy" : "sell";
    const where = isStop ? `on a stop at ${price}` : `at ${price}`;
    if (!isOneClick) return { do: "prefill", text: `To the ticket: ${word} ${qty} ${where}` };
    return { do: "send", text: `${word === "buy" ? "Buy" : "Sell"} ${qty} ${where} now` };
  }

  if (typeof module !== "undefined") module.exports = { deed };
  if (typeof document === "undefined") return;

  const at = (ts.ladder = ts.ladder || {});
  let receiptTimer = 0;

  // Quantity and one-click are the ticket's when there is one.
  function oneClick() {
    return ts.ticket && ts.ticket.oneClick ? Boolean(ts.ticket.oneClick()) : Boolean(ts.page.stored("one-click", false));
  }

  function setOneClick(isOn) {
    if (ts.ticket && ts.ticket.setOneClick) ts.ticket.setOneClick(isOn);
    else ts.page.store("one-click", isOn);
    showOneClick();
  }

  function showOneClick() {
    const isOn = oneClick();
    if (at.dom.isOneClick === isOn) return;
    at.dom.isOneClick = isOn;
    const button = at.$("one-click");
    button.textContent = isOn ? "1-click ON" : "1-click off";
    button.setAttribute("aria-pressed", String(isOn));
    document.getElementById("ladder").classList.toggle("is-one-click", isOn);
  }

  function buildSizes() {
    const found = at.instrument();
    if (!found) return;
    const input = document.createElement("input");
    Object.assign(input, { type: "text", inputMode: "decimal", id: "ladder-qty", className: "ladder-qty", autocomplete: "off" });
    input.setAttribute("aria-label", "Quantity");
    input.addEventListener("input", () => takeSize(input.value));
    input.addEventListener("focus", () => input.select());
    const choices = ts.ladderRows.sizeChoices(found).map((size) => sizeButton(size));
    at.$("size").replaceChildren(input, ...choices);
    showSize();
  }

  function sizeButton(size) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "ladder-button", textContent: size < 1000 ? String(size) : `${size / 1000}k` });
    button.setAttribute("aria-label", `Quantity ${size}`);
    button.addEventListener("click", () => {
      takeSize(String(size));
      showSize();
    });
    return button;
  }

  function takeSize(text) {
    const { lot } = at.instrument();
    const isGood = ts.ladderRows.quantity(text, lot) !== null;
    at.$("qty").setAttribute("aria-invalid", String(!isGood));
    if (!isGood) return say(`Quantity must be a multiple of ${lot} above zero, was ${text || "nothing"}.`, "bad");
    ts.page.store(`ladder.qty.${at.view.symbol}`, text);
    if (ts.ticket && ts.ticket.setQuantity) ts.ticket.setQuantity(String(ts.ladderRows.quantity(text, lot)));
    say("");
    return at.showHint();
  }

  function sizeText() {
    const shared = ts.ticket && ts.ticket.quantity ? ts.ticket.quantity() : null;
    const first = ts.ladderRows.sizeChoices(at.instrument())[0];
    return String(shared || ts.page.stored(`ladder.qty.${at.view.symbol}`, null) || (first === 10 ? 100 : first));
  }

  function showSize() {
    const input = at.$("qty");
    if (!input || document.activeElement === input) return;
    const text = sizeText();
    if (input.value !== text) input.value = text;
    input.setAttribute("aria-invalid", "false");
  }

  function size() {
    return ts.ladderRows.quantity(at.$("qty").value, at.instrument().lot);
  }

  // Deeds.
  function say(text, kind) {
    const line = at.$("receipt");
    line.textContent = line.title = text;
    line.dataset.kind = kind || "";
    root.clearTimeout(receiptTimer);
    if (text && kind !== "bad") receiptTimer = root.setTimeout(() => say(""), 4000);
  }

  // `doing` says what was asked for, `done` what came of it; a refusal speaks for itself.
  async function send(intent, doing, done) {
    if (!ts.intents) return say("Orders cannot be sent yet: the page is still starting.", "bad");
    say(`${doing}…`);
    const receipt = await ts.intents.send(intent, { quiet: true });
    return say(receipt.ok ? done || receipt.message : receipt.message, receipt.ok ? "good" : "bad");
  }

  function limitText(price) {
    const { tick, pd } = at.instrument();
    return ts.book.decimal(price, tick, pd);
  }

  // Why no order of this side is taken now, or null.
  // In one sentence: the line has no room for what to do about it, which ticket and strip say.
  const stop = (side) => (ts.standing.deed(at.view.symbol, side) || "").split(". ")[0] || null;

  // A limit order at `price`, or a stop order that waits for a trade there.
  function trade(side, price, isStop = false) {
    const qty = size();
    if (price === null) return undefined;
    if (stop(side)) return say(`${stop(side)}.`, "bad");
    if (qty === null) return say(`Quantity must be a multiple of ${at.instrument().lot} above zero, was ${at.$("qty").value || "nothing"}.`, "bad");
    const meant = deed(side, ts.format.quantity(qty, at.instrument().qd), at.priceText(price), oneClick(), isStop);
    if (meant.do === "prefill") return prefill({ symbol: at.view.symbol, side, [isStop ? "stop" : "price"]: limitText(price), ticks: price, qty: String(qty) });
    const order = { do: "submit", symbol: at.view.symbol, side, type: isStop ? "stop" : "limit", tif: "day", qty: String(qty) };
    return send({ ...order, [isStop ? "stop" : "limit"]: limitText(price), post_only: false, source: "ladder" }, "Sending", `Sent: ${meant.text.replace(" now", "").toLowerCase()}`);
  }

  function prefill(wish) {
    if (ts.page.prefill) ts.page.prefill(wish);
    else document.dispatchEvent(new CustomEvent("tradesim:prefill", { detail: wish, bubbles: true }));
    const where = wish.isMarket ? "at market" : `${wish.stop ? "on a stop at" : "at"} ${at.priceText(wish.ticks)}`;
    const word = wish.side ? `${wish.side === "buy" ? "Buy" : "Sell"} ${wish.qty} ${where}` : at.priceText(wish.ticks);
    say(`${word} is in the ticket.`);
  }

  function atMarket(side) {
    const qty = size();
    if (qty === null) return say(`Quantity must be a multiple of ${at.instrument().lot} above zero, was ${at.$("qty").value || "nothing"}.`, "bad");
    if (!oneClick()) return prefill({ symbol: at.view.symbol, side, isMarket: true, qty: String(qty) });
    const order = { do: "submit", symbol: at.view.symbol, side, type: "market", tif: "day", qty: String(qty), source: "ladder" };
    return send(order, "Sending", `Sent: ${side} ${ts.format.quantity(qty, at.instrument().qd)} at market`);
  }

  async function cancel(orders) {
    for (const order of orders) {
      say(`Cancelling ${order.side} ${at.qtyText(order.qty)} at ${at.priceText(order.price)}…`);
      const receipt = await ts.cancels.cancel(order.id, { quiet: true });
      say(receipt ? receipt.message : "", receipt && !receipt.ok ? "bad" : "good");
    }
  }

  function move(orders, price) {
    for (const order of orders) {
      const text = `${order.side} ${at.qtyText(order.qty)} from ${at.priceText(order.price)} to ${at.priceText(price)}`;
      if (order.kind === "trail") say("A trailing stop follows the market: drag it on the chart, or change its trail in the orders.", "bad");
      else send({ do: "replace", order_id: order.id, [order.kind || "limit"]: limitText(price) }, `Moving ${text}`, `Moved ${text}`);
    }
  }

  async function cancelAll() {
    const { symbol } = at.view;
    const isMeant = oneClick() || (await ts.page.confirm(`Cancel all open orders in ${symbol}?`, { detail: "Stops and exits too. Positions stay as they are.", yes: "Cancel all", no: "Leave them" }));
    return isMeant ? send({ do: "cancel_all", symbol }, `Cancelling all in ${symbol}`, `Cancelled all in ${symbol}`) : undefined;
  }

  function flatten() {
    if (!oneClick()) return ts.header.stopAll();
    return send({ do: "flatten" }, "Closing every position", "Sent: cancel everything, close every position");
  }

  const actions = { buy: () => atMarket("buy"), sell: () => atMarket("sell"), "cancel-all": cancelAll, flatten };

  // What a market order would do now, or why it is not taken.
  function showActions() {
    const qty = size();
    const amount = qty === null ? "" : ` ${ts.format.quantity(qty, at.instrument().qd)}`;
    for (const side of ["buy", "sell"]) {
      const button = at.$("actions").querySelector(`[data-act="${side}"]`);
      const stopped = stop(side);
      const title = stopped || `${oneClick() ? "" : "To the ticket: "}${side === "buy" ? "Buy" : "Sell"}${amount} at market${oneClick() ? " now" : ""}`;
      if (button.title === title) continue;
      button.title = title;
      button.disabled = Boolean(stopped);
    }
  }

  Object.assign(at, { deed, stop, showActions, oneClick, setOneClick, showOneClick, buildSizes, showSize, size, limitText, trade, prefill, cancel, move, actions });
})(typeof window === "undefined" ? globalThis : window);
