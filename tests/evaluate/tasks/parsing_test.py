"""The task, on drawings whose strokes are known."""

import numpy as np
import pytest
from PIL import Image

from tests.evaluate import pen_drawings
from tfdood.evaluate.records import values
from tfdood.evaluate.tasks import parsing
from tfdood.parsing import seeds


def test_means_are_of_both_kinds_and_of_drawings_with_a_value():
    found = parsing.summaries(
        {"order": np.array([1.0, np.nan, -0.5, 0.0])},
        np.array([True, True, False, False]),
    )
    values = {name: (m.value, m.num_images) for name, m in found.items()}
    assert values == {
        "order": (pytest.approx(0.5 / 3), 3),
        "order_recorded": (1.0, 1),
        "order_recovered": (-0.25, 2),
    }
    exact = np.array([True, True])
    alone = parsing.summaries({"f_score": np.array([0.5, 1.0])}, exact)
    assert list(alone) == ["f_score", "f_score_recorded"]
    assert not parsing.summaries({"order": np.array([np.nan] * 2)}, exact)


def test_the_task_measures_and_draws(make_job, tmp_path):
    pen_drawings.write(tmp_path, num_classes=6, num_drawers=4)
    job = make_job(
        "parsing",
        dataset="omniglot",
        data_dir=str(tmp_path),
        num_particles=1,
    )
    measures, source = parsing.run(job)
    assert "12 of 24 drawings" in source
    value = {name: measure.value for name, measure in measures.items()}
    kept = values.read(job.folder, job.key())["f_score"]
    assert kept.shape == (12,)
    assert kept.mean() == pytest.approx(value["f_score"], rel=1e-5)
    assert 0.0 <= value["f_score"] < value["f_score_by_beziers"]
    assert value["chamfer_distance"] > value["chamfer_distance_by_beziers"]
    assert 0.0 < value["pixel_error"] < 1.0
    assert 0.0 < value["num_strokes"] <= job.model.config.model.num_strokes
    for name in ("f_score", "pixel_error", "num_strokes", "f_score_by_line"):
        both = [measures[name + kind] for kind in ("_recorded", "_recovered")]
        assert sum(one.num_images for one in both) == 12
        assert value[name] == pytest.approx(
            sum(one.value * one.num_images for one in both) / 12
        )
    with Image.open(job.figure("orders")) as figure:
        assert figure.height > 6 * 150  # two blocks of three rows


def test_strokes_are_inferred_in_parts_and_kept(make_job, monkeypatch):
    job = make_job("parsing")
    images = job.drawings(5).images
    parser = parsing.parsers.build(job.model, 1, 2)
    lines, errors = parsing._inferred(job, parser, images)
    job.forget_parts()
    monkeypatch.setattr(parsing, "_IMAGES_A_PART", 2)
    for _ in range(2):
        in_parts, errors_of_parts = parsing._inferred(job, parser, images)
        np.testing.assert_allclose(errors_of_parts, errors, rtol=1e-4)
        for own, expected in zip(in_parts, lines, strict=True):
            np.testing.assert_allclose(own, expected, atol=1e-4)
        parser = None  # The second time, all parts are read.


def test_pixel_error_is_that_of_the_drawing_that_is_rendered(make_job):
    job = make_job("parsing")
    images = job.drawings(3).images
    outputs = job.model.run("reconstruct", images=images)
    center = parsing.parsers.build_center(job.model)
    parses = center.parse(images, seeds.Seed(0)).rows((slice(None), 0))
    np.testing.assert_allclose(
        parsing._pixel_errors(job, parses, images),
        np.abs(outputs["canvas"] - images).mean((1, 2, 3)),
        rtol=1e-4,
    )


def test_other_datasets_and_missing_strokes_are_refused(make_job, tmp_path):
    with pytest.raises(ValueError, match="--dataset=omniglot"):
        parsing.run(make_job("parsing"))
    for dataset in ("omniglot", "omniglot_strokes"):
        job = make_job("parsing", dataset=dataset, data_dir=str(tmp_path))
        with pytest.raises(FileNotFoundError, match="pen strokes"):
            parsing.run(job)
