// The ways out of a position: all of it, half of it, or to the other side.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const plain = (qty) => String(Number(qty.toFixed(9)));

  // What can be done with a position of `held` (signed): [[words, intent]…], closing it first. A coin is never sold short.
  function deeds(symbol, held, instrument) {
    const whole = ["Close at market", { do: "close", symbol }];
    return instrument ? [whole, ...parts(symbol, held, instrument)] : [whole];
  }

  function parts(symbol, held, { lot, cls }) {
    const size = Math.abs(held);
    const half = Math.floor(size / 2 / lot + 1e-9) * lot;
    const [side, kind] = held > 0 ? ["sell", "short"] : ["buy", "long"];
    const mayTurn = held < 0 || cls !== "crypto";
    return [
      ...(half > 0 && half < size ? [["Close 50 %", { do: "close", symbol, qty: plain(half) }]] : []),
      ...(mayTurn ? [[`Reverse to ${kind}`, { do: "submit", symbol, side, type: "market", tif: "day", qty: plain(2 * size) }]] : []),
    ];
  }

  ts.closing = { deeds };
  if (typeof module !== "undefined") module.exports = ts.closing;
})(typeof window === "undefined" ? globalThis : window);
