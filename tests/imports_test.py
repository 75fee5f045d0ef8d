"""Imports go one way, from shared types to entry points."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1]
FOLDERS = ("tfdood", "train", "export", "demo", "tools")

# A module imports from its own room and from rooms of lower levels only. The
# package `tfdood` itself offers what lies below it.
LEVELS = [
    {"tfdood.types", "tfdood.files", "tfdood.console", "tfdood.quiet"},
    {"tfdood.settings"},
    {"tfdood.drawing", "tfdood.distributions", "tfdood.nn"},
    {"tfdood.data", "tfdood.vectors"},
    {"tfdood.layers", "tfdood.objectives", "tfdood.figures"},
    {"tfdood.models"},
    {"tfdood.parsing"},
    {"tfdood.saved"},
    {"tfdood.evaluate"},
    {"tfdood.sketching"},
    {"tfdood"},
    {"train"},
    {"export"},
    {"demo"},
    {"tools"},
]
LEVEL = {room: i for i, level in enumerate(LEVELS) for room in level}
FLAGS = "absl.flags"
CONSOLE = "tfdood/console.py"  # parses the flags that entry points declare
OPTIONS = {"tfdood/evaluate/options.py", "export/options.py"}


def _files() -> list[pathlib.Path]:
    return sorted(f for name in FOLDERS for f in (ROOT / name).rglob("*.py"))


def _relative(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def _module(path: str) -> str:
    """The dotted name of a file, that of its folder for `__init__.py`."""
    parts = pathlib.PurePath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(path: str, source: str) -> set[str]:
    """Dotted names of all that is imported, names of `from` included."""
    folder = pathlib.PurePath(path).parent.parts
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = folder[: len(folder) - node.level + 1] if node.level else ()
            origin = [*start, *([node.module] if node.module else [])]
            names |= {".".join([*origin, alias.name]) for alias in node.names}
    return names


def _room(name: str) -> str:
    """The part of a dotted name that has a level, if any has."""
    pieces = name.split(".")
    return ".".join(pieces[: 2 if pieces[0] == "tfdood" else 1])


def _violations(path: str, source: str) -> list[str]:
    own = _room(_module(path))
    if own not in LEVEL:
        return [f"{path} is in no room that has a level"]
    found = []
    for name in sorted(_imports(path, source)):
        room = _room(name)
        if name.split(".")[0] not in FOLDERS or room == own:
            continue
        if room not in LEVEL:
            found.append(f"{path} imports {name}, which has no level")
        elif LEVEL[room] >= LEVEL[own]:
            found.append(f"{path} imports {name}")
    return found


def _is_entry_point(source: str) -> bool:
    """Whether a module has a function `main` that `console.run` runs."""
    functions = {
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }
    return "main" in functions and "console.run(" in source


def _knows(module: str, path: str, source: str) -> bool:
    return any(
        name == module or name.startswith(f"{module}.")
        for name in _imports(path, source)
    )


@pytest.mark.parametrize("path", map(_relative, _files()))
def test_imports_go_one_way(path):
    assert _violations(path, (ROOT / path).read_text()) == []


@pytest.mark.parametrize("room", sorted(LEVEL))
def test_every_level_names_a_room_that_exists(room):
    path = ROOT.joinpath(*room.split("."))
    assert path.with_suffix(".py").is_file() or path.is_dir()


def test_only_entry_points_know_flags():
    sources = {_relative(path): path.read_text() for path in _files()}
    knowing = {p for p, source in sources.items() if _knows(FLAGS, p, source)}
    entry_points = {
        p for p, source in sources.items() if _is_entry_point(source)
    }
    assert {"train/main.py", "tfdood/evaluate/__main__.py"} <= entry_points
    assert knowing == entry_points | OPTIONS | {CONSOLE}


def test_flags_are_not_read_with_argparse():
    sources = {_relative(path): path.read_text() for path in _files()}
    assert [p for p, s in sources.items() if _knows("argparse", p, s)] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("tfdood/drawing/curves/bezier.py", "from tfdood import models"),
        ("tfdood/drawing/canvas.py", "from .. import models"),
        ("tfdood/drawing/curves/bezier.py", "from ...models import base"),
        ("tfdood/drawing/__init__.py", "from ..saved import runs"),
        ("tfdood/objectives/elbo.py", "import tfdood"),
        ("tfdood/drawing/paper.py", "import tfdood.data.reading"),
        ("tfdood/data/reading.py", "import tfdood.figures.sheets"),
        ("tfdood/evaluate/__main__.py", "from train import loop"),
        ("tfdood/saved/runs.py", "def f():\n    from train import loop"),
        ("tfdood/__init__.py", "from train import loop"),
        ("tfdood/__init__.py", "from export import main"),
        ("train/loop.py", "from export import main"),
        ("train/loop.py", "from tfdood import elsewhere"),
        ("tfdood/elsewhere.py", "import math"),
    ],
)
def test_a_wrong_import_is_seen(path, source):
    assert _violations(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("tfdood/drawing/curves/bezier.py", "from tfdood.drawing import warp"),
        ("tfdood/drawing/curves/bezier.py", "from .. import warp"),
        ("tfdood/data/reading.py", "from tfdood.drawing import paper"),
        ("tfdood/models/base.py", "from tfdood.types import Parse"),
        ("tfdood/__init__.py", "from tfdood.saved import pretrained"),
        ("tfdood/__init__.py", "from .saved import pretrained"),
        ("train/loop.py", "from . import metrics"),
        ("train/loop.py", "from .metrics import Interval"),
        ("export/main.py", "from train import run_folder"),
        ("export/main.py", "import tfdood"),
    ],
)
def test_a_right_import_is_allowed(path, source):
    assert _violations(path, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "from absl import flags",
        "import absl.flags",
        "from absl.flags import FLAGS",
        "def f():\n    from absl import app, flags",
    ],
)
def test_flags_are_seen_however_they_are_imported(source):
    assert _knows(FLAGS, "train/loop.py", source)
    assert not _knows(FLAGS, "train/loop.py", "from absl import logging")
