// The hand that draws: a tool, the anchors set so far, the drawing that is chosen or held. Knows pixels, paints nothing.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const DRAGGED_PX = 4;
  const HABITS = ["isLocked", "isHidden", "hasMagnet"];

  // `hooks`: place() → {bars, seconds, frame, instrument}, textWidth(text), price(ticks), changed(), ask(text, point, then),
  // say(kind, text), id(), page.
  function pencil(hooks) {
    const D = ts.chartDrawings;
    const state = { tool: null, draft: null, pressed: null, chosen: null, hovered: null, held: null, measure: null };
    const habits = hooks.page.stored("drawing", null) || {};
    for (const name of HABITS) state[name] = habits[name] === true;
    const shelf = ts.chartShelf.shelf(hooks.page, hooks.say, onChange);

    function onChange() {
      if (state.chosen && !shelf.byId(state.chosen)) state.chosen = null;
      hooks.changed();
    }

    const hasBars = () => hooks.place().bars.n > 0;
    const isPulled = (event) => Boolean(state.hasMagnet) !== Boolean(event && (event.ctrlKey || event.metaKey));
    const anchor = (point, event) => D.anchor(hooks.place(), point.x, point.y, isPulled(event));

    function pixelOf({ bars, seconds, frame, instrument }) {
      return ({ at, price }) => [
        ts.chartPaint.xOf(frame, D.barOf(bars, at, seconds)),
        ts.chartPaint.yOf(frame, price / instrument.tick),
      ];
    }

    // ---- what is seen

    // What the painter paints: {shapes, chosen, hovered, measure, price}; null while there is nothing.
    function shown() {
      const all = seen();
      if (!all.length && !state.measure) return null;
      const place = hooks.place();
      if (!place.frame || !place.bars.n) return null;
      const at = pixelOf(place);
      const { tick } = place.instrument;
      return {
        shapes: all.map((drawing) => ts.chartShapes.shapeOf(drawing, place.frame, at, hooks.textWidth)).filter(Boolean),
        chosen: state.chosen,
        hovered: state.hovered,
        measure: state.measure && measureShown(place, at),
        price: (value) => hooks.price(value / tick),
      };
    }

    function seen() {
      const held = state.held && state.held.drawing;
      const kept = state.isHidden ? [] : shelf.state.drawings.map((each) => (held && each.id === held.id ? held : each));
      const isDrawn = state.draft && state.draft.kind !== "note" && state.draft.kind !== "measure";
      return isDrawn ? [...kept, state.draft] : kept;
    }

    function measureShown({ bars, seconds, instrument }, at) {
      const [from, to] = state.measure;
      const count = D.barOf(bars, to.at, seconds) - D.barOf(bars, from.at, seconds);
      return { from: at(from), to: at(to), words: D.measured(state.measure, count, instrument, ts.format), rises: to.price >= from.price };
    }

    function under(point, slop) {
      if (state.isLocked || state.isHidden || !shelf.state.drawings.length) return null;
      const found = shown();
      return found && ts.chartShapes.hit(found.shapes, point.x, point.y, slop, state.chosen);
    }

    // ---- tools

    function arm(tool) {
      Object.assign(state, { tool, draft: null, pressed: null, chosen: null, measure: null });
      if (tool && state.isHidden) set({ isHidden: false });
      hooks.changed();
    }

    function set(changes) {
      Object.assign(state, changes);
      if (state.isLocked || state.isHidden) state.chosen = null;
      hooks.page.store("drawing", Object.fromEntries(HABITS.map((name) => [name, state[name]])));
      hooks.changed();
    }

    function choose(id) {
      if (state.chosen === id) return;
      state.chosen = id;
      hooks.changed();
    }

    // ---- drawing

    // A press with a tool: the first anchor, or the last one that was still missing.
    function press(point, event) {
      if (!hasBars()) return;
      state.pressed = point;
      if (state.draft) stretch(point, event);
      else begin(anchor(point, event));
      hooks.changed();
    }

    function begin(first) {
      const { kind } = D.TOOLS[state.tool];
      if (kind === "measure") state.measure = [first, first];
      state.draft = kind === "measure" ? { kind, points: [first, first] } : ts.chartStyles.styled(D.make(state.tool, hooks.id(), [first, first]), looks()[kind]);
    }

    // The look that each kind was given last: the next one has it too.
    const looks = () => hooks.page.stored("drawing-looks", null) || {};

    function stretch(point, event) {
      const to = anchor(point, event);
      const points = D.pointsOf(state.draft.kind) === 1 ? [to] : [state.draft.points[0], to];
      state.draft = { ...state.draft, points };
      if (state.draft.kind === "measure") state.measure = points;
      hooks.changed();
    }

    // Between two presses the open end goes with the pointer; under a press it is drawn out.
    function follow(point, event) {
      if (state.draft && hasBars()) stretch(point, event);
    }

    // The press ends: what has all its anchors is done, by a drag or by the second press.
    function release(point) {
      const { draft, pressed } = state;
      state.pressed = null;
      if (!draft || !pressed) return;
      const wasDragged = Math.hypot(point.x - pressed.x, point.y - pressed.y) > DRAGGED_PX;
      if (D.pointsOf(draft.kind) === 1 || wasDragged || draft.isBegun) finish(draft, point);
      else state.draft = { ...draft, isBegun: true };
      hooks.changed();
    }

    function finish({ isBegun: _was, ...drawing }, point) {
      Object.assign(state, { tool: null, draft: null });
      if (drawing.kind === "measure") return;
      if (drawing.kind === "note") hooks.ask("", point, (text) => put({ ...drawing, text }));
      else put(drawing);
    }

    function put(drawing) {
      const kept = D.sound(drawing);
      if (kept && !isNothing(kept) && shelf.add(kept)) choose(kept.id);
    }

    const isNothing = ({ points: [a, b] }) => Boolean(b) && a.at === b.at && a.price === b.price;

    // ---- what stands

    // Takes a drawing in the hand; false when none is near. One that is locked is chosen and stays where it is.
    function grab(point, slop) {
      const found = under(point, slop);
      if (!found) return false;
      const { drawing } = found.shape;
      if (!drawing.isLocked) state.held = { drawing, from: drawing, handle: found.handle, start: point, isMoved: false };
      choose(drawing.id);
      return true;
    }

    function pull(point, event) {
      const { held } = state;
      if (!held || !hasBars()) return;
      const { start, from, handle } = held;
      held.isMoved = held.isMoved || Math.hypot(point.x - start.x, point.y - start.y) > DRAGGED_PX;
      if (!held.isMoved) return;
      held.drawing = handle < 0 ? D.moved(from, wayOf(start, point), hooks.place()) : D.reshaped(from, handle, anchor(point, event));
      hooks.changed();
    }

    function wayOf(start, point) {
      const { frame } = hooks.place();
      const { barAt, ticksAt } = ts.chartPaint;
      return { bars: Math.round(barAt(frame, point.x) - barAt(frame, start.x)), ticks: Math.round(ticksAt(frame, point.y) - ticksAt(frame, start.y)) };
    }

    function drop() {
      const { held } = state;
      state.held = null;
      if (held && held.isMoved) shelf.replace(held.drawing);
      hooks.changed();
    }

    function edit(drawing, point) {
      hooks.ask(drawing.text, point, (text) => shelf.replace({ ...drawing, text }));
    }

    function extend(drawing) {
      const { isRay, ...plain } = drawing;
      shelf.replace(isRay ? plain : { ...plain, isRay: true });
    }

    function restyle(drawing, changes) {
      const changed = ts.chartStyles.styled(drawing, changes);
      hooks.page.store("drawing-looks", { ...looks(), [drawing.kind]: changed.style || {} });
      shelf.replace(changed);
    }

    function lock(drawing) {
      const { isLocked, ...free } = drawing;
      shelf.replace(isLocked ? free : { ...free, isLocked: true });
    }

    function removeChosen() {
      const drawing = shelf.byId(state.chosen);
      if (!drawing) return false;
      if (drawing.isLocked) hooks.say("info", `${D.titleOf(drawing)} is locked: unlock it to remove it.`);
      else shelf.remove(drawing.id);
      return true;
    }

    // The next drawing in sight, in the order in which they were drawn; false when there is none.
    function chooseNext() {
      const inSight = ((!state.isLocked && shown()) || { shapes: [] }).shapes.map(({ drawing }) => drawing.id);
      if (!inSight.length) return false;
      choose(inSight[(inSight.indexOf(state.chosen) + 1) % inSight.length]);
      return true;
    }

    // Esc: first the anchors, then the tool, then the choice. False when there was nothing to leave.
    function leave() {
      if (state.held) state.held = null;
      else if (state.draft) Object.assign(state, { draft: null, pressed: null, measure: null });
      else if (state.measure) state.measure = null;
      else if (state.tool) state.tool = null;
      else if (state.chosen) state.chosen = null;
      else return false;
      hooks.changed();
      return true;
    }

    function removeAll() {
      const count = shelf.clear();
      if (count) hooks.say("info", `${ts.format.counted(count, "drawing")} of ${shelf.state.symbol} removed. Ctrl Z brings ${count === 1 ? "it" : "them"} back.`);
    }

    return {
      state,
      shelf,
      shown,
      under,
      arm,
      set,
      choose,
      press,
      follow,
      release,
      grab,
      pull,
      drop,
      edit,
      extend,
      restyle,
      lock,
      chooseNext,
      leave,
      removeAll,
      isArmed: () => state.tool !== null,
      chosen: () => shelf.byId(state.chosen),
      removeChosen,
      // A measure is gone at the next press.
      unmeasure: () => state.measure && !state.draft && ((state.measure = null), hooks.changed()),
      hover(point, slop) {
        const found = point && !state.held ? under(point, slop) : null;
        const id = found ? found.shape.drawing.id : null;
        if (id !== state.hovered) {
          state.hovered = id;
          hooks.changed();
        }
        return found;
      },
      open(symbol) {
        if (symbol === shelf.state.symbol) return;
        Object.assign(state, { tool: null, draft: null, pressed: null, chosen: null, hovered: null, held: null, measure: null });
        shelf.open(symbol);
      },
      // The earliest anchor of what slopes: its line is right only when the bars since then are there.
      earliest: () => (state.isHidden ? Infinity : Math.min(Infinity, ...shelf.state.drawings.filter((each) => each.kind === "trend").flatMap((each) => each.points.map((point) => point.at)))),
    };
  }

  ts.chartPencil = { pencil };
  if (typeof module !== "undefined") module.exports = ts.chartPencil;
})(typeof window === "undefined" ? globalThis : window);
