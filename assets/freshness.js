// How old what is on the page is, told the same everywhere, and from what age on it is quiet or too old.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const SOONEST_MS = 2_500;
  const UNKNOWN_MS = 10_000;
  const LATEST_MS = 30_000;
  const GAPS = 20;
  const LONGEST_GAP_MS = 2_000;
  const WEIGHT = 0.05;

  // Where the market's own time says less: of late words, and of a book that is void, which is no news.
  const toldAt = (feed) => feed && (feed.qo || (feed.k === "resync" && feed.qa));

  // Milliseconds of the reader's time since the newest data; market time runs `speed` times as fast. What comes delayed
  // is as old as the moment it is about. `silence` is for how long the line has said nothing, 0 while it lives.
  function dataAge(marketNow, markets, speed, feeds = {}, silence = 0) {
    let newest = 0;
    for (const symbol in markets) newest = Math.max(newest, toldAt(feeds[symbol]) || markets[symbol].ts);
    return newest ? Math.max(0, (marketNow - newest) / (speed || 1)) + silence : null;
  }

  // The usual gap between two words of the market, a gap later: `usual` is null before the first. What lasted long counts
  // as LONGEST_GAP_MS, so that a pause is soon forgotten.
  function usualGap(usual, gap) {
    const counted = Math.min(gap, LONGEST_GAP_MS);
    return usual === null ? counted : usual + WEIGHT * (counted - usual);
  }

  // From what age on a market that speaks every `usual` ms is quiet.
  function quietFrom(usual) {
    return usual === null ? UNKNOWN_MS : Math.max(SOONEST_MS, Math.min(LATEST_MS, GAPS * usual));
  }

  // Whether all is too old by the desk's own limits, should the desk not say so any more; what is closed never is.
  function isOverdue(marketNow, feeds, age) {
    const all = Object.values(feeds);
    if (!all.length) return age > LATEST_MS;
    return all.every(({ qa, max }) => typeof max === "number" && marketNow - qa > max * 1000);
  }

  const ns = { dataAge, usualGap, quietFrom, isOverdue };
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

  const marketNow = () => ts.live.marketNow() || ts.live.state.status.now || 0;

  // Of everything that the page shows; null before there is any.
  ns.age = () => {
    const { status, market, feeds } = ts.live.state;
    return dataAge(marketNow(), market, status.speed, feeds, ts.live.silence());
  };
  ns.isTooOld = () => isOverdue(marketNow(), ts.live.state.feeds, ns.age());
  ns.quietFrom = () => quietFrom(heard.usual);
  ns.text = () => ts.format.age(ns.age());

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(() => ts.live.on("market", onMarket)));
})(typeof window === "undefined" ? globalThis : window);
