// Drawings in pixels: what is seen of them, where their handles are, what a pointer hits. Pure.
// A shape is {drawing, segments: [[x1, y1, x2, y2]…], box, levels, label, handles: [[x, y]…]}; segments are cut at the plot's edge.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const HANDLE = 7;
  const NOTE_HEIGHT = 22;
  const FAR = 1e6;

  const edges = (frame) => ({ left: frame.left, top: frame.top, right: frame.left + frame.width, bottom: frame.top + frame.height });

  // The part of a segment inside the frame (Liang and Barsky); null when there is none.
  function clipped([x1, y1, x2, y2], frame) {
    const { left, top, right, bottom } = edges(frame);
    const [dx, dy] = [x2 - x1, y2 - y1];
    let [from, to] = [0, 1];
    for (const [step, room] of [[-dx, x1 - left], [dx, right - x1], [-dy, y1 - top], [dy, bottom - y1]]) {
      if (step === 0 && room < 0) return null;
      if (step < 0) from = Math.max(from, room / step);
      if (step > 0) to = Math.min(to, room / step);
    }
    return from > to ? null : [x1 + from * dx, y1 + from * dy, x1 + to * dx, y1 + to * dy];
  }

  function distance([x1, y1, x2, y2], x, y) {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const length = dx * dx + dy * dy;
    const share = length ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
    return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
  }

  // `at(point)` is [x, y] of an anchor, `widthOf(text)` in px; null when nothing of the drawing is in sight.
  function shapeOf(drawing, frame, at, widthOf) {
    const points = drawing.points.map(at);
    const made = { drawing, box: null, levels: null, label: null, handles: points, ...BUILD[drawing.kind](drawing, points, frame, widthOf) };
    made.segments = made.segments.map((each) => clipped(each, frame)).filter(Boolean);
    return made.segments.length || isInSight(made.box, frame) ? made : null;
  }

  const BUILD = {
    line(_drawing, [[x, y]], frame) {
      const { left, right } = edges(frame);
      return { segments: [[left, y, right, y]], handles: [[Math.max(left + 12, Math.min(right - 40, x)), y]] };
    },
    trend(drawing, [[x1, y1], [x2, y2]]) {
      if (!drawing.isRay || (x1 === x2 && y1 === y2)) return { segments: [[x1, y1, x2, y2]] };
      const reach = 1 + FAR / Math.max(1e-9, Math.hypot(x2 - x1, y2 - y1));
      return { segments: [[x1, y1, x1 + (x2 - x1) * reach, y1 + (y2 - y1) * reach]] };
    },
    box(_drawing, [a, b]) {
      const box = boxOf(a, b);
      const { left, top, right, bottom } = box;
      const segments = [[left, top, right, top], [right, top, right, bottom], [right, bottom, left, bottom], [left, bottom, left, top]];
      return { segments, box, handles: [a, b, [a[0], b[1]], [b[0], a[1]]] };
    },
    // The ratios count from the second anchor, where the move ended.
    fib(_drawing, [a, b]) {
      const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
      const levels = ts.chartDrawings.RATIOS.map((ratio) => ({ ratio, y: b[1] + (a[1] - b[1]) * ratio, left, right }));
      return { segments: [[...a, ...b], ...levels.map(({ y }) => [left, y, right, y])], levels };
    },
    note(drawing, [[x, y]], _frame, widthOf) {
      const box = { left: x, top: y - NOTE_HEIGHT / 2, right: x + Math.ceil(widthOf(drawing.text)) + 16, bottom: y + NOTE_HEIGHT / 2 };
      return { segments: [], box, label: drawing.text, handles: [[x, y]] };
    },
  };

  const boxOf = (a, b) => ({ left: Math.min(a[0], b[0]), top: Math.min(a[1], b[1]), right: Math.max(a[0], b[0]), bottom: Math.max(a[1], b[1]) });

  function isInSight(box, frame) {
    const { left, top, right, bottom } = edges(frame);
    return Boolean(box) && box.right >= left && box.left <= right && box.bottom >= top && box.top <= bottom;
  }

  // What a pointer is on: {shape, handle} (a handle of the chosen one first, -1 for its body); the newest of those that are near.
  function hit(shapes, x, y, slop, chosen) {
    const held = shapes.find((shape) => shape.drawing.id === chosen);
    const handle = held ? held.handles.findIndex(([hx, hy]) => Math.hypot(hx - x, hy - y) <= HANDLE + slop / 2) : -1;
    if (handle >= 0) return { shape: held, handle };
    for (const shape of [...shapes].reverse()) if (isOn(shape, x, y, slop)) return { shape, handle: -1 };
    return null;
  }

  function isOn({ drawing, segments, box }, x, y, slop) {
    if (drawing.kind === "note") return x >= box.left && x <= box.right && y >= box.top - slop / 2 && y <= box.bottom + slop / 2;
    return segments.some((each) => distance(each, x, y) <= slop);
  }

  const ns = { clipped, distance, shapeOf, hit };
  ts.chartShapes = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
