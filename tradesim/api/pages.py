"""`/docs/api`: what programs can ask, for people to read, and `/alpaca/openapi.json` for their tools.

Drawn here from the same lines that make the routes; nothing is loaded from anywhere.
"""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response

from tradesim.api.alpaca.described import WHOLE as ALPACA
from tradesim.api.control.answers import CATALOGUE as CONTROL

STYLE = """
:root{color-scheme:light dark;--line:#8884;--dim:#777;--accent:#2f6feb}
@media (prefers-color-scheme:dark){:root{--dim:#9aa4af;--accent:#79a8ff}}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem}h2{margin-top:2.5rem}h3{margin-top:2rem;text-transform:capitalize}
a{color:var(--accent)}a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
details{border:1px solid var(--line);border-radius:.4rem;margin:.4rem 0;padding:0 .8rem}
summary{cursor:pointer;padding:.55rem 0;min-height:32px}
summary b{display:inline-block;min-width:4.5rem;font-family:ui-monospace,monospace}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{overflow:auto;border-top:1px solid var(--line);padding:.6rem 0}
table{border-collapse:collapse;width:100%;margin:.4rem 0}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;vertical-align:top}
td{border-top:1px solid var(--line)}.dim{color:var(--dim)}
"""
DOCUMENTS = (
    ("control", CONTROL, "/sim/v1/openapi.json"),
    ("alpaca", ALPACA, "/alpaca/openapi.json"),
)


def register(server: Flask) -> None:
    api = Blueprint("pages", __name__)
    drawn: list[str] = []

    @api.get("/alpaca/openapi.json")
    def on_alpaca() -> Response:
        return Response(msgspec.json.encode(ALPACA.document()), mimetype="application/json")

    @api.get("/docs/api")
    def on_page() -> Response:
        if not drawn:
            drawn.append("".join(page()))
        return Response(drawn[0], mimetype="text/html")

    server.register_blueprint(api)


def page() -> Iterator[str]:
    yield '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>TradeSim: for programs</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<style>{STYLE}</style></head><body><main><h1>TradeSim for programs</h1><nav aria-label="APIs"><ul>'
    for name, catalogue, address in DOCUMENTS:
        yield f'<li><a href="#{name}">{escape(catalogue.title)}</a> (<a href="{address}">OpenAPI 3.1</a>)</li>'
    yield '</ul></nav><p><a href="/">Back to the desk</a></p>'
    for name, catalogue, _ in DOCUMENTS:
        yield from section(name, catalogue.document())
    yield "</main></body></html>"


def section(name: str, document: dict[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield f'<section id="{name}"><h2>{escape(info["title"])}</h2><p>{escape(info["description"])}</p>'
    for tag in document["tags"]:
        yield f'<h3>{escape(tag["name"])}</h3><p class="dim">{escape(tag["description"])}</p>'
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield from entry(method, path, operation)
    yield "<h3>Shapes</h3>"
    for title, schema in sorted(document["components"]["schemas"].items()):
        heading = f"<summary><code>{escape(title)}</code></summary>"
        yield f'<details id="{name}-{escape(title)}">{heading}{shown(schema)}</details>'
    yield "</section>"


def entry(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
    yield f'<span class="dim">{escape(operation["summary"])}</span></summary>'
    if operation["parameters"]:
        yield "<table><thead><tr><th>parameter</th><th>in</th><th>form</th><th>meaning</th></tr></thead><tbody>"
        for each in operation["parameters"]:
            need = "" if not each["required"] else " (required)"
            form = ", ".join(map(str, each["schema"].get("enum", [each["schema"].get("type", "")])))
            yield f"<tr><td><code>{escape(each['name'])}</code>{need}</td><td>{each['in']}</td>"
            yield f"<td>{escape(form)}</td><td>{escape(each['description'])}</td></tr>"
        yield "</tbody></table>"
    if "requestBody" in operation:
        yield f"<p>Body</p>{shown(operation['requestBody']['content']['application/json']['schema'])}"
    for status, answer in operation["responses"].items():
        media = next(iter(answer.get("content", {}).values()), None)
        yield f"<p>{status}: {escape(answer['description'])}</p>"
        if media and status < "300":
            yield shown(media["schema"])
    yield "</details>"


def shown(schema: dict[str, Any]) -> str:
    return f'<pre tabindex="0">{escape(json.dumps(schema, indent=2))}</pre>'
