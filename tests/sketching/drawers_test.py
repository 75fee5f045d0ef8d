import subprocess
import sys

import numpy as np
import pytest

from tfdood.sketching import drawers


def _images(count, size=20):
    images = np.zeros([count, size, size, 1], np.float32)
    images[:, 4:6, 3:-3] = images[:, 4:-3, 9:11] = 1.0
    return images


@pytest.mark.parametrize("parser", ["amortised", "refined"])
def test_signatures_draw(exported_model, parser):
    drawer = drawers.load(str(exported_model.path), parser)
    assert drawer.image_size == 20
    assert drawer.margin == drawers.MARGINS["mnist"]
    images = _images(2)
    outputs = drawer.draw(images)
    names = {"amortised": "reconstruct", "refined": "reconstruct_refined"}
    expected = exported_model.run(names[parser], images=images)
    np.testing.assert_array_equal(outputs["image"], images)
    for name, value in expected.items():
        np.testing.assert_allclose(outputs[name], value, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("parser", ["traced", "best_of"])
def test_parsers_draw_on_the_canvas(exported_model, parser):
    drawer = drawers.load(str(exported_model.path), parser)
    images = _images(2)
    outputs = drawer.draw(images)
    present = outputs["presence"] > 0.5
    assert present.any()
    points = outputs["control_points"][present]
    assert points.shape[1:] == (5, 2)
    assert outputs["chain"].shape == present.shape
    assert outputs["canvas"].shape == images.shape
    if parser == "traced":  # Lines from 3 to 17 and 4 to 17 of 20 pixels.
        ends = points[:, [0, -1]].reshape(-1, 2)
        np.testing.assert_allclose(ends.min(0), [0.15, 0.2], atol=0.08)
        np.testing.assert_allclose(ends.max(0), [0.85, 0.85], atol=0.08)


def test_seeds_choose_completions_of_each_picture(exported_model):
    folder = str(exported_model.path)
    points = [
        drawers.load(folder, signature="complete", seed=seed).draw(_images(2))
        for seed in (3, 3, 4)
    ]
    points = [outputs["control_points"] for outputs in points]
    np.testing.assert_array_equal(points[0], points[1])
    assert not np.array_equal(points[0], points[2])
    # The same picture gives the same drawing, whatever the other rows are.
    np.testing.assert_allclose(points[0][0], points[0][1], atol=1e-5)


def test_samples_need_no_picture(exported_model):
    predict = drawers.local(str(exported_model.path))
    samples = [
        drawers.generated(predict, seed)["control_points"] for seed in (1, 1, 2)
    ]
    assert len(samples[0]) == 1
    np.testing.assert_array_equal(samples[0], samples[1])
    assert not np.array_equal(samples[0], samples[2])


def test_server_is_asked_for_signatures():
    asked = []

    def predict(signature, inputs):
        asked.append((signature, inputs))
        return {"presence": np.ones([2, 1])}

    images = _images(2, 50)
    for choice in (("amortised",), ("refined",), ("refined", "exemplars", 5)):
        outputs = drawers.of_server(predict, *choice).draw(images)
        assert outputs["presence"].shape == (2, 1)
    signatures = [signature for signature, _ in asked]
    assert signatures == ["reconstruct", "reconstruct_refined", "exemplars"]
    assert [set(inputs) for _, inputs in asked] == [
        *[{"images"}, {"images"}, {"images", "seeds"}]
    ]
    assert asked[2][1]["seeds"].tolist() == [[5, 0], [5, 0]]
    with pytest.raises(ValueError, match="amortised and refined, got 'traced'"):
        drawers.of_server(predict, "traced")


def test_refusals_are_one_sentence(exported_model, tmp_path):
    drawer = drawers.load(str(exported_model.path), "amortised")
    with pytest.raises(ValueError, match="images") as caught:
        drawer.draw(np.full([1, 20, 20, 1], 2.0, np.float32))
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="Expected a parser of .*'best'"):
        drawers.load(str(exported_model.path), "best")
    with pytest.raises(FileNotFoundError, match="There is no model in"):
        drawers.load(str(tmp_path))


def test_tensorflow_is_imported_late():
    code = (
        "import sys; from tfdood.sketching import draw; import tfdood; "
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
