// Replay: the bar that plays a recorded market, and the dialog that opens one.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "replay";
  const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const STEPS = [1, 5, 15, 30].map((n) => n * SECOND)
    .concat([1, 5, 15, 30].map((n) => n * MINUTE))
    .concat([1, 2, 4, 12].map((n) => n * HOUR))
    .concat([1, 2, 7, 30, 90, 365].map((n) => n * DAY));
  const LATE_MS = 300;

  // The next speed of the scale in a direction, 1 faster or -1 slower; the ends stay.
  function nextSpeed(speed, direction) {
    const found = direction > 0 ? SPEEDS.find((other) => other > speed + 1e-9) : [...SPEEDS].reverse().find((other) => other < speed - 1e-9);
    return found === undefined ? speed : found;
  }

  function nearestSpeed(speed) {
    return SPEEDS.reduce((best, other) => (Math.abs(Math.log(other / speed)) < Math.abs(Math.log(best / speed)) ? other : best));
  }

  // Part of the recording that is over, 0 to 1.
  function shareOf(now, start, end) {
    return end > start ? Math.max(0, Math.min(1, (now - start) / (end - start))) : 0;
  }

  function timeAt(share, start, end) {
    return Math.round(start + Math.max(0, Math.min(1, share)) * (end - start));
  }

  // Times for labels under the track: round in the market's zone (`offset` ms ahead of UTC), at most one per
  // `least` pixels.
  function labelTimes(start, end, width, least, offset) {
    if (!(end > start) || width < least) return [];
    const step = STEPS.find((candidate) => ((end - start) / candidate) * least <= width) || STEPS[STEPS.length - 1];
    const times = [];
    for (let at = Math.ceil((start + offset) / step) * step - offset; at <= end; at += step) times.push(at);
    return times;
  }

  function isBackward(to, now) {
    return to < now - 1;
  }

  // What a key on the track does: the new time, or null.
  function timeByKey(key, isShift, now, start, end) {
    const steps = { ArrowRight: isShift ? 10 * MINUTE : MINUTE, ArrowLeft: isShift ? -10 * MINUTE : -MINUTE };
    const tenth = (end - start) / 10;
    const jumps = { PageUp: tenth, PageDown: -tenth };
    if (key in steps) return clampTime(now + steps[key], start, end);
    if (key in jumps) return clampTime(Math.round(now + jumps[key]), start, end);
    if (key === "Home") return start;
    return key === "End" ? end : null;
  }

  function clampTime(at, start, end) {
    return Math.max(start, Math.min(end, at));
  }

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

  ts.replay = {
    SPEEDS, nextSpeed, nearestSpeed, shareOf, timeAt, labelTimes, isBackward, timeByKey, refusal, askedBy, forTheForm, mappingOf, pathsOf,
  };
  if (typeof module !== "undefined") module.exports = ts.replay;
  if (typeof document === "undefined") return;

  const view = { isReplay: null, preview: null, isDragging: false, keyTimer: 0, wished: null, labels: "", opener: null };
  const chooser = { choices: [], chosen: new Set(), asked: 0, timer: 0, showColumns: false };
  const dom = {};

  const $ = (id) => document.getElementById(`replay-${id}`);
  const status = () => ts.live.state.status;
  const dirty = () => ts.painter.dirty(PANEL);
  const isReplay = () => status().source === "replay";
  const now = () => Math.min(ts.live.marketNow(), status().end || Infinity);
  const send = (intent) => ts.intents.send(intent, { quiet: true });

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name in element && name !== "list") element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  // A wish of the bar: only a refusal needs a word.
  async function wish(intent) {
    const receipt = await send(intent);
    if (!receipt.ok) ts.page.toast("bad", receipt.message);
    return receipt;
  }

  const toggle = () => wish({ do: status().playing ? "pause" : "play" });
  const step = (byMs) => wish(byMs ? { do: "step", by_ms: byMs } : { do: "step" });

  // Presses that come faster than answers add up: each goes on from what was last wished.
  async function faster(direction) {
    const speed = (view.wished = nextSpeed(view.wished || status().speed, direction));
    await wish({ do: "speed", speed });
    if (view.wished === speed) view.wished = null;
  }

  async function seek(to) {
    if (isBackward(to, now()) && !(await mayGoBack(to))) return release();
    await wish({ do: "seek", to_ms: to });
    return release();
  }

  function release() {
    view.preview = null;
    dirty();
  }

  function mayGoBack(to) {
    const question = `Go back to ${ts.format.time(to)}?`;
    const detail = "The account begins afresh at that moment: its orders, fills and positions of this replay end here.";
    return ts.page.confirm(question, { detail, yes: "Go back", no: "Stay" });
  }

  async function exit() {
    const question = "Leave the replay?";
    const detail = "You return to the simulated market. Orders that still work in the replay are canceled.";
    if (await ts.page.confirm(question, { detail, yes: "Leave", no: "Stay" })) await wish({ do: "open_simulated" });
  }

  // The bar.
  function paint() {
    if (!ts.live || !dom.track) return;
    const playing = isReplay();
    showBar(playing);
    if (!playing) return;
    const at = view.preview === null ? now() : view.preview;
    showTime(at);
    showTrack(at);
    showState();
    if (status().playing && !status().ended) root.setTimeout(dirty, 50);
  }

  function showBar(isShown) {
    if (view.isReplay === isShown) return;
    view.isReplay = isShown;
    $("bar").hidden = !isShown;
    view.labels = "";
  }

  function put(element, text) {
    if (element.shown === text) return;
    element.shown = text;
    element.textContent = text;
  }

  function showTime(at) {
    put($("now"), `${ts.format.date(at)} ${ts.format.time(at, true)} ${ts.format.zoneName(at)}`);
  }

  function showState() {
    const { playing, ended, speed, end } = status();
    const isPlaying = playing && !ended;
    if (dom.isPlaying !== isPlaying) {
      dom.isPlaying = isPlaying;
      $("play").firstChild.className = `bi bi-${isPlaying ? "pause" : "play"}-fill`;
      $("play").title = isPlaying ? "Pause (space)" : "Play (space)";
      $("play").setAttribute("aria-label", $("play").title);
    }
    for (const id of ["play", "step", "second", "minute"]) $(id).disabled = Boolean(ended);
    showSpeed(speed);
    put($("state"), ended ? "Ended" : playing ? "" : "Paused");
    $("state").classList.toggle("is-ended", Boolean(ended));
    dom.track.parentElement.classList.toggle("is-endless", !end);
  }

  function showSpeed(speed) {
    const select = $("speed");
    const value = String(SPEEDS.includes(speed) ? speed : nearestSpeed(speed || 1));
    if (document.activeElement !== select && select.value !== value) select.value = value;
  }

  function showTrack(at) {
    const { start, end } = status();
    const share = shareOf(at, start, end || start);
    dom.fill.style.transform = `scaleX(${share.toFixed(5)})`;
    dom.thumb.style.left = `${(share * 100).toFixed(3)}%`;
    const scrubber = $("scrubber");
    const value = String(Math.round(share * 1000));
    if (scrubber.getAttribute("aria-valuenow") !== value) {
      scrubber.setAttribute("aria-valuenow", value);
      scrubber.setAttribute("aria-valuetext", `${ts.format.date(at)} ${ts.format.time(at)}`);
    }
    showLabels(start, end);
  }

  function showLabels(start, end) {
    const width = dom.track.clientWidth;
    const key = `${start}|${end}|${width}`;
    if (view.labels === key || !width) return;
    view.labels = key;
    const offset = ts.format.zoneOffset(start, status().zone || "America/New_York");
    const isLong = end - start > 2 * DAY;
    const times = labelTimes(start, end, width, isLong ? 86 : 64, offset);
    dom.labels.replaceChildren(...times.map((at) => label(at, shareOf(at, start, end), isLong, end - start)));
  }

  function label(at, share, isLong, span) {
    const text = isLong ? ts.format.date(at) : ts.format.time(at).slice(0, span < 5 * MINUTE ? 8 : 5);
    const element = make("span", { className: "replay-label" }, text);
    element.style.left = `${share * 100}%`;
    if (share < 0.04) element.classList.add("is-first");
    if (share > 0.96) element.classList.add("is-last");
    return element;
  }

  function buildTrack() {
    dom.fill = make("i", { className: "replay-fill" });
    dom.thumb = make("i", { className: "replay-thumb" });
    dom.labels = make("div", { className: "replay-labels", "aria-hidden": "true" });
    dom.hover = make("span", { className: "replay-hover", hidden: true });
    dom.track = make("div", { className: "replay-track" }, dom.fill, dom.thumb);
    $("scrubber").replaceChildren(dom.track, dom.labels, dom.hover);
  }

  // The hand on the track: it shows where it would go, and goes when it lets loose.
  function timeUnder(event) {
    const box = dom.track.getBoundingClientRect();
    const { start, end } = status();
    return timeAt((event.clientX - box.left) / box.width, start, end || start);
  }

  function onTrackMove(event) {
    const at = timeUnder(event);
    const box = dom.track.getBoundingClientRect();
    dom.hover.hidden = false;
    dom.hover.textContent = ts.format.time(at);
    dom.hover.style.left = `${Math.max(30, Math.min(box.width - 30, event.clientX - box.left))}px`;
    if (!view.isDragging) return;
    view.preview = at;
    dirty();
  }

  function onTrackDown(event) {
    if (event.button !== 0 || !status().end) return;
    $("scrubber").setPointerCapture(event.pointerId);
    view.isDragging = true;
    onTrackMove(event);
  }

  function onTrackUp(event) {
    if (!view.isDragging) return;
    view.isDragging = false;
    seek(timeUnder(event));
  }

  function dropDrag() {
    view.isDragging = false;
    release();
  }

  function onTrackKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !status().end) return;
    if (event.key === "Escape" && view.preview !== null) return dropDrag();
    const { start, end } = status();
    const to = timeByKey(event.key, event.shiftKey, view.preview === null ? now() : view.preview, start, end);
    if (to === null) return undefined;
    event.preventDefault();
    event.stopPropagation();
    view.preview = to;
    root.clearTimeout(view.keyTimer);
    view.keyTimer = root.setTimeout(() => seek(to), 500);
    return dirty();
  }

  // The dialog.
  function open(opener) {
    view.opener = opener instanceof Element ? opener : document.activeElement;
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

  // Progress after 0.3 s, with the seconds counted; the returned function ends it.
  function waiting(text) {
    root.clearInterval(chooser.timer);
    const since = Date.now();
    const line = $("progress");
    chooser.timer = root.setInterval(() => {
      const passed = Date.now() - since;
      if (passed < LATE_MS) return;
      line.hidden = false;
      line.textContent = `${text} · ${(passed / 1000).toFixed(0)} s`;
    }, 100);
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
    const receipt = await send({ do: "open_replay", paths, ...(Object.keys(mapping).length ? { mapping } : {}) });
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

  // Wiring.
  function listenToBar() {
    const on = (id, fn) => $(id).addEventListener("click", ts.boundary.guard(PANEL, fn));
    on("play", toggle);
    on("step", () => step());
    on("second", () => step(SECOND));
    on("minute", () => step(MINUTE));
    on("open", () => open($("open")));
    on("exit", exit);
    $("speed").addEventListener("change", () => wish({ do: "speed", speed: Number($("speed").value) }));
    const scrubber = $("scrubber");
    const track = (event, fn) => scrubber.addEventListener(event, ts.boundary.guard(PANEL, fn));
    track("pointermove", onTrackMove);
    track("pointerdown", onTrackDown);
    track("pointerup", onTrackUp);
    track("pointercancel", dropDrag);
    track("pointerleave", () => (dom.hover.hidden = true));
    track("keydown", onTrackKey);
  }

  function listenToDialog() {
    const dialog = $("dialog");
    $("close").addEventListener("click", close);
    $("start").addEventListener("click", () => start());
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    dialog.addEventListener("close", () => view.opener && view.opener.focus && view.opener.focus());
    const place = $("drop");
    dom.limits = place.dataset;
    place.addEventListener("drop", onFiles, true);
    place.addEventListener("change", onFiles, true);
  }

  function listenToKeys() {
    const when = isReplay;
    const add = (combo, text, fn) => ts.keys.add(combo, text, fn, { group: "Replay", when });
    add("space", "Play or pause the replay", toggle);
    add(".", "Step to the next event", () => step());
    add(">", "Step one second", () => step(SECOND));
    add("[", "Slower", () => faster(-1));
    add("]", "Faster", () => faster(1));
    ts.keys.add("o", "Open a recording", () => open(), { group: "Replay" });
  }

  function begin() {
    buildTrack();
    buildForm();
    listenToBar();
    listenToDialog();
    listenToKeys();
    ts.live.on("status", dirty);
    ts.live.on("connection", dirty);
    ts.page.on("open-replay", open);
    new ResizeObserver(dirty).observe($("scrubber"));
    ts.boundary.onRetry(PANEL, () => {
      view.isReplay = null;
      buildTrack();
    });
    ts.painter.add(PANEL, paint);
    ts.live.want(PANEL, ["status"]);
  }

  ts.replay.open = open;
  document.addEventListener("DOMContentLoaded", () => ts.page.ready(begin));
})(typeof window === "undefined" ? globalThis : window);
