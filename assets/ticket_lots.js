// Which tax lots an order of the ticket closes first: asked of the desk while the drawer is open and the order closes something.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ticket";
  const AGAIN_MS = 2000;
  const BY_RULE = "By the account's rule";
  const MOST_NAMED = 3;

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

  const sum = (lots) => lots.reduce((all, lot) => all + Number(sizeOf(lot)), 0).toFixed(9).replace(/\.?0+$/, "");

  // The lots that are named, as an order tells of them; nothing where none is.
  function phrase(lots, instrument, format) {
    if (!lots.length) return "";
    if (lots.length > MOST_NAMED) return `${lots.length} lots of ${format.quantity(sum(lots), instrument.qd)} together`;
    return `the ${lots.length > 1 ? "lots" : "lot"} ${lots.map((lot) => words(lot, instrument, format)).join(" and ")}`;
  }

  // The lots of these names that are still there, in the order in which they were named.
  const still = (names, lots) => names.map((name) => lots.find((lot) => lot.id === name)).filter(Boolean);

  const isSame = (some, others) => some.length === others.length && some.every((lot, at) => lot.id === others[at].id && lot.qty === others[at].qty);

  const ticketLots = { closes, sizeOf, words, sum, phrase, still, isSame };
  ts.ticketLots = ticketLots;
  if (typeof module !== "undefined") module.exports = ticketLots;
  if (typeof document === "undefined") return;

  const { element } = ts.dom;
  const entry = () => ts.ticketForm;
  const dom = {};
  // `of` is what the lots are of, account and all.
  const state = { of: "", lots: [] };

  const named = (lots) => ({ lots: lots.map((lot) => lot.id), lotWords: phrase(lots, entry().instrument(), ts.format) });

  // The quantity becomes what the lots come to; it can be less, or more, which goes on by the rule.
  function choose(id, isWanted) {
    const { form } = entry();
    const others = (form.lots || []).filter((each) => each !== id);
    const lots = still(isWanted ? [...others, id] : others, state.lots);
    Object.assign(form, named(lots));
    tell();
    if (lots.length) entry().setQuantity(sum(lots));
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
    const chosen = new Set(entry().form.lots);
    dom.choice.replaceChildren(...lots.map((lot) => tick(lot, chosen.has(lot.id))));
    tell();
  }

  function tick(lot, checked) {
    const box = element("input", { type: "checkbox", value: lot.id, checked });
    box.addEventListener("change", ts.boundary.guard(PANEL, () => choose(lot.id, box.checked)));
    return element("label", { class: "ticket-lot" }, box, words(lot, entry().instrument(), ts.format));
  }

  function tell() {
    const count = (entry().form.lots || []).length;
    dom.rule.textContent = count ? `${ts.format.counted(count, "lot")} first, then by the rule` : BY_RULE;
  }

  // A lot that is no more is no choice: without any the order goes by the rule. One that has changed is told as it is now.
  function show(lots) {
    const { form } = entry();
    if (isSame(lots, state.lots)) return;
    const before = form.lotWords || "";
    Object.assign(form, named(still(form.lots || [], lots)));
    offer(lots);
    if (form.lotWords !== before) entry().changed();
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
    if (dom.choice) offer([]);
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
    dom.rule = element("span", { class: "ticket-lots-rule" });
    dom.choice = element("div", { id: "ticket-lots", role: "group", "aria-label": "Tax lots that are closed first" });
    offer([]);
    const label = element("span", { class: "ticket-label", title: "The tax lots that this order closes first; the Lots tab has them with their gains" }, "Lots");
    return (dom.row = element("div", { class: "ticket-lots-row", hidden: "" }, element("div", { class: "ticket-leg" }, label, dom.rule), dom.choice));
  };
})(typeof window === "undefined" ? globalThis : window);
