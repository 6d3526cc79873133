// Hands on the chart: drag, wheel, pinch, keys. Turns them into views and order drags; paints nothing.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const WHEEL = 0.0016;
  const FINGER = 14;
  const MOUSE = 5;
  const HOLD_MS = 350;
  // Grips that only a release over the same thing answers.
  const STILL = new Set(["close", "edge", "plus", "off"]);

  // Where a point is: on the plot, a pane below it, the price scale, the time scale, or off.
  function zoneOf(frame, x, y) {
    const isBelow = y > frame.top + frame.height;
    if (x > frame.left + frame.width) return isBelow ? "off" : "price";
    if (y > frame.floor) return "time";
    if (y < frame.top || x < frame.left) return "off";
    return isBelow ? "pane" : "plot";
  }

  const hasBars = (zone) => zone === "plot" || zone === "pane";

  // How much one wheel event zooms, for lines and pages as for pixels; a trackpad's pinch counts more.
  function wheelFactor(event) {
    const unit = event.deltaMode === 1 ? 24 : event.deltaMode === 2 ? 400 : 1;
    const turned = Math.max(-240, Math.min(240, event.deltaY * unit));
    return Math.exp(turned * WHEEL * (event.ctrlKey ? 4 : 1));
  }

  // The view while two fingers move from `start` to `now`, each {middle, distance} in px.
  function pinched(view, frame, start, now, bars) {
    const at = view.x0 + ((start.middle - frame.left) / frame.width) * (view.x1 - view.x0);
    const closer = ts.chartView.zoomed(view, start.distance / Math.max(20, now.distance), at, bars);
    const moved = ((start.middle - now.middle) / frame.width) * (closer.x1 - closer.x0);
    return ts.chartView.panned(closer, moved, bars);
  }

  function keyed(key, view, bars) {
    const span = view.x1 - view.x0;
    const middle = view.follow ? bars.base + bars.n - 1 : (view.x0 + view.x1) / 2;
    if (key === "ArrowLeft") return ts.chartView.panned(view, -span * 0.1, bars);
    if (key === "ArrowRight") return ts.chartView.panned(view, span * 0.1, bars);
    if (key === "PageUp") return ts.chartView.panned(view, -span * 0.9, bars);
    if (key === "PageDown") return ts.chartView.panned(view, span * 0.9, bars);
    if (key === "Home") return ts.chartView.panned(view, bars.base - view.x0, bars);
    if (key === "End") return { ...ts.chartView.atNow(bars, span), low: view.low, high: view.high, auto: view.auto };
    if (key === "+" || key === "=") return ts.chartView.zoomed(view, 0.8, middle, bars);
    if (key === "-" || key === "_") return ts.chartView.zoomed(view, 1.25, middle, bars);
    if (key === "ArrowUp") return ts.chartView.scaled(view, 0.9);
    if (key === "ArrowDown") return ts.chartView.scaled(view, 1.1);
    return null;
  }

  // `chart` gives frame(), view(), bars(), lineAt(x, y, slop), plusAt(x, y) and takes setView, hover, leave, menu, close, reach, pressPlus, drag, drop, abort;
  // its `pencil` draws: with a tool every press on the plot is the pencil's, else an own order comes before a drawing.
  function hands(element, chart) {
    const pointers = new Map();
    let grip = null;
    let holding = 0;

    const at = (event) => {
      const box = element.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const slopOf = (event) => (event.pointerType === "touch" ? FINGER : MOUSE);

    function down(event) {
      if (event.button !== 0 || !chart.frame()) return;
      const point = at(event);
      chart.pencil.unmeasure();
      if (!chart.pencil.isArmed() && event.shiftKey && zoneOf(chart.frame(), point.x, point.y) === "plot") return chart.menu(point.x, point.y);
      element.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, point);
      grip = pointers.size === 2 ? pinchGrip() : gripAt(point, event);
      awaitHold(event);
      return undefined;
    }

    // A finger that rests takes hold of the crosshair instead of the chart.
    function awaitHold(event) {
      root.clearTimeout(holding);
      if (event.pointerType !== "touch" || !hasBars(grip.kind)) return;
      const resting = grip;
      holding = root.setTimeout(() => grip === resting && resting.isTap && inspect(resting.from), HOLD_MS);
    }

    function inspect(point) {
      grip = { kind: "inspect" };
      if (hasBars(zoneOf(chart.frame(), point.x, point.y))) chart.hover(point.x, point.y);
    }

    function gripAt(point, event) {
      const zone = zoneOf(chart.frame(), point.x, point.y);
      if (zone === "plot" && chart.pencil.isArmed()) return penGrip(point, event);
      const found = zone === "plot" ? chart.lineAt(point.x, point.y, slopOf(event)) : null;
      if (found && (found.part === "close" || found.part === "edge")) return { kind: found.part, line: found.line };
      if (!found && chart.plusAt(point.x, point.y)) return { kind: "plus" };
      if (found && found.line.kind === "order" && !found.line.isPending) {
        chart.drag(ts.chartOrders.dragStarted(found.line, point.y));
        return { kind: "order" };
      }
      if (zone === "plot" && chart.pencil.grab(point, slopOf(event))) return { kind: "drawing" };
      return { kind: zone, from: point, view: chart.view(), isTap: true };
    }

    function penGrip(point, event) {
      chart.pencil.press(point, event);
      return { kind: "pen" };
    }

    function spread() {
      const [a, b] = [...pointers.values()];
      return { middle: (a.x + b.x) / 2, distance: Math.hypot(a.x - b.x, a.y - b.y) };
    }

    function pinchGrip() {
      letGo();
      return { kind: "pinch", start: spread(), view: chart.view() };
    }

    function move(event) {
      if (!chart.frame()) return;
      const point = at(event);
      if (pointers.has(event.pointerId)) pointers.set(event.pointerId, point);
      if (grip) pull(point, event);
      else hover(point, event);
    }

    function pull(point, event) {
      const { view } = grip;
      const frame = chart.frame();
      if (grip.kind === "pinch") {
        if (pointers.size === 2) chart.setView(pinched(view, frame, grip.start, spread(), chart.bars()));
        return;
      }
      if (grip.kind === "order") return chart.drag(null, point.y);
      if (grip.kind === "pen") return chart.pencil.follow(point, event);
      if (grip.kind === "drawing") return chart.pencil.pull(point, event);
      if (grip.kind === "inspect") return inspect(point);
      if (STILL.has(grip.kind)) return;
      const dx = point.x - grip.from.x;
      const dy = point.y - grip.from.y;
      if (grip.isTap && Math.hypot(dx, dy) < (event.pointerType === "touch" ? 8 : 3)) return;
      if (grip.isTap && event.pointerType === "touch") chart.leave();
      grip.isTap = false;
      if (grip.kind === "price") return chart.setView(ts.chartView.scaled(view, Math.exp(dy * 0.006)));
      if (grip.kind === "time") return chart.setView(ts.chartView.zoomed(view, Math.exp(-dx * 0.006), view.x1, chart.bars()));
      pan(view, frame, dx, grip.kind === "pane" ? 0 : dy);
      if (event.pointerType !== "touch") chart.hover(point.x, point.y);
    }

    function pan(view, frame, dx, dy) {
      const moved = ts.chartView.panned(view, (-dx / frame.width) * (view.x1 - view.x0), chart.bars());
      const lift = (dy / frame.height) * (view.high - view.low);
      chart.setView(view.auto ? moved : ts.chartView.lifted(moved, lift));
      element.style.cursor = "grabbing";
    }

    function hover(point, event) {
      const zone = zoneOf(chart.frame(), point.x, point.y);
      if (zone === "plot" && chart.pencil.isArmed()) return hoverWithTool(point, event);
      const found = zone === "plot" ? chart.lineAt(point.x, point.y, slopOf(event)) : null;
      const drawn = chart.pencil.hover(zone === "plot" && !found ? point : null, slopOf(event));
      element.style.cursor = !found && chart.plusAt(point.x, point.y) ? "pointer" : drawn ? (drawn.handle < 0 ? "pointer" : "grab") : cursorFor(zone, found);
      if (hasBars(zone)) chart.hover(point.x, point.y, found);
      else chart.leave();
      return undefined;
    }

    function hoverWithTool(point, event) {
      element.style.cursor = "crosshair";
      chart.pencil.follow(point, event);
      chart.hover(point.x, point.y, null);
    }

    function cursorFor(zone, found) {
      if (found && (found.part === "close" || found.part === "edge")) return "pointer";
      if (found && found.line.kind === "order") return "ns-resize";
      return { price: "ns-resize", time: "ew-resize", plot: "crosshair", pane: "crosshair" }[zone] || "default";
    }

    function up(event) {
      pointers.delete(event.pointerId);
      if (!grip) return;
      const held = grip;
      grip = pointers.size ? { kind: "off" } : null;
      if (held.kind === "order") chart.drop();
      else if (held.kind === "pen") chart.pencil.release(at(event));
      else if (held.kind === "drawing") chart.pencil.drop();
      else if (held.kind === "close") ifStill(held, at(event), event, chart.close);
      else if (held.kind === "plus") chart.pressPlus();
      else if (held.kind === "edge") ifStill(held, at(event), event, chart.reach);
      else if (hasBars(held.kind) && held.isTap) tapped(held, event);
      element.style.cursor = "crosshair";
    }

    function tapped(held, event) {
      chart.pencil.choose(null);
      if (event.pointerType === "touch") chart.hover(held.from.x, held.from.y);
    }

    function ifStill(held, point, event, act) {
      const found = chart.lineAt(point.x, point.y, slopOf(event));
      if (found && found.part === held.kind && found.line.id === held.line.id) act(held.line);
    }

    function letGo() {
      if (grip && grip.kind === "order") chart.abort();
      if (grip && (grip.kind === "pen" || grip.kind === "drawing")) chart.pencil.leave();
    }

    function abort() {
      letGo();
      grip = null;
      pointers.clear();
    }

    function wheel(event) {
      if (!chart.frame()) return;
      event.preventDefault();
      const frame = chart.frame();
      const view = chart.view();
      const span = view.x1 - view.x0;
      const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
        return chart.setView(ts.chartView.panned(view, (sideways / frame.width) * span, chart.bars()));
      }
      const point = at(event);
      if (zoneOf(frame, point.x, point.y) === "price") return chart.setView(ts.chartView.scaled(view, wheelFactor(event)));
      const bar = view.x0 + ((Math.min(point.x, frame.left + frame.width) - frame.left) / frame.width) * span;
      return chart.setView(ts.chartView.zoomed(view, wheelFactor(event), bar, chart.bars()));
    }

    function key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !chart.frame()) return;
      if (event.key === "Escape" && grip) abort();
      else if (event.key === "Escape" && chart.pencil.leave()) chart.leave();
      else if (event.key === "Enter" && chart.pencil.isArmed()) setAnchor(event);
      else if (event.key === "Escape") chart.leave();
      else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) chart.menu();
      else if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) chart.step(event.key === "ArrowLeft" ? -1 : 1);
      else {
        const view = keyed(event.key, chart.view(), chart.bars());
        if (!view) return;
        chart.setView(view);
      }
      event.preventDefault();
    }

    function left() {
      chart.pencil.hover(null);
      chart.leave();
    }

    // By keys alone: an anchor where the crosshair stands.
    function setAnchor(event) {
      const point = chart.crossAt();
      if (!point) return;
      chart.pencil.press(point, event);
      chart.pencil.release(point);
    }

    function openAt(point) {
      if (zoneOf(chart.frame(), point.x, point.y) === "pane") return;
      const found = chart.pencil.under(point, MOUSE);
      if (found && found.shape.drawing.kind === "note") chart.pencil.edit(found.shape.drawing, point);
      else if (!found) chart.fit();
    }

    ts.fingers.hold(element);
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", abort);
    // A finger leaves with every tap; its crosshair stays until the chart is moved.
    element.addEventListener("pointerleave", (event) => event.pointerType === "touch" || grip || left());
    element.addEventListener("wheel", wheel, { passive: false });
    element.addEventListener("keydown", key);
    element.addEventListener("dblclick", (event) => openAt(at(event)));
    element.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      if (pointers.size) return;
      const point = at(event);
      if (chart.pencil.isArmed()) chart.pencil.arm(null);
      else chart.menu(point.x, point.y);
    });
    return { abort };
  }

  const ns = { zoneOf, wheelFactor, pinched, keyed, hands };
  ts.chartHands = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
