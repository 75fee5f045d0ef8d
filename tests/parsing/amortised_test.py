"""Parses, against the signature that gives them."""

import copy

import numpy as np
import pytest

from tfdood.parsing import amortised as parses
from tfdood.saved import exported
from tfdood.settings import text as settings_lib


@pytest.fixture(name="images")
def _images():
    return np.random.default_rng(0).random([3, 20, 20, 1], np.float32)


def test_the_best_of_some_samples_is_kept(exported_model, images):
    found = parses.best(exported_model, images, 2, 4, seeds=(5, 1))
    result = exported_model.run(
        "parse", images=images.repeat(8, 0), seeds=exported.seeds(24, 5, 1)
    )
    log_joint = np.asarray(result["log_prior"] + result["log_likelihood"])
    log_joint = log_joint.reshape(3, 2, 4)
    np.testing.assert_allclose(found.log_joint, log_joint.max(-1), rtol=1e-5)
    best = log_joint.argmax(-1)
    presence = np.asarray(result["presence"]).reshape(3, 2, 4, -1)
    for n in range(3):
        for k in range(2):
            np.testing.assert_array_equal(
                found.strokes.presence[n, k], presence[n, k, best[n, k]]
            )


def test_a_parse_draws_what_its_likelihood_is_of(exported_model, images):
    found = parses.best(exported_model, images, 2, 1, seeds=(0, 0))
    result = exported_model.run(
        "parse", images=images.repeat(2, 0), seeds=exported.seeds(6, 0, 0)
    )
    flat = found.rows((np.repeat(range(3), 2), np.tile(range(2), 3)))
    canvas = exported_model.run(
        "render", **flat.strokes._asdict(), **flat.pen._asdict()
    )["canvas"]
    log_likelihood = exported_model.run(
        "likelihood", images=images.repeat(2, 0), canvas=canvas
    )["log_likelihood"]
    np.testing.assert_allclose(
        log_likelihood, result["log_likelihood"], rtol=1e-4
    )


def _with(model, setting):
    changed = copy.copy(model)
    changed.config = settings_lib.override(model.config, [setting])
    return changed


def test_strokes_that_are_codes_are_refused(exported_model, images):
    painted = _with(exported_model, "model.decoder=neural")
    with pytest.raises(ValueError, match="are codes that a network draws"):
        parses.best(painted, images, 1, 1, seeds=(0, 0))


def test_blurs_in_glimpses_shrink_with_them(exported_model, images):
    result = exported_model.run(
        "parse", images=images, seeds=exported.seeds(3, 0, 0)
    )
    glimpse = _with(exported_model, "model.stroke_frame=glimpse")
    found = parses.best(glimpse, images, 1, 1, seeds=(0, 0))
    np.testing.assert_allclose(
        found.pen.blur[:, 0],
        np.asarray(result["blur"]) * np.abs(result["layout"][..., 2]),
        rtol=1e-5,
    )
