// Copying text, also where the browser gives no clipboard because the page did not come over TLS.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  async function copy(text) {
    try {
      await root.navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copiedByHand(text);
    }
  }

  function copiedByHand(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("aria-hidden", "true");
    area.style.cssText = "position:fixed;opacity:0";
    const had = document.activeElement;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    if (had && had.focus) had.focus();
    return isDone;
  }

  // A button that says for a moment what became of it. `textOf` is asked when it is pressed.
  function button(label, textOf, attributes = {}) {
    const made = ts.dom.element("button", { type: "button", class: "quiet-button", ...attributes }, label);
    made.addEventListener("click", async () => {
      made.textContent = (await copy(textOf())) ? "Copied" : "Could not copy";
      root.setTimeout(() => (made.textContent = label), 1500);
    });
    return made;
  }

  ts.copying = { copy, button };
})(typeof window === "undefined" ? globalThis : window);
