// The order ticket on screen: its fields and keys, and what it shares with the other panels.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const TOPICS = "ticket";
  const PERCENTS = [25, 50, 100];

  const entry = () => ts.ticketForm;
  const sending = () => ts.ticketSend;

  const ticket = (ts.ticket = {
    get timing() {
      return sending().timing;
    },
    // The quantity in the form as decimal text; null while it is money or no quantity at all.
    quantity: () => entry().quantity(),
    setQuantity: (text) => entry().setQuantity(text),
    oneClick: () => Boolean(ts.page.stored("one-click", false)),
    setOneClick(isOn) {
      ts.page.store("one-click", Boolean(isOn));
      sending().leave();
      showOneClick();
      ts.page.emit("one-click", Boolean(isOn));
      ts.painter.dirty("ladder");
    },
    // Hears of every change of quantity and one-click.
    on(fn) {
      entry().heard.push(fn);
      return () => entry().heard.splice(entry().heard.indexOf(fn), 1);
    },
    prefill: (wish) => entry().prefill(wish),
    form: () => ({ ...entry().form }),
    buildQuick,
  });
  if (typeof document === "undefined") return;

  const model = () => ts.ticketModel;
  const view = () => ts.ticketView;
  const at = (name) => ts.ticketView.at(name);
  const dirty = () => ts.painter.dirty(PANEL);
  const form = () => entry().form;
  const instrument = () => entry().instrument();
  const book = () => entry().book();

  // ---- painting

  function paint() {
    if (!instrument()) return;
    entry().followTouch();
    if (ts.ticketTerms.hasStop(form()) && !form().stop) entry().proposeStop();
    if (entry().state.session !== entry().session()) entry().showAllowed();
    if (entry().state.isBare !== model().isBare(book())) entry().showFollow();
    showMarket();
    const fault = sending().currentFault();
    view().showRefusal(entry().state.isEdited || entry().state.refusal ? fault : null, { ...form(), drawer: ts.ticketDrawers.open });
    showFigures();
    ts.ticketDrawers.paint();
    showDeed();
    sending().followOrder();
  }

  function showFigures() {
    const stop = sending().stop();
    const answer = entry().state.answer && !stop && !sending().ownFault() ? entry().state.answer : null;
    const isWaiting = ts.ticketTerms.waits(form()) && !ts.ticketTerms.isProtecting(form());
    const texts = isWaiting
      ? view().waitingFigures(stop ? null : model().trigger(form(), instrument(), entry().last()), answer, instrument(), ts.format)
      : view().figures(stop ? null : model().estimate(form(), instrument(), book()), answer, form(), instrument(), ts.format);
    view().showFigures(texts, isWaiting);
    showPosition(answer);
    view().mark("slippage", "title", (!isWaiting && answer && answer.rule) || "");
    view().mark("now", "title", (!isWaiting && answer && answer.rule) || "");
    view().mark("estimate", "title", stop || "");
    view().mark("estimate", "data-old", String(Boolean(answer && answer.key !== entry().state.key)));
  }

  // The row is there where something closes, or a short may open.
  function showPosition(answer) {
    const held = ts.ticketDrawers.held();
    const isFresh = answer && answer.key === entry().state.key;
    if (answer && !isFresh) return;
    const text = view().positionText(answer, form(), held ? held.qty : 0, instrument(), ts.format);
    view().write("position", text);
    at("position-row").hidden = !text;
    const isWarning = /open/.test(text) && Boolean(held);
    view().mark("position", "class", isWarning ? "warn" : "");
    view().mark("position", "title", isWarning ? "Other orders of yours close the position already, or it is smaller than this order" : "");
  }

  function showMarket() {
    const market = ts.live.state.market[form().symbol] || {};
    view().write("symbol", form().symbol);
    view().write("name", instrument().name);
    view().write("last", ts.format.price(market.l, form().symbol));
    const isRising = market.l !== null && market.pc ? Math.sign(market.l - market.pc) : 0;
    view().mark("last", "class", `ticket-last num ${isRising > 0 ? "up" : isRising < 0 ? "down" : ""}`);
  }

  function showDeed() {
    const button = at("submit");
    const stop = sending().stop();
    if (stop) sending().leave();
    const { asked, sending: isSending } = sending().state;
    const fault = stop || asked ? null : sending().currentFault();
    view().write("ask", asked && !isSending ? "Confirm: " : "");
    view().write("deed", isSending ? "Sending…" : asked ? asked.question : stop || sending().sentence());
    button.disabled = isSending || Boolean(stop);
    button.classList.toggle("is-asked", Boolean(asked));
    button.classList.toggle("is-stopped", Boolean(stop));
    button.classList.toggle("is-faulty", Boolean(fault));
    view().mark("submit", "title", fault ? `${view().capital(fault.text)}.` : "");
    button.setAttribute("aria-busy", String(isSending));
    at("leave").hidden = !asked || isSending;
    at("after").classList.toggle("is-waiting", Boolean(asked) && !isSending);
  }

  // One-click was meant for the account and the market in which it was switched on.
  function disarm() {
    if (!ticket.oneClick()) return;
    ticket.setOneClick(false);
    ts.page.toast("info", "1-click is off: this is another account or market.");
  }

  function showOneClick() {
    const isOn = ticket.oneClick();
    view().write("one-click", isOn ? "1-click ON" : "1-click off");
    view().mark("one-click", "aria-pressed", String(isOn));
    document.getElementById(PANEL).classList.toggle("is-one-click", isOn);
    for (const fn of entry().heard) fn();
  }

  // ---- building

  function makeInput(host, id, label) {
    const input = ts.dom.element("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", id: `ticket-${id}`, "aria-label": label, "aria-describedby": `ticket-refusal-${id}` });
    at(host).replaceChildren(input);
    return input;
  }

  function quickButton(text, label, act) {
    const button = ts.dom.element("button", { type: "button", class: "ticket-small", title: label }, text);
    button.addEventListener("click", ts.boundary.guard(PANEL, act));
    return button;
  }

  function buildQuick(sizes) {
    const { lot } = instrument();
    const fixed = sizes.map((size) => quickButton(size < 1000 ? String(size) : `${size / 1000}k`, `Quantity ${size}`, () => entry().setLots(Math.round(size / lot))));
    const shares = PERCENTS.map((percent) => quickButton(`${percent}%`, `${percent} % of the position when this reduces it, else of the buying power`, () => setShare(percent)));
    at("quick").replaceChildren(...fixed, ...shares);
  }

  function setShare(percent) {
    const { account, positions } = ts.live.state.desk;
    const lots = model().shareOf(percent, form(), instrument(), book(), account, positions, entry().last());
    if (lots > 0) return entry().setLots(lots);
    entry().state.refusal = { field: "qty", text: `${percent} % of what is there is less than one lot of ${form().symbol}` };
    return dirty();
  }

  // ---- hands

  function stepQty(steps, isBig) {
    if (form().unit === "notional") return entry().setSize(String(Math.max(1, (model().number(form().size) || 0) + steps * (isBig ? 1000 : 100))));
    const { lot, qd } = instrument();
    let text = form().size;
    for (let i = 0; i < (isBig ? 10 : 1); i++) text = String(model().steppedQty(text, steps, lot));
    return entry().setSize(Number(text).toFixed(qd));
  }

  function stepPrice(steps) {
    const ticks = model().steppedPrice(form().limit, steps, instrument(), model().touchPrice(book(), "mid", form().side, entry().last()));
    if (ticks !== null) entry().setLimit(entry().limitText(ticks));
  }

  function stepStop(steps) {
    const ticks = model().steppedPrice(form().stop, steps, instrument(), entry().last());
    if (ticks !== null) entry().setStop(entry().limitText(ticks));
  }

  // A trail goes by ticks, or by twentieths of a percent.
  function stepTrail(steps) {
    if (form().trailUnit === "price") return entry().setTrail(entry().limitText(model().steppedPrice(form().trail, steps, instrument(), 1)));
    const value = Math.max(0.05, (model().number(form().trail) || 0) + steps * 0.05);
    return entry().setTrail(String(Number(value.toFixed(3))));
  }

  function arrows(step) {
    return (event) => {
      const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!direction || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      step(direction, event.shiftKey);
    };
  }

  function onRadioKey(group, set) {
    return (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const buttons = [...at(group).children];
      const chosen = buttons.findIndex((button) => button.getAttribute("aria-checked") === "true");
      const next = buttons[(chosen + step + buttons.length) % buttons.length];
      set(next.dataset.value);
      next.focus();
    };
  }

  function listen(guard) {
    const click = (name, act) => at(name).addEventListener("click", guard(act));
    for (const [group, set] of [["side", entry().setSide], ["type", entry().setType], ["tif", entry().setTif]]) {
      click(group, (event) => {
        const button = event.target.closest("button");
        if (button) set(button.dataset.value);
      });
      at(group).addEventListener("keydown", guard(onRadioKey(group, set)));
    }
    click("touch", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (model().isBare(book())) return entry().refuse(button.title);
      const ticks = model().touchPrice(book(), button.dataset.value, form().side);
      if (ticks !== null) entry().setLimit(entry().limitText(ticks), button.dataset.value);
    });
    click("one-click", () => ticket.setOneClick(!ticket.oneClick()));
    click("unit", entry().switchUnit);
    click("post-only", () => entry().setPostOnly(!form().postOnly));
    click("submit", sending().press);
    click("leave", sending().decline);
    click("qty-up", (event) => stepQty(1, event.shiftKey));
    click("qty-down", (event) => stepQty(-1, event.shiftKey));
    click("price-up", (event) => stepPrice(event.shiftKey ? 10 : 1));
    for (const [name, step] of [["stop", stepStop], ["trail", stepTrail]]) {
      click(`${name}-up`, (event) => step(event.shiftKey ? 10 : 1));
      click(`${name}-down`, (event) => step(event.shiftKey ? -10 : -1));
    }
    click("trail-unit", entry().switchTrail);
    click("price-down", (event) => stepPrice(event.shiftKey ? -10 : -1));
    at("form").addEventListener("keydown", guard(onFormKey));
    const deed = at("submit").parentElement;
    new ResizeObserver(() => at("form").style.setProperty("--deed", `${deed.offsetHeight}px`)).observe(deed);
  }

  function onFormKey(event) {
    if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault();
      sending().press();
    } else if (event.key === "Escape" && (sending().decline() || event.target.closest("input"))) {
      event.preventDefault();
      event.stopPropagation();
      event.target.blur();
    }
  }

  function listenToInputs(guard) {
    const qty = makeInput("size-input", "qty", "Quantity");
    qty.addEventListener("input", guard(() => entry().setSize(qty.value)));
    qty.addEventListener("keydown", guard(arrows(stepQty)));
    qty.addEventListener("focus", () => qty.select());
    const price = makeInput("limit-input", "price", "Limit price");
    price.addEventListener("input", guard(() => entry().setLimit(price.value)));
    price.addEventListener("keydown", guard(arrows((direction, isBig) => stepPrice(direction * (isBig ? 10 : 1)))));
    price.addEventListener("focus", () => price.select());
    for (const [name, host, label, set, step] of [["stop", "trigger-input", "Stop price", entry().setStop, stepStop], ["trail", "following-input", "Trail", entry().setTrail, stepTrail]]) {
      const input = makeInput(host, name, label);
      input.setAttribute("aria-describedby", "ticket-refusal-stop");
      input.addEventListener("input", guard(() => set(input.value)));
      input.addEventListener("keydown", guard(arrows((direction, isBig) => step(direction * (isBig ? 10 : 1)))));
      input.addEventListener("focus", () => input.select());
    }
  }

  function focusWith(side) {
    ts.page.reveal(PANEL);
    entry().setSide(side);
    at("qty").focus();
  }

  function startKeys() {
    const group = { group: "Orders" };
    ts.keys.tell("Orders", [["up down", "In a price or quantity: a tick or lot; with Shift ten"]]);
    ts.keys.add("b", "Buy: go to the ticket", () => focusWith("buy"), group);
    ts.keys.add("s", "Sell: go to the ticket", () => focusWith("sell"), group);
    ts.keys.add("enter", "Confirm the order in the ticket", sending().press, { ...group, when: () => sending().state.asked !== null });
    ts.keys.add("esc", "Leave the order in the ticket", sending().decline, { ...group, when: () => sending().state.asked !== null });
  }

  function start() {
    const guard = (fn) => ts.boundary.guard(PANEL, fn);
    entry().state.isStarted = true;
    if (!form().exits) form().exits = ts.ticketExits.blank();
    listenToInputs(guard);
    ts.ticketDrawers.start();
    listen(guard);
    startKeys();
    entry().adopt(ts.page.symbol);
    entry().setSide(form().side);
    entry().setType(form().type);
    entry().setTif(form().tif);
    entry().state.isEdited = false;
    showOneClick();
    ts.page.prefill = guard(entry().prefill);
    for (const target of [document, root]) target.addEventListener("tradesim:prefill", guard((event) => entry().prefill(event.detail)));
    ts.page.onSymbol(guard(entry().adopt));
    let session = null;
    ts.page.onInstruments(
      guard((instruments, isOtherMarket) => {
        if (!isOtherMarket) return;
        if (session) disarm();
        session = ts.page.session;
        form().symbol = null;
        entry().adopt(ts.page.symbol);
      }),
    );
    ts.live.on("book", (key) => key === form().symbol && dirty());
    for (const kind of ["market", "risk", "connection"]) ts.live.on(kind, dirty);
    ts.live.on("desk", guard(sending().onDesk));
    ts.page.onAccount(guard(() => (disarm(), sending().forgetOrder(), ts.ticketLots.reset(), entry().changed(false))));
    ts.painter.onShown((panel, isShown) => {
      if (panel !== PANEL) return;
      ts.live.want(TOPICS, isShown ? [`book:${form().symbol}`] : []);
      if (isShown) entry().askSoon();
      else ts.ticketDrawers.tellDraft();
    });
    ts.painter.add(PANEL, paint);
    ts.boundary.onRetry(PANEL, dirty);
    root.addEventListener("storage", guard((event) => event.key === "tradesim:one-click" && (sending().leave(), showOneClick(), ts.painter.dirty("ladder"))));
    root.setInterval(entry().refresh, entry().REFRESH_MS);
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
