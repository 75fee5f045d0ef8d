import math

import pytest
import tensorflow as tf

from tfdood.saved import runs
from train import metrics


def _interval(*elbos, start=1):
    interval = metrics.Interval()
    for step, elbo in enumerate(elbos, start):
        interval.add(
            step, {"elbo": tf.constant(elbo), "half": tf.constant(0.5)}
        )
    return interval


def test_pop_mean_is_exact_and_starts_a_new_interval():
    # In float32, one after the other, the ones would be lost.
    interval = _interval(2.0**30, 1.0, 1.0, -(2.0**30))
    assert interval.pop_mean() == {"elbo": 0.5, "half": 0.5}
    interval.add(5, {"elbo": tf.constant(7.0), "half": tf.constant(0.5)})
    assert interval.pop_mean()["elbo"] == 7.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("use", ["check", "pop_mean", "serialize"])
def test_error_names_the_first_value_that_is_not_finite(value, use):
    interval = _interval(1.0, value, math.nan, start=8)
    with pytest.raises(
        metrics.NonFiniteError, match=f"elbo is {value} at step 9; .*run_dir"
    ):
        getattr(interval, use)()


def test_non_finite_error_is_a_run_error():
    assert issubclass(metrics.NonFiniteError, runs.RunError)


def test_a_checkpoint_restores_an_interval_exactly(tmp_path):
    elbos = [0.1, 1 / 3, -1e30, 1e-30]
    interval = _interval(*elbos, start=97)
    path = tf.train.Checkpoint(interval=interval).write(str(tmp_path / "saved"))
    restored = _interval(5.0)
    tf.train.Checkpoint(interval=restored).read(path).assert_consumed()
    for each in (interval, restored):
        each.add(101, {"elbo": tf.constant(2.0), "half": tf.constant(0.5)})
    # The same route, repeated: exact.
    assert restored.pop_mean() == interval.pop_mean()


def test_a_checkpoint_restores_an_empty_interval(tmp_path):
    path = tf.train.Checkpoint(interval=_interval()).write(str(tmp_path / "s"))
    restored = _interval(5.0)
    tf.train.Checkpoint(interval=restored).read(path).assert_consumed()
    restored.add(2, {"elbo": tf.constant(3.0)})
    assert restored.pop_mean() == {"elbo": 3.0}


def test_finite_returns_python_floats():
    values = metrics.finite({"a": tf.constant(1.5), "b": 2}, step=1)
    assert values == {"a": 1.5, "b": 2.0}
    assert {type(value) for value in values.values()} == {float}
