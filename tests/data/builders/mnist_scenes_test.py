import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood import data
from tfdood.data import datasets, scenes
from tfdood.data.builders import mnist_scenes


@pytest.fixture(autouse=True)
def _few(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    counts = dict.fromkeys(datasets.SPLITS, 30)
    monkeypatch.setattr(scenes, "NUM_SCENES", counts)  # 3 of the sample


def test_writes_the_scenes_that_are_read():
    builder = mnist_scenes.MnistScenes(config="mnist_4_10")
    builder.download_and_prepare()
    for split in datasets.SPLITS:
        made = data.read_scenes("mnist_4_10", split, image_size=128)
        written = list(tfds.as_numpy(builder.as_dataset(split=split)))
        assert len(written) == len(made.images) == 3
        rows = {image.tobytes(): r for r, image in enumerate(made.images)}
        for example in written:
            row = rows.pop(example["image"].tobytes())
            is_there = made.labels[row] != scenes.NO_OBJECT
            assert example["kind"] == made.kinds[row]
            np.testing.assert_array_equal(
                example["objects"]["label"], made.labels[row][is_there]
            )
            np.testing.assert_allclose(
                example["objects"]["bbox"],
                made.boxes[row][is_there][:, [1, 0, 3, 2]],
                rtol=1e-6,
            )


def test_there_is_a_config_for_each_dataset():
    names = [config.name for config in mnist_scenes.MnistScenes.BUILDER_CONFIGS]
    assert names == list(data.SCENES)
