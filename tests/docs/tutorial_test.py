import os
import pathlib
import re

import nbclient
import nbformat
import pytest

_ROOT = pathlib.Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def _stored():
    return nbformat.read(_ROOT / "docs" / "tutorial.ipynb", as_version=4)


def _outputs(notebook):
    """For each cell of code, what it shows: texts of print, and MIME types."""
    return [
        [output.get("text") or set(output.data) for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def _printed(notebook, pattern):
    texts = [text for cell in _outputs(notebook) for text in cell]
    [found] = re.findall(
        pattern, "".join(t for t in texts if isinstance(t, str))
    )
    return [float(number) for number in found]


@pytest.fixture(scope="module", name="executed")
def _executed():
    """The notebook after its code ran in a kernel, in the folder of docs."""
    notebook = _stored()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    with pytest.MonkeyPatch.context() as patch:
        path = os.environ.get("PYTHONPATH", "")
        patch.setenv("PYTHONPATH", f"{_ROOT}{os.pathsep}{path}")
        # It raises if a cell raises.
        nbclient.execute(notebook, str(_ROOT / "docs"), timeout=600)
    return notebook


def test_the_kernel_shows_what_is_stored(executed):
    for now, stored in zip(
        _outputs(executed), _outputs(_stored()), strict=True
    ):
        for output, kept in zip(now, stored, strict=True):
            if isinstance(kept, str):
                # Other processors round otherwise.
                output, kept = (re.sub(r"\d+", "0", t) for t in (output, kept))
            assert output == kept


def test_training_raises_the_bound_and_lowers_the_error(executed):
    for notebook in (executed, _stored()):
        first, last = _printed(notebook, r"ELBO: (\d+) nats at first, (\d+) at")
        assert last > first + 80
        before, after = _printed(
            notebook, r"error, before: ([\d.]+)\n.*error, after: ([\d.]+)"
        )
        assert after < 0.8 * before
