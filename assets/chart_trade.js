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

  function prefill(symbol, side, price) {
    const detail = { symbol, side, price };
    if (ts.page.prefill) ts.page.prefill(detail);
    else document.dispatchEvent(new CustomEvent("tradesim:prefill", { detail }));
  }

  function priceItems(menu, symbol, ticks, instrument, shown) {
    const price = ts.chartOrders.decimal(ticks, instrument);
    return ["buy", "sell"].map((side) =>
      ts.chartMenu.item(`${side === "buy" ? "Buy" : "Sell"} limit at ${shown}`, () => {
        menu.close();
        prefill(symbol, side, price);
      }),
    );
  }

  // Asks once, unless one-click is on.
  function closePosition(menu, place, symbol, text) {
    const close = () => send({ do: "close", symbol });
    if (ts.page.stored("one-click", false)) return close();
    const yes = ts.chartMenu.make("button", { type: "button", className: "chart-danger" }, "Close at market");
    const no = ts.chartMenu.make("button", { type: "button", className: "quiet-button" }, "Keep");
    yes.addEventListener("click", () => {
      menu.close();
      close();
    });
    no.addEventListener("click", () => menu.close());
    const question = ts.chartMenu.make("p", {}, `Close ${text.split("  ")[0].toLowerCase()} ${symbol}?`);
    return menu.open(place, question, ts.chartMenu.make("div", { className: "chart-pop-actions" }, yes, no));
  }

  const ns = { send, prefill, priceItems, closePosition };
  ts.chartTrade = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
