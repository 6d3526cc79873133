// Where the tags of own orders stand: at their price, and where prices are near in a stack beside it, each with a leader. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const HEIGHT = 20;
  const STEP = HEIGHT + 2;
  const LABEL = 18;
  const LEADER = 14;

  // Places for `wanted` middles, ascending, `size` apart and between `top` and `bottom`, each as near to its wish as the
  // others let it: what touches moves as one.
  function stacked(wanted, size, top, bottom) {
    const blocks = [];
    wanted.forEach((y, at) => {
      blocks.push({ sum: y - at * size, count: 1 });
      while (blocks.length > 1 && mean(blocks[blocks.length - 2]) > mean(blocks[blocks.length - 1])) {
        const { sum, count } = blocks.pop();
        const before = blocks[blocks.length - 1];
        before.sum += sum;
        before.count += count;
      }
    });
    const least = top + size / 2;
    const most = bottom - size / 2 - (wanted.length - 1) * size;
    const free = blocks.flatMap((block) => Array(block.count).fill(Math.max(least, Math.min(most, mean(block)))));
    return free.map((y, at) => y + at * size);
  }

  const mean = (block) => block.sum / block.count;

  // Gives every line {x, tagY}: `room` is {left, right, top, bottom} in px, `words` are boxes {x, y (middle), width, height} that
  // already stand in it. One column at the left; where that is full, a second one and so on; what has no room has its line alone.
  function place(lines, room, words = []) {
    const { top, bottom } = clear(room, words);
    const sorted = [...lines].sort((a, b) => a.y - b.y);
    const inColumn = Math.max(1, Math.floor((bottom - top) / STEP));
    const wide = Math.max(0, ...lines.map((line) => line.width)) + LEADER + 6;
    const most = Math.max(1, Math.floor((room.right - room.left) / wide));
    const count = Math.min(most, Math.ceil(sorted.length / inColumn));
    for (let column = 0; column < count; column += 1) {
      const own = sorted.filter((_line, at) => at % count === column);
      own.slice(inColumn).forEach(untagged);
      stand(own.slice(0, inColumn), room.left + column * wide, room.right, top, bottom);
    }
    return lines;
  }

  function untagged(line) {
    line.x = undefined;
    line.tagY = undefined;
  }

  function stand(lines, left, right, top, bottom) {
    const ys = stacked(lines.map((line) => line.y), STEP, top, bottom);
    lines.forEach((line, at) => {
      line.x = Math.max(0, Math.min(right - line.width, left));
      line.tagY = ys[at];
    });
  }

  // The part of the room between words at its top and words at its bottom.
  function clear(room, words) {
    const middle = (room.top + room.bottom) / 2;
    const near = words.filter((each) => each.x < room.left + 120);
    const roof = Math.max(room.top, ...near.filter((each) => each.y < middle).map((each) => each.y + each.height / 2 + 2));
    const floor = Math.min(room.bottom, ...near.filter((each) => each.y >= middle).map((each) => each.y - each.height / 2 - 2));
    return floor - roof >= STEP ? { top: roof, bottom: floor } : room;
  }

  // The way from a tag to its price, when it does not stand there: [[x, y]…].
  function leader(line) {
    if (line.tagY === undefined || Math.abs(line.tagY - line.y) < 1) return null;
    const from = line.x + line.width;
    return [[from, line.tagY], [from + 4, line.tagY], [from + LEADER, line.y]];
  }

  // Where the prices stand on the scale, so that none covers another or the last price's label (`kept`: {top, bottom}): each line
  // gets `labelY`, or none where there is no room left. Those above the middle of `kept` stay above it.
  function label(lines, kept, top, bottom) {
    const middle = kept ? (kept.top + kept.bottom) / 2 : -Infinity;
    const sides = kept ? [[top, kept.top], [kept.bottom, bottom]] : [[0, 0], [top, bottom]];
    const isAbove = (line) => line.y < middle;
    labelSide(lines.filter(isAbove).sort((a, b) => b.y - a.y), ...sides[0]);
    labelSide(lines.filter((line) => !isAbove(line)).sort((a, b) => a.y - b.y), ...sides[1]);
    return lines;
  }

  // `lines` from the nearest to the last price on: the farthest go without when there are too many.
  function labelSide(lines, top, bottom) {
    const shown = lines.slice(0, Math.max(0, Math.floor((bottom - top) / LABEL))).sort((a, b) => a.y - b.y);
    const ys = stacked(shown.map((line) => line.y), LABEL, top, bottom);
    for (const line of lines) line.labelY = undefined;
    shown.forEach((line, at) => (line.labelY = ys[at]));
  }

  const ns = { HEIGHT, stacked, place, leader, label };
  ts.chartTags = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
