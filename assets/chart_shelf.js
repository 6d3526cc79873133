// Where the drawings of a symbol are kept: in the browser's store, with every step undone and done again.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const STEPS = 100;

  // A step is what became of some drawings: [{id, at (its place), before, after}…], null where there was or is none.
  // One that another window has removed is not changed any more.
  function put(drawings, { id, at, before, after }, drawing) {
    if (drawings.some((each) => each.id === id)) return drawings.flatMap((each) => (each.id === id ? drawing || [] : each));
    return drawing && !(before && after) ? [...drawings.slice(0, at), drawing, ...drawings.slice(at)] : drawings;
  }

  // `page` gives stored(key, otherwise) and store(key, value); `say(kind, sentence)` tells a person; `changed()` hears of every change.
  // Other windows draw on the same symbol: every change is made to what the store has by then, and what this version cannot read stays there.
  function shelf(page, say, changed) {
    const state = { symbol: null, drawings: [], unread: [], past: [], future: [], isKept: true };
    const keyOf = (symbol) => `drawings:${symbol}`;
    const read = () => Object.assign(state, ts.chartDrawings.read(state.symbol ? page.stored(keyOf(state.symbol), null) : null));
    const freshen = () => state.isKept && read();

    function open(symbol) {
      Object.assign(state, { symbol, past: [], future: [] });
      const lost = read().unread.length;
      if (lost) say("warn", `${ts.format.counted(lost, "drawing")} of ${symbol} could not be read and ${lost === 1 ? "is" : "are"} left out.`);
      changed();
    }

    function keep(step, side) {
      state.drawings = step.reduce((drawings, each) => put(drawings, each, each[side]), state.drawings);
      const all = [...state.drawings, ...state.unread];
      const isKept = page.store(keyOf(state.symbol), all.length ? all : null);
      if (!isKept && state.isKept) say("warn", "This browser keeps nothing: drawings last until the page is left.");
      state.isKept = isKept;
      changed();
    }

    // What was drawn before is a step back; what was undone is gone.
    function change(step) {
      state.past = [...state.past.slice(1 - STEPS), step];
      state.future = [];
      keep(step, "after");
    }

    function move(from, to, side) {
      const step = state[from].at(-1);
      if (!step) return false;
      state[from] = state[from].slice(0, -1);
      state[to] = [...state[to], step];
      freshen();
      keep(step, side);
      return true;
    }

    const placeOf = (id) => state.drawings.findIndex((each) => each.id === id);
    const removal = (drawing, at) => ({ id: drawing.id, at, before: drawing, after: null });

    return {
      state,
      open,
      byId: (id) => state.drawings.find((each) => each.id === id) || null,
      add(drawing) {
        const { MOST } = ts.chartDrawings;
        freshen();
        const at = state.drawings.length;
        if (at >= MOST) {
          say("warn", `${state.symbol} has ${MOST} drawings, which is the most: remove one first.`);
          return false;
        }
        change([{ id: drawing.id, at, before: null, after: drawing }]);
        return true;
      },
      replace(drawing) {
        freshen();
        const { id } = drawing;
        const at = placeOf(id);
        const before = state.drawings[at];
        if (before && JSON.stringify(before) !== JSON.stringify(drawing)) change([{ id, at, before, after: drawing }]);
      },
      remove(id) {
        freshen();
        const at = placeOf(id);
        if (at >= 0) change([removal(state.drawings[at], at)]);
      },
      clear() {
        freshen();
        const count = state.drawings.length;
        if (count) change(state.drawings.map(removal));
        return count;
      },
      undo: () => move("past", "future", "before"),
      redo: () => move("future", "past", "after"),
      // Another window has changed the store at `key`, or emptied it (null).
      heard(key) {
        if (state.symbol === null || !(key === null || key.endsWith(keyOf(state.symbol)))) return;
        freshen();
        changed();
      },
    };
  }

  ts.chartShelf = { shelf };
  if (typeof module !== "undefined") module.exports = ts.chartShelf;
})(typeof window === "undefined" ? globalThis : window);
