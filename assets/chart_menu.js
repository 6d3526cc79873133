// The chart's header and its small menus: timeframe, type, averages, buy and sell at a price, close a position.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties || {});
    element.append(...children);
    return element;
  }

  // One open box at a time inside `host`; Esc and a press elsewhere close it and give the focus back.
  function popover(host) {
    let box = null;
    let giveBack = null;

    function close() {
      if (!box) return;
      box.remove();
      box = null;
      if (giveBack && giveBack.hasAttribute("aria-expanded")) giveBack.setAttribute("aria-expanded", "false");
      if (giveBack) giveBack.focus({ preventScroll: true });
      giveBack = null;
    }

    function open({ x, y, label, role, from, alignRight, isAbove, className = "" }, ...content) {
      const isSame = box && box.getAttribute("aria-label") === label && role !== "dialog" && from && from.hasAttribute("aria-expanded");
      close();
      if (isSame) return null;
      box = make("div", { className: `chart-pop ${className}` }, ...content);
      box.setAttribute("role", role);
      box.setAttribute("aria-label", label);
      host.append(box);
      giveBack = from;
      if (from && from.hasAttribute("aria-expanded")) from.setAttribute("aria-expanded", "true");
      const left = alignRight ? x - box.offsetWidth : x;
      box.style.left = `${Math.max(4, Math.min(host.clientWidth - box.offsetWidth - 4, left))}px`;
      box.style.top = `${Math.max(4, Math.min(host.clientHeight - box.offsetHeight - 4, isAbove ? y - box.offsetHeight : y))}px`;
      const first = box.querySelector("[aria-checked=true], button, input, select");
      if (first) first.focus({ preventScroll: true });
      return box;
    }

    host.addEventListener("keydown", (event) => {
      if (!box || !box.contains(event.target)) return;
      if (event.key === "Escape") close();
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1, event.target);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });

    function step(by, target) {
      if (target.matches("input[type=number], select")) return;
      const all = [...box.querySelectorAll("button, input, select")];
      all[(all.indexOf(target) + by + all.length) % all.length].focus();
    }

    document.addEventListener("pointerdown", (event) => {
      if (box && !box.contains(event.target) && !(giveBack && giveBack.contains(event.target))) close();
    });
    return { open, close, isOpen: () => Boolean(box) };
  }

  // Where a menu of a header button opens: below it, right edges together.
  function under(button, host) {
    const box = button.getBoundingClientRect();
    const origin = host.getBoundingClientRect();
    return { x: box.right - origin.left, y: box.bottom - origin.top + 2, from: button, alignRight: true };
  }

  // Where a menu of a button at the foot opens: above it, left edges together.
  function above(button, host) {
    const box = button.getBoundingClientRect();
    const origin = host.getBoundingClientRect();
    return { x: box.left - origin.left, y: box.top - origin.top - 4, from: button, isAbove: true };
  }

  function item(text, onPick, isChecked) {
    const button = make("button", { type: "button", className: "chart-pop-item" }, text);
    button.setAttribute("role", isChecked === undefined ? "menuitem" : "menuitemradio");
    if (isChecked !== undefined) button.setAttribute("aria-checked", String(isChecked));
    button.addEventListener("click", onPick);
    return button;
  }

  function typeItems(current, onPick) {
    return Object.entries(ts.chartModel.TYPES).map(([type, title]) => item(title, () => onPick(type), type === current));
  }

  // Volume on or off, the chosen averages with their periods, and one more. `change(settings)` is told of every step.
  function indicatorForm(chosen, color, change) {
    const body = make("div", { className: "chart-form" });
    const render = () => {
      const volume = make("input", { type: "checkbox", checked: chosen.volume });
      volume.addEventListener("change", () => tell({ volume: volume.checked }));
      body.replaceChildren(make("label", { className: "chart-form-row" }, volume, "Volume"), ...chosen.averages.map(averageRow), addRow());
    };
    const tell = (changes, redraw) => {
      Object.assign(chosen, changes);
      change(chosen);
      if (redraw) render();
    };

    function averageRow(choice, index) {
      const swatch = make("span", { className: "chart-swatch" });
      swatch.style.background = color(index);
      const name = make("span", { className: "chart-form-name" }, ts.chartAverages.KINDS[choice.kind]);
      const drop = make("button", { type: "button", className: "chart-icon", title: `Remove ${ts.chartAverages.title(choice)}` }, "×");
      drop.setAttribute("aria-label", drop.title);
      drop.addEventListener("click", () => tell({ averages: chosen.averages.filter((_each, at) => at !== index) }, true));
      return make("div", { className: "chart-form-row" }, swatch, name, choice.kind === "vwap" ? (chosen.frame === "1D" ? "month" : "day") : periodInput(choice, index), drop);
    }

    function periodInput(choice, index) {
      const input = make("input", { type: "number", min: 2, max: 500, step: 1, value: choice.period, inputMode: "numeric" });
      input.setAttribute("aria-label", `Bars of ${ts.chartAverages.title(choice)}`);
      input.addEventListener("change", () => {
        const averages = chosen.averages.map((each, at) => (at === index ? { ...each, period: input.value } : each));
        tell({ averages: ts.chartAverages.choices(averages) }, true);
      });
      return input;
    }

    function addRow() {
      const row = make("div", { className: "chart-form-row chart-form-add" });
      if (chosen.averages.length >= 6) return make("p", { className: "chart-form-row" }, "Six averages are the most.");
      for (const [kind, title] of Object.entries(ts.chartAverages.KINDS)) {
        const add = make("button", { type: "button", className: "chart-add" }, `+ ${title}`);
        add.addEventListener("click", () => tell({ averages: [...chosen.averages, { kind, period: kind === "sma" ? 50 : 20 }] }, true));
        row.append(add);
      }
      return row;
    }

    render();
    return body;
  }

  // Marks the chosen timeframe and says the type on its button.
  function showChoice(panel, chart) {
    for (const button of panel.querySelectorAll("[data-frame]")) {
      button.setAttribute("aria-pressed", String(button.dataset.frame === chart.frame));
    }
    const type = panel.querySelector("#chart-type");
    if (type) type.textContent = ts.chartModel.TYPES[chart.type];
  }

  const ns = { make, popover, under, above, item, typeItems, indicatorForm, showChoice };
  ts.chartMenu = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
