"""Imports go one way, from shared types to entry points."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1]

# A module imports from its own package and from lower levels only.
LEVELS = [
    {
        "tfdood.types",
        "tfdood.files",
        "tfdood.console",
    },
    {"tfdood.settings"},
    {"tfdood.data", "tfdood.drawing", "tfdood.distributions", "tfdood.nn"},
    {"tfdood.layers", "tfdood.objectives", "tfdood.figures"},
    {"tfdood.models"},
    {"tfdood.parsing"},
    {"tfdood.saved"},
    {"tfdood.evaluate"},
    {"train"},
    {"export"},
    {"tools"},
]
LEVEL = {name: i for i, level in enumerate(LEVELS) for name in level}
ENTRY_POINTS = {
    "tfdood/evaluate/__main__.py",
    "tfdood/data/prepare.py",
    "tools/train_features.py",
    "tools/ship.py",
    "train/main.py",
    "export/client.py",
    "export/main.py",
}
FLAGS = ("absl.flags", "argparse")


def _files() -> list[pathlib.Path]:
    folders = ("tfdood", "train", "export", "tools")
    return sorted(f for name in folders for f in (ROOT / name).rglob("*.py"))


def _imports(source: str) -> set[str]:
    """Dotted names of all that is imported, names of `from` included."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _part(name: str) -> str:
    """The entry of `LEVEL` that a dotted name belongs to, or nothing."""
    if name in LEVEL:
        return name
    pieces = name.split(".")
    length = 2 if pieces[0] == "tfdood" else 1
    return ".".join(pieces[:length])


def _violations(module: str, source: str) -> list[str]:
    own = _part(module)
    found = []
    for name in sorted(_imports(source)):
        part = _part(name)
        if name.split(".")[0] not in ("tfdood", "train", "export", "tools"):
            continue
        if part not in LEVEL:
            found.append(f"{module} imports {name}, which has no level")
        elif part != own and LEVEL[part] >= LEVEL[own]:
            found.append(f"{module} imports {name}")
    return found


def _module(path: pathlib.Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", _files(), ids=_module)
def test_imports_go_one_way(path):
    if path == ROOT / "tfdood" / "__init__.py":
        return
    assert _part(_module(path)) in LEVEL
    assert not _violations(_module(path), path.read_text())


def test_only_entry_points_know_flags():
    found = {
        str(path.relative_to(ROOT))
        for path in _files()
        if any(n.startswith(FLAGS) for n in _imports(path.read_text()))
    }
    types_of_flags = "tfdood/arguments.py"
    assert found == ENTRY_POINTS | {types_of_flags}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("tfdood.drawing.curves.bezier", "from tfdood import models"),
        ("tfdood.models.base", "from tfdood.objectives import elbo"),
        ("tfdood.data.reading", "import tfdood.drawing.canvas"),
        ("tfdood.evaluate.fid", "from train import loop"),
        ("train.loop", "from export import main"),
        ("train.loop", "from tfdood import elsewhere"),
    ],
)
def test_a_wrong_import_is_seen(module, source):
    assert _violations(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("tfdood.drawing.curves.bezier", "from tfdood.drawing import canvas"),
        ("tfdood.models.base", "from tfdood.types import Parse"),
        ("export.main", "from train import run_folder"),
    ],
)
def test_a_right_import_is_allowed(module, source):
    assert not _violations(module, source)
