// Views: the desk's floor, or what takes its place. One is open; the address names it, the rail and keys lead to it.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const DESK = "desk";
  const KEYS = { desk: "shift+d", performance: "shift+p", journal: "shift+j", risk: "shift+r", bots: "shift+o", keys: "shift+k" };

  // The view that an address asks for; the desk when it names none that there is.
  function viewOf(hash, known) {
    const name = String(hash || "").replace(/^#/, "");
    return known.includes(name) ? name : DESK;
  }

  if (typeof module !== "undefined") module.exports = { viewOf, KEYS };
  ts.views = { open: DESK, names: [DESK], heard: [] };
  if (typeof document === "undefined") return;

  const doors = () => [...document.querySelectorAll(".rail-door")];

  function show(name) {
    ts.views.open = name;
    document.documentElement.dataset.view = name;
    for (const door of doors()) door.setAttribute("aria-current", door.dataset.view === name ? "page" : "false");
    for (const view of document.querySelectorAll(".view")) view.hidden = view.id !== `view-${name}`;
    if (root.dash_clientside && root.dash_clientside.set_props) root.dash_clientside.set_props("view", { data: name });
    for (const fn of ts.views.heard) fn(name);
    root.dispatchEvent(new Event("resize"));
  }

  // Also before Dash has made the page: the view is opened when it is there.
  function go(name) {
    const url = new URL(root.location.href);
    url.hash = name === DESK ? "" : name;
    root.history.pushState(root.history.state, "", url);
    ts.page.ready(() => show(name));
  }

  function start() {
    ts.views.names = doors().map((door) => door.dataset.view);
    document.getElementById("rail").addEventListener("click", (event) => {
      const door = event.target.closest(".rail-door");
      if (door) go(door.dataset.view);
    });
    root.addEventListener("popstate", () => show(viewOf(root.location.hash, ts.views.names)));
    root.addEventListener("hashchange", () => show(viewOf(root.location.hash, ts.views.names)));
    for (const door of doors()) {
      const name = door.dataset.view;
      if (KEYS[name]) ts.keys.add(KEYS[name], `Open ${name === DESK ? "the desk" : door.title}`, () => go(name), { group: "Views" });
    }
    show(ts.page.isSolo() ? DESK : viewOf(root.location.hash, ts.views.names));
  }

  ts.views.doors = () =>
    doors().map((door) => ({ name: door.dataset.view, label: door.title, icon: door.firstElementChild.className.replace("bi bi-", "") }));
  // `fn(name)` is called whenever another view was opened.
  ts.views.on = (fn) => ts.views.heard.push(fn);
  ts.views.go = go;
  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
