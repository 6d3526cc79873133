// The accounts of the open market: which is chosen in this window, and what the switcher in the header lists.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PATH = "/page/accounts";
  const REFRESH_MS = 2000;
  const STATES = { active: "Active", reducing: "Reducing", halted: "Halted" };

  // Which account is meant by what the window had: its own id where it is in this market, else the one of its name,
  // else the market's own (an empty id). `why` is the sentence for the person when it is another one.
  function settled(chosen, name, { own, accounts }) {
    if (!chosen || chosen === own) return { id: "", why: null };
    if (accounts.some((account) => account.id === chosen)) return { id: chosen, why: null };
    const first = accounts.find((account) => account.id === own);
    const isNamed = (account) => name && account.name.toLowerCase() === name.toLowerCase();
    const alike = accounts.find(isNamed);
    if (alike) return { id: alike.id === own ? "" : alike.id, why: `Another market is open: ${alike.name} has an account of its own in it, which is shown now.` };
    const called = first ? `, ${first.name},` : "";
    return { id: "", why: `${name || "The account"} does not trade in this market: the market's own account${called} is shown now.` };
  }

  // What stands beside an account's name when it is not simply active.
  function remark(account) {
    if (account.margin_call) return { kind: "bad", text: "Margin call" };
    if (account.state === "halted") return { kind: "bad", text: STATES.halted };
    if (account.state === "reducing") return { kind: "warn", text: STATES.reducing };
    if (account.rules && account.rules.is_suspended) return { kind: "warn", text: "Suspended" };
    return null;
  }

  // The place in a list of `count` that a key leads to from `at`; null when it leads nowhere.
  function step(key, at, count) {
    if (!count) return null;
    if (key === "ArrowDown") return (at + 1) % count;
    if (key === "ArrowUp") return (at + count - 1) % count;
    if (key === "Home") return 0;
    if (key === "End") return count - 1;
    return null;
  }

  if (typeof module !== "undefined") module.exports = { settled, remark, step };
  if (typeof document === "undefined") return;

  const known = { session: null, own: "", accounts: [], retired: [] };
  let left = "";
  const heard = [];
  let asked = null;
  let timer = 0;

  const idOf = (account) => (account.id === known.own ? "" : account.id);
  const current = () => known.accounts.find((account) => idOf(account) === ts.page.account) || null;

  function refresh() {
    asked = asked || root.fetch(PATH, { credentials: "same-origin" }).then(taken).catch(() => known).finally(() => (asked = null));
    return asked;
  }

  async function taken(answer) {
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    Object.assign(known, await answer.json());
    settle();
    for (const fn of heard) fn(known);
    return known;
  }

  // The account that was left because it does not trade in another market is taken up again where it does.
  function isBack() {
    const account = left && !ts.page.account && known.accounts.find((each) => each.id === left);
    if (!account) return false;
    left = null;
    ts.page.chooseAccount(account.id);
    ts.page.toast("info", `${account.name} is the account of this window again.`);
    return true;
  }

  function settle() {
    if (isBack()) return;
    const name = ts.page.stored("account-name:" + ts.page.account, null);
    const { id, why } = settled(ts.page.account, name, known);
    if (why) left = ts.page.account;
    if (id !== ts.page.account) ts.page.chooseAccount(id);
    if (why) ts.page.toast("info", why);
    const now = current();
    if (id && now) ts.page.store("account-name:" + id, now.name);
  }

  function choose(account) {
    const id = idOf(account);
    left = null;
    if (id) ts.page.store("account-name:" + id, account.name);
    if (id === ts.page.account) return;
    ts.page.chooseAccount(id);
    ts.page.toast("info", `${account.name} is the account of this window now: what is shown and sent is its.`);
  }

  // ---- the switcher

  const byId = (id) => document.getElementById(id);
  const element = (...given) => ts.dom.element(...given);
  const button = () => byId("header-account");

  function row(account) {
    const { format } = ts;
    const note = remark(account);
    return element(
      "button",
      {
        type: "button",
        class: "account-row",
        role: "menuitemradio",
        "aria-checked": String(idOf(account) === ts.page.account),
        "data-account": account.id,
        onclick: () => (ts.header.closePopup(), button().focus(), choose(account)),
      },
      element("span", { class: "account-name" }, account.name, note ? element("span", { class: "state-chip is-" + note.kind }, note.text) : null),
      element("span", { class: "account-equity num" }, format.money(account.equity)),
      element("span", { class: "account-day num " + (format.tone(account.day_pl) || "muted") }, format.signed(account.day_pl)),
    );
  }

  function list() {
    const at = element("div", { class: "account-list", role: "menu", "aria-label": "Accounts of this market" });
    at.addEventListener("keydown", (event) => {
      const rows = [...at.children];
      const to = step(event.key, rows.indexOf(document.activeElement), rows.length);
      if (to === null) return;
      event.preventDefault();
      rows[to].focus();
    });
    fill(at);
    return at;
  }

  // Anew, with the focus where it was.
  function fill(at) {
    const focused = document.activeElement && at.contains(document.activeElement) ? document.activeElement.dataset.account : null;
    at.replaceChildren(...known.accounts.map(row));
    const again = focused && at.querySelector(`[data-account="${focused}"]`);
    if (again) again.focus();
  }

  function deeds() {
    const deed = (text, act) => ts.header.action(text, () => (ts.header.closePopup(), act()));
    const mine = current();
    const all = [deed("New account…", () => ts.accountForms.open())];
    if (mine) {
      all.push(deed("Settings…", () => ts.accountForms.configure(mine)), deed("Pay in or out…", () => ts.accountForms.move(mine)));
      all.push(deed("Reset…", () => ts.accountForms.reset(mine)));
      if (!mine.is_own) all.push(deed("Archive…", () => ts.accountForms.archive(mine)));
    }
    return element("div", { class: "popup-actions" }, ...all);
  }

  async function openSwitcher(from) {
    await refresh();
    const rows = list();
    const name = current() ? current().name : "this account";
    ts.header.openPopup(from, "Accounts", element("h2", {}, "Accounts of this market"), rows, element("h3", {}, name), deeds());
    const mine = rows.querySelector("[aria-checked=true]");
    if (mine && rows.isConnected) mine.focus();
    root.clearInterval(timer);
    timer = root.setInterval(() => {
      if (!rows.isConnected) root.clearInterval(timer);
      else refresh().then(() => fill(rows));
    }, REFRESH_MS);
  }

  function start() {
    const guard = (fn) => ts.boundary.guard("header", fn);
    button().addEventListener("click", guard(() => openSwitcher(button())));
    ts.keys.add("shift+a", "Choose another account", guard(() => openSwitcher(button())), { group: "Orders" });
    ts.page.onInstruments(guard((_instruments, isOtherMarket) => isOtherMarket && refresh()));
    ts.live.on("status", guard((_key, message) => message && message.k === "s" && ts.live.state.status.session !== known.session && refresh()));
    refresh();
  }

  ts.accounts = {
    STATES,
    // Names of archived accounts that nobody bears now.
    get retired() {
      return known.retired;
    },
    get all() {
      return known.accounts;
    },
    get own() {
      return known.own;
    },
    current,
    choose,
    refresh,
    openSwitcher,
    remark,
    // `fn({own, accounts})` is called whenever they were asked for anew.
    on: (fn) => heard.push(fn),
  };

  document.addEventListener("DOMContentLoaded", () => {
    ts.page.onAccount(ts.live.follow);
    ts.live.follow(ts.page.account);
    ts.page.ready(start);
  });
})(typeof window === "undefined" ? globalThis : window);
