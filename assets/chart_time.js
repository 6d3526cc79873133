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

  const MINUTE = 60000;
  const HOUR = 3600000;
  const CLOCK_STEPS = [
    1000, 5000, 10000, 15000, 30000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
  ];
  const [CLOCK, DATE, WEEK, MONTH, QUARTER, YEAR] = [0, 1, 2, 3, 4, 5];
  const BARS_PER_DATE = { [DATE]: 1, [WEEK]: 5, [MONTH]: 21, [QUARTER]: 63, [YEAR]: 252 };

  // What kind of boundary lies between two bars: the coarsest of year, quarter, month, week of the month, date, none.
  function boundary(wallBefore, wallNow) {
    if (Math.floor(wallNow / DAY) === Math.floor(wallBefore / DAY)) return CLOCK;
    const now = new Date(wallNow);
    const before = new Date(wallBefore);
    if (now.getUTCFullYear() !== before.getUTCFullYear()) return YEAR;
    if (now.getUTCMonth() !== before.getUTCMonth()) return now.getUTCMonth() % 3 ? MONTH : QUARTER;
    return weekOf(now) === weekOf(before) ? DATE : WEEK;
  }

  const weekOf = (date) => Math.min(3, Math.floor((date.getUTCDate() - 1) / 7));

  const two = (value) => String(value).padStart(2, "0");

  function tickText(wallMs, kind, seconds) {
    const date = new Date(wallMs);
    if (kind === YEAR) return `<b>${date.getUTCFullYear()}</b>`;
    if (kind >= MONTH) return `<b>${MONTHS[date.getUTCMonth()]}</b>`;
    if (kind !== CLOCK) {
      return seconds >= 86400 ? String(date.getUTCDate()) : `<b>${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}</b>`;
    }
    const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
    return date.getUTCSeconds() ? `${clock}:${two(date.getUTCSeconds())}` : clock;
  }

  // Labels for all loaded bars, at least `gap` bars apart, on one even step of the clock or the calendar; a new day, month
  // or year stands before the clock. Returns {at: [x...], text: [...]}, ascending.
  function ticks(bars, gap, seconds) {
    const step = CLOCK_STEPS.find((each) => each >= seconds * 1000 && each / (seconds * 1000) >= gap);
    const kinds = kindsOf(bars);
    const least = step ? DATE : leastKind(kinds, gap);
    const marks = [];
    for (let i = 1; i < bars.n; i += 1) {
      const isOnStep = step && Math.floor(bars.wall[i] / step) !== Math.floor(bars.wall[i - 1] / step);
      if (kinds[i] >= least || isOnStep) place(marks, [i, kinds[i]], gap);
    }
    return {
      at: marks.map((mark) => bars.base + mark[0]),
      text: marks.map((mark) => tickText(bars.wall[mark[0]], mark[1], seconds)),
    };
  }

  function kindsOf(bars) {
    const kinds = new Uint8Array(bars.n);
    for (let i = 1; i < bars.n; i += 1) kinds[i] = boundary(bars.wall[i - 1], bars.wall[i]);
    return kinds;
  }

  // The finest kind of date whose boundaries lie `gap` bars apart, by how many bars these dates have.
  function leastKind(kinds, gap) {
    const dates = kinds.reduce((count, kind) => count + (kind !== CLOCK), 1);
    const barsPerDate = kinds.length / dates;
    return [DATE, WEEK, MONTH, QUARTER].find((kind) => BARS_PER_DATE[kind] * barsPerDate >= gap) || YEAR;
  }

  // Where two marks would touch, the coarser stays.
  function place(marks, mark, gap) {
    while (marks.length && mark[0] - marks[marks.length - 1][0] < gap) {
      if (marks[marks.length - 1][1] >= mark[1]) return;
      marks.pop();
    }
    marks.push(mark);
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
