// Time on the chart: the market's zone, labels under a bar-number axis, countdown to the bar's close. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const DAY = 86400000;
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const SECONDS = { "1s": 1, "5s": 5, "15s": 15, "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "1D": 86400 };
  const FRAMES = Object.keys(SECONDS);

  // The timeframe that shows bars of `ms` one by one: their own, else the next longer one; null for none.
  function frameOf(ms) {
    return ms ? FRAMES.find((frame) => SECONDS[frame] * 1000 >= ms) || FRAMES[FRAMES.length - 1] : null;
  }

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
    1000, 2000, 5000, 10000, 15000, 30000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR,
  ];
  const DAY_STEPS = [1, 2, 3, 5, 7, 10, 15];
  const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];
  const [CLOCK, DATE, MONTH, YEAR] = [0, 1, 2, 3];
  const NEARER = 0.8;

  // What kind of boundary lies between two bars: the coarsest of year, month, date, none.
  function boundary(wallBefore, wallNow) {
    if (Math.floor(wallNow / DAY) === Math.floor(wallBefore / DAY)) return CLOCK;
    const now = new Date(wallNow);
    const before = new Date(wallBefore);
    if (now.getUTCFullYear() !== before.getUTCFullYear()) return YEAR;
    return now.getUTCMonth() === before.getUTCMonth() ? DATE : MONTH;
  }

  const two = (value) => String(value).padStart(2, "0");

  function tickText(wallMs, kind, seconds) {
    const date = new Date(wallMs);
    if (kind === YEAR) return `<b>${date.getUTCFullYear()}</b>`;
    if (kind === MONTH) return `<b>${MONTHS[date.getUTCMonth()]}</b>`;
    if (kind === DATE) {
      return seconds >= 86400 ? String(date.getUTCDate()) : `<b>${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}</b>`;
    }
    const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
    return date.getUTCSeconds() ? `${clock}:${two(date.getUTCSeconds())}` : clock;
  }

  // Labels for all loaded bars, about `gap` bars apart, on one even step of the clock or the calendar; a new day, month or
  // year stands before the clock. Returns {at: [x...], text: [...], step}, ascending; a `step` that is handed in is kept.
  function ticks(bars, gap, seconds, step = stepFor(bars, gap, seconds)) {
    const marks = [];
    let before = bars.n ? step.of(bars.wall[0]) : 0;
    for (let i = 1; i < bars.n; i += 1) {
      const now = step.of(bars.wall[i]);
      const kind = boundary(bars.wall[i - 1], bars.wall[i]);
      if (now !== before || kind > step.within) place(marks, [i, kind], gap * NEARER);
      before = now;
    }
    return {
      at: marks.map((mark) => bars.base + mark[0]),
      text: marks.map(([i, kind]) => tickText(kind === CLOCK ? step.toldFor(bars.wall[i]) : bars.wall[i], kind, seconds)),
      step,
    };
  }

  // The finest step whose boundaries lie `gap` bars apart, or nearly so.
  function stepFor(bars, gap, seconds) {
    const clocks = CLOCK_STEPS.filter((each) => each > seconds * 1000 && each >= gap * NEARER * seconds * 1000).map(clockStep);
    const isEveryDay = tradesEveryDay(bars);
    const days = DAY_STEPS.map((count) => dayStep(count, isEveryDay));
    const all = [...clocks, ...days, ...MONTH_STEPS.map(monthStep)];
    return all.find((step) => barsApart(bars, step) >= gap * NEARER) || all[all.length - 1];
  }

  // A step says in which of its stretches a wall time lies, which boundaries lie within it, and, of the clock, what its label tells:
  // the even time that has just gone by, since a quiet second has no bar.
  const clockStep = (ms) => ({
    of: (wall) => Math.floor(wall / ms),
    within: CLOCK,
    toldFor: (wall) => (wall % ms < ms / 4 ? wall - (wall % ms) : wall),
  });
  const monthStep = (count) => ({ of: (wall) => Math.floor(monthOf(new Date(wall)) / count), within: count >= 12 ? YEAR : MONTH });

  // Days are counted within their month, on a market with weekends its working days; a rest joins the last stretch.
  function dayStep(count, isEveryDay) {
    const most = count === 1 ? 31 : Math.floor((isEveryDay ? 30 : 21) / count);
    const of = (wall) => {
      const date = new Date(wall);
      const day = isEveryDay ? date.getUTCDate() - 1 : workingDaysBefore(date);
      return monthOf(date) * 32 + Math.min(most - 1, Math.floor(day / count));
    };
    return { of: perDay(of), within: DATE };
  }

  const monthOf = (date) => date.getUTCFullYear() * 12 + date.getUTCMonth();

  function workingDaysBefore(date) {
    const day = date.getUTCDate() - 1;
    const first = (((date.getUTCDay() - day) % 7) + 7) % 7;
    const inRest = (rest) => [...Array(rest).keys()].filter((each) => (first + each) % 7 !== 0 && (first + each) % 7 !== 6).length;
    return Math.floor(day / 7) * 5 + inRest(day % 7);
  }

  // The same answer for a whole day is worked out once.
  function perDay(of) {
    let day = NaN;
    let answer = 0;
    return (wall) => {
      if (Math.floor(wall / DAY) !== day) {
        day = Math.floor(wall / DAY);
        answer = of(wall);
      }
      return answer;
    };
  }

  function tradesEveryDay(bars) {
    for (let i = Math.max(0, bars.n - 1000); i < bars.n; i += 1) {
      const weekday = (Math.floor(bars.wall[i] / DAY) + 4) % 7;
      if (weekday === 0 || weekday === 6) return true;
    }
    return false;
  }

  function barsApart(bars, step) {
    let count = 1;
    let before = bars.n ? step.of(bars.wall[0]) : 0;
    for (let i = 1; i < bars.n; i += 1) {
      const now = step.of(bars.wall[i]);
      if (now !== before) count += 1;
      before = now;
    }
    return bars.n / count;
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

  const ns = { SECONDS, FRAMES, frameOf, setWalls, anchorOf, ticks, gapFor, barLabel, countdown };
  ts.chartTime = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
