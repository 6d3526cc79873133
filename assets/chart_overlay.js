// What lies over the bars and answers to the hand: own orders, position, fills, crosshair, a dragged order, the price menu.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const SLOP = 6;

  function overlay(panel, chart, hooks) {
    const { LIVE, ALL } = ts.chartStage;
    const part = (name) => panel.querySelector(`#chart-${name}`);
    const seen = { lines: [], placed: [], marks: [], words: [], hover: null, hovered: null, drag: null, pending: new Map(), draft: [] };
    const reach = ts.chartReach.reach();
    const frame = () => hooks.stage().state.frame;
    const view = () => hooks.stage().state.view;
    const ticksAt = (y) => ts.chartPaint.ticksAt(frame(), y);

    // Own orders, position and fills of the symbol, anew from the desk's state.
    function relist() {
      const desk = (ts.live && ts.live.state && ts.live.state.desk) || {};
      const instrument = hooks.instrument();
      if (!instrument) return;
      for (const [key, ticks] of seen.pending) {
        const [id, field] = key.split(":");
        const order = desk.orders && desk.orders[id];
        if (!order || (field ? order.stop_ticks : order.limit_ticks) === ticks) seen.pending.delete(key);
      }
      const position = ts.chartOrders.positionLine(desk.positions, chart.symbol, instrument);
      seen.lines = ts.chartOrders.orderLines(desk.orders, chart.symbol, instrument, seen.pending, desk.positions).concat(position || []);
      named(seen.lines);
      if (reach.follow(seen.lines)) hooks.dirty(ALL);
      seen.marks = ts.chartOrders.fillMarks(desk.fills, chart.symbol, chart.bars, ts.chartData.indexAt);
      hooks.dirty(LIVE);
    }

    function named(lines) {
      for (const line of lines) Object.assign(line, { priceText: hooks.price(line.ticks), what: line.text });
    }

    // The bracket that stands in the ticket, or null: its prices come into sight where the scale fits itself.
    function setUp(draft) {
      const instrument = hooks.instrument();
      seen.draft = draft && instrument && draft.symbol === chart.symbol ? ts.chartOrders.draftLines(draft, instrument) : [];
      named(seen.draft);
      hooks.dirty(reach.setUp(seen.draft, frame()) ? ALL : LIVE);
    }

    function shown() {
      return { ...seen, lines: seen.draft.length ? [...seen.lines, ...seen.draft] : seen.lines, drawn: hooks.draw.shown(), last: lastPrice(), hover: crosshair(), auction: auction() };
    }

    // What the auction would do that orders are collected for; null while there is none.
    function auction() {
      const { ia } = ts.live.state.market[chart.symbol] || {};
      if (!ia || ia[1] === null) return null;
      const [kind, ticks, paired] = ia;
      const text = `${kind === "O" ? "Open" : "Close"} would be ${hooks.price(ticks)} × ${ts.format.qty(paired, chart.symbol)}`;
      return { ticks, text, priceText: hooks.price(ticks) };
    }

    function lastPrice() {
      const last = chart.bars.n - 1;
      const now = ts.live && ts.live.marketNow ? ts.live.marketNow() : NaN;
      return {
        ticks: chart.bars.close[last],
        text: hooks.price(chart.bars.close[last]),
        rises: chart.bars.close[last] >= chart.bars.open[last],
        countdown: ts.chartTime.countdown(chart.bars.start[last], ts.chartModel.secondsOf(chart), now),
      };
    }

    function crosshair() {
      if (!seen.hover || seen.hovered || seen.drag) return null;
      const index = seen.hover.bar - chart.bars.base;
      const isKnown = index >= 0 && index < chart.bars.n;
      const timeText = isKnown ? ts.chartTime.barLabel(chart.bars.wall[index], ts.chartModel.secondsOf(chart)) : "";
      const pane = paneAt(seen.hover.y);
      return { ...seen.hover, pane, priceText: pane ? valueText(pane, seen.hover.y) : hooks.price(ticksAt(seen.hover.y)), timeText };
    }

    const paneAt = (y) => ts.chartPanes.paneAt(frame(), y);
    const valueText = (pane, y) => ts.chartPanes.text(pane.study, ts.chartPaint.ticksAt(pane, y), hooks.instrument());
    // The crosshair where it stands at a price: not in a pane below the bars.
    const onPrices = () => (seen.hover && !paneAt(seen.hover.y) ? seen.hover : null);

    // The bar under the crosshair, or the newest.
    function pointedAt() {
      const index = seen.hover ? seen.hover.bar - chart.bars.base : chart.bars.n - 1;
      return Math.min(chart.bars.n - 1, Math.max(0, index));
    }

    function point(at, found) {
      seen.hover = at;
      seen.hovered = found ? found.line.id : null;
      hooks.legend.tip(at && tipAt(at, found), at && at.x, at && at.y);
      hooks.legend.hurry();
      hooks.dirty(LIVE);
    }

    function tipAt(at, found) {
      if (found) return found.part === "edge" ? "Off the scale: a click brings it into sight" : "";
      const mark = ts.chartLive.markAt(frame(), seen.marks, at.x, at.y);
      return mark && ts.chartOrders.markText(mark, hooks.price(mark.ticks), hooks.instrument().qd);
    }

    function step(by) {
      const { bars } = chart;
      const from = seen.hover ? seen.hover.bar : bars.base + bars.n;
      const bar = Math.max(bars.base, Math.min(bars.base + bars.n - 1, from + by));
      const y = ts.chartPaint.yOf(frame(), bars.close[bar - bars.base]);
      point({ bar, x: ts.chartPaint.xOf(frame(), bar), y }, null);
    }

    function drag(begun, y) {
      if (begun) seen.drag = begun;
      else if (seen.drag) seen.drag = ts.chartOrders.dragMoved(seen.drag, y, (frame().high - frame().low) / frame().height);
      if (seen.drag) describe(seen.drag);
      hooks.dirty(seen.drag && reach.carry(seen.drag, frame()) ? ALL : LIVE);
    }

    function describe(dragged) {
      const paid = ts.chartOrders.pays(dragged, dragged.to, hooks.instrument());
      const paysText = paid === null ? "" : `  ${ts.format.signed(paid)}`;
      Object.assign(dragged, { priceText: hooks.price(dragged.to), paysText, tone: ts.chartOrders.toneOf(dragged, paid) });
    }

    function abort() {
      const isStretched = reach.letGo();
      seen.drag = null;
      hooks.dirty(isStretched ? ALL : LIVE);
    }

    async function drop() {
      const dragged = seen.drag;
      if (dragged && dragged.moved) reach.keep(dragged);
      abort();
      const intent = dragged && ts.chartOrders.dropped(dragged, hooks.instrument());
      if (!intent) return;
      seen.pending.set(dragged.key, dragged.to);
      relist();
      const isTaken = await ts.chartTrade.send(intent);
      if (!isTaken || dragged.field === "trail") seen.pending.delete(dragged.key);
      relist();
    }

    function close(line) {
      if (line.kind === "order") return ts.cancels.cancel(line.id);
      point(null, null);
      const place = { x: line.x, y: line.y + part("stage").offsetTop + 14, label: "Close the position", role: "dialog", from: part("hands") };
      return ts.chartTrade.closePosition(hooks.menu, place, chart.symbol, line.what);
    }

    // Brings prices that are off the scale into sight.
    function show(...lines) {
      point(null, null);
      hooks.stage().setView(ts.chartEdges.reaching(view(), lines.map((line) => line.ticks)));
    }

    // What can be done with the line under the pointer stands first.
    function lineItems(x, y) {
      const found = x === undefined ? null : ts.chartOrders.hit(seen.placed, x, y, SLOP);
      if (!found) return hooks.draw.items(x, y, SLOP);
      if (found.line.isPending) return [];
      const { line, part: where } = found;
      const act = (title, fn) => ts.chartMenu.item(title, () => (hooks.menu.close(), fn()));
      const title = line.kind === "order" ? `Cancel: ${line.what} at ${line.priceText}` : `Close: ${line.what}`;
      return [...(where === "edge" ? [act("Bring it into sight", () => show(line))] : []), ...(line.kind === "draft" ? [] : [act(title, () => close(line))])];
    }

    // In a pane below the bars there is no price to trade at.
    function openMenu(x, y) {
      const pane = x === undefined ? null : paneAt(y);
      return pane ? openPaneMenu(pane, x, y) : openPriceMenu(x, y);
    }

    function openPaneMenu({ study }, x, y) {
      const also = (title, act) => ts.chartMenu.item(title, () => (hooks.menu.close(), act()));
      const place = { x: x + 4, y: y + part("stage").offsetTop, label: study.title, role: "menu", from: part("hands") };
      hooks.menu.open(place, also(`Remove ${study.title}`, () => hooks.removeStudy(study)), also("Go to now", hooks.goToNow));
    }

    function openPriceMenu(x, y) {
      const middle = { x: frame().left + frame().width / 2, y: frame().top + frame().height / 2 };
      const at = x !== undefined ? { x, y } : onPrices() || middle;
      const ticks = Math.max(1, Math.round(ticksAt(at.y)));
      const text = hooks.price(ticks);
      const place = { x: at.x + 4, y: at.y + part("stage").offsetTop, label: `At ${text}`, role: "menu", from: part("hands") };
      const also = (title, act) => ts.chartMenu.item(title, () => (hooks.menu.close(), act()));
      const { above, below } = ts.chartEdges.beyond(seen.lines, frame());
      const hidden = [...above, ...below];
      hooks.menu.open(
        place,
        ...lineItems(x, y),
        ...ts.chartTrade.priceItems(hooks.menu, chart.symbol, ticks, hooks.instrument(), text, chart.bars.close[chart.bars.n - 1]),
        ...(hidden.length ? [also(`Show what is off the scale (${hidden.length})`, () => show(...hidden))] : []),
        also("Fit the price scale", fit),
        also("Go to now", hooks.goToNow),
      );
    }

    // The words that stand over the plot: tags and marks make room for them.
    function measureWords() {
      const stage = part("stage").getBoundingClientRect();
      seen.words = [part("legend"), panel.querySelector(".source-chip")].flatMap((each) => {
        const box = each && each.getBoundingClientRect();
        return box && box.width ? [{ x: box.left - stage.left, y: (box.top + box.bottom) / 2 - stage.top, width: box.width, height: box.height }] : [];
      });
      hooks.dirty(LIVE);
    }
    new ResizeObserver(measureWords).observe(part("legend"));

    function fit() {
      reach.forget();
      hooks.stage().change({ auto: true });
    }

    ts.chartHands.hands(part("hands"), {
      frame,
      view,
      bars: () => chart.bars,
      setView: (wanted) => hooks.stage().setView(wanted),
      plusAt: (x, y) => Boolean(onPrices()) && ts.chartLive.isOnPlus(frame(), seen.hover.y, x, y),
      pressPlus: () => openMenu(frame().left + frame().width - 4, seen.hover ? seen.hover.y : undefined),
      lineAt: (x, y, slop) => ts.chartOrders.hit(seen.placed, x, y, slop),
      hover: (x, y, found) => point({ x, y, bar: Math.round(ts.chartPaint.barAt(frame(), x)) }, found),
      crossAt: onPrices,
      leave: () => point(null, null),
      menu: openMenu,
      pencil: hooks.draw.pencil,
      fit,
      step,
      drag,
      drop,
      abort,
      close,
      reach: show,
    });

    return {
      seen,
      relist,
      setUp,
      shown,
      taken: () => reach.taken(seen.lines),
      isHolding: reach.isHolding,
      pointedAt,
      fit,
      placed: (tags) => (seen.placed = tags),
      forget() {
        abort();
        reach.forget();
        seen.pending.clear();
        seen.hover = null;
      },
    };
  }

  const ns = { overlay };
  ts.chartOverlay = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
