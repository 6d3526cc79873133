// The Performance view's hands: the period, the refresh while it is open, and the way from a point to its trade.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "performance";
  const KEPT = "performance-period";

  // The trip under a click on the excursions; null where no point was.
  function tripOf(click) {
    const point = click && click.points && click.points[0];
    const words = point && point.customdata;
    return Array.isArray(words) && words.length ? words[0] : null;
  }

  // The period to the left or right of the pressed one, round the ends; null for other keys.
  function periodByKey(key, periods, now) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return null;
    return periods[(periods.indexOf(now) + step + periods.length) % periods.length];
  }

  if (typeof module !== "undefined") module.exports = { tripOf, periodByKey };
  if (typeof document === "undefined") return;

  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_performance = {
    is_closed: (view) => view !== PANEL,
    on_point(click) {
      const trip = tripOf(click);
      if (trip) ts.boundary.guard(PANEL, () => ts.journal.open(trip))();
      return root.dash_clientside.no_update;
    },
  };

  const buttons = () => [...document.querySelectorAll("#performance-periods [data-period]")];

  function choose(period) {
    for (const button of buttons()) button.setAttribute("aria-pressed", String(button.dataset.period === period));
    ts.page.store(KEPT, period);
    root.dash_clientside.set_props("performance-period", { data: period });
  }

  function start() {
    const periods = buttons().map((button) => button.dataset.period);
    const kept = ts.page.stored(KEPT, "all");
    choose(periods.includes(kept) ? kept : "all");
    const group = document.getElementById("performance-periods");
    group.addEventListener("click", ts.boundary.guard(PANEL, (event) => {
      const button = event.target.closest("[data-period]");
      if (button) choose(button.dataset.period);
    }));
    group.addEventListener("keydown", ts.boundary.guard(PANEL, (event) => {
      const period = periodByKey(event.key, periods, event.target.dataset.period);
      if (!period) return;
      event.preventDefault();
      buttons().find((button) => button.dataset.period === period).focus();
      choose(period);
    }));
    // What failed is asked for again.
    ts.boundary.onRetry(PANEL, () => choose(ts.page.stored(KEPT, "all")));
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
