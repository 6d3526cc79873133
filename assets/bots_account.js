// Whose money a bot trades with: an account of its own, one that is there, or a new one. Pure words on top, the field below.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const LONGEST = 40;
  const OWN = "";
  const NEW = "+";
  const THE_MARKETS = new Set(["", "paper", "live"]);

  // The first of NAME, NAME 2, NAME 3 … that is not one of the archived accounts' names: no bot opens those anew.
  function freeName(name, retired) {
    const gone = new Set(retired.map((each) => each.toLowerCase()));
    for (let number = 1; ; number += 1) {
      const ending = number === 1 ? "" : ` ${number}`;
      const found = name.slice(0, LONGEST - ending.length) + ending;
      if (!gone.has(found.toLowerCase())) return found;
    }
  }

  // What the server calls the account of a bot that was given none: after its file.
  function ownName(file, retired = []) {
    const stem = String(file || "").split(/[\\/]/).pop().replace(/\.py$/, "").slice(0, LONGEST);
    return freeName(THE_MARKETS.has(stem.toLowerCase()) ? `${stem} bot`.trim() : stem, retired);
  }

  const called = (accounts, name) => accounts.find((account) => account.name.toLowerCase() === name.trim().toLowerCase());

  // [value, words] of each choice. `accounts` are {name, is_own}.
  function choices(file, accounts, retired = []) {
    const own = ownName(file, retired);
    return [[OWN, file ? `Its own: ${own}` : "One of its own"], ...accounts.filter(({ name }) => name !== own).map(({ name }) => [name, name]), [NEW, "Another new one…"]];
  }

  // What the choice means, in a sentence. `current` is the name of the account that the window shows.
  function meaning(value, typed, file, accounts, current, money, retired = []) {
    const name = value === OWN ? ownName(file, retired) : value === NEW ? typed.trim() : value;
    if (value === OWN && !file) return "";
    if (!name) return "Give it a name.";
    const found = called(accounts, name);
    const free = freeName(name, retired);
    if (free !== name) return `The account ${name} was archived, and no bot opens it anew: take another name, such as ${free}.`;
    if (!found) return `The account ${name} is opened when the bot first asks for it.`;
    if (found.name === current) return "It trades beside your own orders: one that would meet one of yours is refused.";
    return `It goes on with ${money(found.equity)} in ${found.name}.`;
  }

  const words = { OWN, NEW, freeName, ownName, choices, meaning };
  ts.botsAccount = words;
  if (typeof module !== "undefined") module.exports = words;
  if (typeof document === "undefined") return;

  const $ = (id) => document.getElementById(`bots-${id}`);
  const make = (...all) => ts.dom.element(...all);

  function field() {
    const select = make("select", { id: "bots-account", class: "programs-field", onchange: onChosen });
    const typed = make("input", { id: "bots-account-new", class: "programs-field", type: "text", autocomplete: "off", maxlength: LONGEST, "aria-label": "Name of the new account", placeholder: "its name", hidden: true, oninput: say });
    const label = make("label", { for: "bots-account" }, "Account");
    return make("div", { class: "programs-labelled bots-whose" }, label, select, typed);
  }

  function onChosen() {
    const isNew = $("account").value === NEW;
    $("account-new").hidden = !isNew;
    if (isNew) $("account-new").focus();
    say();
  }

  function say() {
    const now = ts.accounts.current();
    const said = meaning($("account").value, $("account-new").value, $("file").value, ts.accounts.all, now && now.name, ts.format.money, ts.accounts.retired);
    if ($("meaning").textContent !== said) $("meaning").textContent = said;
  }

  // The choices follow the file and the accounts; what was chosen stays while it is there.
  function paint() {
    if (!$("account")) return;
    const wanted = choices($("file").value, ts.accounts.all, ts.accounts.retired);
    const text = JSON.stringify(wanted);
    const at = $("account");
    if (at.dataset.options !== text && document.activeElement !== at) {
      const chosen = at.value;
      at.dataset.options = text;
      at.replaceChildren(...wanted.map(([value, shown]) => make("option", { value }, shown)));
      at.value = wanted.some(([value]) => value === chosen) ? chosen : OWN;
    }
    onlyWhenNew();
    say();
  }

  function onlyWhenNew() {
    $("account-new").hidden = $("account").value !== NEW;
  }

  // The name that the server is told; empty for the bot's own.
  const value = () => ($("account").value === NEW ? $("account-new").value.trim() : $("account").value);
  const isMissing = () => $("account").value === NEW && !value();

  Object.assign(words, { field, paint, value, isMissing });
})(typeof window === "undefined" ? globalThis : window);
