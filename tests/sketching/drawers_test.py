import dataclasses
import functools
import subprocess
import sys

import numpy as np
import pytest

from tfdood.data import folders
from tfdood.drawing.squares import Place
from tfdood.saved import converted, exported, session
from tfdood.sketching import drawers, preparing, tracer
from tfdood.sketching.preparing import Prepared

_PLACE = Place(
    40, 30, 5, 2, 20
)  # One pixel of the image is one of the picture.


@pytest.fixture(autouse=True, scope="module")
def _loaded_once():
    """Loads an export once for all tests, because that takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "Session", functools.cache(session.Session))
        yield


def _prepared(count, size=20):
    """A line from 3 to 17, and one down from its middle."""
    image = np.zeros([size, size, 1], np.float32)
    image[4:6, 3:-3] = image[4:-3, 9:11] = 1.0
    return [Prepared(image, _PLACE)] * count


def _curves(drawings):
    return np.stack([drawing.strokes[0].curves for drawing in drawings])


@pytest.mark.parametrize("parser", ["amortised", "refined"])
def test_signatures_draw(exported_model, parser):
    drawer = drawers.load(str(exported_model.path), parser)
    assert drawer.view[:2] == (20, drawers.MARGINS["mnist"])
    prepared = _prepared(2)
    names = {"amortised": "reconstruct", "refined": "reconstruct_refined"}
    images = np.stack([one.image for one in prepared])
    expected = exported_model.run(names[parser], images=images)
    for row, found in enumerate(drawer.draw(prepared)):
        assert (found.width, found.height) == (40, 30)
        present = expected["presence"][row].numpy() > 0.5
        assert len(found.strokes) == present.sum()
        points = 20 * expected["control_points"][row].numpy()[present] + [5, 2]
        for stroke, of_stroke in zip(found.strokes, points, strict=True):
            np.testing.assert_allclose(stroke.curves[0], of_stroke, atol=0.01)
        error = np.abs(images - expected["canvas"])[row].sum()
        np.testing.assert_allclose(
            found.unexplained, error / images[row].sum(), rtol=1e-3
        )


def test_best_of_draws_chains_of_curves(exported_model, monkeypatch):
    monkeypatch.setattr(exported, "ExportedModel", lambda _: exported_model)
    drawer = drawers.load(str(exported_model.path), "best_of")
    for found in drawer.draw(_prepared(2)):
        assert found.strokes
        assert found.unexplained > 0.0
        for stroke in found.strokes:
            assert stroke.curves.shape[1:] == (5, 2)
            np.testing.assert_array_equal(
                stroke.curves[:-1, -1], stroke.curves[1:, 0]
            )


def test_margin_of_folders_is_that_of_their_reader():
    assert drawers.MARGINS["folder"] == folders.MARGIN


def test_lines_are_widened_unless_a_model_learned_from_pictures():
    for dataset, width in (("mnist", 4.0), ("folder:/drawings", 0.0)):
        view = drawers._widened(preparing.View(100, 0.04), dataset)
        assert view.line_width == width


def test_without_a_model_lines_are_traced():
    for drawer in (drawers.load(), drawers.load(parser="traced")):
        assert isinstance(drawer, tracer.TracingDrawer)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ((None, "refined"), 12),
        (("pretrained:all",), 12),
        (("pretrained:all", "amortised", None, 0, 5), 5),
        ((None, None, "complete"), None),
        (("pretrained:mnist",), None),
    ],
)
def test_pictures_have_more_strokes_than_the_default_model_learned_with(
    converted_model, monkeypatch, choice, expected
):
    asked = []
    monkeypatch.setattr(
        converted,
        "folder",
        lambda *model: asked.append(model) or converted_model,
    )
    drawers.load(*choice)
    assert asked == [(choice[0] or "pretrained:all", expected)]


def test_seeds_choose_completions_of_each_picture(exported_model):
    drawer = drawers.load(str(exported_model.path), signature="complete")
    curves = [
        _curves(dataclasses.replace(drawer, seed=seed).draw(_prepared(2)))
        for seed in (3, 3, 4)
    ]
    # The same route, repeated: exact.
    np.testing.assert_array_equal(curves[0], curves[1])
    assert not np.array_equal(curves[0], curves[2])
    # The same picture gives the same drawing, whatever the other rows are.
    np.testing.assert_allclose(curves[0][0], curves[0][1], atol=1e-3)


def test_server_is_asked_for_signatures():
    asked = []

    def predict(signature, inputs):
        asked.append((signature, inputs))
        return {
            "presence": np.ones([2, 1]),
            "control_points": np.ones([2, 1, 4, 2]),
            "blur": np.full([2, 1], 0.02),
            "stroke_contrast": np.full([2, 1], 0.5),
            "canvas_contrast": np.full([2], 0.5),
        }

    for choice in ((), ("amortised",), ("refined", "exemplars", 5)):
        drawings = drawers.of_server(predict, *choice).draw(_prepared(2, 50))
        assert [len(drawing.strokes) for drawing in drawings] == [1, 1]
    signatures = [signature for signature, _ in asked]
    assert signatures == ["reconstruct_refined", "reconstruct", "exemplars"]
    names = [set(inputs) for _, inputs in asked]
    assert names == [{"images"}, {"images"}, {"images", "seeds"}]
    assert asked[2][1]["seeds"].tolist() == [[5, 0], [5, 0]]
    with pytest.raises(ValueError, match="amortised and refined, got 'traced'"):
        drawers.of_server(predict, "traced")


def test_refusals_are_one_sentence(exported_model, tmp_path):
    drawer = drawers.load(str(exported_model.path), "amortised")
    with pytest.raises(ValueError, match="images") as caught:
        drawer.draw([Prepared(np.full([20, 20, 1], 2.0), _PLACE)])
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="Expected a parser of .*'best'"):
        drawers.load(str(exported_model.path), "best")
    for nothing in (str(tmp_path), ""):
        with pytest.raises(FileNotFoundError, match="There is no model in"):
            drawers.load(nothing)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (("pretrained:gnm_mnist_4",), r"\(family gnm\) draws no strokes"),
        (
            ("pretrained:gnm_mnist_4", "best_of"),
            "draws no strokes; use another",
        ),
        (("pretrained:gns", "refined"), "by a search only: use the parser"),
        (
            ("pretrained:gns", None, "complete"),
            "pictures by a search only",
        ),
        (("pretrained:mnist", "searched"), r"gns; got .*mnist \(family dood\)"),
        (("pretrained:all", "traced"), "traced needs no model"),
        (("pretrained:gns", None, None, 0, 9), "no effect on a search"),
        ((None, None, None, 0, 9), "no effect on traced lines"),
    ],
)
def test_models_of_other_kinds_are_refused_at_once(choice, message, capsys):
    with pytest.raises(ValueError, match=message):
        drawers.load(*choice)
    assert not capsys.readouterr().err


def test_tensorflow_is_imported_late():
    code = (
        "import sys; from tfdood.sketching import draw; import tfdood; "
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("parser", ["amortised", "refined"])
def test_litert_files_draw_the_same_without_tensorflow(
    exported_model, converted_model, monkeypatch, parser
):
    expected = drawers.load(str(exported_model.path), parser)
    monkeypatch.setattr(converted, "folder", lambda *_: converted_model)
    found = drawers.load("pretrained:tiny", parser)
    assert found.view == expected.view
    for one, other in zip(
        found.draw(_prepared(2)), expected.draw(_prepared(2)), strict=True
    ):
        assert len(one.strokes) == len(other.strokes)
        for stroke, same in zip(one.strokes, other.strokes, strict=True):
            np.testing.assert_allclose(stroke.curves, same.curves, atol=0.1)


def test_completions_by_litert_files_depend_on_the_seed_alone(
    converted_model, monkeypatch
):
    monkeypatch.setattr(converted, "folder", lambda *_: converted_model)
    found = {
        seed: drawers.load(signature="complete", seed=seed).draw(_prepared(2))
        for seed in (3, 4)
    }
    first, second = (_curves([one]) for one in found[3])
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - _curves(found[4][:1])).max() > 0.1
