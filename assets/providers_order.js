// The order pane of the providers dialog: who is preferred and who stands in; kept in the data folder.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  function order(dialog) {
    const { view, $, make, words, set, guard, vendorOf } = dialog;

    function paint() {
      const note = make("p", {}, "The first is offered first; when it fails, those that stand in serve in this order. Drag a row, or use its arrows. Used when a live market is opened next.");
      const said = make("p", { id: "providers-order-said", role: "status", class: "providers-good" });
      $("order").replaceChildren(note, ...words().groups(view.vendors).map(([title, ids]) => orderList(title, ids)), said);
    }

    function orderList(title, ids) {
      const rows = ids.map((id, at) => orderRow(vendorOf(id), at, ids));
      return make("section", { "aria-label": title }, make("h3", {}, title), make("ol", { class: "providers-order" }, ...rows));
    }

    function orderRow(vendor, at, ids) {
      const icon = (name) => make("i", { class: `bi bi-${name}`, "aria-hidden": "true" });
      const grip = make("span", { class: "providers-grip", "aria-hidden": "true", title: "Drag" }, icon("grip-vertical"));
      const box = make("input", { type: "checkbox", "aria-label": `${vendor.title} stands in`, onchange: guard(() => standIn(vendor.id, box.checked)) });
      box.checked = vendor.stands_in;
      const arrow = (by, name, word) => {
        const button = make("button", { type: "button", class: "icon-button", "data-by": String(by), "aria-label": `${vendor.title} ${word}`, onclick: guard(() => reorder(words().moved(ids, vendor.id, by), vendor.id, by)) }, icon(name));
        button.disabled = words().moved(ids, vendor.id, by) === ids;
        return button;
      };
      const state = vendor.needs_key ? "needs a key" : at === 0 ? "preferred" : "";
      const mark = state ? make("span", { class: at === 0 && !vendor.needs_key ? "providers-mark is-now" : "providers-mark" }, state) : "";
      const row = make("li", { class: "providers-place", "data-provider": vendor.id }, grip, make("span", { class: "providers-rank" }, String(at + 1)), make("span", { class: "providers-name" }, vendor.title, mark), make("label", { class: "providers-stands" }, box, "stands in"), arrow(-1, "chevron-up", "up"), arrow(1, "chevron-down", "down"));
      ts.fingers.hold(grip).addEventListener("pointerdown", guard((event) => drag(event, row, vendor.id, ids)));
      return row;
    }

    // The row follows the pointer; where it is let go is its place.
    function drag(event, row, id, ids) {
      if (event.button) return;
      event.preventDefault();
      const grip = event.currentTarget;
      const from = event.clientY;
      const height = row.offsetHeight;
      const first = ids.indexOf(id);
      const placeAt = (y) => Math.max(0, Math.min(ids.length - 1, first + Math.round((y - from) / height)));
      const siblings = [...row.parentElement.children];
      const move = (moved) => {
        const at = placeAt(moved.clientY);
        siblings.forEach((each, place) => {
          const by = each === row ? moved.clientY - from : place > first && place <= at ? -height : place < first && place >= at ? height : 0;
          each.style.transform = by ? `translateY(${by}px)` : "";
        });
      };
      const end = (last) => {
        for (const kind of ["pointermove", "pointerup", "pointercancel"]) grip.removeEventListener(kind, handlers[kind]);
        row.classList.remove("is-dragged");
        siblings.forEach((each) => (each.style.transform = ""));
        if (last.type === "pointerup") reorder(words().placed(ids, id, placeAt(last.clientY)), id, 0);
      };
      const handlers = { pointermove: guard(move), pointerup: guard(end), pointercancel: guard(end) };
      grip.setPointerCapture(event.pointerId);
      row.classList.add("is-dragged");
      for (const kind of Object.keys(handlers)) grip.addEventListener(kind, handlers[kind]);
    }

    function reorder(ids, id, by) {
      const place = new Map(ids.map((each, at) => [each, at]));
      const mine = view.vendors.filter((vendor) => place.has(vendor.id));
      if (mine.every((vendor, at) => vendor.id === ids[at])) return;
      let next = 0;
      const sorted = ids.map(vendorOf);
      view.vendors = view.vendors.map((vendor) => (place.has(vendor.id) ? sorted[next++] : vendor));
      for (const vendor of view.vendors) vendor.backups.sort((one, other) => view.vendors.findIndex(({ id: each }) => each === one.id) - view.vendors.findIndex(({ id: each }) => each === other.id));
      prefer();
      paint();
      dialog.panes.market.paint();
      $("order-said").textContent = `${vendorOf(id).title} is now number ${place.get(id) + 1} of ${ids.length}.`;
      const buttons = [...$("order").querySelectorAll(`[data-provider="${id}"] button`)];
      const wanted = buttons.find((button) => button.dataset.by === String(by) && !button.disabled) || buttons.find((button) => !button.disabled);
      if (by && wanted) wanted.focus();
    }

    function standIn(id, isChosen) {
      vendorOf(id).stands_in = isChosen;
      prefer();
      if (view.pane === "order") dialog.panes.market.paint();
      else paint();
    }

    function prefer() {
      set("prefer", { n: (view.n += 1), order: view.vendors.map((vendor) => vendor.id), stand_ins: view.vendors.filter((vendor) => vendor.stands_in).map((vendor) => vendor.id) });
    }

    function onPreferred({ ok, message }) {
      if (ok) return;
      const line = $("order-said");
      if (line) line.className = "providers-error";
      if (line) line.textContent = message;
      ts.page.toast("bad", message);
    }

    return { paint, standIn, onPreferred };
  }

  ts.providersPanes = { ...ts.providersPanes, order };
})(typeof window === "undefined" ? globalThis : window);
