import dataclasses
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import data
from tfdood.saved import runs
from tfdood.settings import presets
from train import agreement, strategies

CONFIG = presets.get("dood", "quickdraw")


class _Model:
    """Has two weights."""

    def __init__(self, second):
        self.variables = [keras.Variable([1.0, 2.0]), keras.Variable(second)]


def _with_dataset(dataset, **others):
    training = dataclasses.replace(CONFIG.training, dataset=dataset, **others)
    return dataclasses.replace(CONFIG, training=training)


def _state(**changes):
    images = np.arange(50, dtype=np.uint8).reshape([2, 5, 5, 1])
    state = {
        "config": CONFIG,
        "step": 3,
        "model": _Model(3.0),
        "drawings": data.DrawingSet(
            images,
            np.array([0, 1]),
            ("a", "b"),
            "drawings of a test",
            is_sample=False,
        ),
    }
    return state | changes


def _drawings(**changes):
    return _state()["drawings"]._replace(**changes)


def test_equal_states_have_equal_digests():
    assert agreement.digests(**_state()) == agreement.digests(**_state())


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"config": _with_dataset("quickdraw", seed=7)}, "settings"),
        ({"step": 4}, "finished steps"),
        ({"model": _Model(3.1)}, "weights"),
        (
            {"drawings": _drawings(images=np.zeros([2, 5, 5, 1], np.uint8))},
            "drawings",
        ),
        ({"drawings": _drawings(labels=np.array([1, 0]))}, "drawings"),
        ({"drawings": _drawings(strokes=(np.ones(2),))}, "drawings"),
    ],
)
def test_each_difference_has_its_name(changes, name):
    ours = agreement.digests(**_state())
    others = agreement.digests(**_state(**changes))
    assert [key for key in ours if ours[key] != others[key]] == [name]


def test_a_folder_may_lie_elsewhere():
    here, there = (
        agreement.digests(**_state(config=_with_dataset(f"folder:/{x}/cats")))
        for x in "ab"
    )
    assert here == there


def test_one_device_has_nothing_to_compare():
    agreement.check(strategies.make("none"), **_state())


def test_a_cluster_of_one_agrees(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    agreement.check(strategies.make("multiworker"), **_state())


def test_workers_that_differ_are_one_sentence():
    rows = [list(agreement.digests(**_state(step=s)).values()) for s in (3, 0)]
    strategy = types.SimpleNamespace(
        cluster_resolver=True,
        run=lambda function, args: function(*args),
        gather=lambda values, axis: tf.concat(
            [values, tf.constant(rows[1:], tf.int64)], axis
        ),
    )
    with pytest.raises(
        runs.RunError, match="^The workers differ in their finished steps. "
    ):
        agreement.check(strategy, **_state())
