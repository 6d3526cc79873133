// Questions to the person, and dialogs: each has the page to itself until it is answered or left.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // Questions: resolves to true when the person agrees. Asks once, Enter agrees, Esc does not.
  async function confirm(question, { detail = "", yes = "Yes", no = "Leave it", danger = true } = {}) {
    return (await ask(question, { detail, no, danger, choices: [["yes", yes]] })) === "yes";
  }

  // The same with several ways to go, [[value, words]…], the one that Enter takes last: resolves to a value, or to null.
  function ask(question, { detail = "", no = "Leave it", danger = true, choices }) {
    return new Promise((resolve) => {
      const [value, words] = choices.at(-1);
      const agree = ts.dom.element("button", { class: "main-button" + (danger ? " is-danger" : ""), value, autofocus: true }, words);
      const others = choices.slice(0, -1).map(([other, text]) => ts.dom.element("button", { class: "quiet-button", value: other }, text));
      const dialog = ts.dom.element(
        "dialog",
        { class: "sheet-dialog", "aria-labelledby": "question-title" },
        ts.dom.element(
          "form",
          { method: "dialog" },
          ts.dom.element("h2", { id: "question-title" }, question),
          ts.dom.element("p", {}, detail),
          ts.dom.element("div", { class: "dialog-actions" }, ts.dom.element("button", { class: "quiet-button", value: "" }, no), ...others, agree),
        ),
      );
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(dialog.returnValue || null);
      });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  // A dialog with a title, a way out, and whatever is given; returns it.
  function dialog(title, isWide, ...children) {
    const box = ts.dom.element("dialog", { class: "sheet-dialog" + (isWide ? " is-wide" : ""), "aria-label": title });
    const close = ts.dom.iconButton("x-lg", "Close", () => box.close());
    box.append(ts.dom.element("div", { class: "dialog-head" }, ts.dom.element("h2", {}, title), close), ...children);
    box.addEventListener("click", (event) => {
      if (event.target === box) box.close();
    });
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    return box;
  }

  ts.questions = { confirm, ask, dialog };
})(typeof window === "undefined" ? globalThis : window);
