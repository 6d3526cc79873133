// One animation-frame loop for the whole page: what is dirty is painted, each painting inside its panel's boundary.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // A painting is named by its panel, or `panel:part` when a panel has several.
  const panelOf = (name) => name.split(":")[0];

  function makePainter({ request, guard, isFailed, now }) {
    const paints = new Map();
    const waiting = new Set();
    const hidden = new Set();
    const shownHandlers = [];
    const cost = { frames: 0, last: 0, worst: 0 };
    let asked = false;
    let asleep = false;

    const canPaint = (name) => paints.has(name) && !hidden.has(panelOf(name)) && !isFailed(panelOf(name));

    function ask() {
      if (asked || asleep) return;
      asked = true;
      request(frame);
    }

    function frame() {
      asked = false;
      const started = now();
      for (const name of [...waiting]) {
        if (!canPaint(name)) continue;
        waiting.delete(name);
        paints.get(name)();
      }
      cost.frames += 1;
      cost.last = now() - started;
      cost.worst = Math.max(cost.worst, cost.last);
    }

    return {
      cost,
      frame,
      add(name, paint) {
        paints.set(name, guard(panelOf(name), paint, true));
        this.dirty(name);
      },
      remove(name) {
        paints.delete(name);
        waiting.delete(name);
      },
      dirty(name) {
        waiting.add(name);
        if (canPaint(name)) ask();
      },
      dirtyPanel(panel) {
        for (const name of paints.keys()) if (panelOf(name) === panel) this.dirty(name);
      },
      dirtyAll() {
        for (const name of paints.keys()) this.dirty(name);
      },
      // A panel that cannot be seen is not painted; it is painted once when it is shown.
      hide(panel) {
        if (hidden.has(panel)) return;
        hidden.add(panel);
        for (const handler of shownHandlers) handler(panel, false);
      },
      show(panel) {
        if (!hidden.delete(panel)) return;
        for (const handler of shownHandlers) handler(panel, true);
        this.dirtyPanel(panel);
      },
      isShown: (panel) => !hidden.has(panel),
      onShown: (handler) => shownHandlers.push(handler),
      sleep() {
        asleep = true;
      },
      wake() {
        asleep = false;
        this.dirtyAll();
        if (waiting.size) ask();
      },
    };
  }

  function unguarded(_panel, paint) {
    return paint;
  }

  ts.painter = makePainter({
    request: (frame) => root.requestAnimationFrame(frame),
    guard: (panel, paint, isPainting) => {
      let guarded = null;
      return () => {
        guarded = guarded || (ts.boundary ? ts.boundary.guard(panel, paint, isPainting) : unguarded(panel, paint));
        return guarded();
      };
    },
    isFailed: (panel) => Boolean(ts.boundary && ts.boundary.isFailed(panel)),
    now: () => (root.performance ? root.performance.now() : 0),
  });

  if (typeof module !== "undefined") module.exports = { makePainter, panelOf };
  if (typeof document === "undefined") return;

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") ts.painter.wake();
    else ts.painter.sleep();
  });
})(typeof window === "undefined" ? globalThis : window);
