import io
import zipfile

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

from tfdood import data
from tfdood.data.builders import omniglot_oneshot


def _png(ink):
    """A published image: black ink (a 0) in pixel `ink` of white paper."""
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


def test_reads_the_published_layout(tmp_path):
    rng = np.random.default_rng(0)
    answers = np.stack([rng.permutation(20) for _ in range(3)])
    (tmp_path / "manual").mkdir()
    _write_runs(tmp_path / "manual" / "all_runs.zip", answers)
    builder = omniglot_oneshot.OmniglotOneshot(data_dir=str(tmp_path))
    config = tfds.download.DownloadConfig(manual_dir=tmp_path / "manual")
    builder.download_and_prepare(download_config=config)
    runs = data.read_oneshot(image_size=105, data_dir=str(tmp_path))
    np.testing.assert_array_equal(runs.answers, answers)
    for images, first in ((runs.support, 0), (runs.query, 2_000)):
        flat = images.reshape(3, 20, -1)
        np.testing.assert_array_equal(flat.sum(-1, dtype=int), 255)
        expected = first + 100 * np.arange(1, 4)[:, np.newaxis]
        np.testing.assert_array_equal(flat.argmax(-1), expected + np.arange(20))
    assert "omniglot_oneshot/1.0.0 (3 test)" in runs.source
