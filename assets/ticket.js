// The order ticket: a form that follows the market until it is edited, asks once, sends, and tells what came of it.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const TOPICS = "ticket";
  const ASK_MS = 90;
  const ASK_CALMLY_MS = 1000;
  const REFRESH_MS = 3000;
  const DOUBLE_CLICK_MS = 350;
  const PERCENTS = [25, 50, 100];
  const KEPT_FILLS = 100;

  const form = { symbol: null, side: "buy", type: "limit", tif: "day", unit: "qty", size: "", limit: "", postOnly: false };
  const state = {
    follow: "bid",
    order: null,
    asked: null,
    askedAt: 0,
    sending: false,
    refusal: null,
    answer: null,
    key: 0,
    wantedAt: 0,
    isAskedSoon: false,
    isEdited: false,
    isStarted: false,
  };
  const heard = [];
  const fillSeen = new Map();
  let askTimer = 0;

  const ticket = (ts.ticket = {
    timing: null,
    // The quantity in the form as decimal text; null while it is money or no quantity at all.
    quantity: () => (form.unit === "qty" && ts.ticketModel.number(form.size) > 0 ? ts.ticketModel.plain(form.size) : null),
    setQuantity(text) {
      form.unit = "qty";
      setSize(text);
    },
    oneClick: () => Boolean(ts.page.stored("one-click", false)),
    setOneClick(isOn) {
      ts.page.store("one-click", Boolean(isOn));
      leave();
      showOneClick();
      ts.page.emit("one-click", Boolean(isOn));
      ts.painter.dirty("ladder");
    },
    // Hears of every change of quantity and one-click.
    on(fn) {
      heard.push(fn);
      return () => heard.splice(heard.indexOf(fn), 1);
    },
    prefill,
    form: () => ({ ...form }),
  });

  function onAnswer(answer) {
    if (answer && answer.key >= (state.answer ? state.answer.key : 0)) {
      state.answer = answer;
      dirty();
    }
    return root.dash_clientside.no_update;
  }
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_ticket = { on_answer: onAnswer };
  if (typeof document === "undefined") return;

  const model = () => ts.ticketModel;
  const view = () => ts.ticketView;
  const at = (name) => ts.ticketView.at(name);
  const dirty = () => ts.painter.dirty(PANEL);
  const instrument = () => ts.page.instruments[form.symbol];
  const book = () => ts.live.state.book[form.symbol] || null;
  const now = () => root.performance.now();

  // ---- the form

  function changed({ isEdit = true } = {}) {
    if (isEdit) {
      state.refusal = null;
      state.isEdited = true;
    }
    leave();
    state.key += 1;
    askSoon();
    for (const fn of heard) fn();
    dirty();
  }

  function setSize(text) {
    form.size = text;
    const input = at("qty");
    if (input && input.value !== text) input.value = text;
    if (form.unit === "qty" && form.symbol && ticket.quantity()) ts.page.store(`ticket.qty.${form.symbol}`, form.size);
    changed();
  }

  function setLots(lots) {
    const { lot, qd } = instrument();
    form.unit = "qty";
    showUnit();
    setSize((lots * lot).toFixed(qd));
  }

  // A price by hand ends the following of the touch.
  function setLimit(text, follow = null) {
    state.follow = follow;
    writeLimit(text);
    changed();
    showFollow();
  }

  function writeLimit(text) {
    form.limit = text;
    const input = at("price");
    if (input && input.value !== text) input.value = text;
  }

  function limitText(ticks) {
    const { tick, pd } = instrument();
    return ts.book.decimal(ticks, tick, pd);
  }

  function followTouch() {
    if (!state.follow || state.asked || state.sending || form.type !== "limit" || !instrument()) return;
    const ticks = model().touchPrice(book(), state.follow, form.side);
    if (ticks === null) return;
    const text = limitText(ticks);
    if (text === form.limit) return;
    writeLimit(text);
    askSoon(false);
  }

  function setSide(side) {
    form.side = side;
    if (state.follow !== "mid" && state.follow) state.follow = side === "buy" ? "bid" : "ask";
    view().choose("side", side);
    document.getElementById(PANEL).dataset.side = side;
    showFollow();
    followTouch();
    changed();
  }

  function setType(type) {
    form.type = type;
    view().choose("type", type);
    at("price-rows").hidden = at("post-only").hidden = type !== "limit";
    followTouch();
    changed();
  }

  function setTif(tif) {
    form.tif = tif;
    if (tif === "ioc" || tif === "fok") form.postOnly = false;
    view().choose("tif", tif);
    showPostOnly();
    changed();
  }

  function setPostOnly(isOn) {
    form.postOnly = isOn;
    if (isOn && (form.tif === "ioc" || form.tif === "fok")) setTif("day");
    showPostOnly();
    changed();
  }

  function switchUnit() {
    const { lot, qd } = instrument();
    const found = model().estimate(form, instrument(), book());
    const price = found && found.value ? found.value / (found.lots * lot) : null;
    form.unit = form.unit === "qty" ? "notional" : "qty";
    showUnit();
    if (!found || !price) return setSize("");
    return setSize(form.unit === "notional" ? found.value.toFixed(2) : (found.lots * lot).toFixed(qd));
  }

  function adopt(symbol) {
    if (!symbol || form.symbol === symbol) return;
    form.symbol = symbol;
    state.follow = form.side === "buy" ? "bid" : "ask";
    state.answer = null;
    forgetOrder();
    form.unit = "qty";
    form.limit = "";
    const sizes = ts.ladderRows.sizeChoices(instrument());
    const first = sizes[0] === 10 ? 100 : sizes[0];
    form.size = String(ts.page.stored(`ticket.qty.${symbol}`, null) || first);
    at("qty").value = form.size;
    at("price").value = "";
    if (ts.painter.isShown(PANEL)) ts.live.want(TOPICS, [`book:${symbol}`]);
    buildQuick(sizes);
    showUnit();
    showFollow();
    followTouch();
    changed();
  }

  // {symbol, side?, price?, qty?} from the ladder, the chart or an order: nothing is sent, the form is filled.
  function prefill(wish) {
    if (!wish || !state.isStarted) return;
    if (wish.symbol && wish.symbol !== form.symbol) {
      ts.page.choose(wish.symbol);
      adopt(wish.symbol);
    }
    if (wish.side) setSide(wish.side);
    if (wish.price !== undefined && wish.price !== null) {
      setType("limit");
      setLimit(String(wish.price));
    }
    if (wish.qty !== undefined && wish.qty !== null) ticket.setQuantity(String(wish.qty));
    showUnit();
    ts.page.reveal(PANEL);
    root.setTimeout(() => at("submit").focus({ preventScroll: true }), 0);
  }

  // ---- asking the desk

  // Soon after an edit; calmly while only the touch moves, which a busy market does all the time.
  function askSoon(isEdit = true) {
    if (askTimer && (!isEdit || state.isAskedSoon)) return;
    root.clearTimeout(askTimer);
    state.isAskedSoon = isEdit;
    askTimer = root.setTimeout(ask, isEdit ? ASK_MS : ASK_CALMLY_MS);
  }

  function ask() {
    root.clearTimeout(askTimer);
    askTimer = 0;
    if (!state.isStarted || !instrument() || model().fault(form, instrument()) || !ts.painter.isShown(PANEL)) return;
    state.wantedAt = now();
    root.dash_clientside.set_props("ticket-wish", { data: { key: state.key, ...model().wishOf(form), at: Math.round(state.wantedAt) } });
  }

  function refresh() {
    const isIdle = now() - state.wantedAt > REFRESH_MS - 100;
    if (isIdle && !document.hidden && !state.sending && ts.live.state.connection.state === "live") ask();
  }

  // ---- sending

  function sentence() {
    return model().sentence(form, instrument(), ts.format);
  }

  function currentFault() {
    const own = model().fault(form, instrument());
    if (own) return own;
    if (state.refusal) return state.refusal;
    const { answer } = state;
    return answer && answer.key === state.key && answer.refusal ? { field: answer.field, text: answer.refusal } : null;
  }

  // The button and Enter: asks first, then sends; with one-click it sends.
  function press() {
    if (state.sending || !instrument()) return;
    const fault = model().fault(form, instrument());
    if (fault) {
      state.refusal = fault;
      dirty();
      at(fault.field === "limit_price" ? "price" : "qty").focus();
    } else if (ticket.oneClick()) {
      send();
    } else if (!state.asked) {
      state.asked = model().wishOf(form);
      state.askedAt = now();
      at("submit").focus({ preventScroll: true });
      dirty();
    } else if (now() - state.askedAt > DOUBLE_CLICK_MS) {
      send();
    }
  }

  function leave() {
    if (!state.asked) return false;
    state.asked = null;
    dirty();
    return true;
  }

  async function send() {
    const wish = state.asked || model().wishOf(form);
    const timing = { click: now(), receipt: null, fill: null, painted: null, order_id: null };
    const doing = sentence();
    Object.assign(state, { sending: true, refusal: null, order: null });
    ticket.timing = timing;
    tell(`${doing}…`, "busy");
    dirty();
    try {
      took(await ts.intents.send({ do: "submit", ...wish, source: "ticket" }, { quiet: true }), timing);
    } catch (error) {
      tell(`The order was not sent: ${error.message || error}.`, "bad");
    }
    Object.assign(state, { sending: false, asked: null });
    askSoon(false);
    dirty();
  }

  function took(receipt, timing) {
    timing.receipt = now();
    if (receipt.ok) {
      timing.order_id = state.order = receipt.order_id;
      followOrder();
      return;
    }
    state.refusal = { field: receipt.field, text: String(receipt.message || "refused, without a reason").replace(/^Refused: /, "") };
    tell("Not sent: see the reason above.", "bad");
  }

  function tell(text, kind) {
    view().write("receipt", text);
    at("receipt").dataset.kind = kind;
    if (kind !== "good") view().write("timing", "");
  }

  // The order's own line: what the desk knows of it now, and how long it took from click to paint.
  function followOrder() {
    const { timing } = ticket;
    if (!state.order) return;
    const order = ts.live.state.desk.orders[state.order];
    const seen = fillSeen.get(state.order);
    if (seen && timing.fill === null) {
      timing.fill = seen;
      root.requestAnimationFrame(() => {
        timing.painted = now();
        showTiming(timing);
      });
    }
    if (order) tell(ts.whyStory.receipt(order, instrumentOf(order), ts.format), order.status === "rejected" ? "bad" : "good");
    else tell(`Order ${state.order.slice(0, 8)} is on its way.`, "good");
    showTiming(timing);
  }

  function forgetOrder() {
    state.order = null;
    if (!state.sending) tell("", "");
  }

  const instrumentOf = (order) => ts.page.instruments[order.symbol];

  function showTiming(timing) {
    view().write("timing", model().timingText(timing));
  }

  function onDesk(_key, message) {
    const fills = (message && message.k === "d" && message.d.fills) || [];
    for (const fill of fills) if (!fillSeen.has(fill.order_id)) fillSeen.set(fill.order_id, now());
    while (fillSeen.size > KEPT_FILLS) fillSeen.delete(fillSeen.keys().next().value);
    dirty();
  }

  // ---- painting

  function paint() {
    if (!instrument()) return;
    followTouch();
    showMarket();
    const fault = currentFault();
    view().showRefusal(state.isEdited || state.refusal ? fault : null, form);
    const answer = state.answer && !model().fault(form, instrument()) ? state.answer : null;
    view().showFigures(view().figures(model().estimate(form, instrument(), book()), answer, form, instrument(), ts.format));
    view().mark("estimate", "data-old", String(Boolean(answer && answer.key !== state.key)));
    showDeed();
    followOrder();
  }

  function showMarket() {
    const market = ts.live.state.market[form.symbol] || {};
    view().write("symbol", form.symbol);
    view().write("name", instrument().name);
    view().write("last", ts.format.price(market.l, form.symbol));
    const isRising = market.l !== null && market.pc ? Math.sign(market.l - market.pc) : 0;
    view().mark("last", "class", `ticket-last num ${isRising > 0 ? "up" : isRising < 0 ? "down" : ""}`);
  }

  function showDeed() {
    const button = at("submit");
    const text = sentence();
    view().write("submit", state.sending ? "Sending…" : state.asked ? `Confirm: ${text}` : text);
    button.disabled = state.sending;
    button.classList.toggle("is-asked", Boolean(state.asked));
    button.setAttribute("aria-busy", String(state.sending));
    at("leave").hidden = !state.asked || state.sending;
  }

  function showOneClick() {
    const isOn = ticket.oneClick();
    view().write("one-click", isOn ? "1-click ON" : "1-click off");
    view().mark("one-click", "aria-pressed", String(isOn));
    document.getElementById(PANEL).classList.toggle("is-one-click", isOn);
    for (const fn of heard) fn();
  }

  function showPostOnly() {
    view().mark("post-only", "aria-checked", String(form.postOnly));
  }

  function showFollow() {
    for (const button of at("touch").children) button.setAttribute("aria-pressed", String(button.dataset.value === state.follow));
  }

  function showUnit() {
    const isMoney = form.unit === "notional";
    const units = instrument().cls === "us_equity" ? "Shares" : form.symbol.split("/")[0];
    view().write("size-label", isMoney ? "Value" : "Quantity");
    view().write("unit", isMoney ? instrument().cur : units);
    view().mark("unit", "aria-label", isMoney ? `In ${instrument().cur}; switch to ${units}` : `In ${units}; switch to ${instrument().cur}`);
    view().mark("qty", "aria-label", isMoney ? `Value in ${instrument().cur}` : "Quantity");
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
    const fixed = sizes.map((size) => quickButton(size < 1000 ? String(size) : `${size / 1000}k`, `Quantity ${size}`, () => setLots(Math.round(size / lot))));
    const shares = PERCENTS.map((percent) => quickButton(`${percent}%`, `${percent} % of the position when this reduces it, else of the buying power`, () => setShare(percent)));
    at("quick").replaceChildren(...fixed, ...shares);
  }

  function setShare(percent) {
    const { account, positions } = ts.live.state.desk;
    const lots = model().shareOf(percent, form, instrument(), book(), account, positions);
    if (lots > 0) return setLots(lots);
    state.refusal = { field: "qty", text: `${percent} % of what is there is less than one lot of ${form.symbol}` };
    return dirty();
  }

  // ---- hands

  function stepQty(steps, isBig) {
    if (form.unit === "notional") return setSize(String(Math.max(1, (model().number(form.size) || 0) + steps * (isBig ? 1000 : 100))));
    const { lot, qd } = instrument();
    let text = form.size;
    for (let i = 0; i < (isBig ? 10 : 1); i++) text = String(model().steppedQty(text, steps, lot));
    return setSize(Number(text).toFixed(qd));
  }

  function stepPrice(steps) {
    const ticks = model().steppedPrice(form.limit, steps, instrument(), model().touchPrice(book(), "mid", form.side));
    if (ticks !== null) setLimit(limitText(ticks));
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
    for (const [group, set] of [["side", setSide], ["type", setType], ["tif", setTif]]) {
      click(group, (event) => {
        const button = event.target.closest("button");
        if (button) set(button.dataset.value);
      });
      at(group).addEventListener("keydown", guard(onRadioKey(group, set)));
    }
    click("touch", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const ticks = model().touchPrice(book(), button.dataset.value, form.side);
      if (ticks !== null) setLimit(limitText(ticks), button.dataset.value);
    });
    click("one-click", () => ticket.setOneClick(!ticket.oneClick()));
    click("unit", switchUnit);
    click("post-only", () => setPostOnly(!form.postOnly));
    click("submit", press);
    click("leave", leave);
    click("qty-up", (event) => stepQty(1, event.shiftKey));
    click("qty-down", (event) => stepQty(-1, event.shiftKey));
    click("price-up", (event) => stepPrice(event.shiftKey ? 10 : 1));
    click("price-down", (event) => stepPrice(event.shiftKey ? -10 : -1));
    at("form").addEventListener("keydown", guard(onFormKey));
  }

  function onFormKey(event) {
    if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault();
      press();
    } else if (event.key === "Escape" && (leave() || event.target.closest("input"))) {
      event.preventDefault();
      event.stopPropagation();
      event.target.blur();
    }
  }

  function listenToInputs(guard) {
    const qty = makeInput("size-input", "qty", "Quantity");
    qty.addEventListener("input", guard(() => setSize(qty.value)));
    qty.addEventListener("keydown", guard(arrows(stepQty)));
    qty.addEventListener("focus", () => qty.select());
    const price = makeInput("limit-input", "price", "Limit price");
    price.addEventListener("input", guard(() => setLimit(price.value)));
    price.addEventListener("keydown", guard(arrows((direction, isBig) => stepPrice(direction * (isBig ? 10 : 1)))));
    price.addEventListener("focus", () => price.select());
  }

  function focusWith(side) {
    ts.page.reveal(PANEL);
    setSide(side);
    at("qty").focus();
  }

  function startKeys() {
    const group = { group: "Orders" };
    ts.keys.add("b", "Buy: go to the ticket", () => focusWith("buy"), group);
    ts.keys.add("s", "Sell: go to the ticket", () => focusWith("sell"), group);
    ts.keys.add("enter", "Confirm the order in the ticket", press, { ...group, when: () => state.asked !== null });
    ts.keys.add("esc", "Leave the order in the ticket", leave, { ...group, when: () => state.asked !== null });
  }

  function start() {
    const guard = (fn) => ts.boundary.guard(PANEL, fn);
    state.isStarted = true;
    listenToInputs(guard);
    listen(guard);
    startKeys();
    adopt(ts.page.symbol);
    setSide(form.side);
    setType(form.type);
    setTif(form.tif);
    state.isEdited = false;
    showOneClick();
    ts.page.prefill = guard(prefill);
    for (const target of [document, root]) target.addEventListener("tradesim:prefill", guard((event) => prefill(event.detail)));
    ts.page.onSymbol(guard(adopt));
    ts.page.onInstruments(guard((instruments, isOtherMarket) => isOtherMarket && ((form.symbol = null), adopt(ts.page.symbol))));
    ts.live.on("book", (key) => key === form.symbol && dirty());
    ts.live.on("market", dirty);
    ts.live.on("desk", guard(onDesk));
    ts.painter.onShown((panel, isShown) => {
      if (panel !== PANEL) return;
      ts.live.want(TOPICS, isShown ? [`book:${form.symbol}`] : []);
      if (isShown) askSoon();
    });
    ts.painter.add(PANEL, paint);
    ts.boundary.onRetry(PANEL, dirty);
    root.addEventListener("storage", guard((event) => event.key === "tradesim:one-click" && (leave(), showOneClick(), ts.painter.dirty("ladder"))));
    root.setInterval(refresh, REFRESH_MS);
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
