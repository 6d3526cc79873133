"""The document that Dash fills: language, icon, the theme before the first paint, and what may be loaded from where."""

import base64
import hashlib
from collections.abc import Sequence

STYLES_PATH = "/styles"
"""Where the page's own path to the installed Bootstrap begins."""

FIRST_PAINT = "first_paint.js"
"""The asset that is written into the head instead of being loaded."""

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
    <script>FIRST_PAINT</script>
    <style>@layer bootstrap; @import url("STYLES_PATH/css/bootstrap.min.css") layer(bootstrap);</style>
    {%css%}
  </head>
  <body>
    <noscript>
      <p class="no-script">TradeSim draws its market in the browser: please allow JavaScript for this page.</p>
    </noscript>
    {%app_entry%}
    <footer>
      {%config%}
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>"""


def index(first_paint: str) -> str:
    return INDEX.replace("FIRST_PAINT", first_paint).replace("STYLES_PATH", STYLES_PATH)


def script_hash(script: str) -> str:
    """Source expression for one inline script, as a content security policy names it."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


def security_policy(script_hashes: Sequence[str]) -> str:
    """Everything from this server alone. Styles may be inline: Plotly and AG Grid write them while running."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' " + " ".join(script_hashes),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )
