import pytest
import tensorflow as tf

from tfdood.saved import runs
from tfdood.settings import presets
from train import best, run_folder

_CONFIG = presets.get("gns", "omniglot_strokes")


@pytest.fixture
def folder(tmp_path):
    with run_folder.RunFolder(tmp_path, _CONFIG) as folder:
        folder.keep_metrics(0)
        yield folder


def _evaluate(kept, folder, weight, step, nats):
    weight.assign(step)
    values = {"validation/drawing": float(nats)}
    folder.write_metrics(step, values)
    kept.save_if_better(step, values)


def _kept(folder):
    """The weight that was kept, and its step."""
    weight = tf.Variable(0.0)
    step, path = runs.newest_intact(runs.weights(folder.path))
    tf.train.Checkpoint(model=[weight]).restore(str(path))
    return float(weight), step


def test_keeps_the_weights_with_the_least_of_a_measure(folder):
    weight = tf.Variable(0.0)
    kept = best.Best("drawing", {"model": [weight]}, folder, 0)
    for step, nats in ((1, 5.0), (2, 3.0), (3, 4.0), (4, 3.0)):
        _evaluate(kept, folder, weight, step, nats)
    assert _kept(folder) == (2.0, 2)
    # A resumed run knows the least value so far.
    again = best.Best("drawing", {"model": [weight]}, folder, 4)
    _evaluate(again, folder, weight, 5, 3.5)
    assert _kept(folder) == (2.0, 2)
    _evaluate(again, folder, weight, 6, 2.5)
    assert _kept(folder) == (6.0, 6)
    # Two values that are recorded as one number are equal.
    _evaluate(again, folder, weight, 7, 2.5 - 1e-9)
    assert _kept(folder) == (6.0, 6)
    assert runs.saved_steps(folder.path / runs.BEST) == [6]


def test_weights_of_a_step_that_is_done_again_are_replaced(folder):
    weight = tf.Variable(0.0)
    kept = best.Best("drawing", {"model": [weight]}, folder, 0)
    for step, nats in ((5, 5.0), (10, 4.0)):
        _evaluate(kept, folder, weight, step, nats)
    folder.keep_metrics(7)
    again = best.Best("drawing", {"model": [weight]}, folder, 7)
    assert _kept(folder) == (10.0, 10)
    _evaluate(again, folder, weight, 9, 4.5)
    assert _kept(folder) == (9.0, 9)
    _evaluate(again, folder, weight, 11, 4.6)
    assert _kept(folder) == (9.0, 9)


def test_evaluations_whose_weights_were_not_kept_do_not_count(folder):
    weight = tf.Variable(0.0)
    folder.write_metrics(1, {"validation/drawing": 1.0})
    kept = best.Best("drawing", {"model": [weight]}, folder, 1)
    _evaluate(kept, folder, weight, 2, 5.0)
    assert _kept(folder) == (2.0, 2)
    again = best.Best("drawing", {"model": [weight]}, folder, 2)
    _evaluate(again, folder, weight, 3, 3.0)
    assert _kept(folder) == (3.0, 3)


def test_keeps_nothing_without_a_measure(folder):
    weight = tf.Variable(0.0)
    kept = best.Best("", {"model": [weight]}, folder, 0)
    _evaluate(kept, folder, weight, 1, 5.0)
    assert not (folder.path / runs.BEST).exists()
    assert runs.weights(folder.path) == folder.path / runs.CHECKPOINTS


def test_unknown_measures_are_refused_with_the_known_ones():
    best.check("drawing", ["stop", "drawing"])
    with pytest.raises(
        runs.RunError, match="'drawings'; choose from drawing, stop"
    ):
        best.check("drawings", ["stop", "drawing"])


def test_of_bounds_the_largest_is_best(folder):
    weight = tf.Variable(0.0)
    for part in ([(1, 5.0), (2, 7.0)], [(3, 6.0)], [(4, 7.5)]):
        kept = best.Best("iwae", {"model": [weight]}, folder, part[0][0] - 1)
        for step, nats in part:
            weight.assign(step)
            values = {"validation/iwae": nats}
            folder.write_metrics(step, values)
            kept.save_if_better(step, values)
        if part[0][0] == 3:
            assert _kept(folder) == (2.0, 2)
    assert _kept(folder) == (4.0, 4)
