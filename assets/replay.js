// Replay: the bar that plays a recorded market. The dialog that opens one is in replay_dialog.js.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "replay";
  const BARS_A_SECOND = [0.5, 1, 2, 5, 10, 20];
  const MOST_SPEED = 1_000_000;
  const MANY_BARS = 10;
  const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const STEPS = [1, 5, 15, 30].map((n) => n * SECOND)
    .concat([1, 5, 15, 30].map((n) => n * MINUTE))
    .concat([1, 2, 4, 12].map((n) => n * HOUR))
    .concat([1, 2, 7, 30, 90, 365].map((n) => n * DAY));

  // The stream tells of a new speed a moment after the answer.
  const SETTLED_MS = 500;

  // The speeds that are offered; where bars of `barMs` are played, those that show so many of them a second.
  function speedsFor(barMs) {
    if (!barMs) return SPEEDS;
    const speeds = BARS_A_SECOND.map((count) => (count * barMs) / SECOND).filter((speed) => speed <= MOST_SPEED);
    return speeds[0] > 1 ? [1, ...speeds] : speeds;
  }

  function speedText(speed, barMs) {
    const bars = barMs ? (speed * SECOND) / barMs : 0;
    if (speed === 1 && bars < BARS_A_SECOND[0]) return "1×";
    return barMs ? `${Number(bars.toPrecision(2))} ${bars === 1 ? "bar" : "bars"}/s` : `${speed}×`;
  }

  // The next speed of the scale in a direction, 1 faster or -1 slower; the ends stay.
  function nextSpeed(speed, direction, speeds = SPEEDS) {
    const found = direction > 0 ? speeds.find((other) => other > speed + 1e-9) : [...speeds].reverse().find((other) => other < speed - 1e-9);
    return found === undefined ? speed : found;
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

  // What a key on the track does: the new time, or null. `unit` is a step of the arrows.
  function timeByKey(key, isShift, now, start, end, unit = MINUTE) {
    const steps = { ArrowRight: isShift ? 10 * unit : unit, ArrowLeft: isShift ? -10 * unit : -unit };
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

  const replay = (ts.replay = Object.assign(ts.replay || {}, {
    SPEEDS, speedsFor, speedText, nextSpeed, shareOf, timeAt, labelTimes, isBackward, timeByKey,
  }));
  if (typeof module !== "undefined") module.exports = replay;
  if (typeof document === "undefined") return;

  const view = { isReplay: null, bar: undefined, preview: null, isDragging: false, keyTimer: 0, wished: null, labels: "" };
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

  replay.make = make;

  // A wish of the bar: only a refusal needs a word.
  async function wish(intent) {
    const receipt = await send(intent);
    if (!receipt.ok) ts.page.toast("bad", receipt.message);
    return receipt;
  }

  const toggle = () => wish({ do: status().playing ? "pause" : "play" });
  const step = (byMs) => wish(byMs ? { do: "step", by_ms: byMs } : { do: "step" });
  const stepBars = (bars) => wish({ do: "step", bars });
  const bar = () => status().bar || null;
  // The three steps of the bar, by what is played: events and time, or bars and their prints.
  const near = () => (bar() ? stepBars(1) : step());
  const further = () => (bar() ? step() : step(SECOND));
  const far = () => (bar() ? stepBars(MANY_BARS) : step(MINUTE));

  // Presses that come faster than answers add up: each goes on from what was last wished.
  async function faster(direction) {
    const speed = (view.wished = nextSpeed(view.wished || status().speed, direction, speedsFor(bar())));
    await wish({ do: "speed", speed });
    root.setTimeout(() => view.wished === speed && (view.wished = null), SETTLED_MS);
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
    const detail = "You return to the simulated market. Orders that still work in the replay are cancelled.";
    if (await ts.page.confirm(question, { detail, yes: "Leave", no: "Stay" })) await wish({ do: "open_simulated" });
  }

  // The bar.
  function paint() {
    if (!ts.live || !dom.track) return;
    const playing = isReplay();
    showBar(playing);
    if (!playing) return;
    if (view.bar !== bar()) showSteps();
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

  // What is stepped by, and how fast it may go.
  function showSteps() {
    view.bar = bar();
    const isBars = Boolean(view.bar);
    caption("step", isBars ? "Next bar (.)" : "Step to the next event (.)");
    caption("second", isBars ? "Next print of a bar (Shift .)" : "Step one second (Shift .)", isBars ? "+1 print" : "+1 s");
    caption("minute", isBars ? `${MANY_BARS} bars` : "Step one minute", isBars ? `+${MANY_BARS} bars` : "+1 min");
    $("speed").replaceChildren(...speedsFor(view.bar).map((speed) => make("option", { value: String(speed) }, speedText(speed, view.bar))));
  }

  function caption(id, title, text) {
    $(id).title = title;
    $(id).setAttribute("aria-label", title);
    if (text) $(id).textContent = text;
  }

  function put(element, text) {
    if (element.shown === text) return;
    element.shown = text;
    element.textContent = text;
  }

  function showTime(at) {
    put(dom.date, `${ts.format.date(at)} `);
    put(dom.time, `${ts.format.time(at, true)} ${ts.format.zoneName(at)}`);
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
    const value = String(speed || 1);
    if (document.activeElement === select || select.value === value) return;
    offerSpeed(select, value);
    select.value = value;
  }

  // A program may set a speed that is not on the list.
  function offerSpeed(select, value) {
    for (const own of select.querySelectorAll("[data-own]")) own.remove();
    if ([...select.options].some((option) => option.value === value)) return;
    select.append(ts.dom.element("option", { value, "data-own": "" }, speedText(Number(value), view.bar)));
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
    dom.date = make("span", { className: "replay-date" });
    dom.time = make("span", {});
    $("now").replaceChildren(dom.date, dom.time);
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
    const to = timeByKey(event.key, event.shiftKey, view.preview === null ? now() : view.preview, start, end, bar() || MINUTE);
    if (to === null) return undefined;
    event.preventDefault();
    event.stopPropagation();
    view.preview = to;
    root.clearTimeout(view.keyTimer);
    view.keyTimer = root.setTimeout(() => seek(to), 500);
    return dirty();
  }

  // Wiring.
  function listenToBar() {
    const on = (id, fn) => $(id).addEventListener("click", ts.boundary.guard(PANEL, fn));
    on("play", toggle);
    on("step", near);
    on("second", further);
    on("minute", far);
    on("open", () => replay.open($("open")));
    on("exit", exit);
    $("speed").addEventListener("change", () => wish({ do: "speed", speed: Number($("speed").value) }));
    const scrubber = ts.fingers.hold($("scrubber"));
    const track = (event, fn) => scrubber.addEventListener(event, ts.boundary.guard(PANEL, fn));
    track("pointermove", onTrackMove);
    track("pointerdown", onTrackDown);
    track("pointerup", onTrackUp);
    track("pointercancel", dropDrag);
    track("pointerleave", () => (dom.hover.hidden = true));
    track("keydown", onTrackKey);
  }

  function listenToKeys() {
    const when = isReplay;
    const add = (combo, text, fn) => ts.keys.add(combo, text, fn, { group: "Replay", when });
    add("space", "Play or pause the replay", toggle);
    add(".", "Step to the next event, or bar", near);
    add(">", "Step one second, or to a bar's next print", further);
    add("[", "Slower", () => faster(-1));
    add("]", "Faster", () => faster(1));
    ts.keys.tell("Replay", [["left right", "On the track: a minute or bar; with Shift ten"], ["home end", "On the track: beginning and end"]]);
    ts.keys.add("o", "Open a recording", () => replay.open(), { group: "Replay" });
  }

  function begin() {
    buildTrack();
    listenToBar();
    listenToKeys();
    ts.live.on("status", dirty);
    ts.live.on("connection", dirty);
    new ResizeObserver(dirty).observe($("scrubber"));
    ts.boundary.onRetry(PANEL, () => {
      view.isReplay = null;
      view.bar = undefined;
      buildTrack();
    });
    ts.painter.add(PANEL, paint);
    ts.live.want(PANEL, ["status"]);
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(begin));
})(typeof window === "undefined" ? globalThis : window);
