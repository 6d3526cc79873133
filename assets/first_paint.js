// Before anything is painted: the chosen theme and palette, and whether this window holds one panel alone. Inlined in the document's head.
(function (html) {
  "use strict";
  function kept(key) {
    try {
      return JSON.parse(localStorage.getItem("tradesim:" + key));
    } catch {
      return null;
    }
  }
  const theme = kept("theme") || (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  const panel = new URLSearchParams(location.search).get("panel");
  html.dataset.theme = theme;
  html.dataset.bsTheme = theme;
  html.dataset.palette = kept("palette") || "usual";
  if (panel) html.dataset.solo = panel;
})(document.documentElement);
