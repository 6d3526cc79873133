// Panes below the bars: how high each is, what its scale shows, how its values are written. Pure.
// A pane is the chart's frame with a top, height, low and high of its own, and the study that it shows.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const USUAL = 0.18;
  const LEAST_PX = 48;
  const MAIN_LEAST_PX = 140;
  const NARROW_PX = 600;
  const NARROW_PART = 0.85;
  const AIR = 0.08;
  const LABEL_PX = 34;
  const LEGEND_PX = 22;

  function soundShare(value) {
    const share = Number(value);
    return share >= 0.02 && share <= 0.9 ? Math.round(share * 1e4) / 1e4 : USUAL;
  }

  const partOf = (room) => (room.width < NARROW_PX ? NARROW_PART : 1);

  // How many panes a plot of {width, height} px has room for.
  function roomFor(room) {
    const most = room.width < NARROW_PX ? 1 : ts.chartIndicators.MOST.studies;
    return Math.max(0, Math.min(most, Math.floor((room.height - MAIN_LEAST_PX) / LEAST_PX)));
  }

  // Heights in px of the studies that have room, the first ones first.
  function heights(studies, room) {
    const seated = studies.slice(0, roomFor(room));
    const wanted = seated.map((each) => Math.max(LEAST_PX, Math.round(each.share * partOf(room) * room.height)));
    const over = wanted.reduce((sum, each) => sum + each - LEAST_PX, 0);
    const free = room.height - MAIN_LEAST_PX - seated.length * LEAST_PX;
    return over <= free ? wanted : wanted.map((each) => LEAST_PX + Math.floor(((each - LEAST_PX) * free) / over));
  }

  // The shares after the divider above pane `index` was moved down by `dy` px: what it gives, the one above it takes.
  function resized(studies, room, index, dy) {
    const now = heights(studies, room);
    const isFirst = index === 0;
    const above = isFirst ? room.height - now.reduce((sum, each) => sum + each, 0) : now[index - 1];
    const most = above - (isFirst ? MAIN_LEAST_PX : LEAST_PX);
    const grown = Math.max(LEAST_PX - now[index], Math.min(most, -dy));
    now[index] += grown;
    if (!isFirst) now[index - 1] -= grown;
    return studies.map((each, at) => (at < now.length ? now[at] / room.height / partOf(room) : each.share));
  }

  // The panes of `frame` from its plot's end down to its floor, with the scales that bars i0 to i1 ask for.
  function placed(frame, studies, sizes, i0, i1) {
    let top = Math.round(frame.top + frame.height);
    return sizes.map((height, at) => {
      const pane = { ...frame, ...scaleOf(studies[at], height, i0, i1), study: studies[at], top: top + 1, height: height - 1, panes: [] };
      top += height;
      return pane;
    });
  }

  // What has no bounds of its own stays below the legend.
  function scaleOf(study, paneHeight, i0, i1) {
    const found = study.scale || ts.chartStudies.extent(study, i0, i1);
    if (!found) return { low: 0, high: 1, isEmpty: true };
    const low = Math.min(found.low, ...study.guides);
    const high = Math.max(found.high, ...study.guides);
    const air = Math.max(1e-6, (high - low) * AIR, (Math.abs(high) + Math.abs(low)) * 1e-6);
    const headroom = study.scale ? 0 : ((high - low) * LEGEND_PX) / (paneHeight - LEGEND_PX);
    return { low: low - air, high: high + air + headroom, isEmpty: false };
  }

  // Does the newest value stand off its pane, or come where there was none?
  function isOutgrown(panes, index) {
    return panes.some(({ study, low, high, isEmpty }) =>
      study.lines.some(({ of }) => {
        const value = study[of][index];
        return isEmpty ? Number.isFinite(value) : value < low || value > high;
      }),
    );
  }

  const paneAt = (frame, y) => (y <= frame.top + frame.height ? null : frame.panes.find((pane) => y <= pane.top + pane.height) || null);

  // Levels that are labelled, each {value, text}.
  function labels({ study, low, high, height, isEmpty }, instrument) {
    if (isEmpty) return [];
    if (study.scale) return study.guides.map((value) => ({ value, text: String(value) }));
    const marks = ts.chartFrame.pricesBetween(low * instrument.tick, high * instrument.tick, Math.max(2, Math.round(height / LABEL_PX)));
    const step = marks.length > 1 ? marks[1] - marks[0] : high - low;
    const decimals = Math.max(0, Math.min(8, Math.ceil(-Math.log10(step) - 1e-9)));
    return marks.map((each) => ({ value: each / instrument.tick, text: ts.format.number(each, decimals) }));
  }

  // A value as the legend and the crosshair write it: what is made of prices has one decimal more than they.
  function text(study, value, instrument) {
    return study.isPrice ? ts.format.number(value * instrument.tick, instrument.pd + 1) : ts.format.number(value, 2);
  }

  const ns = { USUAL, soundShare, roomFor, heights, resized, placed, isOutgrown, paneAt, labels, text };
  ts.chartPanes = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
