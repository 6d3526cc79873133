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

  // {width, height: the whole graph; left, top, plotWidth, plotHeight: where bars are; x, y: ranges; yTicks} in CSS px.
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
      plotHeight: y._length,
      x: [Number(x.range[0]), Number(x.range[1])],
      y: [Number(y.range[0]), Number(y.range[1])],
      yTicks: ticksOf(y),
    };
  }

  // Follows one Graph in `slot`; `onFresh` hears when Dash has mounted another one there.
  function axes(slot, onMoved, onFresh) {
    let bound = null;

    function graph() {
      const gd = slot.querySelector(".js-plotly-plot");
      if (!gd || !gd._fullLayout || !root.Plotly) return null;
      if (gd !== bound) bind(gd);
      return gd;
    }

    function bind(gd) {
      bound = gd;
      gd.on("plotly_relayouting", onMoved);
      gd.on("plotly_afterplot", onMoved);
      onFresh();
    }

    return {
      graph,
      box: () => boxOf(graph()),
      isPending: () => {
        const gd = slot.querySelector(".js-plotly-plot, .dash-graph--pending");
        return !gd || gd.classList.contains("dash-graph--pending");
      },
      isDrawing: () => {
        const gd = graph();
        return Boolean(gd && String(gd._fullLayout.dragmode || "").startsWith("draw"));
      },
      set: (changes) => quietly(graph(), changes),
    };
  }

  const ns = { axes, boxOf };
  ts.chartAxes = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
