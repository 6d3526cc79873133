// The strip above the time scale: what the hand does, or what can be done with the chosen drawing.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const FIRST = { trend: "press its first point", ray: "press where it begins", line: "press its price", box: "press one corner", fib: "press where the move began", note: "press its place", measure: "press where it begins" };
  const SECOND = { trend: "press its second point", ray: "press a point on its way", box: "press the other corner", fib: "press where the move ended", measure: "press where it ends" };

  // What the strip says: the next step of a tool, or which drawing is chosen; nothing when it is not needed.
  function wordsOf({ tool, draft }, chosen) {
    if (tool) return `${ts.chartDrawings.TOOLS[tool].title}: ${(draft ? SECOND : FIRST)[tool]}`;
    return chosen ? ts.chartDrawings.titleOf(chosen) : "";
  }

  // Which buttons there are; they are made anew only when this changes.
  function setOf({ tool }, chosen) {
    if (tool) return `tool ${tool}`;
    return chosen ? `drawing ${chosen.id}` : "";
  }

  // `element` is the strip, `host` the panel; `hands()` takes the focus when a button is gone; `menu` is the panel's popover.
  function strip(element, host, { pencil, menu, hands }) {
    const { make, item } = ts.chartMenu;
    const { COLORS, STROKES, WIDTHS, takes, styleOf, told } = ts.chartStyles;
    const words = make("span", { className: "chart-strip-words" });
    const tools = make("div", { className: "chart-strip-tools" });
    let made = "";
    let patches = [];
    words.setAttribute("aria-live", "polite");
    element.replaceChildren(words, tools);
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !pencil.leave()) return;
      event.preventDefault();
      event.stopPropagation();
      hands().focus({ preventScroll: true });
    });

    function show() {
      const chosen = pencil.chosen();
      const text = wordsOf(pencil.state, chosen);
      const set = setOf(pencil.state, chosen);
      element.hidden = !text;
      if (words.textContent !== text) words.textContent = text;
      if (set !== made) build(set, chosen);
      if (!pencil.state.tool && chosen) for (const patch of patches) patch(chosen);
    }

    function build(set, chosen) {
      made = set;
      patches = [];
      element.dataset.of = set.split(" ")[0];
      tools.replaceChildren(...(pencil.state.tool ? [leaving("Leave", () => pencil.arm(null))] : chosen ? buttonsOf(chosen) : []));
    }

    function buttonsOf({ kind }) {
      return [
        colorButton(),
        ...(takes(kind).includes("stroke") ? [lineButton()] : []),
        ...(kind === "trend" ? [extendButton()] : []),
        ...(kind === "note" ? [iconButton("pencil", "Edit the words", () => pencil.edit(pencil.chosen()))] : []),
        lockButton(),
        removeButton(),
      ];
    }

    // ---- buttons: `patch` says what they show of the drawing as it is now

    function iconButton(icon, title, act, patch) {
      const mark = make("i", { className: `bi bi-${icon}` });
      mark.setAttribute("aria-hidden", "true");
      const button = make("button", { type: "button", title }, mark);
      button.setAttribute("aria-label", title);
      button.addEventListener("click", act);
      if (patch) patches.push((drawing) => patch(button, mark, drawing));
      return button;
    }

    function name(button, title) {
      button.title = title;
      button.setAttribute("aria-label", title);
    }

    // The button is gone with what it did: the chart has the focus.
    function leaving(title, act) {
      const button = make("button", { type: "button", title }, title);
      button.addEventListener("click", () => (act(), hands().focus({ preventScroll: true })));
      return button;
    }

    function opener(label, sample, content, patch) {
      const button = make("button", { type: "button" }, sample);
      button.setAttribute("aria-haspopup", "menu");
      button.setAttribute("aria-expanded", "false");
      button.addEventListener("click", () => menu.open({ ...ts.chartMenu.above(button, host), label, role: "menu", className: "chart-style-menu" }, ...content(pencil.chosen())));
      patches.push((drawing) => (name(button, `${label}: ${told(drawing)}`), patch(drawing)));
      return button;
    }

    function colorButton() {
      const ink = make("span", { className: "chart-ink" });
      return opener("Colour", ink, colorItems, (drawing) => (ink.dataset.ink = styleOf(drawing).color));
    }

    function colorItems(drawing) {
      return Object.entries(COLORS).map(([color, title]) => {
        const ink = make("span", { className: "chart-ink" });
        ink.dataset.ink = color;
        return choice(title, ink, { color }, styleOf(drawing).color === color);
      });
    }

    function lineButton() {
      const sample = make("span", { className: "chart-line-sample" });
      return opener("Line", sample, lineItems, (drawing) => Object.assign(sample.dataset, styleOf(drawing)));
    }

    function lineItems(drawing) {
      const now = styleOf(drawing);
      const items = [
        ...Object.entries(STROKES).map(([stroke, { title }]) => choice(title, sampleOf({ stroke, width: "medium" }), { stroke }, now.stroke === stroke)),
        ...Object.entries(WIDTHS).map(([width, { title }]) => choice(title, sampleOf({ stroke: "solid", width }), { width }, now.width === width)),
      ];
      items[Object.keys(STROKES).length].classList.add("is-first");
      return items;
    }

    function sampleOf(look) {
      const sample = make("span", { className: "chart-line-sample" });
      Object.assign(sample.dataset, look);
      return sample;
    }

    function choice(title, sample, changes, isNow) {
      const made = item(title, () => (menu.close(), pencil.restyle(pencil.chosen(), changes)), isNow);
      made.prepend(sample);
      return made;
    }

    function extendButton() {
      const show = (button, mark, { isRay }) => {
        name(button, isRay ? "End at its point" : "Extend right");
        mark.className = `bi bi-${isRay ? "slash-lg" : "arrow-up-right"}`;
      };
      return iconButton("arrow-up-right", "Extend right", () => pencil.extend(pencil.chosen()), show);
    }

    function lockButton() {
      const show = (button, mark, { isLocked }) => {
        button.setAttribute("aria-pressed", String(Boolean(isLocked)));
        mark.className = `bi bi-${isLocked ? "lock-fill" : "unlock"}`;
        name(button, isLocked ? "Locked: not moved and not removed" : "Lock");
      };
      return iconButton("unlock", "Lock", () => pencil.lock(pencil.chosen()), show);
    }

    function removeButton() {
      const remove = () => (pencil.removeChosen(), hands().focus({ preventScroll: true }));
      return iconButton("trash3", "Remove (Delete)", remove, (button, _mark, { isLocked }) => (button.disabled = Boolean(isLocked)));
    }

    return { show };
  }

  ts.chartStrip = { wordsOf, setOf, strip };
  if (typeof module !== "undefined") module.exports = ts.chartStrip;
})(typeof window === "undefined" ? globalThis : window);
