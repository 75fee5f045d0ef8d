import pytest
import tensorflow as tf

from tests.models.gnm import tiny_scenes
from tfdood.models.common import code_learning
from tfdood.settings.scenes import CodeObjective

_OBJECTIVE = CodeObjective(beta=3.0, beta_steps=100)


@pytest.mark.parametrize(
    ("step", "weight"), [(0, 0.0), (25, 0.75), (100, 3.0), (500, 3.0)]
)
def test_the_weight_of_the_code_rises_to_beta(step, weight):
    learner = code_learning.CodeLearner(None, _OBJECTIVE)
    assert float(learner.code_weight(tf.constant(step))) == pytest.approx(
        weight
    )


def test_a_schedule_that_does_not_end_has_a_warning():
    learner = code_learning.CodeLearner(None, _OBJECTIVE)
    assert learner.warnings(100) == []
    (warning,) = learner.warnings(99)
    assert warning.endswith("at step 99; lower objective.beta_steps.")


def test_all_weights_learn_at_the_rate_of_the_run():
    model = tiny_scenes.build()
    learner = code_learning.CodeLearner(model, _OBJECTIVE)
    ((name, group),) = learner.parameter_groups().items()
    assert name == "model"
    assert group.learning_rate is None
    own = {id(v) for v in group.variables}
    assert own == {id(v) for v in model.trainable_variables}
    assert learner.state() == []
