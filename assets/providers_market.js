// The market pane of the providers dialog: which market to open, with which symbols, and who stands in.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const TYPING_MS = 300;

  function market(dialog) {
    const { view, $, make, words, set, guard, vendorOf } = dialog;

    function paint() {
      const opening = firstOpen() || view.chosen;
      if (!view.chosen) view.chosen = opening;
      const options = [
        option("simulated", "Simulated", "A whole market of agents, always open, the same for the same seed."),
        option("replay", "Replay a recording…", "A recorded day with its real book; your orders work in it."),
        ...view.vendors.filter((vendor) => vendor.symbols.length).map((vendor) => option(vendor.id, `Live: ${vendor.title}`, vendor.note, vendor)),
      ];
      const list = make("div", { class: "providers-choices", role: "radiogroup", "aria-label": "Market" }, ...options);
      const line = make("div", { id: "providers-answer", role: "alert", class: "providers-answer" });
      const start = make("button", { id: "providers-open", type: "button", class: "main-button", onclick: guard(openChosen) }, "Open");
      const stay = make("button", { id: "providers-stay", type: "button", class: "quiet-button", onclick: dialog.close }, "Stay in this market");
      const foot = make("div", { class: "providers-foot" }, line, make("div", { class: "dialog-actions" }, stay, start));
      $("market").replaceChildren(list, foot);
      paintReach();
      paintPicker();
      answer(...(view.answer || [""]));
    }

    // Who was tried from here and did not answer bears a mark.
    function paintReach() {
      for (const { title, ok } of view.reached || []) {
        const vendor = view.vendors.find((each) => each.title === title);
        const name = vendor && $("market").querySelector(`[data-option="${vendor.id}"] b`);
        if (!name) continue;
        for (const former of name.querySelectorAll(".is-away")) former.remove();
        if (!ok) name.append(make("span", { class: "providers-mark is-away" }, "cannot be reached"));
      }
    }

    const firstOpen = () => (view.vendors.find((vendor) => vendor.is_first) || {}).id;

    function option(id, title, note, vendor) {
      const input = make("input", { type: "radio", name: "providers-choice", value: id, onchange: guard(() => choose(id)) });
      input.checked = view.chosen === id;
      const isNow = vendor ? vendor.is_first : dialog.presentMarket() === id;
      const marks = [];
      if (isNow) marks.push(make("span", { class: "providers-mark is-now" }, "open now"));
      if (vendor && vendor.is_open && !isNow) marks.push(make("span", { class: "providers-mark" }, "stands in now"));
      if (vendor && vendor.needs_key) marks.push(make("span", { class: "providers-mark" }, "needs a key"));
      const text = make("span", { class: "providers-text" }, make("b", {}, title, ...marks), make("span", { class: "muted" }, note));
      return make("div", { class: "providers-option", "data-option": id }, make("label", { class: "providers-choice" }, input, text));
    }

    function choose(id) {
      view.chosen = id;
      answer("");
      paintPicker();
    }

    function paintPicker() {
      const vendor = vendorOf(view.chosen);
      const start = $("open");
      const isHere = view.chosen === "simulated" && dialog.presentMarket() === "simulated";
      start.disabled = view.isBusy;
      $("stay").hidden = isHere;
      start.textContent = view.chosen === "replay" ? "Choose a recording…" : vendor && vendor.needs_key ? "Enter a key…" : vendor ? `Open ${vendor.title}` : isHere ? "Trade in this market" : "Open the simulated market";
      for (const former of $("market").querySelectorAll(".providers-picker")) former.remove();
      if (!vendor || vendor.needs_key) return;
      const at = $("market").querySelector(`[data-option="${vendor.id}"]`);
      at.append(make("div", { class: "providers-picker" }, ...picker(vendor)));
      at.scrollIntoView({ block: "nearest" });
    }

    const symbolsOf = (vendor) => view.symbols[vendor.id] || (vendor.is_first ? Object.keys(ts.page.instruments) : vendor.symbols);

    function picker(vendor) {
      const chips = make("div", { class: "providers-chips", role: "list", "aria-label": "Symbols to open" }, ...symbolsOf(vendor).map((symbol) => chip(vendor, symbol)));
      const input = make("input", { id: "providers-symbol", class: "field", placeholder: "Add a symbol", autocomplete: "off", spellcheck: "false", "aria-label": "Add a symbol" });
      input.addEventListener("keydown", guard((event) => onSymbolKey(event, vendor, input)));
      input.addEventListener("input", guard(() => onTyped(vendor, input)));
      const find = make("button", { type: "button", class: "quiet-button", onclick: guard(() => search(vendor, input.value)) }, "Find");
      return [chips, make("div", { class: "providers-add" }, input, find), make("div", { id: "providers-found-list", class: "providers-found", role: "status" }), ...backups(vendor)];
    }

    function chip(vendor, symbol) {
      const remove = make("button", { type: "button", class: "icon-button", "aria-label": `Leave out ${symbol}`, onclick: guard(() => setSymbols(vendor, symbolsOf(vendor).filter((each) => each !== symbol))) }, make("i", { class: "bi bi-x", "aria-hidden": "true" }));
      return make("span", { class: "providers-chip", role: "listitem" }, symbol, remove);
    }

    function setSymbols(vendor, symbols) {
      view.symbols[vendor.id] = symbols;
      const typed = $("symbol") ? $("symbol").value : "";
      paintPicker();
      $("symbol").value = typed;
      $("symbol").focus();
    }

    function add(vendor, symbol) {
      $("symbol").value = "";
      setSymbols(vendor, words().withSymbol(symbolsOf(vendor), symbol));
    }

    function onSymbolKey(event, vendor, input) {
      if (event.key !== "Enter" || !input.value.trim()) return;
      event.preventDefault();
      add(vendor, input.value);
    }

    // Where no quota can be used up by typing, the list follows what is typed.
    function onTyped(vendor, input) {
      root.clearTimeout(view.searchTimer);
      if (vendor.refusal || vendor.is_keyed || input.value.trim().length < 2) return;
      view.searchTimer = root.setTimeout(guard(() => search(vendor, input.value)), TYPING_MS);
    }

    function search(vendor, text) {
      if (!text.trim()) return;
      view.searchN += 1;
      $("found-list").replaceChildren(make("span", { class: "muted" }, "Looking…"));
      set("search", { n: view.searchN, provider: vendor.id, text });
    }

    function onFound({ n, found, message }) {
      const vendor = vendorOf(view.chosen);
      if (n !== view.searchN || !vendor || !$("found-list")) return;
      const buttons = found.slice(0, 12).map((each) =>
        make("button", { type: "button", class: "quiet-button providers-find", onclick: guard(() => add(vendor, each.symbol)) }, make("b", {}, each.symbol), make("span", { class: "muted" }, each.name)),
      );
      $("found-list").replaceChildren(...(message ? [make("span", { class: "muted" }, message)] : buttons));
    }

    function backups(vendor) {
      if (!vendor.backups.length) return [];
      const boxes = vendor.backups.map(({ id, title }) => {
        const box = make("input", { type: "checkbox", onchange: guard(() => dialog.panes.order.standIn(id, box.checked)) });
        box.checked = dialog.isStandIn(id);
        return make("label", {}, box, title);
      });
      const change = make("button", { type: "button", class: "quiet-button", onclick: guard(() => (dialog.show("order"), $("order-tab").focus())) }, "Change the order…");
      const legend = "Stand in when it fails, in this order, and are compared with it";
      return [make("fieldset", { class: "providers-backups" }, make("legend", {}, legend), ...boxes, ...(vendor.backups.length > 1 ? [change] : []))];
    }

    const standInsOf = (vendor) => vendor.backups.map(({ id }) => id).filter(dialog.isStandIn);

    function answer(text, isGood = false) {
      view.answer = [text, isGood];
      const line = $("answer");
      if (!line) return;
      line.textContent = text;
      line.dataset.kind = isGood ? "good" : "bad";
    }

    async function openChosen() {
      const vendor = vendorOf(view.chosen);
      if (view.chosen === "replay") return dialog.close(), ts.page.emit("open-replay", view.opener);
      if (vendor && vendor.needs_key) return dialog.show("keys");
      const intent = vendor ? { do: "open_live", provider: vendor.id, symbols: symbolsOf(vendor), backups: standInsOf(vendor) } : { do: "open_simulated" };
      if (!vendor && dialog.presentMarket() === "simulated") return dialog.close();
      return busyWith(vendor ? `Asking ${vendor.title}` : "Opening", () => ts.intents.send(intent, { quiet: true }));
    }

    async function busyWith(text, act) {
      const since = Date.now();
      view.isBusy = true;
      $("open").disabled = true;
      const tell = () => answer(`${text} · ${Math.round((Date.now() - since) / 1000)} s`, true);
      tell();
      const timer = root.setInterval(tell, 500);
      const receipt = await act();
      root.clearInterval(timer);
      view.isBusy = false;
      $("open").disabled = false;
      if (receipt.ok) return dialog.close();
      dialog.ask("market");
      return answer(receipt.message);
    }

    return { paint, paintReach, onFound };
  }

  ts.providersPanes = { ...ts.providersPanes, market };
})(typeof window === "undefined" ? globalThis : window);
