import numpy as np
import pytest

from tfdood.evaluate.measures import code_parses
from tfdood.parsing import seeds


@pytest.fixture(name="images")
def _images():
    return np.random.default_rng(0).random([3, 20, 20, 1], np.float32)


def test_parses_render_to_images_of_their_likelihood(model_of_codes, images):
    found = code_parses.sample(model_of_codes, images, 2, 1, (0, 0))
    assert found.latents["code"].shape[:3] == (3, 2, 2)
    flat = found.rows((np.repeat(range(3), 2), np.tile(range(2), 3)))
    canvas = model_of_codes.run("render", **flat.latents)["canvas"]
    log_likelihood = model_of_codes.run(
        "likelihood", images=images.repeat(2, 0), canvas=canvas
    )["log_likelihood"]
    np.testing.assert_allclose(log_likelihood, flat.log_likelihood, rtol=1e-4)


def test_the_most_probable_tries_are_kept(model_of_codes, images):
    found = code_parses.sample(model_of_codes, images, 2, 3, (5, 1))
    result = model_of_codes.run(
        "parse", images=images.repeat(6, 0), seeds=seeds.of_rows(18, 5, 1)
    )
    log_joint = np.asarray(result["log_prior"] + result["log_likelihood"])
    np.testing.assert_allclose(
        found.log_joint, log_joint.reshape(3, 2, 3).max(-1), rtol=1e-5
    )
