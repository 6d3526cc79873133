// Time on the chart: the market's zone, labels under a bar-number axis, countdown to the bar's close. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const DAY = 86400000;
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const SECONDS = { "1s": 1, "5s": 5, "15s": 15, "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "1D": 86400 };
  const FRAMES = Object.keys(SECONDS);

  // Gives every bar from index `from` on its place on the market's wall clock; `offsetAt(ms)` is the zone's, in ms.
  function setWalls(bars, from, offsetAt) {
    if (!bars.wall || bars.wall.length < bars.start.length) {
      const wider = new Float64Array(bars.start.length);
      if (bars.wall) wider.set(bars.wall);
      bars.wall = wider;
    }
    for (let i = Math.max(0, from); i < bars.n; i += 1) bars.wall[i] = bars.start[i] + offsetAt(bars.start[i]);
  }

  // What a VWAP is summed over, by wall clock: the market's day, or the month when a bar is a day.
  function anchorOf(seconds) {
    if (seconds < 86400) return (wallMs) => Math.floor(wallMs / DAY);
    return (wallMs) => {
      const date = new Date(wallMs);
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    };
  }

  const STEPS = [1000, 5000, 15000, 60000, 300000, 900000, 1800000, 3600000, 10800000, 21600000, 43200000];
  const DAY_WEIGHT = STEPS.length + 1;

  // How much a bar's start stands out against the bar before it: the coarsest clock step that lies between the two.
  function weight(wallBefore, wallNow) {
    if (Math.floor(wallNow / DAY) === Math.floor(wallBefore / DAY)) return clockWeight(wallBefore, wallNow);
    const now = new Date(wallNow);
    const before = new Date(wallBefore);
    if (now.getUTCFullYear() !== before.getUTCFullYear()) return DAY_WEIGHT + 2;
    if (now.getUTCMonth() !== before.getUTCMonth()) return DAY_WEIGHT + 1;
    return DAY_WEIGHT;
  }

  function clockWeight(wallBefore, wallNow) {
    for (let s = STEPS.length - 1; s >= 0; s -= 1) {
      if (Math.floor(wallNow / STEPS[s]) !== Math.floor(wallBefore / STEPS[s])) return s + 1;
    }
    return 0;
  }

  const two = (value) => String(value).padStart(2, "0");

  function tickText(wallMs, heavy, seconds) {
    const date = new Date(wallMs);
    if (heavy === DAY_WEIGHT + 2) return `<b>${date.getUTCFullYear()}</b>`;
    if (heavy === DAY_WEIGHT + 1) return `<b>${MONTHS[date.getUTCMonth()]}</b>`;
    if (heavy === DAY_WEIGHT) {
      return seconds >= 86400 ? String(date.getUTCDate()) : `<b>${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}</b>`;
    }
    const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
    return date.getUTCSeconds() ? `${clock}:${two(date.getUTCSeconds())}` : clock;
  }

  // Labels for all loaded bars, at least `gap` bars apart, heaviest first: years before months before days before hours.
  // Returns {at: [x...], text: [...]}, ascending.
  function ticks(bars, gap, seconds) {
    const byWeight = [];
    for (let i = 1; i < bars.n; i += 1) {
      const heavy = weight(bars.wall[i - 1], bars.wall[i]);
      (byWeight[heavy] = byWeight[heavy] || []).push(i);
    }
    const marks = placed(byWeight, gap);
    return {
      at: marks.map((mark) => bars.base + mark[0]),
      text: marks.map((mark) => tickText(bars.wall[mark[0]], mark[1], seconds)),
    };
  }

  function placed(byWeight, gap) {
    let marks = [];
    for (let heavy = byWeight.length - 1; heavy > 0; heavy -= 1) {
      if (byWeight[heavy]) marks = withRoomFor(marks, byWeight[heavy], heavy, gap);
    }
    return marks;
  }

  function withRoomFor(marks, candidates, heavy, gap) {
    const merged = [];
    let next = 0;
    for (const index of candidates) {
      while (next < marks.length && marks[next][0] < index) merged.push(marks[next++]);
      const left = merged.length ? merged[merged.length - 1][0] : -Infinity;
      const right = next < marks.length ? marks[next][0] : Infinity;
      if (index - left >= gap && right - index >= gap) merged.push([index, heavy]);
    }
    while (next < marks.length) merged.push(marks[next++]);
    return merged;
  }

  // Bars between labels for a spacing in px, in steps of a half more, so that a small zoom keeps the labels.
  function gapFor(spacing, labelPx) {
    const wanted = Math.max(1, labelPx / spacing);
    return Math.ceil(Math.pow(1.5, Math.ceil(Math.log(wanted) / Math.log(1.5) - 1e-9)));
  }

  // A bar's start in words: `Mon 23 Nov 2026 09:31`.
  function barLabel(wallMs, seconds) {
    const date = new Date(wallMs);
    const day = `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
    if (seconds >= 86400) return day;
    const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
    return `${day}  ${seconds < 60 ? `${clock}:${two(date.getUTCSeconds())}` : clock}`;
  }

  // Time left until the bar that began at `start` closes: `0:42`, `3:05:09`; "" before its start or long after it.
  function countdown(start, seconds, now) {
    const left = Math.ceil((start + seconds * 1000 - now) / 1000);
    if (!Number.isFinite(left) || left > seconds || left < 0) return "";
    const hours = Math.floor(left / 3600);
    const rest = `${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
    return hours ? `${hours}:${rest}` : rest.replace(/^0/, "");
  }

  const ns = { SECONDS, FRAMES, setWalls, anchorOf, ticks, gapFor, barLabel, countdown };
  ts.chartTime = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
