"""Refined parses, of the tiny exported model."""

import numpy as np
import pytest

from tests import tiny_models
from tfdood.parsing import amortised, refined, seeds


@pytest.fixture(name="images")
def _images():
    return tiny_models.images(3).numpy()


def _start(model):
    return amortised.Amortised(model, num_parses=2, num_tries=1)


def _rendered_log_likelihood(model, parses, images):
    flat = parses.reshaped(-1)
    canvas = model.run(
        "render", **flat.strokes._asdict(), **flat.pen._asdict()
    )["canvas"]
    found = model.run("likelihood", images=images.repeat(2, 0), canvas=canvas)[
        "log_likelihood"
    ]
    return np.reshape(found, parses.log_prior.shape)


def test_no_parse_gets_worse_and_most_get_better(exported_model, images):
    start = _start(exported_model).parse(images, seeds.Seed(3, 0))
    parser = refined.Refined(_start(exported_model), exported_model, 10)
    found = parser.parse(images, seeds.Seed(3, 0))
    assert found.log_joint.shape == (3, 2)
    assert np.all(found.log_joint >= start.log_joint - 0.05)
    has_strokes = start.strokes.presence.sum(-1) > 0.0
    assert np.all((found.log_joint > start.log_joint + 1.0)[has_strokes])
    # Copies: exact.
    np.testing.assert_array_equal(
        found.strokes.presence, start.strokes.presence
    )


def test_densities_are_those_of_the_refined_strokes(exported_model, images):
    parser = refined.Refined(_start(exported_model), exported_model, 3)
    found = parser.parse(images, seeds.Seed(3, 0))
    np.testing.assert_allclose(
        _rendered_log_likelihood(exported_model, found, images),
        found.log_likelihood,
        rtol=1e-4,
    )
    flat = found.reshaped(-1)
    prior = exported_model.run(
        "prior", **flat.strokes._asdict(), **flat.pen._asdict()
    )["log_prior"]
    np.testing.assert_allclose(
        np.reshape(prior, [3, 2]), found.log_prior, rtol=1e-3, atol=1e-2
    )


def test_the_pen_stays_if_it_must_not_move(exported_model, images):
    start = _start(exported_model).parse(images, seeds.Seed(3, 0))
    found = [
        refined.Refined(
            _start(exported_model), exported_model, 3, moves_pen=moves
        )
        .parse(images, seeds.Seed(3, 0))
        .pen.blur
        for moves in (False, True)
    ]
    np.testing.assert_allclose(found[0], start.pen.blur, rtol=1e-3)
    assert np.abs(found[1] / start.pen.blur - 1.0).max() > 1e-3


def test_the_center_can_be_refined(exported_model, images):
    center = amortised.Center(exported_model)
    found = refined.Refined(center, exported_model, 3).parse(
        images, seeds.Seed(0)
    )
    before = exported_model.run("reconstruct", images=images)
    assert found.log_joint.shape == (3, 1)
    np.testing.assert_array_equal(
        found.strokes.presence[:, 0], before["presence"]
    )
