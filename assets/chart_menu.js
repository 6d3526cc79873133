// The chart's header and its small menus: timeframe, type, buy and sell at a price, close a position.
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
      const top = Math.max(4, Math.min(host.clientHeight - box.offsetHeight - 4, isAbove ? y - box.offsetHeight : y));
      box.style.top = `${top}px`;
      box.style.maxHeight = `${host.clientHeight - top - 4}px`;
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

  // Marks the chosen timeframe and says the type on its button.
  function showChoice(panel, chart) {
    for (const button of panel.querySelectorAll("[data-frame]")) {
      button.setAttribute("aria-pressed", String(button.dataset.frame === chart.frame));
    }
    const type = panel.querySelector("#chart-type");
    if (type) type.textContent = ts.chartModel.TYPES[chart.type];
  }

  const ns = { make, popover, under, above, item, typeItems, showChoice };
  ts.chartMenu = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
