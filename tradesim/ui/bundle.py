"""The page's own scripts and styles, each kind as one file: a hundred requests cost seconds on a slow line, two do not.

Each script keeps to itself: one that throws while it is read takes no other with it. A source map names the files, so
that the browser's tools show them as they are written. What is edited is there at the next load of the page.
"""

import hashlib
import json
import threading
from pathlib import Path

from flask import Blueprint, Response, request
from msgspec import Struct

SCRIPTS, STYLES, SOURCE_MAP = "/page.js", "/page.css", "/page.js.map"
BEFORE = "try {\n"
AFTER = "\n} catch (error) {\n  setTimeout(() => { throw error; });\n}\n"
STEP = "AACA"
"""In a source map: the next line of the same file."""


class Bundle(Struct, frozen=True):
    """`stamp` tells one state of the folder from another."""

    stamp: str
    scripts: str
    source_map: str
    styles: str


class Bundler:
    """Of every script and style in `folder` but those named in `without`, in alphabetical order."""

    def __init__(self, folder: Path, without: frozenset[str] = frozenset()) -> None:
        self._folder, self._without = folder, without
        self._lock = threading.Lock()
        self._made: Bundle | None = None

    def bundle(self) -> Bundle:
        """As the files are now; the former one when nothing was edited."""
        with self._lock:
            stamp = self._stamp()
            if self._made is None or self._made.stamp != stamp:
                self._made = self._make(stamp)
            return self._made

    def _files(self, suffix: str) -> list[Path]:
        return sorted(each for each in self._folder.glob(f"*{suffix}") if each.name not in self._without)

    def _stamp(self) -> str:
        found = [(each.name, *stamp_of(each)) for suffix in (".css", ".js") for each in self._files(suffix)]
        return hashlib.sha256(repr(found).encode()).hexdigest()[:16]

    def _make(self, stamp: str) -> Bundle:
        scripts = {each.name: each.read_text(encoding="utf-8") for each in self._files(".js")}
        text, source_map = joined(scripts)
        styles = "\n".join(each.read_text(encoding="utf-8") for each in self._files(".css"))
        return Bundle(stamp, f"{text}//# sourceMappingURL={SOURCE_MAP}\n", source_map, styles)


def stamp_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def joined(scripts: dict[str, str]) -> tuple[str, str]:
    """One script of all, and its source map (version 3, a section a file, each line as it is in the file)."""
    parts: list[str] = []
    sections: list[dict[str, object]] = []
    line = 0
    for name, text in scripts.items():
        line += BEFORE.count("\n")
        sections.append({"offset": {"line": line, "column": 0}, "map": map_of(name, text)})
        part = text + AFTER
        parts.append(BEFORE + part)
        line += part.count("\n")
    return "".join(parts), json.dumps({"version": 3, "sections": sections})


def map_of(name: str, text: str) -> dict[str, object]:
    steps = ["AAAA", *[STEP] * text.count("\n")]
    return {"version": 3, "sources": [f"/assets/{name}"], "names": [], "mappings": ";".join(steps)}


def routes(bundler: Bundler) -> Blueprint:
    """The bundle under its fixed paths: asked for again at each load, sent again only when it is another one."""
    blueprint = Blueprint("bundle", __name__)

    @blueprint.get(SCRIPTS)
    def on_scripts() -> Response:
        return answer(bundler.bundle().scripts, "text/javascript")

    @blueprint.get(STYLES)
    def on_styles() -> Response:
        return answer(bundler.bundle().styles, "text/css")

    @blueprint.get(SOURCE_MAP)
    def on_source_map() -> Response:
        return answer(bundler.bundle().source_map, "application/json")

    return blueprint


def answer(text: str, mimetype: str) -> Response:
    response = Response(text, mimetype=mimetype, headers={"Cache-Control": "no-cache"})
    response.add_etag()
    response.make_conditional(request)
    return response
