// The desk's frame: which panels are seen, edges that move, tabs, sheets on a narrow screen, questions and help.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const EDGES = {
    west: { axis: "x", sign: 1, least: 150, most: 420, of: "slot-watchlist" },
    middle: { axis: "x", sign: -1, least: 190, most: 560, of: "slot-middle" },
    east: { axis: "x", sign: -1, least: 230, most: 440, of: "slot-ticket" },
    dock: { axis: "y", sign: -1, least: 96, most: 640, of: "slot-dock" },
    why: { axis: "x", sign: -1, least: 200, most: 760, of: "why" },
    ladder: { axis: "y", sign: 1, least: 160, most: 1200, of: "ladder" },
  };
  const TABBED = ["ladder", "depth", "tape"];
  const ALL = ["header", "watchlist", "chart", "replay", "ladder", "depth", "tape", "ticket", "blotter", "why", "providers"];
  const VIEWS = ["performance", "journal", "risk", "bots", "keys"];
  const KEYBOARD_PX = 80;
  const PANELS_OF_SHEET = { ticket: ["ticket"], middle: TABBED, dock: ["blotter", "why"], watchlist: ["watchlist"] };
  const CAN_FILL = new Set(["chart", "ladder", "depth", "tape", "blotter"]);

  // `room` is what the neighbours can give up.
  function clampedSize(edge, size, room) {
    const { least, most } = EDGES[edge];
    return Math.round(Math.max(least, Math.min(most, room, size)));
  }

  function sizeByKey(key, isShift, size, edge) {
    const { axis, sign, least, most } = EDGES[edge];
    const step = isShift ? 32 : 8;
    const towards = axis === "x" ? { ArrowRight: 1, ArrowLeft: -1 } : { ArrowDown: 1, ArrowUp: -1 };
    if (key in towards) return size + towards[key] * sign * step;
    if (key === "Home") return least;
    if (key === "End") return most;
    return null;
  }

  function seenPanels({ page, solo, max, isNarrow, isPhone, sheet, isStacked, tab, lower, dock }) {
    if (page && page !== "desk") return new Set(["header", "providers", page]);
    if (solo) return new Set(["header", solo]);
    if (max) return new Set(["header", max]);
    const middle = isStacked ? ["ladder", lower] : [tab];
    if (!isNarrow) return new Set(ALL.filter((panel) => !TABBED.includes(panel) || middle.includes(panel)));
    const isShown = (panel) => (TABBED.includes(panel) ? panel === tab : !isPhone || sheet !== "dock" || panel === dock);
    const open = (PANELS_OF_SHEET[sheet] || []).filter(isShown);
    return new Set(["header", "chart", "replay", ...open]);
  }

  function nextTab(key, panels, now) {
    const at = panels.indexOf(now);
    if (key === "ArrowRight") return panels[(at + 1) % panels.length];
    if (key === "ArrowLeft") return panels[(at + panels.length - 1) % panels.length];
    if (key === "Home") return panels[0];
    if (key === "End") return panels[panels.length - 1];
    return null;
  }

  // How much of the window the keyboard on the screen covers, in px; a page that was zoomed into is not covered.
  function coveredPx(windowHeight, { height, scale }) {
    const covered = Math.round(windowHeight - height * scale);
    return scale === 1 && covered > KEYBOARD_PX ? covered : 0;
  }

  if (typeof module !== "undefined") module.exports = { clampedSize, sizeByKey, seenPanels, nextTab, coveredPx, EDGES };
  if (typeof document === "undefined") return;

  const html = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const narrow = root.matchMedia("(max-width: 1279px)");
  const phone = root.matchMedia("(max-width: 599px)");
  const tablet = root.matchMedia("(min-width: 768px) and (max-width: 1279px) and (min-height: 501px)");
  const low = root.matchMedia("(max-height: 500px)");
  const roomy = root.matchMedia("(min-width: 1800px) and (min-height: 760px)");
  const view = {
    solo: html.dataset.solo && ALL.includes(html.dataset.solo) ? html.dataset.solo : null,
    max: null,
    sheet: null,
    tab: "ladder",
    lower: "depth",
    dock: "blotter",
    isTyping: false,
    get page() {
      return ts.views ? ts.views.open : "desk";
    },
    get isNarrow() {
      return narrow.matches && !this.solo;
    },
    get isPhone() {
      return phone.matches && !this.solo;
    },
    // Does the open sheet lie over the chart?
    get isCovered() {
      return this.isNarrow && this.sheet !== null && (this.isPhone || (this.sheet === "dock" && low.matches));
    },
    get isStacked() {
      return roomy.matches && !this.solo;
    },
  };
  if (!view.solo) delete html.dataset.solo;

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  function iconButton(icon, label, onclick, attributes = {}) {
    const mark = element("i", { class: "bi bi-" + icon, "aria-hidden": "true" });
    return element("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, mark);
  }

  ts.dom = { element, iconButton };

  // Which panels are seen
  function arrange() {
    const seen = seenPanels(view);
    for (const panel of ALL) {
      const at = byId(panel);
      if (!at) continue;
      at.classList.toggle("is-max", (view.solo || view.max) === panel);
      if (TABBED.includes(panel)) at.classList.toggle("is-off", !seen.has(panel));
    }
    byId("slot-middle").dataset.stacked = view.isStacked ? "yes" : "no";
    byId("floor").dataset.sheet = (view.isNarrow && view.sheet) || "";
    byId("slot-dock").dataset.shown = view.dock;
    for (const slot of document.querySelectorAll(".slot")) slot.classList.toggle("is-open", view.isNarrow && slot.dataset.slot === view.sheet);
    for (const button of document.querySelectorAll(".bar-button")) button.setAttribute("aria-expanded", String(button.dataset.sheet === view.sheet));
    markTabs();
    for (const panel of [...ALL, ...VIEWS]) (seen.has(panel) ? ts.painter.show : ts.painter.hide).call(ts.painter, panel);
    for (const button of document.querySelectorAll("[data-tool=max]")) markMax(button);
    const { page, solo, max, isPhone, isCovered, isTyping } = view;
    ts.page.emit("arranged", { page, solo, max, isPhone, isCovered, isTyping });
  }

  function markTabs() {
    for (const button of document.querySelectorAll("#middle-tabs .tab, #lower-tabs .tab")) {
      const isLower = button.parentElement.id === "lower-tabs";
      const isOn = button.dataset.panel === (isLower ? view.lower : view.isStacked ? "ladder" : view.tab);
      button.setAttribute("aria-selected", String(isOn));
      button.tabIndex = isOn ? 0 : -1;
    }
  }

  function markMax(button) {
    const isMax = view.max !== null;
    button.setAttribute("aria-pressed", String(isMax));
    button.firstChild.className = "bi bi-" + (isMax ? "arrows-angle-contract" : "arrows-angle-expand");
    button.title = isMax ? "Back to the desk (Esc)" : "Fill the desk";
    button.setAttribute("aria-label", button.title);
  }

  function chooseTab(panel, isLower) {
    if (isLower) view.lower = panel;
    else view.tab = panel;
    if (TABBED.includes(view.max)) view.max = panel;
    ts.page.store(isLower ? "lower-tab" : "tab", panel);
    arrange();
  }

  function maximise(panel) {
    if (view.solo || view.isNarrow) return;
    view.max = view.max === panel ? null : panel;
    arrange();
    root.dispatchEvent(new Event("resize"));
  }

  function openSheet(sheet) {
    view.sheet = view.sheet === sheet ? null : sheet;
    view.dock = "blotter";
    if (tablet.matches) ts.page.store("sheet", view.sheet || "none");
    arrange();
    const slot = view.sheet && byId("slot-" + view.sheet);
    if (slot) slot.querySelector(".sheet-grip").focus({ preventScroll: true });
  }

  function popOut(panel) {
    const url = new URL(root.location.href);
    url.searchParams.set("panel", panel);
    url.searchParams.set("with", windowName());
    const opened = root.open(url, "tradesim-" + panel + "-" + windowName(), "popup,width=900,height=640");
    if (!opened) ts.page.toast("warn", "The browser did not allow a new window; allow pop-ups for this page and try again.");
  }

  // Brings a panel into view wherever it is now: its tab, or its sheet on a narrow screen.
  function reveal(panel) {
    if (view.page !== "desk") ts.views.go("desk");
    if (view.max && view.max !== panel) view.max = null;
    if (TABBED.includes(panel)) {
      if (view.isStacked && panel !== "ladder") view.lower = panel;
      else if (!view.isStacked) view.tab = panel;
    }
    if (panel === "why" || panel === "blotter") view.dock = panel;
    if (view.isNarrow) view.sheet = Object.keys(PANELS_OF_SHEET).find((sheet) => PANELS_OF_SHEET[sheet].includes(panel)) || null;
    arrange();
  }

  // Windows that were opened from one another follow its symbol and its account.
  function windowName() {
    const name = ts.page.query.get("with") || root.sessionStorage.getItem("tradesim:window") || Math.random().toString(36).slice(2, 10);
    root.sessionStorage.setItem("tradesim:window", name);
    return name;
  }

  function followWindows() {
    if (!root.BroadcastChannel) return;
    const channel = new BroadcastChannel("tradesim:" + windowName());
    channel.onmessage = ({ data }) => {
      if (data.symbol) ts.page.choose(data.symbol);
      if (typeof data.account === "string") ts.page.chooseAccount(data.account);
    };
    ts.page.onSymbol((symbol) => channel.postMessage({ symbol }));
    ts.page.onAccount((account) => channel.postMessage({ account }));
  }

  // Edges
  function roomFor(edge) {
    const { axis, of } = EDGES[edge];
    const own = byId(of).getBoundingClientRect();
    const giver = { west: "slot-chart", middle: "slot-chart", east: "slot-chart", dock: "slot-chart", why: "blotter" }[edge];
    const box = (giver ? byId(giver) : byId("slot-middle")).getBoundingClientRect();
    if (edge === "ladder") return box.height - 160;
    return axis === "x" ? own.width + box.width - 240 : own.height + box.height - 140;
  }

  function sizeOf(edge) {
    const { axis, of } = EDGES[edge];
    const box = byId(of).getBoundingClientRect();
    return axis === "x" ? box.width : box.height;
  }

  function resize(edge, size, keep) {
    const px = clampedSize(edge, size, roomFor(edge));
    html.style.setProperty("--" + edge, px + "px");
    describeEdge(edge);
    if (keep) ts.page.store("size:" + edge, px);
  }

  function resetSize(edge) {
    html.style.removeProperty("--" + edge);
    ts.page.store("size:" + edge, null);
    describeEdge(edge);
  }

  // As it was found: every edge where it was, the ladder with the depth.
  function resetLayout() {
    view.max = null;
    for (const edge of Object.keys(EDGES)) resetSize(edge);
    chooseTab("ladder", false);
    chooseTab("depth", true);
    root.dispatchEvent(new Event("resize"));
  }

  function describeEdge(edge) {
    const at = document.querySelector(`[data-edge="${edge}"]`);
    const { least, most } = EDGES[edge];
    at.setAttribute("aria-valuemin", String(least));
    at.setAttribute("aria-valuemax", String(most));
    at.setAttribute("aria-valuenow", String(Math.round(sizeOf(edge))));
    at.setAttribute("aria-valuetext", Math.round(sizeOf(edge)) + " pixels");
  }

  function dragEdge(event, edge) {
    if (event.button !== 0) return;
    const { axis, sign } = EDGES[edge];
    const at = event.currentTarget;
    const from = axis === "x" ? event.clientX : event.clientY;
    const before = sizeOf(edge);
    const move = (moved) => resize(edge, before + sign * ((axis === "x" ? moved.clientX : moved.clientY) - from), false);
    const end = (last) => {
      at.removeEventListener("pointermove", move);
      at.classList.remove("is-moving");
      document.body.classList.remove("is-resizing");
      if (Math.abs((axis === "x" ? last.clientX : last.clientY) - from) > 1) ts.page.store("size:" + edge, Math.round(sizeOf(edge)));
    };
    at.setPointerCapture(event.pointerId);
    at.classList.add("is-moving");
    document.body.classList.add("is-resizing");
    at.addEventListener("pointermove", move);
    at.addEventListener("lostpointercapture", end, { once: true });
  }

  function startEdges() {
    for (const at of document.querySelectorAll(".edge")) {
      const edge = at.dataset.edge;
      const kept = ts.page.stored("size:" + edge, null);
      if (kept && !view.isNarrow && !view.solo) resize(edge, kept, false);
      else describeEdge(edge);
      ts.fingers.hold(at).addEventListener("pointerdown", (event) => dragEdge(event, edge));
      at.addEventListener("dblclick", () => resetSize(edge));
      at.addEventListener("keydown", (event) => {
        const size = sizeByKey(event.key, event.shiftKey, sizeOf(edge), edge);
        if (size === null) return;
        event.preventDefault();
        resize(edge, size, true);
      });
    }
  }

  // Heads: fill the desk, or open in a window of its own
  function panelOfHead(head) {
    if (head.dataset.head === "lower") return view.lower;
    if (head.dataset.head === "middle") return view.isStacked ? "ladder" : view.tab;
    const panel = head.closest(".panel");
    return panel && panel.id;
  }

  function startHeads() {
    for (const head of document.querySelectorAll(".floor .panel-head")) {
      if (!CAN_FILL.has(panelOfHead(head))) continue;
      const max = iconButton("arrows-angle-expand", "Fill the desk", () => maximise(panelOfHead(head)), { "data-tool": "max", "aria-pressed": "false" });
      const out = iconButton("box-arrow-up-right", "Open in a window of its own", () => popOut(panelOfHead(head)));
      const tools = element("div", { class: "head-tools" }, max, out);
      const hasPusher = [...head.children].some((child) => getComputedStyle(child).marginLeft === "auto" || child.classList.contains("head-note"));
      if (!hasPusher) tools.classList.add("is-alone");
      head.append(tools);
      head.addEventListener("dblclick", (event) => {
        if (!event.target.closest("button, input, select, a")) maximise(panelOfHead(head));
      });
    }
  }

  function startTabs() {
    for (const list of [byId("middle-tabs"), byId("lower-tabs")]) {
      const isLower = list.id === "lower-tabs";
      const panels = [...list.children].map((button) => button.dataset.panel);
      list.addEventListener("click", (event) => {
        const button = event.target.closest(".tab");
        if (button) chooseTab(button.dataset.panel, isLower);
      });
      list.addEventListener("keydown", (event) => {
        const panel = nextTab(event.key, view.isStacked && !isLower ? ["ladder"] : panels, isLower ? view.lower : view.tab);
        if (!panel) return;
        event.preventDefault();
        chooseTab(panel, isLower);
        list.querySelector(`[data-panel=${panel}]`).focus();
      });
    }
    for (const panel of TABBED) {
      const at = byId(panel);
      if (!at.hasAttribute("role")) at.setAttribute("role", "tabpanel");
      if (!at.hasAttribute("aria-label")) at.setAttribute("aria-label", panel[0].toUpperCase() + panel.slice(1));
    }
  }

  // Sheets
  function startSheets() {
    byId("bottom-bar").addEventListener("click", (event) => {
      const button = event.target.closest(".bar-button");
      if (!button) return;
      if (button.dataset.sheet === "more") ts.page.emit("more", button);
      else {
        if (view.page !== "desk") ts.views.go("desk");
        openSheet(button.dataset.sheet);
      }
    });
    for (const slot of document.querySelectorAll(".slot:not(.slot-chart)")) {
      const grip = element("button", { type: "button", class: "sheet-grip", "aria-label": "Close " + slot.dataset.label.toLowerCase(), onclick: () => openSheet(null) });
      ts.fingers.hold(grip).addEventListener("pointerdown", (event) => dragSheet(event, slot));
      slot.prepend(grip);
    }
    byId("why").querySelector(".panel-head").prepend(iconButton("arrow-left", "Back to the orders", backToOrders, { class: "icon-button why-back" }));
  }

  function backToOrders() {
    view.dock = "blotter";
    arrange();
  }

  // A tablet begins with the sheet that was open last beside the chart.
  function firstSheet() {
    const kept = tablet.matches && !view.solo ? ts.page.stored("sheet", "ticket") : "none";
    return kept in PANELS_OF_SHEET ? kept : null;
  }

  // The page ends where the keyboard begins, so that what is typed, and what sends it, stay in sight.
  function fitKeyboard() {
    const covered = coveredPx(root.innerHeight, root.visualViewport);
    view.isTyping = covered > 0;
    if (view.isTyping) html.style.setProperty("--keyboard", covered + "px");
    else html.style.removeProperty("--keyboard");
    html.toggleAttribute("data-typing", view.isTyping);
    arrange();
    if (!view.isTyping) return;
    root.scrollTo(0, 0);
    if (document.activeElement) document.activeElement.scrollIntoView({ block: "nearest" });
  }

  function dragSheet(event, slot) {
    const grip = event.currentTarget;
    const from = event.clientY;
    const move = (moved) => {
      slot.style.transform = `translateY(${Math.max(0, moved.clientY - from)}px)`;
    };
    grip.setPointerCapture(event.pointerId);
    grip.addEventListener("pointermove", move);
    grip.addEventListener(
      "pointerup",
      (last) => {
        grip.removeEventListener("pointermove", move);
        slot.style.transform = "";
        if (last.clientY - from > 60) openSheet(null);
      },
      { once: true },
    );
  }

  function keyRow([combos, description]) {
    const keys = combos.map((combo) => element("span", {}, ...ts.keys.shown(combo).flatMap((name, at) => [at ? " " : "", element("kbd", {}, name)])));
    return element("div", { class: "key-row" }, element("span", {}, description), element("span", {}, ...keys));
  }

  function help() {
    const sections = ts.keys.list().map(([group, rows]) => element("section", {}, element("h3", {}, group), ...rows.map(keyRow)));
    ts.questions.dialog("Keys", true, element("div", { class: "key-groups" }, ...sections));
  }

  // Buttons that the server drew: what they do is named in data-do.
  function onNamedButton(event) {
    const button = event.target.closest && event.target.closest("[data-do]");
    if (!button) return;
    if (button.dataset.do === "reload") root.location.reload();
    if (button.dataset.do === "copy") ts.boundary.copy(button.dataset.details);
  }

  function startKeys() {
    const { keys } = ts;
    keys.add("?", "Show every key", help);
    keys.add("t", "Switch between light and dark", () => ts.page.setTheme(ts.page.theme === "light" ? "dark" : "light"));
    keys.add("m", "Let the panel in focus fill the desk, and back", () => {
      const panel = document.activeElement && document.activeElement.closest(".floor .panel");
      maximise(view.max || (panel && panel.id) || "chart");
    });
    keys.tell("Page", [["left right up down", "On an edge between panels: its place"]]);
    keys.add("esc", "Leave: close what is open", () => {
      if (view.max) maximise(view.max);
      else if (view.sheet === "dock" && view.isPhone && view.dock === "why") backToOrders();
      else if (view.sheet) openSheet(view.sheet);
      else return ts.toasts.leave();
      return true;
    });
  }

  function start() {
    view.tab = ts.page.stored("tab", view.tab);
    view.lower = ts.page.stored("lower-tab", view.lower);
    startTabs();
    startSheets();
    startHeads();
    startEdges();
    startKeys();
    followWindows();
    ts.views.on(arrange);
    view.sheet = firstSheet();
    arrange();
    if (root.visualViewport) root.visualViewport.addEventListener("resize", fitKeyboard);
    for (const query of [narrow, phone, low, roomy]) query.addEventListener("change", arrange);
    document.addEventListener("click", onNamedButton);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const isShown = (panel) => ts.painter.isShown(panel);
    Object.assign(ts.page, { reveal, resetLayout, ...ts.questions, help, isShown, isSolo: () => view.solo !== null, isNarrow: () => view.isNarrow });
    ts.page.ready(start);
  });
})(typeof window === "undefined" ? globalThis : window);
