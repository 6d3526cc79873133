// Which tax lot an order of the ticket closes first: asked of the desk while the drawer is open and the order closes something.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const AGAIN_MS = 2000;
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

  const lotWords = (lot) => words(lot, entry().instrument(), ts.format);

  function choose(id) {
    const lot = state.lots.find((each) => each.id === id);
    Object.assign(entry().form, lot ? { lots: [id], lotWords: lotWords(lot) } : { lots: [], lotWords: "" });
    if (lot) entry().setQuantity(sizeOf(lot));
    else entry().changed();
  }

  // While nobody answers, what was told last stands and is asked for again; the desk itself looks at the order too.
  function ask(of, symbol) {
    state.of = of;
    const account = ts.page.account ? `&account=${encodeURIComponent(ts.page.account)}` : "";
    const take = ts.boundary.guard(PANEL, (lots) => state.of === of && (lots ? show(lots) : root.setTimeout(() => askAgain(of), AGAIN_MS)));
    root
      .fetch(`/sim/v1/lots?symbol=${encodeURIComponent(symbol)}${account}`, { credentials: "same-origin", cache: "no-store" })
      .then((reply) => (reply.ok ? reply.json() : null))
      .catch(() => null)
      .then(take);
  }

  function askAgain(of) {
    if (state.of !== of) return;
    state.of = "";
    ts.painter.dirty(PANEL);
  }

  function offer(lots) {
    state.lots = lots;
    dom.choice.replaceChildren(...options(lots, entry().instrument(), ts.format).map(([value, text]) => element("option", { value }, text)));
  }

  // A lot that is no more is no choice: the order goes by the rule again. One that has changed is told as it is now.
  function show(lots) {
    const { form } = entry();
    const chosen = (form.lots || [])[0] || "";
    if (isSame(lots, state.lots)) return;
    offer(lots);
    const lot = lots.find((each) => each.id === chosen);
    dom.choice.value = lot ? chosen : "";
    const told = lot ? lotWords(lot) : "";
    if (!chosen || told === form.lotWords) return;
    Object.assign(form, { lots: lot ? [chosen] : [], lotWords: told });
    entry().changed();
  }

  function forget() {
    const isChosen = Boolean(entry().form.lotWords);
    ticketLots.reset();
    if (isChosen) entry().changed();
  }

  // Another symbol or account, or an order sent: the next one goes by the rule again.
  ticketLots.reset = () => {
    Object.assign(entry().form, { lots: [], lotWords: "" });
    state.of = "";
    if (!dom.choice) return;
    offer([]);
    dom.choice.value = "";
  };

  // With the ticket's other fields: `isOpen` where they are seen. A lot that is named is looked after unseen too.
  ticketLots.paint = (isOpen) => {
    const { form } = entry();
    if (ts.ticketSend.isBusy() || !entry().instrument()) return;
    const what = closes(form, ts.live.state.desk.positions);
    dom.row.hidden = what === null;
    if (what === null) return void ((state.of || form.lotWords) && forget());
    const of = `${ts.page.account} ${what}`;
    if ((isOpen || form.lotWords) && of !== state.of) ask(of, form.symbol);
  };

  ticketLots.build = () => {
    dom.choice = element("select", { id: "ticket-lots", class: "ticket-select", "aria-label": "Tax lot that is closed first" });
    offer([]);
    dom.choice.addEventListener("change", ts.boundary.guard(PANEL, () => choose(dom.choice.value)));
    const label = element("span", { class: "ticket-label", title: "The tax lot that this order closes first; the Lots tab has them all" }, "Lot");
    return (dom.row = element("div", { class: "ticket-leg", hidden: "" }, label, dom.choice));
  };
})(typeof window === "undefined" ? globalThis : window);
