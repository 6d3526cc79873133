// The Bots view: starting, watching and stopping programs of one's own, their logs, and who else trades by a key.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "bots";
  const POLL_MS = 2000;
  const LOG_MS = 1000;
  const WARNING = "A bot runs as you, with all that you may do on this machine.";
  if (typeof document === "undefined") return;

  const view = { n: 0, timer: 0, runs: [], log: null, isFollowing: true, hasFiles: false, refusal: "", wanted: null };

  const $ = (id) => document.getElementById(`bots-${id}`);
  const make = (...all) => ts.dom.element(...all);
  const words = () => ts.botsRows;
  const set = (store, data) => root.dash_clientside.set_props(`bots-${store}`, { data });
  const guard = (fn) => ts.boundary.guard(PANEL, fn);
  const put = (element, text) => element.textContent !== text && (element.textContent = text);
  const act = (wish) => set("wish", { n: (view.n += 1), ...wish });

  // Of two questions close together Dash answers the last: what is missing is asked for until it has come.
  function ask() {
    set("asked", { n: (view.n += 1), files: !view.hasFiles, log: view.log && view.isFollowing ? view.log : null });
  }

  function say(text, isGood = true) {
    $("said").className = `programs-said ${isGood ? "is-good" : "is-bad"}`;
    put($("said"), text);
  }

  // Starting
  function buildForm() {
    const labelled = (id, label, field) => make("div", { class: "programs-labelled" }, make("label", { for: `bots-${id}` }, label), field);
    const text = (id, attributes) => make("input", { id: `bots-${id}`, class: "programs-field", type: "text", autocomplete: "off", ...attributes });
    const unit = make("select", { id: "bots-unit", class: "programs-field", "aria-label": "Unit of the time limit" }, ...[["m", "minutes"], ["h", "hours"], ["s", "seconds"]].map(([value, label]) => make("option", { value }, label)));
    const form = make(
      "form",
      { class: "programs-form" },
      labelled("file", "File", make("select", { id: "bots-file", class: "programs-field" })),
      ts.botsAccount.field(),
      labelled("limit", "Time limit", make("div", { class: "bots-limit" }, text("limit", { placeholder: "none", inputmode: "decimal", maxlength: 8 }), unit)),
      labelled("arguments", "Arguments", text("arguments", { placeholder: "AAPL 100" })),
      make("button", { type: "submit", id: "bots-start", class: "main-button" }, "Start"),
    );
    form.addEventListener("submit", guard(onStart));
    $("form").replaceChildren(form, make("p", { id: "bots-meaning", class: "programs-intro bots-meaning", role: "status" }));
    $("file").addEventListener("change", guard(ts.botsAccount.paint));
    ts.botsAccount.paint();
  }

  function onStart(event) {
    event.preventDefault();
    if (ts.botsAccount.isMissing()) return $("account-new").focus();
    $("start").disabled = true;
    say("");
    act({ do: "start", file: $("file").value, account: ts.botsAccount.value(), limit: $("limit").value, unit: $("unit").value, arguments: $("arguments").value });
  }

  function buildGet() {
    const input = make("input", { type: "file", accept: ".py,text/x-python", id: "bots-upload", class: "sr-only", onchange: guard(() => take(input.files)) });
    const drop = make("label", { class: "bots-drop", for: "bots-upload", id: "bots-drop" }, make("i", { class: "bi bi-filetype-py", "aria-hidden": "true" }), make("span", {}, make("b", {}, "Drop a .py file here, or choose one. "), `${WARNING} Hand in only what you have read.`), input);
    for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, guard((event) => (event.preventDefault(), drop.classList.add("is-over"))));
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("is-over"));
    drop.addEventListener("drop", guard((event) => (event.preventDefault(), take(event.dataTransfer.files))));
    $("get").replaceChildren(make("div", { id: "bots-examples", class: "bots-examples" }), drop);
  }

  async function take(files) {
    const file = files[0];
    $("upload").value = "";
    if (!file) return;
    const refusal = view.refusal || words().fileRefusal(file);
    if (refusal) return say(refusal, false);
    const content = await file.text();
    const agreed = await ts.page.confirm(`Keep ${file.name} as a bot?`, { detail: `${WARNING} It is kept in the data folder's bots folder and does nothing until it is started.`, yes: "Keep it", danger: false });
    if (agreed) act({ do: "save", name: file.name, content });
  }

  function onDone(done) {
    set("wish", null);
    set("done", null);
    $("start").disabled = false;
    say(done.message, done.ok);
    if (done.file) Object.assign(view, { wanted: done.file, hasFiles: false });
    if (done.do === "start" && done.ok) openLog(done.id);
    else ask();
  }

  function paintFiles({ files, examples, takes_no_files: refusal }) {
    view.hasFiles = true;
    view.refusal = refusal;
    const chosen = view.wanted || $("file").value;
    const options = files.map(({ name, path }) => make("option", { value: path }, name));
    $("file").replaceChildren(...(options.length ? options : [make("option", { value: "" }, "none yet: take an example")]));
    if (files.some(({ path }) => path === chosen)) $("file").value = chosen;
    view.wanted = null;
    ts.botsAccount.paint();
    $("drop").title = refusal;
    $("examples").replaceChildren(...examples.map(exampleCard));
  }

  function exampleCard({ name, title }) {
    const get = make("button", { type: "button", class: "quiet-button", "data-example": name, onclick: guard(() => act({ do: "example", name })) }, "Take this example");
    return make("div", { class: "bots-example" }, make("p", {}, make("b", {}, name), ` ${title}`), get);
  }

  // The list
  function onRows(data) {
    if (data.files) paintFiles(data);
    view.runs = data.runs;
    $("empty").hidden = data.runs.length > 0;
    $("list").closest(".programs-scroll").hidden = data.runs.length === 0;
    paintRuns();
    meetAccounts();
    paintPrograms(data.programs);
    if (data.log && data.log.id === view.log) paintLog(data.log.text);
  }

  function paintRuns() {
    const ids = view.runs.map((run) => run.id + run.state).join();
    if ($("list").dataset.key !== ids) {
      const focused = document.activeElement && document.activeElement.dataset.act;
      $("list").dataset.key = ids;
      $("list").replaceChildren(...view.runs.map(runSkeleton));
      const again = focused && $("list").querySelector(`[data-act="${focused}"]`);
      if (again) again.focus();
    }
    for (const run of view.runs) fillRun(run);
  }

  // The account of a bot that just began is opened when it first asks for it.
  function meetAccounts() {
    const isKnown = ({ account }) => ts.accounts.all.some(({ name }) => name === account);
    if (view.runs.some((run) => run.state === "running" && !isKnown(run))) ts.accounts.refresh();
  }

  function runSkeleton(run) {
    const cells = ["name", "account", "state", "since", "left", "rate", "orders", "fills", "profit", "line", "code"];
    const numbers = new Set(["since", "left", "rate", "orders", "fills", "profit", "code"]);
    const log = make("button", { type: "button", class: "quiet-button", "data-act": `log-${run.id}`, "aria-label": `Log of ${run.name}`, onclick: guard(() => openLog(run.id)) }, "Log");
    const stop = make("button", { type: "button", class: "quiet-button bots-stop", "data-act": `stop-${run.id}`, "aria-label": `Stop ${run.name}`, onclick: guard(() => askToStop(run)) }, "Stop");
    stop.hidden = run.state !== "running";
    return make("tr", { "data-row": run.id }, ...cells.map((name) => make("td", { "data-cell": name, class: numbers.has(name) ? "num" : "" })), make("td", { class: "bots-acts" }, make("div", {}, log, stop)));
  }

  function fillRun(run) {
    const row = $("list").querySelector(`[data-row="${run.id}"]`);
    const cell = (name, text) => put(row.querySelector(`[data-cell="${name}"]`), text);
    const state = words().stateOf(run);
    row.classList.toggle("is-chosen", run.id === view.log);
    row.dataset.tone = state.tone;
    cell("name", run.name);
    whose(row.querySelector('[data-cell="account"]'), run.account);
    cell("state", state.text);
    cell("since", ts.format.time(run.since));
    cell("left", words().left(run));
    cell("rate", words().rateText(run.rate));
    cell("orders", run.orders.toLocaleString("en-US"));
    cell("fills", run.fills.toLocaleString("en-US"));
    money(row.querySelector('[data-cell="profit"]'), run.profit);
    cell("line", run.line || "–");
    row.querySelector('[data-cell="line"]').title = run.line;
    cell("code", words().codeText(run.code));
  }

  // The way to what it holds and has working: its account in this window.
  function whose(at, name) {
    const account = ts.accounts.all.find((each) => each.name === name);
    const isHere = Boolean(account) && account !== ts.accounts.current();
    const key = `${name} ${isHere}`;
    if (at.dataset.key === key) return;
    at.dataset.key = key;
    const show = () => (ts.accounts.choose(ts.accounts.all.find((each) => each.name === name)), paintRuns());
    at.replaceChildren(isHere ? make("button", { type: "button", class: "bots-account-link", title: `Show ${name} in this window`, onclick: guard(show) }, name) : name);
  }

  function money(at, text) {
    const tone = ts.format.tone(text);
    put(at, ts.format.signed(text, 2));
    at.classList.toggle("up", tone === "up");
    at.classList.toggle("down", tone === "down");
  }

  async function askToStop({ id, name }) {
    const agreed = await ts.page.confirm(`Stop ${name}?`, { detail: "It is asked to end, and made to after 3 s. What it holds and what it left working stays as it is.", yes: "Stop it" });
    if (agreed) act({ do: "stop", id });
  }

  // The log
  function openLog(id) {
    view.log = id;
    view.isFollowing = true;
    $("log").replaceChildren();
    $("log-part").hidden = false;
    paintLogHead();
    paintRuns();
    ask();
    schedule();
  }

  function paintLogHead() {
    const run = view.runs.find((each) => each.id === view.log);
    put($("log-title"), run ? `Log of ${run.name}` : "Log");
    put($("follow"), view.isFollowing ? "Pause" : "Follow");
    $("follow").setAttribute("aria-pressed", String(!view.isFollowing));
  }

  function paintLog(text) {
    paintLogHead();
    const at = $("log");
    const isAtEnd = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
    put(at, text || "Nothing was printed yet.");
    if (isAtEnd) at.scrollTop = at.scrollHeight;
  }

  function follow() {
    view.isFollowing = !view.isFollowing;
    paintLogHead();
    if (view.isFollowing) ask();
  }

  function closeLog() {
    const was = view.log;
    view.log = null;
    $("log-part").hidden = true;
    paintRuns();
    schedule();
    const back = $("list").querySelector(`[data-act="log-${was}"]`);
    if (back) back.focus();
  }

  // Programs by key
  function paintPrograms(programs) {
    $("programs-empty").hidden = programs.length > 0;
    $("programs").closest(".programs-scroll").hidden = programs.length === 0;
    const key = JSON.stringify(programs);
    if ($("programs").dataset.key === key) return;
    $("programs").dataset.key = key;
    $("programs").replaceChildren(...programs.map(programRow));
  }

  function programRow(program) {
    const profit = make("td", { class: "num" });
    money(profit, program.profit);
    const key = make("span", {}, make("code", {}, words().keyText(program)), program.label ? make("span", { class: "muted" }, ` ${program.label}`) : "");
    const cells = [key, program.account];
    const numbers = [words().rateText(program.rate), program.orders.toLocaleString("en-US"), program.fills.toLocaleString("en-US")];
    const guardCell = make("td", { class: "bots-guard", "data-standing": program.standing }, make("b", {}, words().standingText(program)), program.why ? ` ${ts.format.time(program.at)} ${program.why}` : "");
    return make("tr", {}, ...cells.map((each) => make("td", {}, each)), ...numbers.map((each) => make("td", { class: "num" }, each)), profit, make("td", {}, program.last), make("td", { class: "num" }, ts.format.time(program.last_at)), guardCell);
  }

  // Only while it is looked at
  function schedule() {
    root.clearInterval(view.timer);
    if (!view.isShown) return;
    view.timer = root.setInterval(() => document.visibilityState === "visible" && ask(), view.log ? LOG_MS : POLL_MS);
  }

  function onShown(panel, isShown) {
    if (panel !== PANEL) return;
    view.isShown = isShown;
    view.hasFiles = false;
    if (isShown) ask();
    if (isShown) ts.accounts.refresh();
    schedule();
  }

  const noUpdate = () => root.dash_clientside.no_update;
  const handler = (fn) => (data) => {
    if (data) guard(fn)(data);
    return noUpdate();
  };
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_bots = { on_rows: handler(onRows), on_done: handler(onDone) };

  function start() {
    if (!$("form")) return;
    buildForm();
    buildGet();
    $("follow").addEventListener("click", guard(follow));
    $("close").addEventListener("click", guard(closeLog));
    $("copy").replaceWith(ts.copying.button("Copy", () => $("log").textContent, { id: "bots-copy" }));
    ts.painter.onShown(guard(onShown));
    ts.accounts.on(guard(ts.botsAccount.paint));
    ts.page.onAccount(guard(ts.botsAccount.paint));
    ts.boundary.onRetry(PANEL, ask);
    onShown(PANEL, ts.painter.isShown(PANEL) && ts.views.open === PANEL);
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
