"""The picture of the house, executable: who may import whom, and which library lives in which room."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "tradesim"

FLOORS = (
    ("entrance",),
    ("cli",),
    ("bootstrap",),
    ("chores",),
    ("ui", "api", "ops", "providers", "storage"),
    ("settings",),
    ("stream",),
    ("desk",),
    ("venue", "simulator", "marketdata", "trading"),
    ("model",),
    ("kernel",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

ROOMS_OF_LIBRARY = {
    "dash": {"ui"},
    "dash_bootstrap_components": {"ui"},
    "dash_ag_grid": {"ui"},
    "plotly": {"ui"},
    "flask": {"ui", "api", "bootstrap"},
    "flask_sock": {"api"},
    "requests": {"providers"},
    "websockets": {"providers"},
    "pyrate_limiter": {"providers"},
    "sqlalchemy": {"storage"},
    "diskcache": {"storage"},
    "sqlite3": {"storage"},
    "apscheduler": {"ops"},
    "gunicorn": {"ops"},
}
ENTRANCES = {"cli/grammar.py", "cli/tasks.py", "ops/gunicorn.py", "ops/launcher.py"}
ENGINES = {"venue", "simulator", "marketdata", "trading", "model"}
FORBIDDEN_IN_ENGINES = {"time", "os", "socket", "threading", "pathlib", "subprocess", "requests", "flask"}

EXAMPLES = ROOT / "ops" / "examples"
"""Programs that are shipped to be copied: they know nothing of the house, and the house imports none of them."""
MODULES = sorted(each for each in ROOT.rglob("*.py") if EXAMPLES not in each.parents)


def room_of(module: Path) -> str:
    return module.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(module: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return names


def rooms_imported(module: Path) -> set[str]:
    parts = (name.split(".") for name in imports_of(module) if name.startswith("tradesim."))
    return {part[1] for part in parts if part[1] in FLOOR_OF}


def ident(module: Path) -> str:
    return str(module.relative_to(ROOT))


@pytest.mark.parametrize("module", [each for each in MODULES if room_of(each) in FLOOR_OF], ids=ident)
def test_imports_only_go_down(module: Path) -> None:
    room = room_of(module)
    wrong = {other for other in rooms_imported(module) if other != room and FLOOR_OF[other] <= FLOOR_OF[room]}
    assert not wrong, f"{ident(module)} is in {room} and may not know {sorted(wrong)}"


@pytest.mark.parametrize("module", [each for each in MODULES if room_of(each) in {"ui", "api"}], ids=ident)
def test_people_and_programs_speak_to_the_desk_and_the_stream_only(module: Path) -> None:
    assert rooms_imported(module) <= {"ui", "api", "desk", "stream", "model", "kernel"}


@pytest.mark.parametrize("module", MODULES, ids=ident)
def test_libraries_stay_in_their_rooms(module: Path) -> None:
    libraries = {name.split(".")[0] for name in imports_of(module)}
    for library in libraries & ROOMS_OF_LIBRARY.keys():
        assert room_of(module) in ROOMS_OF_LIBRARY[library], f"{library} does not belong in {ident(module)}"


@pytest.mark.parametrize("module", [each for each in MODULES if room_of(each) in ENGINES], ids=ident)
def test_engines_know_no_machine(module: Path) -> None:
    found = {name.split(".")[0] for name in imports_of(module)} & FORBIDDEN_IN_ENGINES
    assert not found, f"{ident(module)} is an engine and may not import {sorted(found)}"


@pytest.mark.parametrize("module", MODULES, ids=ident)
def test_the_environment_is_read_at_the_entrance_only(module: Path) -> None:
    reads = {
        node.attr
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    } & {"environ", "getenv"}
    assert not reads or ident(module) in ENTRANCES, f"{ident(module)} reads the environment"


def test_example_bots_are_no_part_of_the_house() -> None:
    for example in EXAMPLES.glob("*.py"):
        assert not rooms_imported(example), f"{example.name} must run wherever it is copied to"
    for module in MODULES:
        assert not any(name.startswith("tradesim.ops.examples") for name in imports_of(module)), ident(module)
