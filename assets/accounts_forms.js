// What is done to an account: opened, configured, paid in or out, reset, archived. Each is a dialog that says what it does.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const MULTIPLIERS = [["1", "1× cash"], ["2", "2× margin"], ["4", "4× intraday"]];
  const DAY_TRADES = [["off", "No rule"], ["legacy_pdt", "Pattern day trader: at most 3 in 5 days below 25,000"], ["intraday_margin", "Intraday margin: maintenance at each opening order"]];
  const LOTS = [["fifo", "First in, first out"], ["lifo", "Last in, first out"], ["specific", "As the sale names them"]];

  const number = (text) => Number((ts.format || require("./format.js")).digitsOf(text) ?? NaN);

  // What is wrong with the fields, as {field, text}; null when they can be sent.
  function openFault({ name, cash }) {
    if (!String(name).trim()) return { field: "name", text: "The account wants a name." };
    if (String(name).trim().length > 40) return { field: "name", text: "A name has at most 40 characters." };
    if (!(number(cash) > 0)) return { field: "cash", text: "The starting cash must be money above zero, such as 100,000." };
    return null;
  }

  function moveFault({ amount, way }, free) {
    const found = number(amount);
    if (!(found > 0)) return { field: "amount", text: "The amount must be money above zero." };
    if (Math.round(found * 100) / 100 !== found) return { field: "amount", text: "An amount is in whole cents." };
    if (way === "out" && found > Number(free)) return { field: "amount", text: `More than is free: ${Number(free).toFixed(2)}.` };
    return null;
  }

  function rulesOf(values) {
    return { multiplier: values.multiplier, shorting_enabled: Boolean(values.shorting), fractional_enabled: Boolean(values.fractional), day_trade_rule: values.dayTrades, lot_method: values.lots };
  }

  // What goes when an account is reset, in words.
  function lossOf(account, cash) {
    const parts = [];
    if (account.orders) parts.push(`${ts.format.counted(account.orders, "open order")} cancelled`);
    if (account.positions) parts.push(`${ts.format.counted(account.positions, "position")} written off, worth nothing to it`);
    parts.push(`its equity and day P&L forgotten, ${cash} in cash again`);
    return `${parts.join("; ")}. Its orders, fills and ledger entries until now can still be read.`.replace(/^./, (first) => first.toUpperCase());
  }

  if (typeof module !== "undefined") module.exports = { openFault, moveFault, rulesOf, lossOf };
  if (typeof document === "undefined") return;

  const element = (...given) => ts.dom.element(...given);

  function field(label, name, attributes = {}) {
    return element("label", { class: "form-row" }, element("span", {}, label), element("input", { class: "field", name, autocomplete: "off", ...attributes }));
  }

  function select(label, name, options, now) {
    const made = element("select", { class: "field", name }, ...options.map(([value, text]) => element("option", { value, selected: value === now }, text)));
    return element("label", { class: "form-row" }, element("span", {}, label), made);
  }

  function check(label, name, isOn) {
    return element("label", { class: "form-tick" }, element("input", { type: "checkbox", name, checked: isOn }), label);
  }

  function segments(label, name, options, now) {
    const parts = options.map(([value, text]) => element("label", {}, element("input", { type: "radio", name, value, checked: value === now }), text));
    return element("fieldset", { class: "choice" }, element("legend", {}, label), element("div", { class: "segments" }, ...parts));
  }

  function ruleFields(rules) {
    return [
      segments("Buying power", "multiplier", MULTIPLIERS, String(Number(rules.multiplier))),
      select("Day trades", "dayTrades", DAY_TRADES, rules.day_trade_rule),
      select("Tax lots", "lots", LOTS, rules.lot_method),
      check("May sell short", "shorting", rules.shorting_enabled),
      check("May hold fractions of a share", "fractional", rules.fractional_enabled),
    ];
  }

  function valuesOf(form) {
    const values = Object.fromEntries(new FormData(form));
    for (const box of form.querySelectorAll("input[type=checkbox]")) values[box.name] = box.checked;
    return values;
  }

  // A dialog with a form: `fault(values)` before it is sent, `wish(values)` is the intent; closes when it was done.
  function ask({ title, note, fields, yes, fault, wish, done, danger = false }) {
    const said = element("p", { class: "form-fault", role: "alert" });
    const send = element("button", { class: "main-button" + (danger ? " is-danger" : "") }, yes);
    const leave = element("button", { type: "button", class: "quiet-button", onclick: () => box.close() }, "Leave it");
    const form = element("form", { class: "form", novalidate: true }, note ? element("p", { class: "form-note" }, note) : null, ...fields, said, element("div", { class: "dialog-actions" }, leave, send));
    const box = ts.page.dialog(title, false, form);
    form.addEventListener("submit", ts.boundary.guard("header", async (event) => {
      event.preventDefault();
      const values = valuesOf(form);
      const wrong = fault ? fault(values) : null;
      said.textContent = wrong ? wrong.text : "";
      if (wrong) return form.elements[wrong.field] && form.elements[wrong.field].focus();
      send.disabled = true;
      const receipt = await ts.intents.send(wish(values), { quiet: true });
      send.disabled = false;
      if (!receipt.ok) return (said.textContent = receipt.message);
      box.close();
      await ts.accounts.refresh();
      return done(receipt, values);
    }));
    const first = form.querySelector("input, select");
    if (first) first.focus();
    return box;
  }

  function open() {
    const rules = { multiplier: "2", day_trade_rule: "off", lot_method: "fifo", shorting_enabled: true, fractional_enabled: true };
    ask({
      title: "New account",
      note: "It has its own cash, positions, orders and limits. An API key of this name trades in it.",
      fields: [field("Name", "name", { maxlength: 40 }), field("Starting cash, USD", "cash", { value: "100,000", inputmode: "decimal" }), ...ruleFields(rules)],
      yes: "Open the account",
      fault: openFault,
      wish: (values) => ({ do: "open_account", name: values.name, cash: values.cash, rules: rulesOf(values) }),
      done(receipt) {
        const made = ts.accounts.all.find(({ id }) => id === receipt.account_id);
        if (made) ts.accounts.choose(made);
      },
    });
  }

  function configure(account) {
    ask({
      title: `Settings of ${account.name}`,
      note: "They hold for what is ordered and closed from now on, in this market.",
      fields: ruleFields(account.rules),
      yes: "Save",
      wish: (values) => ({ do: "configure_account", account: account.id, rules: rulesOf(values) }),
      done: () => ts.page.toast("good", `${account.name} has these settings now.`),
    });
  }

  function move(account) {
    ask({
      title: `Pay into ${account.name}, or out of it`,
      note: `It is neither profit nor loss. ${ts.format.money(account.free)} ${account.currency} is free to be taken out.`,
      fields: [segments("Which way", "way", [["in", "Pay in"], ["out", "Take out"]], "in"), field(`Amount, ${account.currency}`, "amount", { inputmode: "decimal" }), field("What for (optional)", "memo", { maxlength: 120 })],
      yes: "Book it",
      fault: (values) => moveFault(values, account.free),
      wish: (values) => ({ do: "move_cash", account: account.id, amount: (values.way === "out" ? "-" : "") + values.amount, memo: values.memo }),
      done: (_receipt, values) => ts.page.toast("good", `${ts.format.money(number(values.amount))} ${values.way === "out" ? "taken out of" : "paid into"} ${account.name}.`),
    });
  }

  function reset(account) {
    const cash = ts.format.money(account.starting_cash);
    ask({
      title: `Reset ${account.name}?`,
      note: lossOf(account, `${cash} or what you set`),
      fields: [field(`Cash to begin again with, ${account.currency}`, "cash", { value: cash, inputmode: "decimal" })],
      yes: "Reset the account",
      danger: true,
      fault: ({ cash: wanted }) => (number(wanted) > 0 ? null : { field: "cash", text: "The cash must be money above zero." }),
      wish: (values) => ({ do: "reset_account", account: account.id, cash: values.cash }),
      done: (receipt) => ts.page.toast("good", `Reset. ${receipt.message}.`),
    });
  }

  async function archive(account) {
    const detail = "Nobody trades in it any more, in any market; it must hold nothing. Its orders, fills and entries can still be read.";
    const isSure = await ts.page.confirm(`Archive ${account.name}?`, { detail, yes: "Archive it", no: "Keep it" });
    if (!isSure) return;
    const receipt = await ts.intents.send({ do: "archive_account", account: account.id }, { quiet: true });
    ts.page.toast(receipt.ok ? "good" : "bad", receipt.ok ? `${account.name} is archived.` : receipt.message);
    if (receipt.ok) await ts.accounts.refresh();
  }

  ts.accountForms = { open, configure, move, reset, archive };
})(typeof window === "undefined" ? globalThis : window);
