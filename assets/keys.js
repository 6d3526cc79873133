// Every key of the page in one table; typing in a field is never a command.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const NAMES = { " ": "space", escape: "esc", arrowup: "up", arrowdown: "down", arrowleft: "left", arrowright: "right" };
  const SHOWN = { space: "Space", esc: "Esc", enter: "Enter", up: "↑", down: "↓", left: "←", right: "→", pageup: "Page ↑", pagedown: "Page ↓", delete: "Del", shift: "Shift", alt: "Alt", ctrl: "Ctrl" };
  const PRESSES = new Set(["enter", "space"]);
  const MOVES = new Set(["up", "down", "left", "right", "home", "end", "pageup", "pagedown"]);

  // "shift+x", "alt+up", "/", "?": Shift is named for letters and named keys, not for signs that need it anyway.
  function comboOf(event) {
    const raw = String(event.key || "").toLowerCase();
    const key = letterUnder(event, raw) || NAMES[raw] || raw;
    const isSign = key.length === 1 && !/[a-z0-9]/.test(key);
    const held = [];
    if (event.ctrlKey || event.metaKey) held.push("ctrl");
    if (event.altKey) held.push("alt");
    if (event.shiftKey && !isSign) held.push("shift");
    return [...held, key].join("+");
  }

  // Alt with a letter types another sign on a Mac, or begins one ("Dead"): there the key itself counts.
  function letterUnder(event, raw) {
    const isOther = raw === "dead" || (raw.length === 1 && !/[ -~]/.test(raw));
    return event.altKey && isOther && /^Key[A-Z]$/.test(event.code || "") ? event.code[3].toLowerCase() : null;
  }

  function shown(combo) {
    const names = combo === "+" ? ["+"] : combo.split("+");
    return names.map((name) => SHOWN[name] || (name.length === 1 ? name.toUpperCase() : name[0].toUpperCase() + name.slice(1)));
  }

  function isTyping(target) {
    if (!target || !target.tagName) return false;
    if (target.isContentEditable) return true;
    const tag = target.tagName.toLowerCase();
    if (tag === "textarea" || tag === "select") return true;
    return tag === "input" && !["checkbox", "radio", "button", "submit", "range", "file", "color"].includes(target.type);
  }

  // Enter, space and arrows belong to the control that has the focus.
  function belongsToControl(key, target) {
    if (!target || !target.closest) return false;
    if (PRESSES.has(key)) return Boolean(target.closest("button, a[href], summary, input, select, textarea, [role=tab], [role=option], [role=button], [role=slider], [role=gridcell], [role=menuitem], [data-keys=own]"));
    if (MOVES.has(key)) return Boolean(target.closest("input, select, [role=tab], [role=listbox], [role=option], [role=slider], [role=separator], [role=grid], [role=gridcell], [role=menu], [data-keys=own]"));
    return false;
  }

  function makeKeys() {
    const entries = [];

    function handles(entry, combo, target) {
      if (entry.combo !== combo) return false;
      if (isTyping(target) && !entry.typing) return false;
      if (!entry.typing && belongsToControl(combo.split("+").pop(), target)) return false;
      return !entry.when || entry.when();
    }

    return {
      // Options: group (a heading in the help), when() (asked before), typing (also while typing in a field), hidden (not listed).
      add(combo, description, fn, options = {}) {
        const entry = { combo, description, fn, group: "Page", ...options };
        entries.push(entry);
        return () => entries.splice(entries.indexOf(entry), 1);
      },
      // Keys that a panel takes by itself while it has the focus, for the list alone: [["up down", "what they do"]…].
      tell(group, rows) {
        for (const [combos, description] of rows) for (const combo of combos.split(" ")) this.add(combo, description, () => false, { group });
      },
      // The newest entry for a combination is asked first; one that returns false passes it on.
      press(event) {
        if (event.defaultPrevented || event.isComposing) return false;
        const combo = comboOf(event);
        for (const entry of [...entries].reverse()) {
          if (!handles(entry, combo, event.target)) continue;
          if (entry.fn(event) === false) continue;
          if (event.preventDefault) event.preventDefault();
          return true;
        }
        return false;
      },
      // [[group, [[combo, description]…]]…], one row for combinations that do the same.
      list() {
        const groups = new Map();
        for (const { combo, description, group, hidden } of entries) {
          if (hidden) continue;
          const rows = groups.get(group) || groups.set(group, new Map()).get(group);
          rows.set(description, [...new Set([...(rows.get(description) || []), combo])]);
        }
        return [...groups].map(([group, rows]) => [group, [...rows].map(([description, combos]) => [combos, description])]);
      },
    };
  }

  ts.keys = Object.assign(makeKeys(), { comboOf, shown, isTyping });
  if (typeof module !== "undefined") module.exports = { makeKeys, comboOf, shown, isTyping };
  if (typeof document === "undefined") return;

  // A modal dialog has every key to itself: none of them does anything to the page behind it.
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog:modal")) return;
    try {
      ts.keys.press(event);
    } catch (error) {
      ts.boundary.record("page", error);
      ts.page.toast("bad", "That key did not work: " + (error.message || error) + ".");
    }
  });
})(typeof window === "undefined" ? globalThis : window);
