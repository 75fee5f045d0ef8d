import numpy as np
import pytest
from PIL import Image

from tests.evaluate import seeing_models
from tfdood.evaluate.measures import scene_views
from tfdood.evaluate.tasks import detection


def test_a_model_that_sees_all_objects(make_job):
    model = seeing_models.SeeingModel("mnist_10")
    job = make_job("detection", dataset="mnist_10", model=model, num_images=30)
    measures, source = detection.run(job)
    values = {name: measure.value for name, measure in measures.items()}
    # At 64 x 64, tight boxes are those of 128 x 128 up to a pixel on each side.
    assert values["average_precision_50_of_tightened_boxes"] > 0.9
    assert values["average_precision_50"] > 0.9
    assert values["average_precision"] < values["average_precision_50"]
    assert 0.7 < values["average_precision_50_of_connected_ink"] < 1.0
    assert values["average_precision_50_of_equal_cells"] < 0.2
    assert values["share_with_right_count"] == 1.0
    assert values["share_of_matched_digits"] > 0.95
    assert values["digit_accuracy"] > 0.95
    for name in ("classifier", "reconstructions"):
        assert values[f"digit_accuracy_of_{name}"] > 0.95
    assert 0.5 < values["digit_accuracy_of_pixels"] < 0.95
    assert values["digit_accuracy_of_majority_class"] < 0.2
    assert "scenes mnist_10 of the embedded sample" in source
    for name in ("share_of_matched_digits", "digit_accuracy_of_pixels"):
        assert measures[name].num_images == 30
    assert job.figure("boxes").exists()


def test_errors_of_digits_are_over_scenes():
    # All digits of a scene are right, or all are wrong.
    rows = np.ones([10, 5], bool)
    is_right = np.repeat(np.arange(10) < 6, 5)
    measure = detection._accuracy(rows, is_right)
    assert measure.value == pytest.approx(0.6)
    assert measure.standard_error == pytest.approx(np.sqrt(0.24 / 9))
    assert measure.num_images == 10


def test_larger_boxes_are_worse_until_they_are_tightened(make_job):
    model = seeing_models.SeeingModel("mnist_4", margin=0.05)
    job = make_job("detection", dataset="mnist_4", model=model, num_images=60)
    measures, _ = detection.run(job)
    tight = measures["average_precision_50_of_tightened_boxes"].value
    assert measures["average_precision_50"].value < 0.5
    assert tight > 0.9
    assert measures["share_with_right_count"].value == 1.0


def test_digits_are_left_out_if_no_object_is_matched(make_job, monkeypatch):
    model = seeing_models.SeeingModel("mnist_4", count=12)
    monkeypatch.setattr(scene_views, "IS_PRESENT", 0.95)
    job = make_job("detection", dataset="mnist_4", model=model)
    measures, _ = detection.run(job)
    assert measures["share_of_matched_digits"].value == 0.0
    assert measures["share_with_right_count"].value == 0.0
    assert not any(name.startswith("digit_accuracy") for name in measures)


def test_digits_of_matched_boxes_are_those_of_their_objects(make_job):
    model = seeing_models.SeeingModel("mnist_4_10", count=20)
    job = make_job("detection", dataset="mnist_4_10", model=model)
    scenes = scene_views.read(job)
    seen = scene_views.view(job, scenes.images)
    rows, labels = detection._matched(scenes, seen)
    np.testing.assert_array_equal(seen.what[rows].argmax(-1), labels)


def test_solids_have_boxes_but_neither_ink_nor_digits(make_job):
    model = seeing_models.SeeingModel("arrow_like", margin=0.0, count=8)
    job = make_job("detection", dataset="arrow_like", model=model, num_images=8)
    measures, source = detection.run(job)
    assert measures["average_precision"].value == pytest.approx(1.0)
    assert measures["average_precision_50_of_equal_cells"].value < 0.5
    assert measures["share_with_right_count"].value == 1.0
    assert not any("ink" in name or "digit" in name for name in measures)
    assert "sample of Arrow-like scenes" in source
    with Image.open(job.figure("boxes")) as figure:
        channels = np.asarray(figure).astype(int)
    assert np.ptp(channels, axis=-1).max() > 50  # There are colours.


def test_drawings_are_refused(make_job):
    with pytest.raises(ValueError, match="got dataset=mnist; choose from mnis"):
        detection.run(make_job("detection", dataset="mnist"))


def test_models_without_objects_are_refused(make_job):
    with pytest.raises(ValueError, match="tiny finds no objects"):
        detection.run(make_job("detection", dataset="mnist_4"))
