// Paints bars, volume and averages into a canvas, in whole device pixels. Pure but for the context it is given.
// A frame is {ratio, left, top, width, height (CSS px), x0, x1 (bar numbers), low, high (ticks), volumeTop}; the one of the bars has
// their `panes` too, and the `floor` below which the time stands.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const VOLUME_SHARE = 0.15;
  const BAND_ALPHA = 0.08;

  const spacingOf = (frame) => frame.width / (frame.x1 - frame.x0);

  // Device pixel of a bar number and of a price: linear, so that inner loops multiply and add only.
  function lines(frame) {
    const kx = (frame.width * frame.ratio) / (frame.x1 - frame.x0);
    const ky = (frame.height * frame.ratio) / (frame.high - frame.low);
    return { kx, bx: frame.left * frame.ratio - frame.x0 * kx, ky: -ky, by: frame.top * frame.ratio + frame.high * ky };
  }

  const xOf = (frame, bar) => frame.left + ((bar - frame.x0) / (frame.x1 - frame.x0)) * frame.width;
  const yOf = (frame, ticks) => frame.top + ((frame.high - ticks) / (frame.high - frame.low)) * frame.height;
  const barAt = (frame, x) => frame.x0 + ((x - frame.left) / frame.width) * (frame.x1 - frame.x0);
  const ticksAt = (frame, y) => frame.high - ((y - frame.top) / frame.height) * (frame.high - frame.low);

  function clip(ctx, frame) {
    const r = frame.ratio;
    ctx.beginPath();
    ctx.rect(Math.round(frame.left * r), Math.round(frame.top * r), Math.round(frame.width * r), Math.round(frame.height * r));
    ctx.clip();
  }

  function grid(ctx, frame, xs, ys, color) {
    const r = frame.ratio;
    const thin = Math.max(1, Math.floor(r));
    ctx.fillStyle = color;
    for (const y of ys) ctx.fillRect(Math.round(frame.left * r), Math.round(yOf(frame, y) * r), Math.round(frame.width * r), thin);
    for (const x of xs) ctx.fillRect(Math.round(xOf(frame, x) * r), Math.round(frame.top * r), thin, Math.round(frame.height * r));
  }

  // One device-pixel column for all bars that share it: {x, first, last, low, high, volume} handed to `each`.
  function eachColumn(bars, i0, i1, at, each) {
    const column = { x: NaN, first: 0, last: 0, low: 0, high: 0, volume: 0 };
    for (let i = i0; i < i1; i += 1) {
      const x = Math.round(at.kx * (bars.base + i) + at.bx);
      if (x !== column.x) {
        if (i > i0) each(column);
        column.x = x;
        column.first = i;
        column.low = bars.low[i];
        column.high = bars.high[i];
        column.volume = 0;
      }
      column.last = i;
      if (bars.low[i] < column.low) column.low = bars.low[i];
      if (bars.high[i] > column.high) column.high = bars.high[i];
      if (bars.volume[i] > column.volume) column.volume = bars.volume[i];
    }
    if (i1 > i0) each(column);
  }

  function columns(ctx, bars, i0, i1, at, colors) {
    for (const rises of [true, false]) {
      ctx.fillStyle = rises ? colors.up : colors.down;
      eachColumn(bars, i0, i1, at, (column) => {
        if (bars.close[column.last] >= bars.open[column.first] !== rises) return;
        const top = Math.round(at.ky * column.high + at.by);
        ctx.fillRect(column.x, top, 1, Math.max(1, Math.round(at.ky * column.low + at.by) - top));
      });
    }
  }

  function candles(ctx, bars, i0, i1, frame, colors, isHollow) {
    const at = lines(frame);
    if (at.kx < 1.5) return columns(ctx, bars, i0, i1, at, colors);
    const { body, wick } = ts.chartView.widths(spacingOf(frame), frame.ratio);
    for (const rises of [true, false]) {
      ctx.fillStyle = rises ? colors.up : colors.down;
      for (let i = i0; i < i1; i += 1) {
        if (bars.close[i] >= bars.open[i] === rises) candle(ctx, bars, i, at, body, wick, isHollow && rises);
      }
    }
    return undefined;
  }

  function candle(ctx, bars, i, at, body, wick, isHollow) {
    const x = Math.round(at.kx * (bars.base + i) + at.bx - wick / 2);
    const left = x - (body - wick) / 2;
    const high = Math.round(at.ky * bars.high[i] + at.by);
    const low = Math.round(at.ky * bars.low[i] + at.by);
    const top = Math.round(at.ky * Math.max(bars.open[i], bars.close[i]) + at.by);
    const height = Math.max(wick, Math.round(at.ky * Math.min(bars.open[i], bars.close[i]) + at.by) - top);
    if (isHollow && body > 2 * wick + 1 && height > 2 * wick) {
      ctx.fillRect(x, high, wick, top - high);
      ctx.fillRect(x, top + height, wick, low - top - height);
      ctx.fillRect(left, top, body, wick);
      ctx.fillRect(left, top + height - wick, body, wick);
      ctx.fillRect(left, top + wick, wick, height - 2 * wick);
      ctx.fillRect(left + body - wick, top + wick, wick, height - 2 * wick);
      return;
    }
    ctx.fillRect(x, high, wick, Math.max(wick, low - high));
    if (body > wick) ctx.fillRect(left, top, body, height);
  }

  function ohlc(ctx, bars, i0, i1, frame, colors) {
    const at = lines(frame);
    if (at.kx < 1.5) return columns(ctx, bars, i0, i1, at, colors);
    const { body, wick } = ts.chartView.widths(spacingOf(frame), frame.ratio);
    const arm = (body - wick) / 2;
    for (const rises of [true, false]) {
      ctx.fillStyle = rises ? colors.up : colors.down;
      for (let i = i0; i < i1; i += 1) {
        if (bars.close[i] >= bars.open[i] !== rises) continue;
        const x = Math.round(at.kx * (bars.base + i) + at.bx - wick / 2);
        const high = Math.round(at.ky * bars.high[i] + at.by);
        ctx.fillRect(x, high, wick, Math.max(wick, Math.round(at.ky * bars.low[i] + at.by) - high));
        if (arm <= 0) continue;
        ctx.fillRect(x - arm, Math.round(at.ky * bars.open[i] + at.by), arm, wick);
        ctx.fillRect(x + wick, Math.round(at.ky * bars.close[i] + at.by), arm, wick);
      }
    }
    return undefined;
  }

  // Volume stands on the floor of the plot; `volumeTop` is the largest in sight.
  function volume(ctx, bars, i0, i1, frame, colors) {
    if (!(frame.volumeTop > 0)) return;
    const at = lines(frame);
    const floor = Math.round((frame.top + frame.height) * frame.ratio);
    const scale = (frame.height * VOLUME_SHARE * frame.ratio) / frame.volumeTop;
    const { body, wick } = ts.chartView.widths(spacingOf(frame), frame.ratio);
    const width = at.kx < 1.5 ? 1 : body;
    const arm = at.kx < 1.5 ? 0 : (body - wick) / 2;
    if (at.kx >= 1.5) at.bx -= wick / 2;
    ctx.globalAlpha = colors.volumeAlpha;
    for (const rises of [true, false]) {
      ctx.fillStyle = rises ? colors.up : colors.down;
      eachColumn(bars, i0, i1, at, (column) => {
        if (bars.close[column.last] >= bars.open[column.first] !== rises || !column.volume) return;
        const height = Math.max(1, Math.round(column.volume * scale));
        ctx.fillRect(column.x - arm, floor - height, width, height);
      });
    }
    ctx.globalAlpha = 1;
  }

  // A path through values[i0..i1); where bars share a column only its lowest, highest and last value are visited.
  function trace(ctx, values, base, i0, i1, frame) {
    const at = lines(frame);
    let isDown = false;
    let columnX = NaN;
    let low = 0;
    let high = 0;
    let y = NaN;
    ctx.beginPath();
    const finish = () => {
      if (high - low > 1) {
        ctx.lineTo(columnX, low);
        ctx.lineTo(columnX, high);
        ctx.lineTo(columnX, y);
      }
    };
    for (let i = i0; i < i1; i += 1) {
      const value = values[i];
      if (!(value === value)) continue;
      const x = at.kx < 1 ? Math.round(at.kx * (base + i) + at.bx) : at.kx * (base + i) + at.bx;
      y = at.ky * value + at.by;
      if (x === columnX) {
        if (y < low) low = y;
        if (y > high) high = y;
        continue;
      }
      if (isDown) finish();
      if (isDown) ctx.lineTo(x, y);
      else ctx.moveTo(x, y);
      isDown = true;
      columnX = x;
      low = high = y;
    }
    if (isDown) finish();
    return isDown ? { x: columnX, y } : null;
  }

  function stroke(ctx, values, base, i0, i1, frame, color, widthPx) {
    trace(ctx, values, base, i0, i1, frame);
    ctx.strokeStyle = color;
    ctx.lineWidth = widthPx * frame.ratio;
    ctx.lineJoin = "round";
    ctx.stroke();
  }

  // The lowest, highest and last value of all bars that share a pixel, handed to `each` with it.
  function eachPixel(values, base, i0, i1, at, each) {
    let x = NaN;
    let low = NaN;
    let high = NaN;
    let last = NaN;
    for (let i = Math.max(0, i0); i < i1; i += 1) {
      const value = values[i];
      if (Number.isNaN(value)) continue;
      const now = Math.round(at.kx * (base + i) + at.bx);
      if (now !== x) {
        if (!Number.isNaN(x)) each(x, low, high, last);
        x = now;
        low = high = value;
      }
      low = Math.min(low, value);
      high = Math.max(high, value);
      last = value;
    }
    if (!Number.isNaN(x)) each(x, low, high, last);
  }

  // A line that may jump up and down within a pixel: it is then one upright a pixel, which costs a fraction of a path.
  function jagged(ctx, values, base, i0, i1, frame, color, widthPx) {
    const at = lines(frame);
    if (at.kx >= 1) return stroke(ctx, values, base, i0, i1, frame, color, widthPx);
    const width = Math.max(1, Math.round(widthPx * frame.ratio));
    let before = null;
    ctx.fillStyle = color;
    eachPixel(values, base, i0, i1, at, (x, low, high, last) => {
      const top = Math.round(Math.min(at.ky * high + at.by, before ?? Infinity));
      const bottom = Math.round(Math.max(at.ky * low + at.by, before ?? -Infinity));
      ctx.fillRect(x, top, width, Math.max(width, bottom - top));
      before = at.ky * last + at.by;
    });
    return undefined;
  }

  // Two bands, and what lies between them filled faintly; where bars share a pixel the fill takes one of them.
  function bands(ctx, { upper, lower }, base, i0, i1, frame, color) {
    between(ctx, upper, lower, base, i0, i1, frame);
    ctx.fillStyle = color;
    ctx.globalAlpha = BAND_ALPHA;
    ctx.fill();
    ctx.globalAlpha = 1;
    for (const values of [upper, lower]) jagged(ctx, values, base, i0, i1, frame, color, 1);
  }

  function between(ctx, upper, lower, base, i0, i1, frame) {
    const at = lines(frame);
    const step = Math.max(1, Math.floor(1 / at.kx));
    const indexes = [];
    for (let i = i0; i < i1 - 1; i += step) if (!Number.isNaN(upper[i])) indexes.push(i);
    if (i1 > i0 && !Number.isNaN(upper[i1 - 1])) indexes.push(i1 - 1);
    ctx.beginPath();
    for (const i of indexes) ctx.lineTo(at.kx * (base + i) + at.bx, at.ky * upper[i] + at.by);
    for (const i of indexes.reverse()) ctx.lineTo(at.kx * (base + i) + at.bx, at.ky * lower[i] + at.by);
  }

  function area(ctx, bars, i0, i1, frame, colors) {
    const end = trace(ctx, bars.close, bars.base, i0, i1, frame);
    if (!end) return;
    const at = lines(frame);
    const floor = (frame.top + frame.height) * frame.ratio;
    ctx.lineTo(end.x, floor);
    ctx.lineTo(at.kx * (bars.base + i0) + at.bx, floor);
    ctx.closePath();
    const shade = ctx.createLinearGradient(0, frame.top * frame.ratio, 0, floor);
    shade.addColorStop(0, colors.areaTop);
    shade.addColorStop(1, colors.areaFloor);
    ctx.fillStyle = shade;
    ctx.fill();
    stroke(ctx, bars.close, bars.base, i0, i1, frame, colors.line, 1.75);
  }

  // The price itself, for any chart type, from index i0 up to i1. Lines begin one bar earlier, to join what is there.
  function price(ctx, bars, i0, i1, frame, colors, type) {
    if (type === "line") stroke(ctx, bars.close, bars.base, Math.max(0, i0 - 1), i1, frame, colors.line, 1.75);
    else if (type === "area") area(ctx, bars, Math.max(0, i0 - 1), i1, frame, colors);
    else if (type === "ohlc") ohlc(ctx, bars, i0, i1, frame, colors);
    else candles(ctx, bars, i0, i1, frame, colors, type === "hollow");
  }

  const ns = { VOLUME_SHARE, spacingOf, xOf, yOf, barAt, ticksAt, clip, grid, eachColumn, lines, candles, volume, trace, stroke, eachPixel, jagged, bands, price };
  ts.chartPaint = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
