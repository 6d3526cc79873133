// The kill switch: one panel that cancels, flattens or freezes an account or the whole desk, and the strip that says so.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  if (typeof document === "undefined") return;

  const CLOSED = new Set(["filled", "canceled", "expired", "rejected", "replaced", "done_for_day"]);
  const byId = (id) => document.getElementById(id);
  const element = (...given) => ts.dom.element(...given);
  const live = () => ts.live.state;
  const state = { isDesk: false, shown: null, isWhole: false };

  function inAccount() {
    const { desk } = live();
    const orders = Object.values(desk.orders || {}).filter((order) => !CLOSED.has(order.status)).length;
    const positions = (desk.positions || []).filter((position) => Number(position.qty) !== 0).length;
    return { name: desk.account.name || "this account", orders, positions };
  }

  function inDesk() {
    const all = ts.accounts.all;
    const sum = (name) => all.reduce((total, account) => total + account[name], 0);
    return { name: "the whole desk", orders: sum("orders"), positions: sum("positions") };
  }

  async function pull(mode) {
    ts.header.closePopup();
    if (state.isDesk) await ts.accounts.refresh();
    const { name, orders, positions } = state.isDesk ? inDesk() : inAccount();
    const { title, detail, yes } = ts.standing.question(mode, name, orders, positions);
    if (!(await ts.page.confirm(title, { detail, yes, no: "Leave it" }))) return;
    const receipt = await ts.intents.send({ do: "kill", mode, ...(state.isDesk ? { scope: "desk" } : {}) }, { quiet: true });
    ts.page.toast(receipt.ok ? "warn" : "bad", receipt.message);
    ts.accounts.refresh();
  }

  function choice(mode) {
    const { about } = ts.standing.MODES[mode];
    return element("button", { type: "button", class: "kill-choice", "data-mode": mode, onclick: ts.boundary.guard("header", () => pull(mode)) }, element("b", {}, ts.standing.choiceOf(mode)), element("span", {}, about));
  }

  function scopes() {
    const option = (isDesk, text) => {
      const input = element("input", { type: "radio", name: "kill-scope", checked: state.isDesk === isDesk, onchange: () => (state.isDesk = isDesk) });
      return element("label", {}, input, text);
    };
    const count = ts.accounts.all.length;
    return element("fieldset", { class: "choice" }, element("legend", {}, "What is stopped"), element("div", { class: "segments" }, option(false, inAccount().name), option(true, `Whole desk (${count})`)));
  }

  function open(button) {
    state.isDesk = false;
    const { notices, view, when, heldBack } = ts.standing;
    const [now] = notices(view(), null, when, Boolean(heldBack()));
    const parts = [element("h2", {}, "Kill switch")];
    if (now) parts.push(element("p", { class: "kill-now" }, now.text), element("div", { class: "popup-actions" }, ts.standing.reactivation("Reactivate", again, now.held), ts.header.action("Open Risk", () => (ts.header.closePopup(), ts.views.go("risk")))));
    parts.push(scopes(), element("p", { class: "kill-after" }, `Each of the three halts. ${ts.standing.AFTERWARDS}`), element("div", { class: "kill-choices" }, ...["cancel", "flatten", "freeze"].map(choice)));
    parts.push(element("button", { type: "button", class: "kill-choice is-mild", onclick: ts.boundary.guard("header", () => (ts.header.closePopup(), ts.header.stopAll())) }, element("b", {}, "Stop all, and trade on ", element("kbd", {}, "F")), element("span", {}, "Cancels every order and closes every position of the account once; it is not halted.")));
    ts.header.openPopup(button, "Kill switch", ...parts);
  }

  function again() {
    ts.header.closePopup();
    const view = ts.standing.view();
    return ts.standing.reactivate(Boolean(view && view.is_desks));
  }

  // ---- the button and the strip

  function action(act, held) {
    if (act === "risk") return ts.header.action("Open Risk", () => ts.views.go("risk"));
    return element("span", { class: "strip-actions" }, ts.standing.reactivation("Reactivate", ts.boundary.guard("header", again), held), ts.header.action("Open Risk", () => ts.views.go("risk")));
  }

  // Two lines at most, whatever the market does to the words; a phone has the gist, and a tap brings the rest.
  function notice({ kind, text, brief, act, held }) {
    const words = element("button", { type: "button", class: "strip-words", title: text, "aria-expanded": String(state.isWhole) }, element("span", { class: "strip-brief" }, brief), element("span", { class: "strip-whole" }, text));
    words.addEventListener("click", () => {
      state.isWhole = !state.isWhole;
      for (const each of document.querySelectorAll(".strip-words")) each.setAttribute("aria-expanded", String(state.isWhole));
    });
    return element("div", { class: "strip is-" + kind }, element("i", { class: "bi bi-exclamation-octagon", "aria-hidden": "true" }), words, action(act, held));
  }

  function paint() {
    const view = ts.standing.view();
    const found = ts.standing.notices(view, live().desk.account, ts.standing.when, Boolean(ts.standing.heldBack()));
    const text = JSON.stringify(found);
    if (text === state.shown) return;
    state.shown = text;
    const name = view && view.state !== "active" ? view.state : "active";
    const button = byId("header-stop");
    button.dataset.standing = name;
    button.setAttribute("aria-label", name === "active" ? "Kill switch" : `Kill switch: ${ts.standing.WORDS[name]}`);
    const strip = byId("header-standing");
    strip.hidden = !found.length;
    strip.replaceChildren(...found.map(notice));
    root.dispatchEvent(new Event("resize"));
  }

  function start() {
    const guard = (fn) => ts.boundary.guard("header", fn);
    const dirty = () => ts.painter.dirty("header:standing");
    byId("header-stop").addEventListener("click", guard(() => open(byId("header-stop"))));
    ts.painter.add("header:standing", paint);
    ts.live.want("standing", ["risk", "desk"]);
    for (const kind of ["risk", "desk", "status"]) ts.live.on(kind, dirty);
    ts.page.onAccount(dirty);
  }

  ts.kill = { open };
  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
