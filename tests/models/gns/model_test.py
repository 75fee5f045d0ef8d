import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests import seeding
from tests.models.gns import drawings
from tfdood import data, models
from tfdood.models import learning
from tfdood.models.gns import next_strokes
from tfdood.saved import signatures

_STEP, _SEED = tf.constant(0, tf.int64), tf.constant([0, 0])


@pytest.fixture(scope="module", name="config")
def _config():
    return drawings.tiny_config()


@pytest.fixture(scope="module", name="model")
def _model(config):
    seeding.initial_weights()
    return models.build(config.model)


@pytest.fixture(scope="module", name="batch")
def _batch():
    strokes = drawings.strokes()
    count = len(drawings.NUMBERS)
    images = tf.zeros([count, 20, 20, 1])
    return data.Batch(images, tf.zeros([count], tf.int64), strokes)


def test_measures_are_ratios_of_sums(model, batch):
    found = model.measures(batch, 1, _SEED)
    log_probs = model.log_prior(*batch.strokes)
    totals = {k: float(sum(v.total) / sum(v.count)) for k, v in found.items()}
    numbers = drawings.NUMBERS
    num_strokes, num_points = (numbers > 0).sum(), numbers.sum()
    sums = {k: -np.sum(v) for k, v in log_probs._asdict().items()}
    expected = {
        "start": sums["starts"] / num_strokes,
        "end": sums["ends"] / num_points,
        "offset": (sums["offsets"] + sums["ends"]) / (num_points - num_strokes),
        "stop": sums["stops"] / (num_strokes + len(numbers)),
        "drawing": sum(sums.values()) / len(numbers),
    }
    assert totals == pytest.approx(expected, rel=1e-5)


def test_every_weight_has_a_gradient_and_update_moves_the_moments(
    config, model, batch
):
    learner = models.trainable(model, config.objective)
    groups = learner.parameter_groups()
    weights = [w for group in groups.values() for w in group.variables]
    assert {id(w) for w in weights} == {
        id(w) for w in model.trainable_variables
    }

    @tf.function(autograph=False)
    def gradients():
        with tf.GradientTape() as tape:
            loss = learner.loss(batch, _STEP, _SEED)
        values = [w.value for w in weights]
        return loss, tape.gradient(loss.total, values)

    loss, found = gradients()
    silent = [
        w.path
        for w, g in zip(weights, found, strict=True)
        if not np.any(g) or not np.all(np.isfinite(g))
    ]
    assert silent == []
    names = list(learner.headline)
    np.testing.assert_allclose(
        loss.total, sum(loss.metrics[n] for n in names), rtol=1e-5
    )
    norm = model.prior.norms[0]
    before = norm.running["mean"].numpy()
    learner.update(loss.statistics, _STEP)
    decay = config.objective.moment_decay
    expected = decay * before + (1 - decay) * loss.statistics["location_0_mean"]
    np.testing.assert_allclose(norm.running["mean"], expected, rtol=1e-5)
    assert isinstance(loss, learning.Loss)
    assert learner.warnings(config.training.num_steps) == []
    assert "moment_decay" in learner.warnings(10)[0]


def test_images_without_strokes_are_refused(model, batch):
    with pytest.raises(ValueError, match="strokes of people.*omniglot_strokes"):
        model.measures(batch._replace(strokes=None), 1, _SEED)


def test_next_stroke_is_the_factor_of_the_density(model):
    points, numbers = drawings.strokes()
    before = type(drawings.strokes())(points, numbers * [[1, 1, 0]])
    found = next_strokes.after(model.prior, before)
    log_probs = model.log_prior(points, numbers)
    np.testing.assert_allclose(
        np.log1p(-found.stop_probability[0]), log_probs.stops[0, 2], rtol=1e-3
    )
    assert np.all(found.start_density >= 0.0)
    # The start moves to the centre of a pixel.
    x, y = points[0, 2, 0] * 0.8 + points[0, 2, 1] * 0.2
    row, column = int(y), int(x)
    shift = [column + 0.5 - x, row + 0.5 - y]
    moved = tf.tensor_scatter_nd_add(
        points, [[0, 2]], [tf.ones([5, 1]) * shift]
    )
    exact = model.log_prior(moved, numbers).starts[0, 2]
    np.testing.assert_allclose(
        np.log(found.start_density[0, row, column]), exact, rtol=1e-3
    )


def test_figures_are_written(model, batch, tmp_path):
    path = str(tmp_path / "{}.png")
    found = model.figures(batch, _SEED, path.format)
    assert set(found) == {"samples", "next_strokes"}
    for name, figure in found.items():
        with Image.open(path.format(name)) as image:
            np.testing.assert_array_equal(np.asarray(image), figure)


def test_renders_ink_where_control_points_are(model):
    line = tf.constant([[[[20.0, 50.0], [90.0, 50.0]]]])
    line = tf.pad(line, [[0, 0], [0, 0], [0, 3], [0, 0]])
    canvas = model.render(line, tf.constant([[2]]))[0, ..., 0].numpy()
    assert canvas.shape == (20, 20)
    rows = canvas.sum(1) @ (np.arange(20) + 0.5) / canvas.sum()
    np.testing.assert_allclose(rows, 50.0 * 20 / 105, atol=0.1)
    assert np.all(model.render(line, tf.constant([[0]])) == 0.0)


def test_signatures_answer_as_the_model(model):
    _, functions = signatures.build(model, 1)
    assert set(functions) == {
        *("generate", "generate_tempered", "log_prior", "exemplars"),
        *("next_stroke", "render"),
        *("score_start", "score_stroke", "score_stop", "fit"),
    }
    strokes = drawings.strokes()
    found = functions["log_prior"](*strokes)
    np.testing.assert_allclose(
        found["log_prior"], model.log_prior(*strokes).total, rtol=1e-4
    )
    seeds = tf.constant([[1, 2], [3, 4]])
    drawn = functions["generate"](seeds)
    expected = model.generate(2, seed=seeds)
    for name, value in drawn.items():
        np.testing.assert_allclose(
            value, getattr(expected, name), atol=1e-3, err_msg=name
        )
    again = functions["exemplars"](*strokes, tf.zeros([4, 2], tf.int32))
    assert again["canvas"].shape == (4, 20, 20, 1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="at most 5"):
        functions["render"](strokes[0], strokes[1] + 9)
