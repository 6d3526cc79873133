// Which tax lot an order of the ticket closes first: asked of the desk while the drawer is open and the order closes something.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const BY_RULE = ["", "By the account's rule"];

  // What of the position the order could close, as text that changes with it; null where it opens or adds.
  function closes({ symbol, side }, positions) {
    const held = positions.find((each) => each.symbol === symbol);
    const qty = held ? Number(held.qty) : 0;
    return (side === "sell" ? qty > 0 : qty < 0) ? `${symbol} ${held.qty}` : null;
  }

  const sizeOf = (lot) => String(lot.qty).replace(/^-/, "");

  // "100 @ 229.80 of 2026-11-03, long-term": an open lot in a line.
  function words(lot, { qd, pd }, format) {
    const term = lot.is_long_term ? ", long-term" : "";
    return `${format.quantity(sizeOf(lot), qd)} @ ${format.number(Number(lot.price), pd)} of ${format.date(lot.opened_at / 1e6)}${term}`;
  }

  const isSame = (some, others) => some.length === others.length && some.every((lot, at) => lot.id === others[at].id && lot.qty === others[at].qty);

  const options = (lots, instrument, format) => [BY_RULE, ...lots.map((lot) => [lot.id, words(lot, instrument, format)])];

  const ticketLots = { closes, sizeOf, words, options, isSame };
  ts.ticketLots = ticketLots;
  if (typeof module !== "undefined") module.exports = ticketLots;
  if (typeof document === "undefined") return;

  const { element } = ts.dom;
  const entry = () => ts.ticketForm;
  const dom = {};
  // `of` is what the lots are of, account and all.
  const state = { of: "", lots: [] };

  function choose(id) {
    const lot = state.lots.find((each) => each.id === id);
    Object.assign(entry().form, lot ? { lots: [id], lotWords: words(lot, entry().instrument(), ts.format) } : { lots: [], lotWords: "" });
    if (lot) entry().setQuantity(sizeOf(lot));
    else entry().changed();
  }

  // While nobody answers, what was told last stands; the desk itself looks at the order again.
  function ask(of, symbol) {
    state.of = of;
    const account = ts.page.account ? `&account=${encodeURIComponent(ts.page.account)}` : "";
    const take = ts.boundary.guard(PANEL, (lots) => lots && state.of === of && show(lots));
    root
      .fetch(`/sim/v1/lots?symbol=${encodeURIComponent(symbol)}${account}`, { credentials: "same-origin", cache: "no-store" })
      .then((reply) => (reply.ok ? reply.json() : null))
      .catch(() => null)
      .then(take);
  }

  // A lot that is no more is no choice: the order goes by the rule again.
  function show(lots) {
    const { form } = entry();
    const chosen = (form.lots || [])[0] || "";
    if (isSame(lots, state.lots)) return;
    state.lots = lots;
    dom.choice.replaceChildren(...options(lots, entry().instrument(), ts.format).map(([value, text]) => element("option", { value }, text)));
    const isThere = lots.some((lot) => lot.id === chosen);
    dom.choice.value = isThere ? chosen : "";
    if (chosen && !isThere) choose("");
  }

  function forget() {
    Object.assign(state, { of: "", lots: [] });
    if (entry().form.lotWords) choose("");
  }

  // Another symbol, or an order sent: the next one goes by the rule again.
  ticketLots.reset = () => {
    Object.assign(entry().form, { lots: [], lotWords: "" });
    Object.assign(state, { of: "", lots: [] });
    if (dom.choice) dom.choice.value = "";
  };

  // With the ticket's other fields: `isOpen` where they are seen.
  ticketLots.paint = (isOpen) => {
    const { form } = entry();
    if (ts.ticketSend.isBusy() || !entry().instrument()) return;
    const what = closes(form, ts.live.state.desk.positions);
    dom.row.hidden = what === null;
    if (what === null) return void (state.of && forget());
    const of = `${ts.page.account} ${what}`;
    if (isOpen && of !== state.of) ask(of, form.symbol);
  };

  ticketLots.build = () => {
    dom.choice = element("select", { id: "ticket-lots", class: "ticket-select", "aria-label": "Tax lot that is closed first" });
    dom.choice.addEventListener("change", ts.boundary.guard(PANEL, () => choose(dom.choice.value)));
    const label = element("span", { class: "ticket-label", title: "The tax lot that this order closes first; the Lots tab has them all" }, "Lot");
    return (dom.row = element("div", { class: "ticket-leg", hidden: "" }, label, dom.choice));
  };
})(typeof window === "undefined" ? globalThis : window);
