from typing import NamedTuple

import numpy as np
import pytest
import scipy.ndimage
from PIL import Image

from tfdood import data, figures
from tfdood.evaluate import parsers
from tfdood.evaluate.records.job import Drawings, Explainer, Job, Measure
from tfdood.evaluate.tasks import reconstruction
from tfdood.figures import overlays
from tfdood.parsing import endpoints, seeds


class _Done(NamedTuple):
    """A job of the task that was run, and what it returned."""

    job: Job
    measures: dict[str, Measure]
    source: str


@pytest.fixture(scope="module")
def done(jobs_in, tmp_path_factory):
    job = jobs_in(tmp_path_factory.mktemp("results"))("reconstruction")
    return _Done(job, *reconstruction.run(job))


def test_errors_and_strokes_are_those_of_the_signature(done):
    job, measures, source = done
    images = job.drawings().images
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
    shares = [measures[f"share_with_{n}_strokes"].value for n in range(3)]
    np.testing.assert_allclose(
        shares, np.bincount(counts.astype(int), minlength=3) / 12
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


def test_sharpness_compares_with_the_drawing(done):
    job, measures, _ = done
    images = job.drawings().images
    canvas = np.array(job.model.run("reconstruct", images=images)["canvas"])
    expected = reconstruction.steepness(canvas) / reconstruction.steepness(
        images
    )
    assert measures["sharpness"].value == pytest.approx(
        expected.mean(), rel=1e-5
    )


def test_an_empty_drawing_has_no_sharpness(make_job, monkeypatch):
    job = make_job("reconstruction")
    drawings = job.drawings()
    drawings.images[3] = 0.0
    monkeypatch.setattr(type(job), "drawings", lambda *_, **__: drawings)
    measures, _ = reconstruction.run(job)
    assert np.isfinite(measures["sharpness"].value)
    assert measures["sharpness"].num_images == len(drawings.images) - 1
    assert measures["num_strokes"].num_images == len(drawings.images)


def test_draws_the_drawings_with_the_largest_errors(make_job, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        figures, "sheet", lambda rows, *_: drawn.append(np.stack(rows))
    )
    monkeypatch.setattr(reconstruction, "_NUM_PICTURED", 4)
    job = make_job("reconstruction")
    reconstruction.run(job)
    images = job.drawings().images
    canvas = np.array(job.model.run("reconstruct", images=images)["canvas"])
    error = np.abs(canvas - images).mean((1, 2, 3))
    given, redrawn = drawn[0]
    errors = np.abs(redrawn - given).mean((1, 2, 3))
    np.testing.assert_allclose(errors, np.sort(error)[:-5:-1], rtol=1e-5)


def test_draws_the_reconstructions(done):
    with Image.open(done.job.figure("strokes")) as figure:
        assert figure.width > 3 * overlays.TILE


def test_strokes_are_drawn_where_the_model_puts_them(make_job):
    job = make_job("reconstruction")
    outputs = job.model.run("reconstruct", images=job.drawings().images)
    curves = reconstruction.lines(outputs)
    ends = np.array(outputs["control_points"])[:, :, [0, -1]]
    found = np.sort(curves[:, :, [0, -1]], axis=2)
    np.testing.assert_allclose(found, np.sort(ends, axis=2), atol=1e-5)


def test_codes_are_shown_by_their_frames():
    layout = np.zeros([2, 3, 4], np.float32)
    layout[..., 2] = 0.5
    found = reconstruction.lines({"layout": layout})
    np.testing.assert_allclose(found[1, 2, 0], [0.25, 0.25], atol=1e-6)
    np.testing.assert_allclose(found[1, 2, 2], [0.75, 0.75], atol=1e-6)


def test_errors_of_blank_canvas_and_median_image_are_measured(done):
    job, measures, _ = done
    images = job.drawings().images
    train = data.spread(data.read("mnist", "train", image_size=20), 10_000)
    median = np.median(train.images / 255.0, 0)
    for name, canvas in (("blank_canvas", 0.0), ("median_image", median)):
        error = np.abs(images - canvas).reshape(12, -1).mean(1)
        measure = measures[f"mean_absolute_error_of_{name}"]
        assert measure.value == pytest.approx(error.mean(), rel=1e-5)
        assert measure.num_images == 12


def test_strokes_by_class_are_means_of_each_class(done):
    job, measures, _ = done
    drawings = job.drawings()
    counts = np.array(
        job.model.run("reconstruct", images=drawings.images)["num_strokes"]
    )
    for label in np.unique(drawings.labels):
        own = counts[drawings.labels == label]
        measure = measures[f"num_strokes_of_class_{label}"]
        assert measure.value == pytest.approx(own.mean())
        assert measure.num_images == len(own)


@pytest.mark.parametrize(("num_classes", "count"), [(50, 2), (51, 0)])
def test_strokes_by_class_are_measured_of_at_most_50_classes(
    num_classes, count
):
    drawings = Drawings(
        np.zeros([3, 4, 4, 1], np.float32),
        np.array([7, 2, 7]),
        tuple(f"c{i}" for i in range(num_classes)),
        "none",
    )
    found = reconstruction.num_strokes_by_class(np.array([1, 2, 3]), drawings)
    assert len(found) == count
    if count:
        assert found["num_strokes_of_class_c2"] == Measure(2.0, 0.0, 1)
        assert found["num_strokes_of_class_c7"].value == 2.0


def test_a_refinement_lowers_the_error_and_keeps_the_strokes(done, make_job):
    plain = done.measures
    job = make_job(
        "reconstruction", explainer=Explainer("parser", "refined", 10, 0.01)
    )
    refined = reconstruction.run(job)[0]
    assert (
        refined["mean_absolute_error"].value
        < plain["mean_absolute_error"].value
    )
    assert refined["num_strokes"] == plain["num_strokes"]
    assert job.figure("strokes").exists()
    assert job.figure("orders").exists()
    assert job.figure("worst").exists()


def test_pictured_strokes_are_those_of_the_pictured_drawings(
    make_job, monkeypatch
):
    pictured = []

    def picture(images, canvases, *rest):
        pictured.append((images, canvases))

    monkeypatch.setattr(reconstruction.figures, "stroke_by_stroke", picture)
    job = make_job(
        "reconstruction", explainer=Explainer("parser", "refined", 5, 0.01)
    )
    reconstruction.run(job)
    [(images, canvases)] = pictured
    parser = parsers.build_center(job.model, job.explainer)
    found = parser.parse(images, seeds.Seed(job.seed)).rows((slice(None), 0))
    expected = endpoints.rendered(job.model, found)
    np.testing.assert_allclose(canvases[:, -1], expected, atol=1e-3)


def test_a_refinement_of_no_steps_is_the_reconstruction(done, make_job):
    plain = done.measures
    job = make_job(
        "reconstruction", explainer=Explainer("parser", "refined", 0, 0.01)
    )
    same = reconstruction.run(job)[0]
    for name in ("mean_absolute_error", "sharpness"):
        assert same[name].value == pytest.approx(plain[name].value, rel=1e-3)


def test_parses_of_an_interrupted_task_are_kept(done, make_job, monkeypatch):
    monkeypatch.setattr(reconstruction, "_IMAGES_A_PART", 5)
    job, whole = make_job("reconstruction"), done.measures
    build, asked = reconstruction.parsers.build_center, []

    class Interrupted:
        def __init__(self, *arguments):
            self.parser = build(*arguments)

        def parse(self, images, seed):
            if seed.first == 10 and not asked[2:]:
                asked.append("stop")
                raise KeyboardInterrupt
            asked.append((seed.first, len(images)))
            return self.parser.parse(images, seed)

    monkeypatch.setattr(reconstruction.parsers, "build_center", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        reconstruction.run(job)
    measures, _ = reconstruction.run(job)
    assert asked == [(0, 5), (5, 5), "stop", (10, 2)]
    for name, measure in measures.items():
        assert measure.value == pytest.approx(whole[name].value, rel=1e-4)
