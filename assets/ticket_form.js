// The ticket's form: what is in its fields, how it follows the touch, and what the desk says of it before it is sent.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const TOPICS = "ticket";
  const ASK_MS = 90;
  const ASK_CALMLY_MS = 1000;
  const REFRESH_MS = 3000;

  const form = { symbol: null, side: "buy", type: "limit", tif: "day", unit: "qty", size: "", limit: "", postOnly: false };
  // What is between the form and the desk: `refusal` of the last sending, `answer` to the last question.
  const state = { follow: "bid", refusal: null, answer: null, key: 0, wantedAt: 0, isAskedSoon: false, isEdited: false, isStarted: false };
  const heard = [];
  let askTimer = 0;

  ts.ticketForm = { form, state, heard, REFRESH_MS };

  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_ticket = {
    on_answer(answer) {
      if (answer && answer.key >= (state.answer ? state.answer.key : 0)) {
        state.answer = answer;
        ts.painter.dirty(PANEL);
      }
      return root.dash_clientside.no_update;
    },
  };
  if (typeof document === "undefined") return;

  const model = () => ts.ticketModel;
  const view = () => ts.ticketView;
  const send = () => ts.ticketSend;
  const at = (name) => ts.ticketView.at(name);
  const dirty = () => ts.painter.dirty(PANEL);
  const instrument = () => ts.page.instruments[form.symbol];
  const book = () => ts.live.state.book[form.symbol] || null;
  const now = () => root.performance.now();

  // ---- the form

  function changed() {
    state.refusal = null;
    state.isEdited = true;
    send().leave();
    state.key += 1;
    askSoon();
    for (const fn of heard) fn();
    dirty();
  }

  function setSize(text) {
    form.size = text;
    const input = at("qty");
    if (input && input.value !== text) input.value = text;
    if (form.unit === "qty" && form.symbol && quantity()) ts.page.store(`ticket.qty.${form.symbol}`, form.size);
    changed();
  }

  function quantity() {
    return form.unit === "qty" && model().number(form.size) > 0 ? model().plain(form.size) : null;
  }

  function setQuantity(text) {
    form.unit = "qty";
    if (instrument()) showUnit();
    setSize(text);
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
    if (!state.follow || send().isBusy() || form.type !== "limit" || !instrument()) return;
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
    send().forgetOrder();
    form.unit = "qty";
    form.limit = "";
    const sizes = ts.ladderRows.sizeChoices(instrument());
    const first = sizes[0] === 10 ? 100 : sizes[0];
    form.size = String(ts.page.stored(`ticket.qty.${symbol}`, null) || first);
    at("qty").value = form.size;
    at("price").value = "";
    if (ts.painter.isShown(PANEL)) ts.live.want(TOPICS, [`book:${symbol}`]);
    ts.ticket.buildQuick(sizes);
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
    if (wish.qty !== undefined && wish.qty !== null) setQuantity(String(wish.qty));
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
    if (isIdle && !document.hidden && !send().isBusy() && ts.live.state.connection.state === "live") ask();
  }

  // ---- showing

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

  Object.assign(ts.ticketForm, {
    instrument, book, quantity, setQuantity, setSize, setLots, setLimit, limitText, followTouch, setSide, setType, setTif,
    setPostOnly, switchUnit, adopt, prefill, askSoon, refresh,
  });
})(typeof window === "undefined" ? globalThis : window);
