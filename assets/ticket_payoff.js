// A small picture of what an order's exits bring: profit over price, with the live price moving on its scale.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const WIDTH = 260;
  const HEIGHT = 92;
  const EDGE = 8;
  const TOP = 19;
  const FLOOR = 56;
  const CHAR = 6.1;

  // The prices in sight: exits, entry and a little air; the live price may widen it by a quarter, no further.
  function domain(payoff, live) {
    const prices = [payoff.entry, payoff.profit && payoff.profit.ticks, payoff.loss && payoff.loss.ticks].filter((price) => price !== null && price !== undefined);
    let [low, high] = [Math.min(...prices), Math.max(...prices)];
    const span = Math.max(high - low, 2);
    if (prices.length < 3) [low, high] = mirrored(payoff, low, high);
    if (live !== null) {
      low = Math.max(Math.min(low, live), low - span / 4);
      high = Math.min(Math.max(high, live), high + span / 4);
    }
    return [low, high];
  }

  // With one exit the other side is as wide, so that the line has somewhere to go.
  function mirrored({ entry }, low, high) {
    const far = Math.max(high - entry, entry - low, 1);
    return [entry - far, entry + far];
  }

  // What stands where, in px: {line, gain, pain (points), zero, entry, breakEven, live, isLiveOut, exits: [{kind, x, y, …}]}.
  function scene(payoff, live, words) {
    const [low, high] = domain(payoff, live);
    const x = (price) => EDGE + ((price - low) / (high - low || 1)) * (WIDTH - 2 * EDGE);
    const known = [payoff.profit, payoff.loss].filter(Boolean);
    const slope = slopeOf(payoff, known);
    const value = (price) => (price - payoff.breakEven) * payoff.dir * slope;
    const ends = [payoff.loss ? payoff.loss.ticks : payoff.dir > 0 ? low : high, payoff.profit ? payoff.profit.ticks : payoff.dir > 0 ? high : low];
    const most = Math.max(...ends.map((price) => Math.abs(value(price))), 1e-9);
    const y = (price) => (TOP + FLOOR) / 2 - (value(price) / most) * ((FLOOR - TOP) / 2);
    const point = (price) => [round(x(price)), round(y(price))];
    const zero = round(y(payoff.breakEven));
    const [worst, best] = ends.map(point);
    const middle = [round(x(payoff.breakEven)), zero];
    return {
      line: [worst, best],
      gain: [middle, best, [best[0], zero]],
      pain: [middle, worst, [worst[0], zero]],
      zero,
      entry: round(x(payoff.entry)),
      breakEven: middle[0],
      live: live === null ? null : round(Math.max(2, Math.min(WIDTH - 2, x(live)))),
      exits: [exit("loss", payoff.loss, point), exit("profit", payoff.profit, point)].filter(Boolean),
      labels: labels(payoff, x, words),
    };
  }

  const round = (value) => Math.round(value * 10) / 10;

  function slopeOf(payoff, known) {
    const far = known[0];
    return far ? Math.abs(far.pl / ((far.ticks - payoff.breakEven) || 1)) || 1 : 1;
  }

  function exit(kind, found, point) {
    if (!found) return null;
    const [x, y] = point(found.ticks);
    return { kind, x, y };
  }

  // Three lines of text a side: money above, price and distance below. What is left stands left, so that none covers another.
  function labels(payoff, x, words) {
    const sides = [["profit", payoff.profit], ["loss", payoff.loss]].filter(([, found]) => found);
    const out = [];
    for (const [kind, found] of sides) {
      const isLeft = found.ticks < payoff.entry || (sides.length === 2 && found.ticks < Math.max(...sides.map(([, each]) => each.ticks)));
      for (const [row, text] of words[kind].entries()) out.push({ kind, row, text, x: isLeft ? 0 : WIDTH, anchor: isLeft ? "start" : "end" });
    }
    const half = (words.entry.length * CHAR) / 2;
    const at = Math.max(half, Math.min(WIDTH - half, x(payoff.entry)));
    const isFree = out.filter((each) => each.row === 1).every((each) => (each.anchor === "start" ? at - half > each.text.length * CHAR + 4 : at + half < WIDTH - each.text.length * CHAR - 4));
    if (isFree) out.push({ kind: "entry", row: 1, text: words.entry, x: round(at), anchor: "middle" });
    return out;
  }

  // {profit, loss: [money, price, distance], entry} as text.
  function wordsOf(payoff, instrument, format) {
    const price = (ticks) => format.number(ticks * instrument.tick, instrument.pd);
    const of = (found) => (found ? [format.signed(found.pl, 2), price(found.ticks), `${format.signed(found.away, instrument.pd)} · ${format.percent(found.percent, 2)}`] : []);
    return { profit: of(payoff.profit), loss: of(payoff.loss), entry: price(payoff.entry) };
  }

  // "Risk 1 : 2.00 · break-even 229.85".
  function summary(payoff, instrument, format) {
    const parts = [];
    if (payoff.ratio !== null) parts.push(`Risk 1 : ${format.number(payoff.ratio, 2)}`);
    parts.push(`break-even ${format.number(payoff.breakEven * instrument.tick, instrument.pd + (Math.abs(payoff.breakEven - Math.round(payoff.breakEven)) > 1e-6 ? 1 : 0))}`);
    const text = parts.join(" · ");
    return text[0].toUpperCase() + text.slice(1);
  }

  ts.ticketPayoff = { WIDTH, HEIGHT, domain, scene, wordsOf, summary };
  if (typeof module !== "undefined") module.exports = ts.ticketPayoff;
  if (typeof document === "undefined") return;

  const SVG = "http://www.w3.org/2000/svg";
  const ROWS = [11, 72, 86];

  function node(tag, attributes) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    return made;
  }

  // The picture, made once; `show(scene)` moves what changed.
  function picture() {
    const svg = node("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "payoff", role: "img", "aria-label": "What the exits bring" });
    const parts = {
      pain: node("polygon", { class: "payoff-pain" }),
      gain: node("polygon", { class: "payoff-gain" }),
      zero: node("line", { class: "payoff-zero", x1: 0, x2: WIDTH }),
      entry: node("line", { class: "payoff-entry", y1: TOP - 3, y2: FLOOR + 5 }),
      line: node("polyline", { class: "payoff-line" }),
      even: node("path", { class: "payoff-even" }),
      live: node("path", { class: "payoff-live" }),
      exits: node("g"),
      labels: node("g"),
    };
    svg.append(...Object.values(parts));
    let shown = "";

    function show(found, title) {
      const text = JSON.stringify(found);
      if (text === shown) return;
      shown = text;
      const points = (all) => all.map((at) => at.join(",")).join(" ");
      parts.pain.setAttribute("points", points(found.pain));
      parts.gain.setAttribute("points", points(found.gain));
      parts.line.setAttribute("points", points(found.line));
      for (const end of ["y1", "y2"]) parts.zero.setAttribute(end, found.zero);
      for (const end of ["x1", "x2"]) parts.entry.setAttribute(end, found.entry);
      parts.even.setAttribute("d", `M${found.breakEven} ${found.zero - 3}V${found.zero + 3}`);
      parts.live.setAttribute("d", found.live === null ? "" : `M${found.live} ${TOP - 4}V${FLOOR + 4}l-3.5 5h7l-3.5 -5`);
      parts.exits.replaceChildren(...found.exits.map(({ kind, x, y }) => node("circle", { class: `payoff-exit is-${kind}`, cx: x, cy: y, r: 3 })));
      parts.labels.replaceChildren(...found.labels.map(label));
      svg.setAttribute("aria-label", title);
    }

    function label({ kind, row, text, x, anchor }) {
      const made = node("text", { class: `payoff-label is-${kind} is-row-${row}`, x, y: ROWS[row], "text-anchor": anchor });
      made.textContent = text;
      return made;
    }

    return { svg, show };
  }

  Object.assign(ts.ticketPayoff, { picture });
})(typeof window === "undefined" ? globalThis : window);
