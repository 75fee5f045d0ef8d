"""Traced parses, with the densities of the tiny exported model."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tfdood.parsing import lines, seeds, traced


def _cross() -> np.ndarray:
    """A horizontal and a vertical bar, `[1, 50, 50, 1]`."""
    image = Image.new("L", (50, 50))
    pen = ImageDraw.Draw(image)
    pen.line([(8, 25), (42, 25)], 255, 3)
    pen.line([(25, 8), (25, 42)], 255, 3)
    return np.float32(image)[None, :, :, None] / 255.0


def _parser(model, **changes):
    settings = model.config.model
    return traced.Traced(
        model, settings.num_strokes, settings.num_control_points, **changes
    )


def _resized(image, model):
    size = model.image_size
    small = Image.fromarray(image[0, :, :, 0]).resize((size, size))
    return np.clip(np.float32(small), 0.0, 1.0)[None, :, :, None]


def test_each_bar_of_a_cross_is_a_stroke(exported_model):
    image = _resized(_cross(), exported_model)
    found = _parser(exported_model).parse(image, seeds.Seed(0))
    assert found.log_joint.shape == (1, 1)
    assert found.num_strokes == [[2]]
    (bars,) = lines.of_strokes(found.rows((slice(None), 0)))
    spans = np.array([np.ptp(bar, 0) for bar in bars])
    assert spans.max(1) == pytest.approx(0.68, abs=0.1)
    assert np.all(spans.min(1) < 0.05)


def test_an_empty_page_has_no_strokes(exported_model):
    size = exported_model.image_size
    page = np.zeros([1, size, size, 1], np.float32)
    found = _parser(exported_model).parse(page, seeds.Seed(0))
    assert found.num_strokes == [[0]]
    assert np.all(np.isfinite(found.log_joint))


def test_of_too_many_lines_the_longest_are_kept(exported_model):
    size = exported_model.image_size
    page = np.zeros([1, size, size, 1], np.float32)
    lengths = size - 2 - 2 * np.arange(size // 4)
    for number, length in enumerate(lengths):
        page[0, 4 * number + 1, 1 : 1 + length] = 1.0
    count = exported_model.config.model.num_strokes
    assert len(lengths) > count
    found = _parser(exported_model).parse(page, seeds.Seed(0))
    (kept,) = lines.of_strokes(found.rows((slice(None), 0)))
    rows = [line[:, 1].mean() * size for line in kept]
    np.testing.assert_allclose(rows, 4 * np.arange(count) + 1.5, atol=0.3)


def test_a_chain_has_the_curves_of_one_line(exported_model):
    image = np.zeros([1, *[exported_model.image_size] * 2, 1], np.float32)
    size = exported_model.image_size
    image[0, 2 : size - 2, 2] = image[0, size - 3, 2 : size - 2] = 1.0
    image[0, 2 : size - 2, size - 3] = 1.0
    one, fine = (
        _parser(exported_model, tolerance=tolerance).parse(image, seeds.Seed(0))
        for tolerance in (np.inf, 0.02)
    )
    assert one.num_strokes == fine.num_strokes == [[1]]
    assert one.strokes.presence.sum() == 1.0
    assert fine.strokes.presence.sum() > 1.0
    assert fine.log_likelihood > one.log_likelihood
