import numpy as np
import tensorflow as tf

from tests import seeding
from tests.models.gns import drawings
from tfdood import models

_STEP, _SEED = tf.constant(0, tf.int64), tf.constant([0, 0])


def test_every_weight_has_a_gradient_and_update_moves_the_moments():
    config = drawings.tiny_config()
    seeding.initial_weights()
    model, batch = models.build(config.model), drawings.batch()
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
    assert learner.warnings(config.training.num_steps) == []
    assert "moment_decay" in learner.warnings(10)[0]
