import io
import zipfile

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from tfdood import data
from tfdood.data.builders import omniglot_oneshot


def _png(ink):
    """A published image: one black pixel (0), number `ink`, on white."""
    image = np.full((105, 105), 255, np.uint8)
    image.flat[ink] = 0
    buffer = io.BytesIO()
    Image.fromarray(image).convert("1").save(buffer, "png")
    return buffer.getvalue()


def _write_runs(path, answers):
    with zipfile.ZipFile(path, "w") as archive:
        for run, row in enumerate(answers, start=1):
            folder = f"run{run:02d}"
            lines = []
            for k, answer in enumerate(row):
                query = f"{folder}/test/item{k + 1:02d}.png"
                support = f"{folder}/training/class{answer + 1:02d}.png"
                lines.append(f"{query} {support}\n")
                archive.writestr(query, _png(2_000 + 100 * run + k))
                archive.writestr(support, _png(100 * run + answer))
            archive.writestr(f"{folder}/class_labels.txt", "".join(lines))


def _prepare(folder):
    builder = omniglot_oneshot.OmniglotOneshot(data_dir=str(folder))
    config = tfds.download.DownloadConfig(manual_dir=folder / "manual")
    builder.download_and_prepare(download_config=config)


@pytest.mark.parametrize("damage", ["short", "no image", "flipped bits"])
def test_damaged_archives_are_named(tmp_path, damage):
    (tmp_path / "manual").mkdir()
    path = tmp_path / "manual" / "all_runs.zip"
    labels = "run01/class_labels.txt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(labels, "run01/a.png run01/b.png")
    contents = bytearray(path.read_bytes())
    if damage == "short":
        path.write_bytes(contents[:20])
    elif damage == "flipped bits":
        contents[contents.find(labels.encode()) + len(labels)] ^= 255
        path.write_bytes(contents)
    with pytest.raises(ValueError, match="all_runs.zip is not a readable arch"):
        _prepare(tmp_path)


def test_published_archive_is_read(tmp_path):
    rng = np.random.default_rng(0)
    answers = np.stack([rng.permutation(20) for _ in range(3)])
    (tmp_path / "manual").mkdir()
    _write_runs(tmp_path / "manual" / "all_runs.zip", answers)
    _prepare(tmp_path)
    runs = data.read_oneshot(image_size=105, data_dir=str(tmp_path))
    np.testing.assert_array_equal(runs.answers, answers)
    for images, first in ((runs.support, 0), (runs.query, 2_000)):
        flat = images.reshape(3, 20, -1)
        np.testing.assert_array_equal(flat.sum(-1, dtype=int), 255)
        expected = first + 100 * np.arange(1, 4)[:, np.newaxis]
        np.testing.assert_array_equal(flat.argmax(-1), expected + np.arange(20))
    assert "omniglot_oneshot/1.0.0 (3 test)" in runs.source


def test_run_is_read_from_its_labels(tmp_path):
    # Class 10 comes after class 9: support images are sorted by their names.
    path = tmp_path / "all_runs.zip"
    answers = np.array([[2, 0, 9, 1, 8, 3, 7, 4, 6, 5]])
    _write_runs(path, answers)
    with zipfile.ZipFile(path) as archive:
        run = omniglot_oneshot.read_run(archive, "run01/class_labels.txt")
    assert run["run"] == 1
    np.testing.assert_array_equal(run["answers"], answers[0])
    assert run["support"].shape == run["query"].shape == (10, 105, 105, 1)
    assert run["support"].dtype == np.uint8
    pixels = run["support"].reshape(10, -1).argmax(-1)
    np.testing.assert_array_equal(pixels, 100 + np.arange(10))


def test_blank_lines_of_labels_are_ignored(tmp_path):
    with zipfile.ZipFile(tmp_path / "runs.zip", "w") as archive:
        archive.writestr("run07/a.png", _png(5))
        archive.writestr("run07/b.png", _png(6))
        archive.writestr(
            "run07/class_labels.txt", "\nrun07/a.png run07/b.png\n\n"
        )
    with zipfile.ZipFile(tmp_path / "runs.zip") as archive:
        run = omniglot_oneshot.read_run(archive, "run07/class_labels.txt")
    assert run["run"] == 7
    np.testing.assert_array_equal(run["answers"], [0])
    assert run["query"].argmax() == 5
    assert run["support"].argmax() == 6


def test_features_keep_a_run():
    features = omniglot_oneshot.features(num_characters=3, shape=(5, 4))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 3, 5, 4, 1), dtype=np.uint8)
    run = {"run": 2, "support": images[0], "query": images[1]}
    run["answers"] = np.array([2, 0, 1])
    stored = tfds.as_numpy(
        features.deserialize_example(
            features.serialize_example(features.encode_example(run))
        )
    )
    for key, value in run.items():
        np.testing.assert_array_equal(stored[key], value)
