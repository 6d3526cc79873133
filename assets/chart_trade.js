// What the chart sends: moving and cancelling orders, closing the position, a price handed to the ticket.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // Sends an intent; true when the desk took it. What the desk says to it is told by ts.intents.
  async function send(intent) {
    try {
      const receipt = await ts.intents.send({ ...intent, source: "chart" });
      return Boolean(receipt && receipt.ok);
    } catch (error) {
      ts.page.toast("bad", `The order was not sent: ${error.message || error}.`);
      return false;
    }
  }

  function prefill(detail) {
    if (ts.page.prefill) ts.page.prefill(detail);
    else document.dispatchEvent(new CustomEvent("tradesim:prefill", { detail }));
  }

  // What can begin at a price, given the last one: limits of both sides, the stop that waits there, and a bracket whose
  // entry rests there. [[words, wish of the ticket]…]
  function offers(ticks, last, price, shown) {
    const isAbove = ticks > last;
    const [stopSide, entrySide] = isAbove ? ["buy", "sell"] : ["sell", "buy"];
    const verb = (side) => (side === "buy" ? "Buy" : "Sell");
    return [
      [`Buy limit at ${shown}`, { side: "buy", price }],
      [`Sell limit at ${shown}`, { side: "sell", price }],
      [`${verb(stopSide)} stop at ${shown}`, { side: stopSide, stop: price }],
      [`Bracket from ${shown}: ${verb(entrySide).toLowerCase()}, with both exits`, { side: entrySide, price, isBracket: true }],
    ];
  }

  function priceItems(menu, symbol, ticks, instrument, shown, last) {
    return offers(ticks, last, ts.chartOrders.decimal(ticks, instrument), shown).map(([words, wish]) =>
      ts.chartMenu.item(words, () => {
        menu.close();
        prefill({ symbol, ...wish });
      }),
    );
  }

  // Asks once, unless one-click is on: that closes.
  function closePosition(menu, place, symbol, text) {
    const position = ts.live.state.desk.positions.find((each) => each.symbol === symbol);
    const held = position ? Number(position.qty) : 0;
    if (!held || ts.page.stored("one-click", false)) return send({ do: "close", symbol });
    const offered = ts.closing.deeds(symbol, held, ts.page.instruments[symbol]).map(([words, intent], at) => {
      const button = ts.chartMenu.make("button", { type: "button", className: at ? "quiet-button" : "chart-danger" }, words);
      button.addEventListener("click", () => {
        menu.close();
        send(intent);
      });
      return button;
    });
    const keep = ts.chartMenu.make("button", { type: "button", className: "quiet-button" }, "Keep");
    keep.addEventListener("click", () => menu.close());
    const question = ts.chartMenu.make("p", {}, `Close ${text.split("  ")[0].toLowerCase()} ${symbol}?`);
    return menu.open(place, question, ts.chartMenu.make("div", { className: "chart-pop-actions" }, ...offered, keep));
  }

  const ns = { send, prefill, offers, priceItems, closePosition };
  ts.chartTrade = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
