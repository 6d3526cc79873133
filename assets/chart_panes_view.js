// The panes as a person touches them: a divider that is dragged or moved by keys, the legend with its values, the way out.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const STEP_PX = 8;
  const FAR_PX = 40;
  const ALL_PX = 1e4;

  // How far a key moves a divider down, in px; null for other keys.
  function moveByKey(key, isFar) {
    const step = isFar ? FAR_PX : STEP_PX;
    return { ArrowUp: -step, ArrowDown: step, Home: -ALL_PX, End: ALL_PX }[key] ?? null;
  }

  // `hooks`: studies(), resize(index, dy, studies as they were), kept() (a divider was let go), reset(index), remove(index).
  function view(panel, hooks) {
    const { make } = ts.chartMenu;
    const host = panel.querySelector("#chart-panes");
    const stage = panel.querySelector("#chart-stage");
    const shown = [];
    let studies = [];
    let told = "";

    function pane(index) {
      const divider = make("div", { className: "chart-divider", tabIndex: 0 });
      divider.setAttribute("role", "separator");
      divider.setAttribute("aria-orientation", "horizontal");
      const name = make("span", { className: "chart-name" });
      const out = make("button", { type: "button", className: "chart-pane-out" }, "×");
      out.addEventListener("click", () => hooks.remove(index));
      const values = make("span", { className: "chart-pane-values" });
      const section = make("div", { className: "chart-pane" }, divider, make("div", { className: "chart-pane-legend" }, name, out, values));
      section.setAttribute("role", "group");
      dividerMoves(divider, index);
      return { section, divider, name, out, values };
    }

    function dividerMoves(divider, index) {
      divider.addEventListener("pointerdown", (event) => drag(event, divider, index));
      divider.addEventListener("dblclick", () => hooks.reset(index));
      divider.addEventListener("keydown", (event) => {
        const by = moveByKey(event.key, event.shiftKey);
        if (by === null) return;
        event.preventDefault();
        hooks.resize(index, by, hooks.studies());
        hooks.kept();
      });
    }

    function drag(event, divider, index) {
      if (event.button !== 0) return;
      const before = hooks.studies().map(({ share }) => ({ share }));
      const move = (moved) => hooks.resize(index, moved.clientY - event.clientY, before);
      divider.setPointerCapture(event.pointerId);
      divider.classList.add("is-moving");
      divider.addEventListener("pointermove", move);
      divider.addEventListener(
        "lostpointercapture",
        () => {
          divider.removeEventListener("pointermove", move);
          divider.classList.remove("is-moving");
          hooks.kept();
        },
        { once: true },
      );
    }

    // Puts the panes where the frame has them; the rest of the page hears how much lies below the bars.
    function place(panes, plotHeight) {
      studies = panes.map(({ study }) => study);
      const words = JSON.stringify([plotHeight, ...panes.map(({ study, top, height }) => [study.title, top, height])]);
      if (words === told) return;
      told = words;
      while (shown.length > panes.length) shown.pop().section.remove();
      while (shown.length < panes.length) {
        shown.push(pane(shown.length));
        host.append(shown.at(-1).section);
      }
      panes.forEach((each, index) => describe(shown[index], each, plotHeight));
      stage.style.setProperty("--chart-below", `${panes.reduce((sum, each) => sum + each.height + 1, 0)}px`);
    }

    function describe({ section, divider, name, out }, { study, top, height }, plotHeight) {
      section.style.top = `${top - 1}px`;
      section.style.height = `${height + 1}px`;
      section.setAttribute("aria-label", `${study.title}, below the chart`);
      name.textContent = study.title;
      out.title = `Remove ${study.title}`;
      out.setAttribute("aria-label", out.title);
      divider.setAttribute("aria-label", `Height of ${study.title}`);
      divider.setAttribute("aria-valuemin", "0");
      divider.setAttribute("aria-valuemax", String(Math.round(plotHeight)));
      divider.setAttribute("aria-valuenow", String(Math.round(height)));
      divider.setAttribute("aria-valuetext", `${Math.round(height)} pixels`);
    }

    // What the study of each pane that stands there is at one bar.
    function values(index, colors, instrument) {
      studies.forEach((study, at) => {
        const texts = ts.chartStudies.at(study, index).map(({ label, value, ink, isHistogram }) => ({
          label,
          text: ts.chartPanes.text(study, value, instrument),
          color: isHistogram ? (value < 0 ? colors.down : colors.up) : colors.averages[ink],
        }));
        fill(shown[at].values, texts);
      });
    }

    function fill(spans, texts) {
      while (spans.children.length > texts.length) spans.lastChild.remove();
      while (spans.children.length < texts.length) {
        spans.append(make("span", { className: "chart-pair" }, make("span", { className: "chart-name" }), make("span", { className: "chart-value" })));
      }
      texts.forEach(({ label, text, color }, at) => {
        const [name, value] = spans.children[at].children;
        if (name.textContent !== label) name.textContent = label;
        if (value.textContent !== text) value.textContent = text;
        if (value.style.color !== color) value.style.color = color;
      });
    }

    return { place, values };
  }

  const ns = { moveByKey, view };
  ts.chartPanesView = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
