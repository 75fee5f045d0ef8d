import collections
import contextlib
import json
import math
import re
import shutil
import time
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfdood import data
from tfdood.models import base, explaining
from tfdood.settings import presets, text
from tfdood.types import Drawing, Pen, Strokes
from train import metrics, reports, run_folder

_CONFIG = text.override(
    presets.get("dood", "mnist"),
    [
        "training.batch_size=10",
        "training.num_evaluation_images=3",
        "training.num_evaluation_particles=7",
        "training.seed=42",
    ],
)


class _Painting(NamedTuple):
    """What a model without strokes draws."""

    canvas: tf.Tensor


class _Trainer:
    """A trainer, its model and its learner; notes what it is asked for."""

    headline = ("elbo", "num_parts")

    def __init__(self, has_strokes=True):
        self.model = self.learner = self
        self.has_strokes = has_strokes
        self.asked = []
        self.elbo = -5.0

    figures = explaining.ExplainingModel.figures

    def evaluate(self, batch, num_particles, seed):
        images = batch.images
        self.asked.append((images.numpy(), num_particles, seed.numpy()))
        brightness = tf.reduce_sum(tf.reduce_mean(images, [1, 2, 3])) * 255.0
        count = tf.constant(float(len(images)))
        return {
            "elbo": base.Ratio(tf.constant(self.elbo), tf.constant(1.0)),
            "brightness": base.Ratio(brightness, count),
        }

    def reconstruct(self, images):
        return self._draw([images.shape[0]])

    def generate(self, num_drawings, seed):
        self.asked.append(seed.numpy())
        return self._draw([num_drawings])

    def _draw(self, batch):
        if not self.has_strokes:
            return _Painting(tf.zeros([*batch, 50, 50, 1]))
        ones = tf.ones([*batch, 2])
        strokes = Strokes(
            ones, tf.zeros([*batch, 2, 4]), tf.zeros([*batch, 2, 5, 2])
        )
        pen = Pen(ones, ones, tf.ones(batch))
        return Drawing(strokes, pen, tf.zeros([*batch, 2, 50, 50, 1]))


class _Bar:
    """A progress bar that only notes what it is to show."""

    def set_postfix(self, shown, refresh):
        del refresh
        self.shown = shown


class _FullDisk:
    """A writer of summaries that finds no room for them."""

    @contextlib.contextmanager
    def as_default(self, step):
        del step
        yield
        message = "No space left\n\tCould not flush events file. [Op:Flush]"
        raise tf.errors.ResourceExhaustedError(None, None, message)


@pytest.fixture
def folder(tmp_path):
    # Braces have no meaning in a path.
    with run_folder.RunFolder(tmp_path / "run {1}", _CONFIG) as folder:
        yield folder


@pytest.fixture
def trainer():
    return _Trainer()


@pytest.fixture
def make_report(folder, trainer):
    rows = np.arange(9, dtype=np.uint8)
    images = np.tile(rows.reshape(9, 1, 1, 1), (1, 50, 50, 1))
    validation = data.DrawingSet(
        images, rows.astype(np.int64), (), "test", is_sample=True
    )

    def make(*changes):
        config = text.override(_CONFIG, changes)
        return reports.Reports(config, folder, validation, trainer)

    return make


@pytest.fixture
def report(make_report):
    return make_report()


def _records(folder):
    lines = (folder.path / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def _events(folder, report):
    """What TensorBoard reads: `{name: {step: value}}`."""
    report._writer.flush()
    found = collections.defaultdict(dict)
    for path in folder.events.iterdir():
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                array = tf.make_ndarray(value.tensor)
                found[value.tag][event.step] = array
    return found


def test_log_writes_record_and_tensorboard_and_progress_bar(folder, report):
    bar = _Bar()
    report.log(50, {"elbo": -123.4, "num_parts": 2.256, "error": 0.25}, bar)
    assert _records(folder) == [
        {"step": 50, "elbo": -123.4, "num_parts": 2.256, "error": 0.25}
    ]
    assert bar.shown == {"elbo": "-123.4", "num_parts": "2.256"}
    events = _events(folder, report)
    assert events["train/error"][50] == 0.25
    assert "train/images_per_second" not in events


def test_speed_excludes_the_time_of_evaluations(folder, report, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    bar, values = _Bar(), {"elbo": 0.0, "num_parts": 1.0}
    report.log(5, values, bar)
    clock[0] += 2.0  # 10 steps of 10 images
    report.log(15, values, bar)
    assert bar.shown["images/s"] == "50"
    clock[0] += 1000.0
    report.evaluate(15)
    clock[0] += 4.0
    report.log(25, values, bar)
    speeds = _events(folder, report)["train/images_per_second"]
    assert speeds == {15: 50.0, 25: 25.0}


def test_evaluates_images_at_even_distances(folder, report, trainer):
    report.evaluate(20)
    images, num_particles, _ = trainer.asked[0]
    np.testing.assert_allclose(images[:, 0, 0, 0] * 255.0, [0, 4, 8], atol=1e-4)
    assert num_particles == 7
    expected = {"validation/elbo": -5.0, "validation/brightness": 4.0}
    (record,) = _records(folder)
    assert record == pytest.approx({"step": 20, **expected}, rel=1e-5)
    assert _events(folder, report)["validation/elbo"] == {20: -5.0}


@pytest.mark.parametrize(("most", "size"), [(14, 50), (14, 28), (56, 100)])
def test_evaluation_limits_the_rows_and_pixels_of_a_chunk(
    folder, make_report, monkeypatch, trainer, most, size
):
    monkeypatch.setattr(reports, "_ROWS_A_CHUNK", most)
    report = make_report(f"model.image_size={size}")
    report.evaluate(20)
    first, second = trainer.asked[:2]
    assert [len(first[0]), len(second[0])] == [2, 1]
    assert first[2].tolist() != second[2].tolist()
    brightness = _records(folder)[0]["validation/brightness"]
    assert brightness == pytest.approx(4.0, rel=1e-5)


def test_every_evaluation_has_the_same_seeds(report, trainer):
    report.evaluate(10)
    report.evaluate(20)
    first, second = trainer.asked[:2], trainer.asked[2:]
    assert first[0][2].tolist() == second[0][2].tolist()
    assert first[1].tolist() == second[1].tolist() == [42, 2]


@pytest.mark.parametrize("has_strokes", [True, False])
def test_evaluation_writes_figures_named_by_step(
    folder, report, trainer, has_strokes
):
    trainer.has_strokes = has_strokes
    report.evaluate(20)
    names = {"reconstructions", "samples"}
    events = _events(folder, report)
    for name in names:
        with Image.open(folder.figures / f"{name}_0000020.png") as figure:
            size = figure.size
        width, height, png = events[name][20][:3]
        assert (int(width), int(height)) == size
        assert png.startswith(b"\x89PNG")
    assert len(list(folder.figures.iterdir())) == 2


@pytest.mark.parametrize("elbo", [math.nan, math.inf])
def test_failed_evaluation_writes_no_record(folder, report, trainer, elbo):
    trainer.elbo = elbo
    with pytest.raises(
        metrics.NonFiniteError, match=f"validation/elbo is {elbo} at step 20"
    ):
        report.evaluate(20)
    assert not (folder.path / "metrics.jsonl").exists()
    assert not list(folder.figures.iterdir())


def test_error_of_tensorboard_writer_is_one_sentence(
    folder, report, monkeypatch
):
    events = re.escape(str(folder.events))
    message = f"Cannot write to {events}: .*[^]]\\. Make it writable"
    with monkeypatch.context() as patch:
        patch.setattr(report, "_writer", _FullDisk())
        with pytest.raises(OSError, match=message):
            report.log(1, {"elbo": 1.0, "num_parts": 2.0}, _Bar())
        with pytest.raises(OSError, match=message):
            report.evaluate(1)
    shutil.rmtree(folder.events)
    folder.events.touch()
    with pytest.raises(OSError, match=message):
        reports.Reports(_CONFIG, folder, None, None)
