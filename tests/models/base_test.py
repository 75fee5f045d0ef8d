from typing import NamedTuple

import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from tests import tiny_models
from tfdood import data
from tfdood.models import base, explaining, signature

_INTERFACES = (base.Model, explaining.ExplainingModel, explaining.StrokeModel)
_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6], [7, 8]])
_WEIGHTS = np.float32([[0.0], [2.0], [-1.0]])


class _Picture(NamedTuple):
    canvas: tf.Tensor
    shade: tf.Tensor


class _Halves(explaining.ExplainingModel):
    """Draws half of the ink of an image; its log weights are known."""

    description = "A model of tests."

    def log_weights(self, images, num_particles, seed):
        return _WEIGHTS[:num_particles] + tf.reduce_sum(images, [1, 2, 3])

    def reconstruct(self, images):
        return _Picture(0.5 * images, tf.zeros(len(images)))

    def generate(self, num_drawings, temperature=1.0, seed=None):
        shade = temperature * tf.cast(seed[:, 0], tf.float32)
        canvas = tf.ones([num_drawings, 20, 20, 1])
        return _Picture(canvas * shade[:, None, None, None], shade)


@pytest.fixture(scope="module", name="model")
def _model():
    return _Halves(tiny_models.config("dood").model)


@pytest.mark.parametrize(
    ("interface", "name"),
    [(i, n) for i in _INTERFACES for n in sorted(i.__abstractmethods__)],
)
def test_a_model_must_implement_the_whole_interface(tiny, interface, name):
    methods = interface.__abstractmethods__

    def subclass(methods):
        return type("Subclass", (interface,), dict.fromkeys(methods, abs))

    assert subclass(methods)(tiny).settings is tiny
    with pytest.raises(TypeError, match=f"abstract method '?{name}"):
        subclass(methods - {name})(tiny)


def test_measures_have_their_closed_forms(model, images):
    batch = data.Batch(images, tf.zeros([4], tf.int64))
    measures = model.measures(batch, 3, tf.constant([1, 2]))
    ink = np.sum(images, (1, 2, 3))
    np.testing.assert_allclose(measures["elbo"], ink + 1 / 3, rtol=1e-5)
    bound = scipy.special.logsumexp(_WEIGHTS) - np.log(3.0)
    np.testing.assert_allclose(measures["iwae"], ink + bound, rtol=1e-5)
    np.testing.assert_allclose(
        measures["mean_absolute_error"], 0.5 * ink / 400, rtol=1e-5
    )
    # A model without parts counts none.
    assert set(measures) == {"elbo", "iwae", "mean_absolute_error"}


def test_signature_of_the_likelihood_has_one_row_for_each_image(model, images):
    signature = model.signatures(3)["log_likelihood"]
    answer = signature.function(images=images, seeds=_SEEDS)
    ink = np.sum(images, (1, 2, 3))
    np.testing.assert_allclose(
        answer["log_weights"], ink[:, None] + _WEIGHTS[:, 0], rtol=1e-5
    )
    bound = scipy.special.logsumexp(_WEIGHTS) - np.log(3.0)
    np.testing.assert_allclose(answer["log_likelihood"], ink + bound, rtol=1e-5)


def test_signatures_of_drawings_name_the_fields_of_the_record(model, images):
    signatures = model.signatures(3)
    answer = signatures["reconstruct"].function(images=images)
    assert set(answer) == {"canvas", "shade"}
    # Copies and products of powers of two: exact.
    np.testing.assert_array_equal(answer["canvas"], 0.5 * images)
    answer = signatures["generate"].function(seeds=_SEEDS)
    np.testing.assert_array_equal(answer["shade"], [1.0, 3.0, 5.0, 7.0])
    answer = signatures["generate_tempered"].function(
        seeds=_SEEDS, temperature=tf.constant([0.5, 1.0, 2.0, 0.0])
    )
    np.testing.assert_array_equal(answer["shade"], [0.5, 3.0, 10.0, 0.0])
    assert answer["canvas"].shape == (4, 20, 20, 1)


def test_inputs_declare_their_shapes_and_ranges(model):
    signatures = model.signatures(3)
    image = signature.Input((20, 20, 1), tf.float32, 0.0, 1.0)
    seeds = signature.Input((2,), tf.int32)
    temperature = signature.Input((), tf.float32, 0.0, 1_000.0)
    assert {n: s.inputs for n, s in signatures.items()} == {
        "reconstruct": {"images": image},
        "log_likelihood": {"images": image, "seeds": seeds},
        "generate": {"seeds": seeds},
        "generate_tempered": {"seeds": seeds, "temperature": temperature},
    }
