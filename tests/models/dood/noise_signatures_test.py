import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.common import noise, rows, token
from tfdood.models.dood import noise_signatures

_SEED = tf.constant([3, 4])


def _by_row(x):
    """The numbers of each drawing, `[P, B, n]` to `[B, P * n]`."""
    return tf.reshape(tf.transpose(x, [1, 0, 2]), [x.shape[1], -1])


def _numbers(shape, seed, num_particles=1):
    """The uniform and the normal numbers of two images, as `noise.draw`."""
    seeds = noise.streams(seed, 2)
    return (
        _by_row(noise.uniform(seeds[0], 2, [num_particles, shape.num_uniform])),
        _by_row(noise.normal(seeds[1], 2, [num_particles, shape.num_normal])),
    )


def _generated(model, _):
    return model.generate(2, seed=_SEED), _numbers(model.noise_shape, _SEED)


def _completed(model, images):
    seen, added = (
        _numbers(model.noise_shape, one) for one in noise.streams(_SEED, 2)
    )
    numbers = [tf.concat(pair, -1) for pair in zip(seen, added, strict=True)]
    return rows.single(model.complete(images, seed=_SEED)), numbers


def _varied(model, images):
    types, *rest = noise.streams(_SEED, 3)
    uniform, normal = _numbers(model.noise_shape, types, 20)
    sizes = model.stroke_size, token.NUM_PARAMETERS
    more = [
        _by_row(noise.normal(seed, 2, [1, size]))
        for seed, size in zip(rest, sizes, strict=True)
    ]
    numbers = uniform, tf.concat([normal, *more], -1)
    return rows.single(model.exemplars(images, seed=_SEED)), numbers


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("generate", _generated),
        ("complete", _completed),
        ("exemplars", _varied),
    ],
)
def test_the_numbers_of_a_seed_give_its_drawing(dood, images, name, draw):
    signature = noise_signatures.build(dood)[name]
    drawing, (uniform, normal) = draw(dood, images[:2])
    expected = dood.outputs(drawing)
    given = {"images": images[:2], "uniform": uniform, "normal": normal}
    found = signature.function(**{k: given[k] for k in signature.inputs})
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, atol=1e-5)
