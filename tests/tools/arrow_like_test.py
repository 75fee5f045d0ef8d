"""Tests of the command that renders Arrow-like scenes."""

import builtins

import numpy as np
import pytest
from absl import flags

from tfdood.data import arrow_scenes as data_scenes
from tools import arrow_like, arrow_scenes

SCENE = arrow_scenes.sample(np.random.default_rng(0))


def parsed(*arguments):
    values = flags.FlagValues()
    arrow_like.define(values)
    values(["arrow_like", *arguments])
    return values


def test_a_folder_is_needed():
    with pytest.raises(ValueError, match="--out=DIR"):
        arrow_like.main(parsed())


def test_without_mitsuba_the_error_says_how_to_install_it(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "mitsuba":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    arrow_like._mitsuba.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ValueError, match="pip install"):
        arrow_like.render(SCENE, 16, 0)


def test_objects_are_where_their_boxes_are():
    pytest.importorskip("mitsuba", reason="Mitsuba is not installed.")
    arrow_like._mitsuba.cache_clear()
    scene = SCENE._replace(colours=np.full(4, 7), material=0)  # All yellow.
    image = arrow_like.render(scene, 32, 0).astype(float)
    is_yellow = image[..., 0] - image[..., 2] > 60.0
    centres = (np.arange(32) + 0.5) / 32.0
    inside = np.zeros([32, 32], bool)
    for left, top, right, bottom in arrow_scenes.boxes(scene):
        columns = (centres > left - 0.03) & (centres < right + 0.03)
        rows = (centres > top - 0.03) & (centres < bottom + 0.03)
        box = np.outer(rows, columns)
        assert is_yellow[box].mean() > 0.3
        inside |= box
    assert not is_yellow[~inside].any()


def test_the_command_writes_both_parts(tmp_path):
    pytest.importorskip("mitsuba", reason="Mitsuba is not installed.")
    arguments = ("--num_train=3", "--num_test=2", "--image_size=16")
    arrow_like.main(parsed(f"--out={tmp_path}", *arguments))
    with np.load(tmp_path / arrow_like.FILE) as arrays:
        assert arrays["train_images"].shape == (3, 16, 16, 3)
        assert arrays["test_boxes"].shape == (2, 4, 4)
        for number, part in enumerate(("train", "test")):
            scene = arrow_scenes.sample(np.random.default_rng([number, 0]))
            first = arrow_like.render(scene, 16, number * 1_000_000)
            np.testing.assert_array_equal(arrays[f"{part}_images"][0], first)


def test_files_are_read_as_they_are_written():
    assert arrow_like.FILE == data_scenes.FILE
    assert arrow_scenes.SHAPES == data_scenes.SHAPES
