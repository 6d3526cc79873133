// Replay: the bar that plays a recorded market. The dialog that opens one is in replay_dialog.js.
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

  // The stream tells of a new speed a moment after the answer.
  const SETTLED_MS = 500;

  // The next speed of the scale in a direction, 1 faster or -1 slower; the ends stay.
  function nextSpeed(speed, direction) {
    const found = direction > 0 ? SPEEDS.find((other) => other > speed + 1e-9) : [...SPEEDS].reverse().find((other) => other < speed - 1e-9);
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

  const replay = (ts.replay = Object.assign(ts.replay || {}, {
    SPEEDS, nextSpeed, shareOf, timeAt, labelTimes, isBackward, timeByKey,
  }));
  if (typeof module !== "undefined") module.exports = replay;
  if (typeof document === "undefined") return;

  const view = { isReplay: null, preview: null, isDragging: false, keyTimer: 0, wished: null, labels: "" };
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

  // Presses that come faster than answers add up: each goes on from what was last wished.
  async function faster(direction) {
    const speed = (view.wished = nextSpeed(view.wished || status().speed, direction));
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
    select.append(ts.dom.element("option", { value, "data-own": "" }, `${value}×`));
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
    const to = timeByKey(event.key, event.shiftKey, view.preview === null ? now() : view.preview, start, end);
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
    on("step", () => step());
    on("second", () => step(SECOND));
    on("minute", () => step(MINUTE));
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
    add(".", "Step to the next event", () => step());
    add(">", "Step one second", () => step(SECOND));
    add("[", "Slower", () => faster(-1));
    add("]", "Faster", () => faster(1));
    ts.keys.tell("Replay", [["left right", "On the track: a minute; with Shift ten"], ["home end", "On the track: beginning and end"]]);
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
      buildTrack();
    });
    ts.painter.add(PANEL, paint);
    ts.live.want(PANEL, ["status"]);
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(begin));
})(typeof window === "undefined" ? globalThis : window);
