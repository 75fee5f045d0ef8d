"""Tests of reading Arrow-like scenes."""

import numpy as np
import pytest

from tfdood import data
from tfdood.data import arrow_scenes, datasets


def read(split, **where):
    return data.read_scenes(datasets.ARROWS, split, image_size=64, **where)


def test_the_sample_obeys_the_rule():
    for split in datasets.SPLITS:
        scenes = read(split)
        assert scenes.is_sample
        assert scenes.images.shape[1:] == (64, 64, 3)
        assert scenes.images.dtype == np.uint8
        assert (scenes.labels[:, 3] == 3).all()
        for solids, kind in zip(
            scenes.labels[:, :3], scenes.kinds, strict=True
        ):
            values, counts = np.unique(solids, return_counts=True)
            assert sorted(counts) == [1, 2]
            assert values[counts.argmin()] == kind


def test_boxes_hold_what_differs_from_the_floor():
    scenes = read("test")
    images = scenes.images.astype(float)
    differs = np.abs(images - np.median(images, 0)).max(-1) > 30.0
    places = (np.arange(64) + 0.5) / 64
    left, top, right, bottom = np.moveaxis(scenes.boxes, -1, 0)[..., np.newaxis]
    columns = (places > left) & (places < right)
    rows = (places > top) & (places < bottom)
    inside = (rows[..., :, np.newaxis] & columns[..., np.newaxis, :]).any(1)
    assert inside[differs].mean() > 0.6
    assert inside[:, :, ::-1][differs].mean() < 0.4


def test_validation_scenes_are_not_trained_on():
    train, validation = read("train"), read("validation")
    seen = {image.tobytes() for image in train.images}
    assert len(validation.images) == (len(seen) + len(validation.images)) // 10
    assert not seen & {image.tobytes() for image in validation.images}


def test_images_are_resized_channel_by_channel():
    large = read("test").images
    small = data.read(datasets.ARROWS, "test", image_size=32).images
    means = large.reshape(-1, 32, 2, 32, 2, 3).mean((2, 4))
    assert abs(small - means).mean() < 6.0


def test_a_file_in_the_data_folder_comes_first(tmp_path):
    sample = dict(np.load(arrow_scenes._SAMPLE))
    np.savez(tmp_path / arrow_scenes.FILE, **sample)
    found = read("test", data_dir=str(tmp_path))
    assert not found.is_sample
    np.testing.assert_array_equal(found.images, sample["test_images"])


def test_a_folder_without_the_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="tools.arrow_like"):
        read("test", data_dir=str(tmp_path))


def test_a_file_without_an_array_is_refused(tmp_path):
    np.savez(tmp_path / arrow_scenes.FILE, test_images=np.zeros([1]))
    with pytest.raises(ValueError, match="must hold the arrays"):
        read("test", data_dir=str(tmp_path))
