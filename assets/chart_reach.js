// What the price scale takes in beyond the bars: a bracket that is being set up, a line in the hand with those that hang on it,
// and what became of them, until the scale is fitted. Prices in ticks.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const groupOf = (line) => line.group || line.id;
  const isBeyond = (frame, ticks) => Boolean(frame) && (ticks < frame.low || ticks > frame.high);

  function reach() {
    const kept = new Set();
    let known = new Set();
    let draft = [];
    let held = null;

    return {
      // A bracket's lines, or none. Says whether the scale must be looked at again.
      setUp(lines, frame) {
        const isOther = Boolean(lines.length) !== Boolean(draft.length);
        draft = lines.map((line) => line.ticks);
        return isOther || draft.some((ticks) => isBeyond(frame, ticks));
      },
      // What is listed now: a group that came while one was set up is kept in sight; what has left is forgotten.
      follow(lines) {
        const before = kept.size;
        const groups = new Set(lines.map(groupOf));
        if (draft.length) for (const { group } of lines) if (group && !known.has(group)) kept.add(group);
        for (const group of kept) if (!groups.has(group)) kept.delete(group);
        known = groups;
        return kept.size !== before;
      },
      // A line in the hand: the scale does not shrink until it is let go.
      carry(drag, frame) {
        if (!drag.moved) return false;
        const isFirst = !held;
        held = { group: groupOf(drag), low: Math.min(drag.to, held ? held.low : drag.to), high: Math.max(drag.to, held ? held.high : drag.to) };
        return isFirst || isBeyond(frame, drag.to);
      },
      keep: (drag) => kept.add(groupOf(drag)),
      letGo() {
        const wasHeld = held !== null;
        held = null;
        return wasHeld;
      },
      forget() {
        kept.clear();
        held = null;
      },
      isHolding: () => kept.size > 0,
      taken(lines) {
        if (!draft.length && !held && !kept.size) return [];
        const wanted = lines.filter((line) => kept.has(groupOf(line)) || (held && held.group === groupOf(line)));
        return [...draft, ...wanted.map((line) => line.ticks), ...(held ? [held.low, held.high] : [])];
      },
    };
  }

  ts.chartReach = { reach };
  if (typeof module !== "undefined") module.exports = ts.chartReach;
})(typeof window === "undefined" ? globalThis : window);
