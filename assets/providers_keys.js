// The keys pane of the providers dialog: a key is handed over, kept or forgotten, and never shown.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  function keys(dialog) {
    const { view, $, make, set, guard } = dialog;

    function paintForms() {
      const note = make("p", {}, "Keys are kept in a file of your data folder that only you can read, and are never shown again. A key in the environment wins.");
      $("keys").replaceChildren(note, ...view.keys.map(keyForm));
    }

    function keyForm({ name, title, held }) {
      const isFixed = held === "environment";
      const state = { environment: "set in the environment", file: "kept" }[held] || "none yet";
      const input = make("input", { type: "password", class: "field", autocomplete: "off", spellcheck: "false", id: `providers-key-${name}`, placeholder: held ? "••••••••" : name });
      input.disabled = isFixed;
      const save = make("button", { type: "submit", class: "quiet-button" }, "Keep");
      save.disabled = isFixed;
      const forget = make("button", { type: "button", class: "quiet-button", onclick: guard(() => keep(name, "")) }, "Forget");
      forget.disabled = held !== "file";
      const label = make("label", { for: input.id }, title, make("span", { class: "muted" }, ` ${state}`));
      const said = make("p", { "data-key": name, role: "status" });
      const form = make("form", { class: "providers-key" }, label, make("div", { class: "providers-add" }, input, save, forget), said);
      form.addEventListener("submit", guard((event) => onKeep(event, name, input)));
      return form;
    }

    function onKeep(event, name, input) {
      event.preventDefault();
      const key = input.value;
      input.value = "";
      if (key.trim()) keep(name, key);
    }

    function keep(name, key) {
      set("keep", { n: (view.n += 1), name, key });
    }

    // The key does not stay in the page longer than it takes to hand it over.
    function onKept(kept) {
      set("keep", null);
      view.kept = kept;
      dialog.ask("market");
    }

    function paint() {
      paintForms();
      paintKept();
    }

    function paintKept() {
      const line = view.kept && $("keys").querySelector(`[data-key="${view.kept.name}"]`);
      if (!line) return;
      line.textContent = view.kept.message;
      line.className = view.kept.ok ? "providers-good" : "providers-error";
      view.kept = null;
    }

    return { paint, onKept };
  }

  ts.providersPanes = { ...ts.providersPanes, keys };
})(typeof window === "undefined" ? globalThis : window);
