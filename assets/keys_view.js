// The API view: keys, the one moment at which a secret can be read, and how each client is pointed at this desk.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "keys";
  const POLL_MS = 4000;
  const MINUTE_MS = 60000;

  // "just now", "12 min ago", "3 h ago", "5 days ago"; how long ago in words that need no ticking.
  function ago(ms) {
    if (ms < MINUTE_MS) return "just now";
    if (ms < 60 * MINUTE_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
    if (ms < 48 * 60 * MINUTE_MS) return `${Math.floor(ms / (60 * MINUTE_MS))} h ago`;
    return `${Math.floor(ms / (24 * 60 * MINUTE_MS))} days ago`;
  }

  // What a client was answered: a sentence, and the body laid out to be read.
  function trialText({ status, body }) {
    return { said: `Tried it: a client that asks for /v2/account gets ${status}`, body: laidOut(body), isGood: status === 200 };
  }

  function laidOut(body) {
    try {
      return JSON.stringify(JSON.parse(body), null, 2);
    } catch {
      return body;
    }
  }

  const words = { ago, trialText, laidOut };
  if (typeof module !== "undefined") module.exports = words;
  if (typeof document === "undefined") return;

  // `made` holds the one secret that this page knows, in memory alone, until the person has put it away.
  const view = { n: 0, timer: 0, keys: [], made: null, chosen: "", client: "run", isBusy: false };

  const $ = (id) => document.getElementById(`keys-${id}`);
  const make = (...all) => ts.dom.element(...all);
  const set = (store, data) => root.dash_clientside.set_props(`keys-${store}`, { data });
  const guard = (fn) => ts.boundary.guard(PANEL, fn);
  const ask = () => set("asked", { n: (view.n += 1) });
  const put = (element, text) => element.textContent !== text && (element.textContent = text);

  function say(text, isGood = true) {
    $("said").className = `programs-said ${isGood ? "is-good" : "is-bad"}`;
    put($("said"), text);
  }

  // Creating
  function buildForm() {
    const field = (id, label, attributes) =>
      make("div", { class: "programs-labelled" }, make("label", { for: `keys-${id}` }, label), make("input", { id: `keys-${id}`, class: "programs-field", type: "text", autocomplete: "off", maxlength: 64, ...attributes }));
    const form = make("form", { class: "programs-form" }, field("account", "Account", { placeholder: "Paper", list: "keys-accounts" }), make("datalist", { id: "keys-accounts" }), field("label", "Label", { placeholder: "what it is for" }), make("button", { type: "submit", id: "keys-create", class: "main-button" }, "Create key"));
    form.addEventListener("submit", guard(onCreate));
    $("form").replaceChildren(form);
  }

  function onCreate(event) {
    event.preventDefault();
    if (view.isBusy) return;
    view.isBusy = true;
    $("create").disabled = true;
    say("");
    set("make", { n: (view.n += 1), account: $("account").value || ownName(), label: $("label").value });
  }

  // Without a name the key is for the account of this window.
  const ownName = () => {
    const { name } = ts.live.state.desk.account || {};
    return name && name !== view.usual ? name : "";
  };

  // The store is emptied at once: the secret stays in this closure and in what is shown of it.
  function onMade(made) {
    set("made", null);
    set("make", null);
    view.isBusy = false;
    $("create").disabled = false;
    if (!made.ok) return say(made.message, false);
    view.made = made;
    view.chosen = made.id;
    $("label").value = "";
    paintMade();
    paintSnippet();
    ask();
    $("made-box").focus();
  }

  function paintMade() {
    const box = $("made-box");
    box.hidden = !view.made;
    if (!view.made) return box.replaceChildren();
    const { id, secret, trial, message } = view.made;
    const row = (label, text) => [make("dt", {}, label), make("dd", {}, make("code", {}, text), ts.copying.button("Copy", () => text, { "aria-label": `Copy ${label.toLowerCase()}` }))];
    const lines = ts.keysSnippets.exportLines({ origin: root.location.origin, key: id, secret });
    const told = trialText(trial);
    const again = make("button", { type: "button", class: "quiet-button", onclick: guard(tryAgain) }, "Try it again");
    const away = make("button", { type: "button", class: "quiet-button", onclick: guard(forget) }, "I have it: hide it");
    box.tabIndex = -1;
    box.replaceChildren(
      make("p", { class: "keys-once" }, make("i", { class: "bi bi-exclamation-triangle", "aria-hidden": "true" }), ` ${message}`),
      make("dl", { class: "keys-pair" }, ...row("Key", id), ...row("Secret", secret)),
      make("div", { class: "keys-lines" }, make("pre", { class: "programs-code" }, lines), ts.copying.button("Copy", () => lines, { "aria-label": "Copy export lines" })),
      make("details", { class: "keys-trial", open: !ts.page.isNarrow() }, make("summary", {}, make("span", { class: told.isGood ? "up" : "down", id: "keys-trial-said" }, told.said)), make("pre", { class: "programs-code", id: "keys-trial-body" }, told.body)),
      make("div", { class: "keys-away" }, again, away),
    );
  }

  // As a client does it, with the key in headers.
  async function tryAgain() {
    const { id, secret } = view.made;
    const headers = { "APCA-API-KEY-ID": id, "APCA-API-SECRET-KEY": secret };
    const reply = await root.fetch("/v2/account", { headers, cache: "no-store" });
    const told = trialText({ status: reply.status, body: await reply.text() });
    put($("trial-said"), told.said);
    $("trial-said").className = told.isGood ? "up" : "down";
    put($("trial-body"), told.body);
    ask();
  }

  function forget() {
    view.made = null;
    paintMade();
    paintSnippet();
    $("label").focus();
  }

  // The list
  function onRows(data) {
    view.keys = data.keys;
    const names = data.accounts.map((name) => make("option", { value: name }));
    if ($("accounts").children.length !== names.length) $("accounts").replaceChildren(...names);
    view.usual = data.accounts[0];
    $("account").placeholder = ownName() || view.usual;
    $("empty").hidden = data.keys.length > 0;
    $("list").closest(".programs-scroll").hidden = data.keys.length === 0;
    paintList();
    paintChoice();
  }

  function paintList() {
    const now = Date.now();
    const key = JSON.stringify(view.keys) + Math.floor(now / MINUTE_MS);
    if ($("list").dataset.key === key) return;
    const focused = document.activeElement && document.activeElement.dataset.key;
    $("list").dataset.key = key;
    $("list").replaceChildren(...view.keys.map((each) => keyRow(each, now)));
    const again = focused && $("list").querySelector(`[data-key="${focused}"]`);
    if (again) again.focus();
  }

  function keyRow(each, now) {
    const revoke = make("button", { type: "button", class: "quiet-button", "data-key": each.id, "aria-label": `Revoke ${each.id}`, onclick: guard(() => askToRevoke(each)) }, "Revoke");
    const used = each.used === null ? "never" : ago(now - each.used);
    const label = each.is_bots ? make("span", { class: "muted" }, `${each.label}, for its run`) : each.label || "–";
    return make(
      "tr",
      { "data-row": each.id, class: each.id === view.chosen ? "is-chosen" : "" },
      make("td", {}, make("code", {}, each.id)),
      make("td", { title: each.account }, each.account),
      make("td", { title: each.label }, label),
      make("td", { class: "num" }, new Date(each.created).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" })),
      make("td", { class: "num", title: each.used === null ? null : new Date(each.used).toLocaleString("en-GB") }, used),
      make("td", { class: "num" }, ts.format.number ? ts.format.number(each.today, 0) : String(each.today)),
      make("td", { class: "num" }, revoke),
    );
  }

  async function askToRevoke({ id, account, label }) {
    const name = label ? `“${label}”` : id;
    const agreed = await ts.page.confirm(`Revoke ${name}?`, { detail: `Programs that show ${id} get 401 from now on. The orders of ${account} stay as they are.`, yes: "Revoke" });
    if (agreed) set("revoke", { n: (view.n += 1), id });
  }

  function onRevoked(told) {
    set("revoke", null);
    set("revoked", null);
    say(told.message, told.ok);
    if (view.made && view.made.id === told.id) forget();
    ask();
  }

  // Snippets
  function buildClients() {
    const choice = make("select", { id: "keys-choice", class: "programs-field", onchange: guard(() => ((view.chosen = choice.value), paintSnippet(), paintList())) });
    const copy = ts.copying.button("Copy", () => $("snippet").textContent, { id: "keys-copy" });
    $("choice-part").replaceChildren(make("label", { for: "keys-choice" }, "With key"), choice, copy);
    $("tabs").replaceChildren(...ts.keysSnippets.CLIENTS.map(clientTab));
    $("tabs").addEventListener("keydown", guard(onTabKey));
    paintChoice();
  }

  function clientTab({ id, name }) {
    return make("button", { type: "button", class: "tab", role: "tab", id: `keys-tab-${id}`, "data-client": id, "aria-controls": "keys-snippet", onclick: guard(() => chooseClient(id)) }, name);
  }

  function chooseClient(id) {
    view.client = id;
    paintSnippet();
  }

  function onTabKey(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const ids = ts.keysSnippets.CLIENTS.map((each) => each.id);
    chooseClient(ids[(ids.indexOf(view.client) + by + ids.length) % ids.length]);
    $(`tab-${view.client}`).focus();
  }

  function paintChoice() {
    const own = view.keys.filter((each) => !each.is_bots);
    const choice = $("choice");
    if (!own.some((each) => each.id === view.chosen)) view.chosen = own.length ? own[0].id : "";
    const key = own.map((each) => each.id + each.label).join();
    if (choice.dataset.key !== key || !choice.children.length) {
      choice.dataset.key = key;
      const options = own.map((each) => make("option", { value: each.id }, `${each.id} · ${each.account}${each.label ? ` · ${each.label}` : ""}`));
      choice.replaceChildren(...(options.length ? options : [make("option", { value: "" }, "none yet: create one")]));
    }
    choice.value = view.chosen;
    paintSnippet();
  }

  function paintSnippet() {
    const made = view.made && view.made.id === view.chosen ? view.made : null;
    const chosen = view.keys.find((each) => each.id === view.chosen);
    const account = chosen && chosen.account !== "Paper" ? chosen.account : "";
    const { text, note } = ts.keysSnippets.snippet(view.client, { origin: root.location.origin, key: view.chosen, secret: made ? made.secret : "", account });
    put($("snippet"), text);
    put($("snippet-note"), note);
    $("snippet").setAttribute("aria-labelledby", `keys-tab-${view.client}`);
    for (const tab of $("tabs").children) {
      const isOn = tab.dataset.client === view.client;
      tab.setAttribute("aria-selected", String(isOn));
      tab.tabIndex = isOn ? 0 : -1;
    }
  }

  // Only while it is looked at
  function onShown(panel, isShown) {
    if (panel !== PANEL) return;
    root.clearInterval(view.timer);
    if (!isShown) return;
    ask();
    view.timer = root.setInterval(() => document.visibilityState === "visible" && ask(), POLL_MS);
  }

  const noUpdate = () => root.dash_clientside.no_update;
  const handler = (fn) => (data) => {
    if (data) guard(fn)(data);
    return noUpdate();
  };
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_keys = { on_rows: handler(onRows), on_made: handler(onMade), on_revoked: handler(onRevoked) };

  function start() {
    if (!$("form")) return;
    buildForm();
    buildClients();
    ts.painter.onShown(guard(onShown));
    ts.boundary.onRetry(PANEL, ask);
    onShown(PANEL, ts.painter.isShown(PANEL) && ts.views.open === PANEL);
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
