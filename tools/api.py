"""Writes the page of the public API from the docstrings.

    python -m tools.api

The page is `docs/api.md`. `_CONTENTS` lists what is public.
"""

import functools
import pathlib
import sys
from collections.abc import Iterable, Iterator

import griffe
from absl import flags

from tfdood import console

_ROOT = pathlib.Path(__file__).parents[1]
_CONTENTS = {
    "Draw pictures": (
        "draw",
        "vectors.drawing.VectorDrawing",
        "vectors.pen_strokes.PenStroke",
    ),
    "Trained models": (
        "load_pretrained",
        "models.Model",
        "models.ExplainingModel",
        "models.StrokeModel",
    ),
    "Records": (
        "types.Strokes",
        "types.Pen",
        "types.Drawing",
        "types.Parse",
        "types.Codes",
    ),
    "Layers": ("layers.StrokeRenderer", "layers.SpatialTransformer"),
    "Vector formats": (
        "vectors.svg.write",
        "vectors.ndjson.write",
        "vectors.inkml.write",
        "vectors.polyline_json.write",
        "vectors.stroke3.steps",
        "vectors.stroke3.write",
    ),
    "Data": (
        "data.read",
        "data.load",
        "data.read_oneshot",
        "data.read_strokes",
        "data.read_scenes",
        "data.batches",
        "data.Batch",
        "data.DrawingSet",
        "data.OneShotRuns",
        "data.StrokeSet",
        "data.SceneSet",
    ),
    "Train": (
        "settings.presets.get",
        "settings.text.override",
        "models.build",
        "models.trainable",
        "models.Trainable",
        "models.learning.Loss",
    ),
    "Exported models": (
        "saved.exported.ExportedModel",
        "saved.session.Session",
        "saved.litert.LiteRTModel",
    ),
}
"""The names in `tfdood`, by the title of their section."""

_INTRODUCTION = (
    "# The Python API",
    "`python -m tools.api` makes this page from the docstrings. `...` in a "
    "shape stands for any leading dimensions; `tfdood/types.py` has the "
    "letters of axes and the convention of pixels.",
)
_WIDTH = 80
_TITLES = {
    griffe.DocstringSectionKind.parameters: "Args",
    griffe.DocstringSectionKind.attributes: "Attributes",
    griffe.DocstringSectionKind.returns: "Returns",
    griffe.DocstringSectionKind.yields: "Yields",
    griffe.DocstringSectionKind.raises: "Raises",
}


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "out",
        str(_ROOT / "docs" / "api.md"),
        "File to write.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Writes the page.

    Args:
        options: the values of the flags.

    Raises:
        OSError: If the file cannot be written.
    """
    pathlib.Path(options.out).write_text(page(), encoding="utf-8")
    sys.stdout.write(f"Wrote {options.out}\n")


def page() -> str:
    """Makes the page, without importing what it describes."""
    parts = [*_INTRODUCTION]
    for title, objects in documented().items():
        parts.append(f"## {title}")
        for name, found in objects.items():
            parts += _object(name, found)
    return "\n\n".join(parts) + "\n"


@functools.cache
def documented() -> dict[str, dict[str, griffe.Object]]:
    """Finds the public functions and classes.

    Returns:
        By the title of a section, the objects by their names.
    """
    package = griffe.load(
        "tfdood",
        search_paths=[_ROOT],
        docstring_parser="google",
        docstring_options={
            "returns_multiple_items": False,
            "returns_named_value": False,
            "warnings": False,
        },
    )
    return {
        title: {f"tfdood.{name}": _target(package[name]) for name in names}
        for title, names in _CONTENTS.items()
    }


def methods(found: griffe.Object) -> dict[str, griffe.Function]:
    """Lists the public methods of a class itself; none of a function."""
    return {
        name: member
        for name, member in found.members.items()
        if member.is_function and not name.startswith("_")
    }


def _target(found: griffe.Object | griffe.Alias) -> griffe.Object:
    return found.final_target if found.is_alias else found


def _object(name: str, found: griffe.Object) -> Iterator[str]:
    yield f"### `{name}`"
    if not found.is_class:
        yield from _function(name, found)
        return
    made_by = found.members.get("__init__")
    if made_by is not None:
        yield _signature(name, made_by)
    yield from _docstring(found)
    if made_by is not None:
        yield from _docstring(made_by, leave_out_text=True)
    for method, member in methods(found).items():
        yield f"#### `{found.name}.{method}`"
        yield from _function(method, member)


def _function(name: str, found: griffe.Function) -> Iterator[str]:
    yield _signature(name, found)
    yield from _docstring(found)


def _signature(name: str, found: griffe.Function) -> str:
    result = f" -> {found.returns}" if _has_result(found) else ""
    parameters = list(_parameters(found.parameters))
    line = f"{name}({', '.join(parameters)}){result}"
    if len(line) > _WIDTH:
        inner = "".join(f"    {parameter},\n" for parameter in parameters)
        line = f"{name}(\n{inner}){result}"
    return f"```python\n{line}\n```"


def _has_result(found: griffe.Function) -> bool:
    return found.name != "__init__" and found.returns is not None


def _parameters(parameters: Iterable[griffe.Parameter]) -> Iterator[str]:
    stars = {
        griffe.ParameterKind.var_positional: "*",
        griffe.ParameterKind.var_keyword: "**",
    }
    seen_star = False
    for parameter in parameters:
        if parameter.name == "self":
            continue
        keyword = parameter.kind is griffe.ParameterKind.keyword_only
        if keyword and not seen_star:
            yield "*"
        star = stars.get(parameter.kind, "")
        seen_star |= keyword or star == "*"
        text = f"{star}{parameter.name}: {parameter.annotation}"
        has_default = parameter.default is not None and not star
        yield text + (f" = {parameter.default}" if has_default else "")


def _docstring(
    found: griffe.Object, leave_out_text: bool = False
) -> Iterator[str]:
    for section in found.docstring.parsed if found.docstring else ():
        if section.kind not in _TITLES:
            if not leave_out_text:
                yield section.value
            continue
        items = [_item(item, found) for item in section.value]
        yield "\n".join([f"{_TITLES[section.kind]}:", "", *items])


def _item(item: griffe.DocstringElement, found: griffe.Object) -> str:
    name = getattr(item, "name", None)
    if isinstance(item, griffe.DocstringRaise):
        name = item.annotation
    text = " ".join(item.description.split())
    if isinstance(item, griffe.DocstringReturn):
        # The parser takes the words before the first colon for a type.
        if item.annotation and str(item.annotation) != str(found.returns):
            text = f"{item.annotation}: {text}"
    return f"- `{name}`: {text}" if name else f"- {text}"


if __name__ == "__main__":
    console.run(define, main)
