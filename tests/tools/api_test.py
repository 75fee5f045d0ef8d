import importlib
import pathlib

import griffe
import pytest

from tfdood import console
from tools import api

_PAGE = pathlib.Path(__file__).parents[2] / "docs" / "api.md"
_OBJECTS = {
    name: found
    for objects in api.documented().values()
    for name, found in objects.items()
}


def test_page_is_up_to_date():
    assert _PAGE.read_text(encoding="utf-8") == api.page(), (
        "Run python -m tools.api."
    )


def test_command_writes_the_page(tmp_path, capsys):
    path = tmp_path / "page.md"
    assert console.call(api.define, api.main, [f"--out={path}"]) == 0
    assert path.read_text(encoding="utf-8") == api.page()
    assert str(path) in capsys.readouterr().out


@pytest.mark.parametrize("name", _OBJECTS)
def test_name_can_be_imported(name):
    module, _, attribute = name.rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))


def _described(found):
    kind = griffe.DocstringSectionKind.parameters
    return {
        item.name.lstrip("*")
        for section in found.docstring.parsed
        if section.kind is kind
        for item in section.value
    }


@pytest.mark.parametrize("name", _OBJECTS)
def test_all_parameters_are_described(name):
    found = _OBJECTS[name]
    functions = {name: found} if found.is_function else api.methods(found)
    for function in functions.values():
        assert function.docstring, function.path
        text = function.docstring.value
        if "\n" not in text:  # "See ...", or the class describes them.
            continue
        names = {p.name for p in function.parameters} - {"self"}
        assert _described(function) == names, function.path


def test_page_has_signatures_units_and_errors():
    page = api.page()
    start = page.index("### `tfdood.data.read`")
    section = page[start : page.index("### ", start + 4)]
    assert "    *,\n    image_size: int = 50,\n" in section
    assert "\n) -> DrawingSet\n" in section
    assert "- `split`: `train`, `validation` or `test`." in section
    assert "Raises:\n\n- `ValueError`: If a name is unknown" in section
    start = page.index("### `tfdood.layers.StrokeRenderer`")
    section = page[start : page.index("### ", start + 4)]
    assert "- `image_size`: `H = W` in pixels." in section
    assert page.count("Makes a renderer.") == 0
