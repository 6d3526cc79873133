// The Indicators menu: volume, what lies over the bars and what has a pane below them, each with its settings.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const COUNTED = { 1: "One", 2: "Two", 3: "Three" };

  // What to say of panes when `count` are chosen and there is room for `room`; null while one more can be added.
  function paneWords(count, room) {
    const { studies: most } = ts.chartIndicators.MOST;
    if (count > room) return room ? `${COUNTED[room]} of ${COUNTED[count].toLowerCase()} has room here.` : "The chart is too low here for a pane.";
    if (count < Math.min(room, most)) return null;
    if (room < most) return room ? `${COUNTED[room]} ${room === 1 ? "pane has" : "panes have"} room here.` : "The chart is too low here for a pane.";
    return "Three panes are the most.";
  }

  const fieldsOf = (body) => [...body.querySelectorAll("input, select, button")];

  // `chosen` is {frame, volume, averages, studies}, `room` {color(index), panes: how many have room}; `change(chosen)` is told of every step.
  function form(chosen, room, change) {
    const { make } = ts.chartMenu;
    const { KINDS, PLACES, MOST, choice, choices, title } = ts.chartIndicators;
    const body = make("div", { className: "chart-form" });

    function tell(changes, redraw) {
      Object.assign(chosen, changes);
      change(chosen);
      if (redraw) render();
    }

    function render() {
      const held = fieldsOf(body).indexOf(document.activeElement);
      body.replaceChildren(
        volumeRow(),
        ...chosen.averages.map((each, index) => row("averages", each, index)),
        adding("averages", chosen.averages.length < MOST.averages ? null : "Six lines over the bars are the most."),
        make("p", { className: "chart-form-head" }, "Below the chart"),
        ...chosen.studies.map((each, index) => row("studies", each, index)),
        adding("studies", paneWords(chosen.studies.length, room.panes)),
      );
      if (held >= 0) fieldsOf(body)[Math.min(held, fieldsOf(body).length - 1)].focus({ preventScroll: true });
    }

    function volumeRow() {
      const volume = make("input", { type: "checkbox", checked: chosen.volume });
      volume.addEventListener("change", () => tell({ volume: volume.checked }));
      return make("label", { className: "chart-form-row" }, volume, "Volume");
    }

    function row(place, each, index) {
      const { title: name, fields, hasSource } = KINDS[each.kind];
      const parts = [make("span", { className: "chart-form-name" }, name)];
      if (place === "averages") parts.unshift(swatch(index));
      if (each.kind === "vwap") parts.push(chosen.frame === "1D" ? "month" : "day");
      for (const field of fields) parts.push(number(place, each, index, field));
      if (hasSource) parts.push(source(place, each, index));
      return make("div", { className: "chart-form-row" }, ...parts, drop(place, each, index));
    }

    function swatch(index) {
      const made = make("span", { className: "chart-swatch" });
      made.style.background = room.color(index);
      return made;
    }

    const changed = (place, index, name, value) => tell({ [place]: chosen[place].map((each, at) => (at === index ? choice({ ...each, [name]: value }) : each)) }, true);

    function number(where, each, index, { name, label, least, most, step }) {
      const input = make("input", { type: "number", min: least, max: most, step, value: each[name], inputMode: step < 1 ? "decimal" : "numeric", title: label });
      input.setAttribute("aria-label", `${label} of ${title(each)}`);
      input.addEventListener("change", () => changed(where, index, name, input.value));
      return input;
    }

    function source(where, each, index) {
      const options = Object.entries(ts.chartSmoothing.SOURCES).map(([value, text]) => make("option", { value, selected: value === each.source }, text));
      const select = make("select", { title: "Source" }, ...options);
      select.setAttribute("aria-label", `Source of ${title(each)}`);
      select.addEventListener("change", () => changed(where, index, "source", select.value));
      return select;
    }

    function drop(where, each, index) {
      const button = make("button", { type: "button", className: "chart-icon", title: `Remove ${title(each)}` }, "×");
      button.setAttribute("aria-label", button.title);
      button.addEventListener("click", () => tell({ [where]: chosen[where].filter((_each, at) => at !== index) }, true));
      return button;
    }

    // A button for each kind, or the sentence that says why there is none.
    function adding(where, words) {
      if (words) return make("p", { className: "chart-form-note" }, words);
      const buttons = Object.entries(PLACES[where]).map(([kind, { title: name }]) => {
        const add = make("button", { type: "button", className: "chart-add" }, `+ ${name}`);
        add.setAttribute("aria-label", `Add ${name}`);
        add.addEventListener("click", () => tell({ [where]: choices([...chosen[where], { kind }], where) }, true));
        return add;
      });
      return make("div", { className: "chart-form-row chart-form-add" }, ...buttons);
    }

    render();
    return body;
  }

  const ns = { paneWords, form };
  ts.chartIndicatorForm = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
