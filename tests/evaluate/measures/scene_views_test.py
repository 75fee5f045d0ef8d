import numpy as np
import pytest

from tests.evaluate import seeing_models
from tfdood.evaluate.measures import detection, scene_views


@pytest.fixture(scope="module")
def model():
    return seeing_models.SeeingModel("mnist_4", margin=0.0)


def test_boxes_of_real_scenes_hold_all_ink_and_scenes_four_digits(
    make_job, model
):
    job = make_job("detection", dataset="mnist_4", model=model, num_images=12)
    scenes = scene_views.read(job)
    assert scenes.images.shape == (12, 64, 64, 1)
    assert 0.0 <= scenes.images.min() < 0.1 < 0.9 < scenes.images.max() <= 1.0
    np.testing.assert_array_equal(scenes.objects.is_there.sum(-1), 4)
    np.testing.assert_array_equal(
        scenes.objects.is_there, (scenes.labels >= 0) & (scenes.labels <= 9)
    )
    # The boxes are those of 128 x 128, up to a pixel on each side.
    centres, pixel = (np.arange(64) + 0.5) / 64, 1.0 / 64
    for image, boxes, is_there in zip(
        scenes.images, *scenes.objects, strict=True
    ):
        x0, y0, x1, y1 = boxes[is_there].T[..., np.newaxis]
        across = (centres > x0 - pixel) & (centres < x1 + pixel)
        down = (centres > y0 - pixel) & (centres < y1 + pixel)
        inside = np.any(down[:, :, np.newaxis] & across[:, np.newaxis], 0)
        assert image[~inside].max() < 0.1
        assert image[inside].mean() > 0.1


def test_another_split_has_other_scenes(make_job, model):
    job = make_job("detection", dataset="mnist_4", model=model, num_images=5)
    first, same = scene_views.read(job), scene_views.read(job, job.split)
    np.testing.assert_array_equal(first.images, same.images)
    other = scene_views.read(job, "train")
    assert np.abs(first.images - other.images).max() > 0.5


def test_no_scenes_where_the_dataset_has_drawings(make_job, model):
    job = make_job("detection", dataset="omniglot", model=model)
    with pytest.raises(ValueError, match="dataset=omniglot; choose from"):
        scene_views.read(job)


def test_a_view_has_what_the_model_finds(make_job, model):
    job = make_job("detection", dataset="mnist_4", model=model, num_images=6)
    scenes = scene_views.read(job)
    view = scene_views.view(job, scenes.images)
    np.testing.assert_array_equal(view.canvas, scenes.images)
    assert view.what.shape[:2] == view.boxes.scores.shape
    measures = detection.measure(view.boxes, scenes.objects)
    assert measures["average_precision_50"].value == pytest.approx(1.0)


@pytest.mark.parametrize("has_boxes", [False, True])
def test_only_models_with_the_signature_see_objects(make_job, has_boxes):
    other = seeing_models.SeeingModel("mnist_4", count=1, has_boxes=has_boxes)
    job = make_job("detection", dataset="mnist_4", model=other)
    assert scene_views.sees_objects(job) == has_boxes


def test_only_present_objects_keep_their_score():
    scores = np.array([[0.2, 0.5, 0.51, 0.9]])
    boxes = detection.Boxes(np.zeros([1, 4, 4]), scores)
    found = scene_views.present(boxes)
    np.testing.assert_array_equal(found.scores, [[0.0, 0.0, 0.51, 0.9]])
    np.testing.assert_array_equal(found.boxes, boxes.boxes)
