"""Amortised parses, of a model whose samples are known."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from tfdood.parsing import amortised, endpoints, seeds


class _Endpoints:
    """A model whose samples are functions of the seed of each row."""

    def run(self, signature, images, seeds):
        assert signature == "parse"
        assert len(images) == len(seeds)
        rows = [self._row(seed) for seed in np.asarray(seeds)]
        return {
            name: tf.constant([row[name] for row in rows], tf.float32)
            for name in rows[0]
        }

    def _row(self, seed):
        rng = np.random.default_rng(seed)
        layout = rng.uniform(-0.5, 0.5, [2, 4])
        layout[:, 2] = -0.5  # mirrored and shrunk
        return {
            "presence": [1.0, float(rng.integers(2))],
            "layout": layout,
            "control_points": rng.random([2, 3, 2]),
            "blur": rng.random(2),
            "stroke_contrast": rng.random(2),
            "canvas_contrast": rng.random(),
            "log_posterior": rng.normal(),
            "log_prior": rng.normal(),
            "log_likelihood": rng.normal(),
        }


class _EndpointsOfCodes(_Endpoints):
    def _row(self, seed):
        row = super()._row(seed)
        row["code"] = row.pop("control_points")
        return row


@pytest.fixture(name="images")
def _images():
    return np.random.default_rng(0).random([3, 20, 20, 1], np.float32)


def _samples(images, count, seed):
    """All samples of `count` an image, `[N, count, ...]` each."""
    outputs = _Endpoints().run(
        "parse",
        images.repeat(count, 0),
        seeds.of_rows(len(images) * count, *seed),
    )
    return {
        name: x.numpy().reshape(len(images), count, *x.shape[1:])
        for name, x in outputs.items()
    }


def test_each_parse_is_the_most_probable_of_its_tries(images):
    found = amortised.Amortised(_Endpoints(), 2, 4).parse(
        images, seeds.Seed(5, 1)
    )
    samples = {
        name: x.reshape(3, 2, 4, *x.shape[2:])
        for name, x in _samples(images, 8, (5, 1)).items()
    }
    log_joint = samples["log_prior"] + samples["log_likelihood"]
    np.testing.assert_allclose(found.log_joint, log_joint.max(-1), rtol=1e-6)
    best = log_joint.argmax(-1)
    for n in range(3):
        for k in range(2):
            # Copies of the same numbers, hence exact.
            np.testing.assert_array_equal(
                found.pen.blur[n, k], samples["blur"][n, k, best[n, k]]
            )
            np.testing.assert_array_equal(
                found.strokes.presence[n, k],
                samples["presence"][n, k, best[n, k]],
            )


def test_placed_strokes_lie_on_the_canvas(images):
    parses = amortised.Amortised(_Endpoints(), 2, 1).parse(
        images, seeds.Seed(0, 0)
    )
    found = parses.on_canvas()
    samples = _samples(images, 2, (0, 0))
    shift, scale, angle = np.split(samples["layout"], [2, 3], -1)
    # The canvas spans [-1, 1]; scale, then rotate, then shift.
    own = 2.0 * samples["control_points"] - 1.0
    x, y = np.moveaxis(scale[..., np.newaxis] * own, -1, 0)
    turned = np.stack(
        [
            np.cos(angle) * x - np.sin(angle) * y,
            np.sin(angle) * x + np.cos(angle) * y,
        ],
        -1,
    )
    expected = (turned + shift[..., np.newaxis, :] + 1.0) / 2.0
    np.testing.assert_allclose(
        found.strokes.control_points, expected, atol=1e-5
    )
    np.testing.assert_array_equal(
        found.strokes.layout, np.tile([0.0, 0.0, 1.0, 0.0], [3, 2, 2, 1])
    )


@pytest.mark.parametrize(("frame", "factor"), [("canvas", 1), ("glimpse", 0.5)])
def test_blurs_in_glimpses_are_scaled_to_the_canvas(images, frame, factor):
    parser = amortised.Amortised(_Endpoints(), 1, 1, stroke_frame=frame)
    found = parser.parse(images, seeds.Seed(0, 0)).on_canvas()
    np.testing.assert_allclose(
        found.pen.blur, factor * _samples(images, 1, (0, 0))["blur"], rtol=1e-6
    )


def test_parses_do_not_depend_on_the_rows_of_a_call(images, monkeypatch):
    parser = amortised.Amortised(_Endpoints(), 2, 2)
    whole = parser.parse(images, seeds.Seed(1, 0))
    some = functools.partial(endpoints.run_all, rows_a_call=5)
    monkeypatch.setattr(endpoints, "run_all", some)
    chunked = parser.parse(images, seeds.Seed(1, 0))
    np.testing.assert_allclose(chunked.log_joint, whole.log_joint, rtol=1e-6)


def test_parts_of_a_set_have_the_parses_of_the_set(images):
    parser = amortised.Amortised(_Endpoints(), 2, 3)
    whole = parser.parse(images, seeds.Seed(3, 1))
    part = parser.parse(images[1:], seeds.Seed(3, 1, first=1))
    np.testing.assert_array_equal(part.log_prior, whole.log_prior[1:])


def test_strokes_that_are_codes_are_refused(images):
    parser = amortised.Amortised(_EndpointsOfCodes(), 1, 1)
    with pytest.raises(ValueError, match="no output control_points"):
        parser.parse(images, seeds.Seed(0, 0))


class _EndpointsOfCenters:
    """A model whose centre of an image is a function of its first pixel."""

    def run(self, signature, images):
        assert signature == "parse_center"
        first = np.asarray(images)[:, 0, 0, 0]
        row = _Endpoints()._row([0, 0])
        outputs = {
            name: np.repeat(np.asarray(x)[np.newaxis], len(images), 0)
            for name, x in row.items()
        }
        return outputs | {"log_likelihood": first}


def test_the_center_is_one_parse_an_image(images):
    parser = amortised.Center(_EndpointsOfCenters(), "glimpse")
    found = parser.parse(images, seeds.Seed(0, 0))
    np.testing.assert_allclose(found.log_likelihood, images[:, :1, 0, 0])
    assert found.strokes.control_points.shape == (3, 1, 2, 3, 2)
    assert found.stroke_frame == "glimpse"
