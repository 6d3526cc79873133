// How old what is on the page is, told the same everywhere, and how old is too old for this market.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const SOONEST_MS = 2_500;
  const UNKNOWN_MS = 10_000;
  const LATEST_MS = 30_000;
  const GAPS = 20;
  const LONGEST_GAP_MS = 2_000;
  const WEIGHT = 0.05;

  // Milliseconds of the reader's time since the newest data; market time runs `speed` times as fast. What comes delayed
  // is as old as the moment it is about. `silence` is for how long the line has said nothing, 0 while it lives.
  function dataAge(marketNow, markets, speed, feeds = {}, silence = 0) {
    let newest = 0;
    for (const symbol in markets) newest = Math.max(newest, (feeds[symbol] && feeds[symbol].qo) || markets[symbol].ts);
    return newest ? Math.max(0, (marketNow - newest) / (speed || 1)) + silence : null;
  }

  // The usual gap between two words of the market, a gap later: `usual` is null before the first. What lasted long counts
  // as LONGEST_GAP_MS, so that a pause is soon forgotten.
  function usualGap(usual, gap) {
    const counted = Math.min(gap, LONGEST_GAP_MS);
    return usual === null ? counted : usual + WEIGHT * (counted - usual);
  }

  // From what age on a market that speaks every `usual` ms is stale.
  function tooOld(usual) {
    return usual === null ? UNKNOWN_MS : Math.max(SOONEST_MS, Math.min(LATEST_MS, GAPS * usual));
  }

  const ns = { dataAge, usualGap, tooOld };
  ts.freshness = ns;
  if (typeof module !== "undefined") module.exports = ns;
  if (typeof document === "undefined") return;

  const heard = { at: 0, usual: null, session: null };

  function onMarket() {
    const { session } = ts.live.state.status;
    const now = root.performance.now();
    const isSame = heard.session === session && !document.hidden;
    heard.usual = isSame && heard.at ? usualGap(heard.usual, now - heard.at) : null;
    Object.assign(heard, { at: now, session });
  }

  // Of everything that the page shows; null before there is any.
  ns.age = () => {
    const { status, market, feeds } = ts.live.state;
    return dataAge(ts.live.marketNow() || status.now || 0, market, status.speed, feeds, ts.live.silence());
  };
  ns.limit = () => tooOld(heard.usual);
  ns.text = () => ts.format.age(ns.age());

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(() => ts.live.on("market", onMarket)));
})(typeof window === "undefined" ? globalThis : window);
