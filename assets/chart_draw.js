// Drawing on screen: the Draw menu, the form of a note, keys.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const MOST_OLDER = 30000;
  const SLEEPS = 4;

  // `hooks`: stage(), dirty(), instrument(), price(ticks), menu.
  function draw(panel, chart, hooks) {
    const part = (name) => panel.querySelector(`#chart-${name}`);
    const { make, item } = ts.chartMenu;
    const drawings = ts.chartDrawings;
    let made = 0;
    const pencil = ts.chartPencil.pencil({
      page: ts.page,
      say: ts.page.toast,
      id: () => `${Date.now().toString(36)}-${(made += 1)}`,
      price: (ticks) => hooks.price(ticks),
      place: () => ({ bars: chart.bars, seconds: ts.chartModel.secondsOf(chart), frame: hooks.stage().state.frame, instrument: hooks.instrument() }),
      textWidth,
      ask: askNote,
      changed,
    });
    const { state, shelf } = pencil;
    const strip = ts.chartStrip.strip(part("drawing"), panel, { pencil, menu: hooks.menu, hands: () => part("hands") });

    function textWidth(text) {
      const { live, colors } = hooks.stage().state;
      live.ctx.font = `500 11px ${colors.family}`;
      return live.ctx.measureText(text).width;
    }

    function changed() {
      hooks.dirty();
      strip.show();
      showButton();
    }

    function showButton() {
      const button = part("draw");
      const title = state.isHidden ? "Draw (all drawings are hidden)" : "Draw";
      if (button.title === title) return;
      button.title = title;
      button.setAttribute("aria-label", title);
      button.firstElementChild.className = `bi bi-${state.isHidden ? "eye-slash" : "pencil"}`;
    }

    // ---- the form of a note

    function askNote(text, point, then) {
      const input = make("input", { type: "text", value: text, maxLength: drawings.MOST_TEXT, className: "chart-note" });
      input.setAttribute("aria-label", "Note");
      const save = make("button", { type: "button", className: "quiet-button" }, "Keep");
      const done = () => {
        hooks.menu.close();
        if (input.value.trim()) then(input.value.trim());
      };
      save.addEventListener("click", done);
      input.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), done()));
      const { frame } = hooks.stage().state;
      const at = point || { x: frame.left + frame.width / 2, y: frame.top + frame.height / 2 };
      const place = { x: at.x, y: at.y + part("stage").offsetTop, label: "Note", role: "dialog", from: part("hands") };
      hooks.menu.open(place, make("div", { className: "chart-note-form" }, input, save));
      input.focus({ preventScroll: true });
    }

    // ---- menus

    function act(title, fn, combo) {
      const hint = combo ? [make("kbd", {}, ts.keys.shown(combo).join(" "))] : [];
      const made = item(title, () => (hooks.menu.close(), fn()));
      made.append(...hint);
      return made;
    }

    function icon(made, name) {
      const mark = make("i", { className: `bi bi-${name}` });
      mark.setAttribute("aria-hidden", "true");
      made.prepend(mark);
      return made;
    }

    function toggle(title, name, symbol) {
      const made = icon(act(title, () => pencil.set({ [name]: !state[name] })), symbol);
      made.setAttribute("role", "menuitemcheckbox");
      made.setAttribute("aria-checked", String(state[name]));
      return made;
    }

    function openMenu(button) {
      const count = shelf.state.drawings.length;
      const tools = Object.entries(drawings.TOOLS).map(([name, { title, key, icon: mark }]) => icon(act(title, () => take(name), key), mark));
      const rest = [
        toggle("Magnet to bars", "hasMagnet", "magnet"),
        toggle("Lock all", "isLocked", "lock"),
        toggle("Hide all", "isHidden", "eye-slash"),
        ...(shelf.state.past.length ? [icon(act("Undo", shelf.undo, "ctrl+z"), "arrow-counterclockwise")] : []),
        ...(shelf.state.future.length ? [icon(act("Redo", shelf.redo, "ctrl+y"), "arrow-clockwise")] : []),
        ...(count ? [icon(act(`Remove all (${count})`, pencil.removeAll), "trash3")] : []),
      ];
      rest[0].classList.add("is-first");
      hooks.menu.open({ ...ts.chartMenu.under(button, panel), label: "Draw", role: "menu", className: "chart-draw-menu" }, ...tools, ...rest);
    }

    // What can be done with the drawing under a point.
    function items(x, y, slop) {
      const found = x === undefined ? null : pencil.under({ x, y }, slop);
      if (!found) return [];
      const { drawing } = found.shape;
      return [
        ...(drawing.kind === "note" ? [act("Edit the note", () => pencil.edit(drawing, { x, y }))] : []),
        ...(drawing.kind === "trend" ? [act(drawing.isRay ? "End the line at its point" : "Extend the line to the right", () => pencil.extend(drawing))] : []),
        act(drawing.isLocked ? "Unlock it" : "Lock it where it is", () => pencil.lock(drawing)),
        ...(drawing.isLocked ? [] : [act(`Remove: ${drawings.told(drawing, (value) => hooks.price(value / hooks.instrument().tick))}`, () => shelf.remove(drawing.id))]),
      ];
    }

    function chooseNext() {
      return pencil.chooseNext() && (part("hands").focus({ preventScroll: true }), true);
    }

    function take(tool) {
      pencil.arm(tool);
      part("hands").focus({ preventScroll: true });
    }

    // A sloping line from before the first bar is right only when the bars since then have come; what lies too far back stays by
    // the clock. A market that sleeps has fewer bars than its clock has.
    function wantsOlder() {
      const { bars } = chart;
      if (!bars.n || chart.isComplete) return false;
      const missing = (bars.start[0] - pencil.earliest()) / 1000 / ts.chartModel.secondsOf(chart);
      return missing > 0 && missing < (MOST_OLDER - bars.n) * SLEEPS;
    }

    // ---- keys

    const when = () => ts.page.isShown("chart");
    const isHere = () => when() && (document.activeElement === document.body || panel.contains(document.activeElement));
    const key = (combo, words, fn, more) => ts.keys.add(combo, words, fn, { group: "Drawing", when, ...more });
    for (const [name, { key: combo, title }] of Object.entries(drawings.TOOLS)) if (combo) key(combo, title, () => take(name));
    key("alt+c", "Choose the next drawing; Tab goes to its strip", chooseNext);
    key("ctrl+z", "Undo a drawing", shelf.undo);
    key("ctrl+y", "Draw again what was undone", shelf.redo);
    key("ctrl+shift+z", "Draw again what was undone", shelf.redo);
    for (const combo of ["delete", "backspace"]) key(combo, "Remove the chosen drawing", pencil.removeChosen, { when: isHere });
    ts.keys.add("ctrl", "Held: the magnet, on or off", () => false, { group: "Drawing" });

    root.addEventListener("storage", (event) => shelf.heard(event.key));

    return {
      pencil,
      items,
      openMenu,
      shown: pencil.shown,
      open: pencil.open,
      wantsOlder,
    };
  }

  ts.chartDraw = { draw };
  if (typeof module !== "undefined") module.exports = ts.chartDraw;
})(typeof window === "undefined" ? globalThis : window);
