// A field with a list of instruments under it: type, move with the arrows, Enter takes one, Esc leaves.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const MOST = 12;
  const RECENT = 8;

  // How well an instrument answers the query; lower is better, null is not at all.
  function rank(query, symbol, name) {
    const wanted = query.trim().toLowerCase();
    const sign = symbol.toLowerCase();
    const words = name.toLowerCase();
    if (sign === wanted) return 0;
    if (sign.startsWith(wanted)) return 1;
    if (words.startsWith(wanted)) return 2;
    if (words.split(/[^a-z0-9]+/).some((word) => word.startsWith(wanted))) return 3;
    if (sign.includes(wanted)) return 4;
    return words.includes(wanted) ? 5 : null;
  }

  // Symbols to offer, best first; without a query the recent ones, then the market's own order.
  function matches(query, instruments, recent = [], most = MOST) {
    const symbols = Object.keys(instruments);
    if (!query.trim()) {
      const known = recent.filter((symbol) => instruments[symbol]);
      return [...new Set([...known, ...symbols])].slice(0, most);
    }
    return symbols
      .map((symbol, at) => ({ symbol, at, rank: rank(query, symbol, instruments[symbol].name || "") }))
      .filter((found) => found.rank !== null)
      .sort((one, other) => one.rank - other.rank || one.at - other.at)
      .slice(0, most)
      .map((found) => found.symbol);
  }

  function remembered(recent, symbol) {
    return [symbol, ...recent.filter((other) => other !== symbol)].slice(0, RECENT);
  }

  function moved(key, at, count) {
    if (!count) return -1;
    if (key === "ArrowDown") return (at + 1) % count;
    if (key === "ArrowUp") return (at + count - 1 + (at < 0 ? 1 : 0)) % count;
    if (key === "PageDown") return count - 1;
    if (key === "PageUp") return 0;
    return at;
  }

  function field(id, label, placeholder) {
    const input = document.createElement("input");
    input.id = id;
    input.type = "text";
    input.className = "field";
    input.placeholder = placeholder;
    input.autocomplete = "off";
    input.spellcheck = false;
    const described = { role: "combobox", "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id + "-list", autocapitalize: "characters", enterkeyhint: "go" };
    for (const [name, value] of Object.entries(described)) input.setAttribute(name, value);
    return input;
  }

  function listOf(id, label) {
    const list = document.createElement("ul");
    list.id = id + "-list";
    list.className = "options";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label);
    return list;
  }

  // Builds the field and its list in `host`. `offered(query)` gives symbols, `nameOf(symbol)` what stands beside one;
  // `none(query)` the sentence when there are none. `refresh()` when more are offered than a moment ago.
  function make(host, { id, label, placeholder, offered, nameOf, none, onChoose, onLeave }) {
    const input = field(id, label, placeholder);
    const list = listOf(id, label);
    let symbols = [];
    let at = -1;

    function row(symbol, index) {
      const option = document.createElement("li");
      option.id = list.id + "-" + index;
      option.className = "option";
      option.setAttribute("role", "option");
      option.dataset.symbol = symbol;
      const sign = document.createElement("b");
      sign.textContent = symbol;
      const name = document.createElement("span");
      name.textContent = nameOf(symbol);
      option.append(sign, name);
      return option;
    }

    function mark(index) {
      at = index;
      [...list.querySelectorAll(".option")].forEach((option, position) => {
        option.setAttribute("aria-selected", String(position === at));
        if (position === at) option.scrollIntoView({ block: "nearest" });
      });
      if (at >= 0 && symbols.length) input.setAttribute("aria-activedescendant", list.id + "-" + at);
      else input.removeAttribute("aria-activedescendant");
    }

    function nothing(query) {
      const sentence = document.createElement("li");
      sentence.className = "option-none";
      sentence.setAttribute("role", "option");
      sentence.setAttribute("aria-disabled", "true");
      sentence.textContent = none(query);
      return sentence;
    }

    function open() {
      symbols = offered(input.value);
      list.replaceChildren(...(symbols.length ? symbols.map(row) : [nothing(input.value)]));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(symbols.length ? 0 : -1);
    }

    // What the arrows went to stays marked; the first one is only the first.
    function refresh() {
      if (list.hidden) return;
      const chosen = at > 0 ? symbols[at] : null;
      open();
      if (symbols.includes(chosen)) mark(symbols.indexOf(chosen));
    }

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function take(symbol) {
      if (!symbol) return;
      input.value = "";
      close();
      onChoose(symbol);
    }

    function leave() {
      input.value = "";
      close();
      input.blur();
      if (onLeave) onLeave();
    }

    input.addEventListener("focus", open);
    input.addEventListener("click", () => list.hidden && open());
    input.addEventListener("input", open);
    input.addEventListener("blur", () => {
      input.value = "";
      close();
    });
    input.addEventListener("keydown", (event) => {
      if (["ArrowDown", "ArrowUp", "PageDown", "PageUp"].includes(event.key)) {
        event.preventDefault();
        if (list.hidden) open();
        else mark(moved(event.key, at, symbols.length));
      } else if (event.key === "Enter") {
        event.preventDefault();
        take(symbols[at]);
      } else if (event.key === "Escape") {
        event.preventDefault();
        leave();
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest(".option");
      if (option) take(option.dataset.symbol);
    });
    host.append(input, list);
    return { input, open, close, refresh };
  }

  ts.combobox = { matches, remembered, moved, rank, make };
  if (typeof module !== "undefined") module.exports = ts.combobox;
})(typeof window === "undefined" ? globalThis : window);
