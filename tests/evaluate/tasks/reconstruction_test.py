import numpy as np
import pytest
import scipy.ndimage
from PIL import Image

from tfdood import figures
from tfdood.evaluate.tasks import reconstruction


def test_errors_and_strokes_are_those_of_the_signature(make_job):
    job = make_job("reconstruction")
    measures, source = reconstruction.run(job)
    images = job.drawings("test", 0).images
    result = job.model.run("reconstruct", images=images)
    canvas, presence = (np.array(result[x]) for x in ("canvas", "presence"))
    error = np.abs(canvas - images).reshape(12, -1).mean(1)
    measure = measures["mean_absolute_error"]
    assert measure.value == pytest.approx(error.mean(), rel=1e-5)
    assert measure.standard_error == pytest.approx(
        error.std(ddof=1) / np.sqrt(12), rel=1e-4
    )
    counts = presence.sum(1)
    assert measures["num_strokes"].value == pytest.approx(counts.mean())
    shares = [measures[f"share_with_{n}_strokes"].value for n in range(4)]
    np.testing.assert_allclose(
        shares, np.bincount(counts.astype(int), minlength=4) / 12
    )
    assert "embedded sample" in source


def test_blurring_makes_edges_less_steep_and_leaving_out_does_not():
    images = np.zeros([1, 40, 40, 1])
    images[0, 5:35, 8:11] = images[0, 5:35, 28:31] = 1.0
    steep = reconstruction.steepness(images)
    blurred = scipy.ndimage.gaussian_filter(images, [0, 2, 2, 0])
    assert reconstruction.steepness(blurred) < 0.5 * steep
    images[0, :, 20:] = 0.0
    np.testing.assert_allclose(reconstruction.steepness(images), steep)
    np.testing.assert_allclose(
        reconstruction.steepness(0.3 * images), 0.3 * steep
    )
    assert reconstruction.steepness(np.ones([2, 5, 5, 1])).tolist() == [0, 0]


def test_sharpness_compares_with_the_drawing(make_job):
    job = make_job("reconstruction")
    measures, _ = reconstruction.run(job)
    images = job.drawings("test", 0).images
    canvas = np.array(job.model.run("reconstruct", images=images)["canvas"])
    expected = reconstruction.steepness(canvas) / reconstruction.steepness(
        images
    )
    assert measures["sharpness"].value == pytest.approx(
        expected.mean(), rel=1e-5
    )


def test_an_empty_drawing_has_no_sharpness(make_job, monkeypatch):
    job = make_job("reconstruction")
    drawings = job.drawings("test", 0)
    drawings.images[3] = 0.0
    monkeypatch.setattr(type(job), "drawings", lambda *_: drawings)
    measures, _ = reconstruction.run(job)
    assert np.isfinite(measures["sharpness"].value)
    assert measures["sharpness"].num_images == len(drawings.images) - 1
    assert measures["num_strokes"].num_images == len(drawings.images)


def test_draws_the_drawings_that_come_out_worst(make_job, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        figures, "sheet", lambda rows, *_: drawn.append(np.stack(rows))
    )
    monkeypatch.setattr(reconstruction, "_NUM_PICTURED", 4)
    job = make_job("reconstruction")
    reconstruction.run(job)
    images = job.drawings("test", 0).images
    canvas = np.array(job.model.run("reconstruct", images=images)["canvas"])
    error = np.abs(canvas - images).mean((1, 2, 3))
    given, redrawn = drawn[0]
    errors = np.abs(redrawn - given).mean((1, 2, 3))
    np.testing.assert_allclose(errors, np.sort(error)[:-5:-1], rtol=1e-5)


def test_draws_the_reconstructions(make_job):
    job = make_job("reconstruction")
    reconstruction.run(job)
    with Image.open(job.figure("strokes")) as figure:
        assert figure.width > 3 * figures._TILE


def test_strokes_are_drawn_where_the_model_puts_them(make_job):
    job = make_job("reconstruction")
    outputs = job.model.run(
        "reconstruct", images=job.drawings("test", 0).images
    )
    curves = figures.stroke_curves(reconstruction.drawing(outputs))
    ends = np.array(outputs["control_points"])[:, :, [0, -1]]
    found = np.sort(curves[:, :, [0, -1]], axis=2)
    np.testing.assert_allclose(found, np.sort(ends, axis=2), atol=1e-5)


def test_codes_keep_their_layouts():
    rng = np.random.default_rng(0)
    outputs = {
        "presence": np.ones([2, 3], np.float32),
        "layout": rng.normal(size=[2, 3, 4]),
        "codes": rng.normal(size=[2, 3, 5, 2]),
        "canvases": np.zeros([2, 3, 20, 20, 1]),
        **dict.fromkeys(("blur", "stroke_contrast", "canvas_contrast"), 1.0),
    }
    strokes = reconstruction.drawing(outputs).strokes
    np.testing.assert_array_equal(strokes.layout, outputs["layout"])
    np.testing.assert_array_equal(strokes.control_points, outputs["codes"])
