// The ticket's form: what is in its fields, how it follows the touch, and what the desk says of it before it is sent.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const TOPICS = "ticket";
  const ASK_MS = 90;
  const ASK_CALMLY_MS = 1000;
  const REFRESH_MS = 3000;

  const form = { symbol: null, side: "buy", type: "limit", tif: "day", unit: "qty", size: "", limit: "", postOnly: false, stop: "", trail: "0.5", trailUnit: "percent", reduceOnly: false, extended: false, display: "", tag: "", exits: ts.ticketExits ? ts.ticketExits.blank() : null, risk: { value: "1", unit: "percent" } };
  const STOP_AWAY = 0.005;
  // What is between the form and the desk: `refusal` of the last sending, `answer` to the last question.
  // `session` is the market's, as the terms were last shown for, `isBare` that it showed no price to follow; `isStopOwn` that a
  // person gave the stop.
  const state = { session: undefined, isBare: false, isStopOwn: false, follow: "bid", refusal: null, answer: null, key: 0, wantedAt: 0, isAskedSoon: false, isEdited: false, isStarted: false };
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
  const NO_QUOTE = "Nobody's price is shown in this market: the price follows the last trade";
  const instrument = () => ts.page.instruments[form.symbol];
  const book = () => ts.live.state.book[form.symbol] || null;
  const now = () => root.performance.now();
  const last = () => (ts.live.state.market[form.symbol] || {}).l ?? null;

  // ---- the form

  function changed(isEdit = true) {
    mend();
    state.refusal = null;
    if (isEdit) state.isEdited = true;
    send().leave();
    send().forgetOrder();
    state.key += 1;
    askSoon();
    for (const fn of heard) fn();
    dirty();
  }

  const session = () => (ts.live.state.market[form.symbol] || {}).st;

  // What the new terms do not allow gives way, and says why it is not there.
  function mend() {
    if (!instrument()) return;
    const changes = ts.ticketTerms.mended(form, instrument(), session());
    Object.assign(form, changes);
    if (changes.tif) view().choose("tif", form.tif);
    showPostOnly();
    showAllowed();
    ts.ticketDrawers.show();
  }

  function showAllowed() {
    const refusals = {};
    state.session = session();
    for (const name of ["postOnly", "reduceOnly", "extended", "display"]) refusals[name] = ts.ticketTerms.optionRefusal(name, form, instrument(), state.session);
    for (const button of at("tif").children) view().allow(button, ts.ticketTerms.tifRefusal(button.dataset.value, form, instrument(), state.session));
    view().allow(at("post-only"), refusals.postOnly);
    view().allow(at("unit"), ts.ticketTerms.optionRefusal("notional", form, instrument(), state.session));
    ts.ticketDrawers.allow(refusals);
  }

  // A choice that is not there now says why, for hands that cannot hover.
  function refuse(text) {
    state.isEdited = true;
    state.refusal = { field: "terms", text };
    dirty();
  }

  function setTerm(name, value) {
    form[name] = value;
    changed();
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
    if (!state.follow || send().isBusy() || !followsTouch() || !instrument()) return;
    const ticks = model().touchPrice(book(), state.follow, form.side, last());
    if (ticks === null) return;
    const text = limitText(ticks);
    if (text === form.limit) return;
    writeLimit(text);
    askSoon(false);
  }

  const followsTouch = () => form.type === "limit" && form.exits.of === "order";

  // A stop by hand stays; else it stands half a percent beyond the last trade, on the side where it waits.
  function setStop(text, isOwn = true) {
    state.isStopOwn = isOwn;
    form.stop = text;
    write("stop", text);
    changed();
  }

  function proposeStop() {
    if (!ts.ticketTerms.hasStop(form) || state.isStopOwn || !instrument()) return;
    const l = last();
    if (!l) return;
    const away = Math.max(5, Math.round(l * STOP_AWAY)) * (form.side === "buy" ? 1 : -1);
    form.stop = limitText(Math.max(1, l + away));
    write("stop", form.stop);
    if (form.type !== "stop_limit") return;
    writeLimit(limitText(Math.max(1, l + away + Math.sign(away) * 5)));
    state.follow = null;
    showFollow();
  }

  function setTrail(text) {
    form.trail = text;
    write("trail", text);
    changed();
  }

  // The same distance in the other unit, about the last price.
  function switchTrail() {
    const { tick, pd } = instrument();
    const value = model().number(form.trail);
    const price = last() ? last() * tick : null;
    form.trailUnit = form.trailUnit === "percent" ? "price" : "percent";
    showTrailUnit();
    if (value === null || !price) return setTrail("");
    return setTrail(form.trailUnit === "percent" ? String(Number(((value / price) * 100).toFixed(3))) : Math.max(tick, (price * value) / 100).toFixed(pd));
  }

  function showTrailUnit() {
    const unit = form.trailUnit === "percent" ? "%" : instrument().cur;
    view().write("trail-unit", unit);
    view().mark("trail-unit", "aria-label", form.trailUnit === "percent" ? `In percent; switch to ${instrument().cur}` : `In ${instrument().cur}; switch to percent`);
  }

  function write(name, text) {
    const input = at(name);
    if (input && input.value !== text) input.value = text;
  }

  function setSide(side) {
    if (form.side !== side) state.isStopOwn = false;
    form.side = side;
    if (state.follow !== "mid" && state.follow) state.follow = side === "buy" ? "bid" : "ask";
    view().choose("side", side);
    document.getElementById(PANEL).dataset.side = side;
    showFollow();
    followTouch();
    proposeStop();
    changed();
  }

  function setType(type) {
    form.type = type;
    view().choose("type", type);
    at("price-rows").hidden = !ts.ticketTerms.isLimited(form);
    at("touch").hidden = at("post-only").hidden = type !== "limit";
    at("trigger").hidden = !ts.ticketTerms.hasStop(form);
    at("following").hidden = type !== "trailing_stop";
    if (type === "limit" && !state.follow && !form.limit) state.follow = form.side === "buy" ? "bid" : "ask";
    followTouch();
    proposeStop();
    changed();
  }

  function setTif(tif) {
    const why = ts.ticketTerms.tifRefusal(tif, form, instrument(), session());
    if (why) return refuse(why);
    form.tif = tif;
    if (tif === "ioc" || tif === "fok") form.postOnly = false;
    view().choose("tif", tif);
    showPostOnly();
    return changed();
  }

  function setPostOnly(isOn) {
    const why = isOn && ts.ticketTerms.isLasting(form) ? ts.ticketTerms.optionRefusal("postOnly", form, instrument(), session()) : null;
    if (why) return refuse(why);
    form.postOnly = isOn;
    if (isOn && (form.tif === "ioc" || form.tif === "fok")) setTif("day");
    showPostOnly();
    return changed();
  }

  function switchUnit() {
    const why = form.unit === "qty" && ts.ticketTerms.optionRefusal("notional", form, instrument(), session());
    if (why) return refuse(why);
    const { lot, qd } = instrument();
    const found = model().worth(form, instrument(), book(), last());
    form.unit = form.unit === "qty" ? "notional" : "qty";
    showUnit();
    if (!found) return setSize("");
    return setSize(form.unit === "notional" ? found.value.toFixed(2) : (found.lots * lot).toFixed(qd));
  }

  function adopt(symbol) {
    if (!symbol || form.symbol === symbol) return;
    form.symbol = symbol;
    state.follow = form.side === "buy" ? "bid" : "ask";
    state.answer = null;
    send().forgetOrder();
    Object.assign(form, { unit: "qty", limit: "", stop: "", display: "" });
    state.isStopOwn = false;
    ts.ticketDrawers.reset();
    const sizes = ts.ladderRows.sizeChoices(instrument());
    const first = sizes[0] === 10 ? 100 : sizes[0];
    form.size = String(ts.page.stored(`ticket.qty.${symbol}`, null) || first);
    at("qty").value = form.size;
    at("price").value = "";
    if (ts.painter.isShown(PANEL)) ts.live.want(TOPICS, [`book:${symbol}`]);
    ts.ticket.buildQuick(sizes);
    showUnit();
    showTrailUnit();
    write("trail", form.trail);
    showFollow();
    followTouch();
    write("stop", "");
    proposeStop();
    changed();
    state.isEdited = false;
  }

  // {symbol, side?, price?, qty?, stop?, isMarket?, isBracket?} from the ladder, the chart or an order: nothing is sent, the form is filled.
  function prefill(wish) {
    if (!wish || !state.isStarted) return;
    if (wish.symbol && wish.symbol !== form.symbol) {
      ts.page.choose(wish.symbol);
      adopt(wish.symbol);
    }
    if (wish.side) setSide(wish.side);
    if (wish.stop !== undefined && wish.stop !== null) {
      setType("stop");
      setStop(String(wish.stop));
    } else if (wish.price !== undefined && wish.price !== null) {
      setType("limit");
      setLimit(String(wish.price));
    } else if (wish.isMarket) {
      setType("market");
    }
    if (wish.isBracket) ts.ticketDrawers.bracket();
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
    if (!state.isStarted || !instrument() || send().ownFault() || !ts.painter.isShown(PANEL)) return;
    state.wantedAt = now();
    root.dash_clientside.set_props("ticket-wish", { data: { key: state.key, ...send().wish(), at: Math.round(state.wantedAt) } });
  }

  function refresh() {
    const isIdle = now() - state.wantedAt > REFRESH_MS - 100;
    if (isIdle && !document.hidden && !send().isBusy() && ts.live.state.connection.state === "live") ask();
  }

  // ---- showing

  function showPostOnly() {
    view().mark("post-only", "aria-checked", String(form.postOnly));
  }

  // Where nobody's price is shown there is none to follow.
  function showFollow() {
    state.isBare = model().isBare(book());
    for (const button of at("touch").children) {
      button.setAttribute("aria-pressed", String(!state.isBare && button.dataset.value === state.follow));
      view().allow(button, state.isBare ? NO_QUOTE : null);
    }
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
    instrument, book, session, last, showAllowed, showFollow, refuse, setTerm, setStop, proposeStop, setTrail, switchTrail, changed, quantity, setQuantity, setSize, setLots, setLimit, limitText, followTouch, setSide, setType, setTif,
    setPostOnly, switchUnit, adopt, prefill, askSoon, refresh,
  });
})(typeof window === "undefined" ? globalThis : window);
