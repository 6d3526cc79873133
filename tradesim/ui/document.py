"""The document that Dash fills: language, icon, the theme before the first paint, and what may be loaded from where."""

import base64
import hashlib
from collections.abc import Sequence

STYLES_PATH = "/styles"
"""Where the page's own path to the installed Bootstrap begins."""

FIRST_PAINT = """
(function (html, kept) {
  function read(key) { try { return JSON.parse(kept.getItem("tradesim:" + key)); } catch (error) { return null; } }
  var theme = read("theme") || (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  html.dataset.theme = theme;
  html.dataset.bsTheme = theme;
  html.dataset.palette = read("palette") || "usual";
  var panel = new URLSearchParams(location.search).get("panel");
  if (panel) html.dataset.solo = panel;
})(document.documentElement, (function () { try { return localStorage; } catch (error) { return { getItem: function () { return "null"; } }; } })());
"""

INDEX = f"""<!DOCTYPE html>
<html lang="en">
  <head>
    {{%metas%}}
    <title>{{%title%}}</title>
    <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
    <script>{FIRST_PAINT}</script>
    <style>@layer bootstrap; @import url("{STYLES_PATH}/css/bootstrap.min.css") layer(bootstrap);</style>
    {{%css%}}
  </head>
  <body>
    <noscript><p class="no-script">TradeSim draws its market in the browser: please allow JavaScript for this page.</p></noscript>
    {{%app_entry%}}
    <footer>
      {{%config%}}
      {{%scripts%}}
      {{%renderer%}}
    </footer>
  </body>
</html>"""


def script_hash(script: str) -> str:
    """Source expression for one inline script, as a content security policy names it."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


def security_policy(dash_hashes: Sequence[str]) -> str:
    """Everything from this server alone. Styles may be inline: Plotly and AG Grid write them while running."""
    scripts = " ".join(["'self'", script_hash(FIRST_PAINT), *dash_hashes])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )
