// Where the drawings of a symbol are kept: in the browser's store, with every step undone and done again.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const STEPS = 100;

  // `page` gives stored(key, otherwise) and store(key, value); `say(kind, sentence)` tells a person; `changed()` hears of every change.
  function shelf(page, say, changed) {
    const state = { symbol: null, drawings: [], past: [], future: [], isKept: true };
    const keyOf = (symbol) => `drawings:${symbol}`;

    function open(symbol) {
      const { drawings, lost } = ts.chartDrawings.read(symbol ? page.stored(keyOf(symbol), null) : null);
      Object.assign(state, { symbol, drawings, past: [], future: [] });
      if (lost) say("warn", `${lost} ${lost === 1 ? "drawing" : "drawings"} of ${symbol} could not be read and ${lost === 1 ? "is" : "are"} left out.`);
      changed();
    }

    function keep(drawings) {
      state.drawings = drawings;
      const isKept = page.store(keyOf(state.symbol), drawings.length ? drawings : null);
      if (!isKept && state.isKept) say("warn", "This browser keeps nothing: drawings last until the page is left.");
      state.isKept = isKept;
      changed();
    }

    // What was drawn before is a step back; what was undone is gone.
    function change(drawings) {
      state.past = [...state.past.slice(1 - STEPS), state.drawings];
      state.future = [];
      keep(drawings);
    }

    function step(from, to) {
      if (!state[from].length) return false;
      state[to] = [...state[to], state.drawings];
      const drawings = state[from].at(-1);
      state[from] = state[from].slice(0, -1);
      keep(drawings);
      return true;
    }

    return {
      state,
      open,
      byId: (id) => state.drawings.find((each) => each.id === id) || null,
      add(drawing) {
        const { MOST } = ts.chartDrawings;
        if (state.drawings.length >= MOST) {
          say("warn", `${state.symbol} has ${MOST} drawings, which is the most: remove one first.`);
          return false;
        }
        change([...state.drawings, drawing]);
        return true;
      },
      replace(drawing) {
        const before = state.drawings.find((each) => each.id === drawing.id);
        if (before && JSON.stringify(before) !== JSON.stringify(drawing)) change(state.drawings.map((each) => (each.id === drawing.id ? drawing : each)));
      },
      remove(id) {
        if (state.drawings.some((each) => each.id === id)) change(state.drawings.filter((each) => each.id !== id));
      },
      clear() {
        const count = state.drawings.length;
        if (count) change([]);
        return count;
      },
      undo: () => step("past", "future"),
      redo: () => step("future", "past"),
      // Another window has changed what this one shows.
      isOwnKey: (key) => state.symbol !== null && key.endsWith(keyOf(state.symbol)),
    };
  }

  ts.chartShelf = { shelf };
  if (typeof module !== "undefined") module.exports = ts.chartShelf;
})(typeof window === "undefined" ? globalThis : window);
