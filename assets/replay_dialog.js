// The dialog that opens a recording: what is on the shelf, files dropped in, and what a refusal asks to be named.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "replay";
  const LATE_MS = 300;

  // Why a file cannot be uploaded, by name; null when it can.
  function refusal(file, suffixes, most) {
    const isKnown = suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix));
    if (!isKnown) return `${file.name}: wanted a file that ends in ${suffixes.join(", ")}.`;
    if (file.size > most) return `${file.name}: wanted at most ${Math.round(most / 1048576)} MiB, was ${Math.round(file.size / 1048576)} MiB. Larger files: start with \`tradesim replay FILE\`.`;
    return file.size === 0 ? `${file.name}: the file is empty.` : null;
  }

  const MEANINGS = ["time", "open", "high", "low", "close", "volume"];

  // What a refusal asks the person to name: {columns, date, symbol, headings}. The server says it in the words of its
  // command line: `wanted columns for open, found a, b, c; name them with --map open=COLUMN`.
  function askedBy(message) {
    const named = new Set([...String(message).matchAll(/--map (\w+)=/g)].map((match) => match[1]));
    const columns = MEANINGS.some((meaning) => named.has(meaning)) || /wanted the column .*as mapped/.test(message);
    const found = columns && /found (.+?)(?:; name them|$)/.exec(message);
    return { columns, date: named.has("date") && !columns, symbol: named.has("symbol"), headings: found ? found[1].split(", ") : [] };
  }

  // The same sentence for somebody who has a form and no command line.
  function forTheForm(message) {
    return String(message)
      .replace(/; name them with (--map \w+=COLUMN ?)+/, "; name them below")
      .replace(/: give --map symbol=SYMBOL/, ": give the symbol below")
      .replace(/ as --map date=YYYY-MM-DD/, " as YYYY-MM-DD");
  }

  // Filled fields of the form as the mapping of the intent.
  function mappingOf(fields) {
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value).trim()]).filter(([, value]) => value));
  }

  function pathsOf(choices, chosen) {
    return choices.filter((_, at) => chosen.has(at)).flatMap((choice) => choice.paths);
  }

  const replay = (ts.replay = Object.assign(ts.replay || {}, { refusal, askedBy, forTheForm, mappingOf, pathsOf }));
  if (typeof module !== "undefined") module.exports = replay;
  if (typeof document === "undefined") return;

  const chooser = { choices: [], chosen: new Set(), asked: 0, timer: 0, showColumns: false, toChoose: null, opener: null };
  const dom = {};
  const $ = (id) => document.getElementById(`replay-${id}`);

  const make = (...parts) => replay.make(...parts);

  function open(opener) {
    chooser.opener = opener instanceof Element ? opener : document.activeElement;
    const dialog = $("dialog");
    if (dialog.open) return;
    answer("");
    showColumns(false);
    chooser.chosen.clear();
    dialog.showModal();
    nameUpload();
    ask();
  }

  function close() {
    $("dialog").close();
  }

  // Dash loads its upload lazily, without a name for people who do not see it.
  function nameUpload() {
    const input = $("drop").querySelector("input[type=file]");
    if (input) input.setAttribute("aria-label", "Files to replay");
  }

  function ask() {
    chooser.asked += 1;
    waiting("Looking for recordings");
    root.dash_clientside.set_props("replay-asked", { data: chooser.asked });
  }

  function answer(text, kind = "bad") {
    const line = $("answer");
    line.dataset.kind = kind;
    line.replaceChildren(...String(text).split("\n").filter(Boolean).map((sentence) => make("p", {}, sentence)));
  }

  // Progress after 0.3 s, with the seconds counted, until `waited`.
  function waiting(text) {
    root.clearInterval(chooser.timer);
    const since = Date.now();
    const line = $("progress");
    chooser.timer = root.setInterval(() => {
      const passed = Date.now() - since;
      if (ts.boundary.isFailed(PANEL)) return gaveUp();
      if (passed < LATE_MS) return undefined;
      line.hidden = false;
      line.textContent = `${text} · ${(passed / 1000).toFixed(0)} s`;
      return undefined;
    }, 100);
  }

  function gaveUp() {
    waited();
    showStart();
    answer("The server could not do that: the reason stands in the replay bar.");
  }

  function waited() {
    root.clearInterval(chooser.timer);
    $("progress").hidden = true;
  }

  function showChoices(choices) {
    const known = new Set([...chooser.chosen].map((at) => chooser.choices[at].paths.join()));
    chooser.choices = choices;
    chooser.chosen = new Set(choices.map((choice, at) => (known.has(choice.paths.join()) ? at : -1)).filter((at) => at >= 0));
    const rows = choices.map(choiceRow);
    $("list").replaceChildren(...(rows.length ? rows : [emptyList()]));
    showStart();
  }

  function emptyList() {
    const text = "No recording here yet. Drop LOBSTER files or bars (CSV, Parquet, feather) below: they are kept on this machine.";
    return make("p", { className: "panel-empty" }, text);
  }

  function choiceRow(choice, at) {
    const box = make("input", { type: "checkbox", checked: chooser.chosen.has(at) });
    box.addEventListener("change", () => choose(at, box.checked));
    const size = make("span", { className: "replay-size" }, ts.format.bytes(choice.bytes));
    const count = choice.paths.length > 1 ? make("span", { className: "replay-size" }, `${choice.paths.length} files`) : "";
    const row = make("label", { className: "replay-choice" }, box, make("span", { className: "replay-name" }, choice.title), count, size);
    row.addEventListener("dblclick", () => start([choice]));
    return row;
  }

  function choose(at, isChosen) {
    if (isChosen) chooser.chosen.add(at);
    else chooser.chosen.delete(at);
    answer("");
    showStart();
  }

  function showStart() {
    const count = chooser.chosen.size;
    $("start").disabled = count === 0;
    $("start").textContent = count > 1 ? `Replay ${count} together` : "Replay";
  }

  async function start(choices) {
    const paths = choices ? choices.flatMap((choice) => choice.paths) : pathsOf(chooser.choices, chooser.chosen);
    if (!paths.length) return undefined;
    answer("");
    waiting(`Opening ${paths.length > 1 ? `${paths.length} files` : "the recording"}`);
    $("start").disabled = true;
    const mapping = mappingOf(fields());
    const receipt = await ts.intents.send({ do: "open_replay", paths, ...(Object.keys(mapping).length ? { mapping } : {}) }, { quiet: true });
    waited();
    showStart();
    if (receipt.ok) return close();
    answer(forTheForm(receipt.message));
    return showAsked(askedBy(receipt.message));
  }

  function showAsked({ columns, date, symbol, headings }) {
    if (columns) showColumns(true);
    dom.headings.replaceChildren(...headings.map((heading) => make("option", { value: heading })));
    dom.date.hidden = !date && dom.date.hidden;
    if (date || symbol) $("form").querySelector(`[name=${date ? "date" : "symbol"}]`).focus();
  }

  // What bar files may leave open: their symbol and time zone, always; their columns, when the server asks.
  const ASIDE = [["symbol", "Symbol", "when the file does not say it"], ["zone", "Time zone of its times", "when they name none", "zones"]];
  const COLUMNS = MEANINGS.map((meaning) => [meaning, meaning[0].toUpperCase() + meaning.slice(1), "column", "headings"]);

  function field([name, label, note, list]) {
    const input = make("input", { name, placeholder: note, autocomplete: "off", spellcheck: false });
    if (list) input.setAttribute("list", `replay-${list}`);
    return make("label", { className: "replay-field" }, make("span", {}, label), input);
  }

  function buildForm() {
    const zones = (Intl.supportedValuesOf ? ["UTC", ...Intl.supportedValuesOf("timeZone")] : ["UTC", "America/New_York"]).map((zone) => make("option", { value: zone }));
    dom.columns = make("div", { className: "replay-columns", hidden: true, role: "group", "aria-label": "Which column is which" }, make("p", {}, "Which column is which"), ...COLUMNS.map(field));
    dom.headings = make("datalist", { id: "replay-headings" });
    dom.date = field(["date", "Date of the recording", "YYYY-MM-DD"]);
    dom.date.hidden = true;
    const aside = make("div", { className: "replay-aside" }, ...ASIDE.map(field), dom.date);
    $("form").replaceChildren(aside, dom.columns, dom.headings, make("datalist", { id: "replay-zones" }, ...zones));
  }

  function fields() {
    const inputs = [...$("form").querySelectorAll("input")].filter((input) => chooser.showColumns || !dom.columns.contains(input));
    return Object.fromEntries(inputs.map((input) => [input.name, input.value]));
  }

  function showColumns(isShown) {
    chooser.showColumns = isShown;
    dom.columns.hidden = !isShown;
    if (isShown) dom.columns.querySelector("input").focus();
  }

  // Files are looked at before they travel: a refusal should not cost an upload.
  function onFiles(event) {
    const files = [...((event.dataTransfer || event.target).files || [])];
    if (!files.length) return;
    const refused = files.map((file) => refusal(file, dom.limits.suffixes.split(" "), Number(dom.limits.most))).filter(Boolean);
    if (refused.length) {
      event.preventDefault();
      event.stopPropagation();
      if ("value" in event.target) event.target.value = "";
      answer(refused.join("\n"));
      return;
    }
    answer("");
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    waiting(`Taking in ${files.length === 1 ? files[0].name : `${files.length} files`}, ${ts.format.bytes(bytes)}`);
  }

  // The same file may be chosen again after it was mended: browsers tell of a change only.
  function forgetFiles({ target }) {
    if (target.type === "file") target.value = "";
  }

  function onUploaded({ saved, refused }) {
    waited();
    if (refused.length) answer(refused.join("\n"));
    else answer(`Taken in: ${saved.map((file) => file.name).join(", ")}.`, "good");
    if (!saved.length) return;
    chooser.toChoose = saved.map((file) => file.path);
    ask();
  }

  function onChoices({ choices }) {
    waited();
    showChoices(choices);
    for (const path of chooser.toChoose || []) {
      const at = choices.findIndex((choice) => choice.paths.includes(path));
      if (at >= 0) chooser.chosen.add(at);
    }
    chooser.toChoose = null;
    showChoices(choices);
  }

  const noUpdate = () => root.dash_clientside.no_update;
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_replay = {
    on_choices(data) {
      if (data) onChoices(data);
      return noUpdate();
    },
    on_uploaded(data) {
      if (data) onUploaded(data);
      return noUpdate();
    },
  };

  function listenToDialog() {
    const dialog = $("dialog");
    $("close").addEventListener("click", close);
    $("start").addEventListener("click", ts.boundary.guard(PANEL, () => start()));
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    dialog.addEventListener("close", () => chooser.opener && chooser.opener.focus && chooser.opener.focus());
    const place = $("drop");
    dom.limits = place.dataset;
    place.addEventListener("drop", onFiles, true);
    place.addEventListener("change", onFiles, true);
    place.addEventListener("click", forgetFiles, true);
  }

  function begin() {
    buildForm();
    listenToDialog();
    ts.page.on("open-replay", open);
  }

  replay.open = open;
  document.addEventListener("DOMContentLoaded", () => ts.page.ready(begin));
})(typeof window === "undefined" ? globalThis : window);
