// The only place that knows Plotly's private fields: where the axes are, what they show, how to move them.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // A quiet Plotly.update moves the axes without the event that dcc.Graph answers with a Dash dispatch.
  function quietly(gd, changes) {
    return root.Plotly.update(gd, {}, changes);
  }

  function axisOf(gd, name) {
    const layout = gd && gd._fullLayout;
    const axis = layout && layout[name];
    return axis && axis._length > 0 && Array.isArray(axis.range) ? axis : null;
  }

  // Price ticks: Plotly's own, or none while it has not drawn them.
  function ticksOf(axis) {
    return (axis._vals || []).map((tick) => tick.x).filter((value) => Number.isFinite(value));
  }

  // {width, height: the whole graph; left, top, plotWidth, plotHeight: where bars are; floor: where the panes below them end; x, y: ranges;
  // yTicks; labels: how many the bar axis has} in CSS px.
  function boxOf(gd) {
    const x = axisOf(gd, "xaxis");
    const y = axisOf(gd, "yaxis");
    if (!x || !y) return null;
    return {
      width: gd._fullLayout.width,
      height: gd._fullLayout.height,
      left: x._offset,
      top: y._offset,
      plotWidth: x._length,
      plotHeight: Math.round(y._length),
      floor: gd._fullLayout._size.t + gd._fullLayout._size.h,
      x: [Number(x.range[0]), Number(x.range[1])],
      y: [Number(y.range[0]), Number(y.range[1])],
      yTicks: ticksOf(y),
      labels: (x.tickvals || []).length,
    };
  }

  // The ranges that a relayout event names: {x: [from, to], y: [from, to]}, each only when it is there.
  function rangesIn(event) {
    const found = {};
    for (const name of ["x", "y"]) {
      const key = `${name}axis.range`;
      const range = (event && event[key]) || [event && event[`${key}[0]`], event && event[`${key}[1]`]];
      if (range.every((value) => Number.isFinite(Number(value)) && value !== null && value !== undefined)) found[name] = range.map(Number);
    }
    return found;
  }

  // Follows one Graph in `slot`. `onMoved(ranges)` hears what a person or a tool did to the axes, `onDrawn` every drawing,
  // `onFresh` that Dash has mounted another Graph. dcc.Graph answers each plotly_relayout by drawing its own stale figure
  // over ours, so a range that was merely drawn says nothing about what is wanted. Before there is a Graph, the chart's own
  // frame stands in; a Graph is not seen until it was told what to show.
  function axes(slot, { onMoved, onDrawn, onFresh }) {
    const own = ts.chartFrame.frame(slot);
    let bound = null;

    function graph() {
      const gd = slot.querySelector(".js-plotly-plot");
      if (!gd || !gd._fullLayout || !root.Plotly) return null;
      if (gd !== bound) bind(gd);
      return gd;
    }

    function bind(gd) {
      bound = gd;
      delete slot.dataset.told;
      gd.on("plotly_relayouting", (event) => onMoved(rangesIn(event)));
      gd.on("plotly_relayout", (event) => onMoved(rangesIn(event)));
      gd.on("plotly_afterplot", onDrawn);
      onFresh();
    }

    function box() {
      const gd = graph();
      return gd ? boxOf(gd) : own.box();
    }

    function set(changes) {
      const gd = graph();
      own.set(changes);
      if (!gd) return;
      quietly(gd, changes);
      slot.dataset.told = "";
    }

    return {
      graph,
      box,
      // The labels that are for us to paint; none where Plotly does.
      ownTimes: () => (graph() ? null : own.times()),
      isPending: () => {
        const gd = slot.querySelector(".js-plotly-plot, .dash-graph--pending");
        return !gd || gd.classList.contains("dash-graph--pending");
      },
      isDrawing: () => {
        const gd = graph();
        return Boolean(gd && String(gd._fullLayout.dragmode || "").startsWith("draw"));
      },
      set,
    };
  }

  const ns = { axes, boxOf, rangesIn };
  ts.chartAxes = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
