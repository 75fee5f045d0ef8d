import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests.models.baselines import tiny_scene_vae
from tests.models.gnm import tiny_scenes
from tfdood import figures
from tfdood.data.batching import Batch
from tfdood.models.common import scene_model

_SEED = tf.constant([1, 2])


def test_pixels_are_normal_around_the_canvas():
    model = tiny_scenes.build(pixel_std=0.3)
    images, canvas = (tiny_scenes.images(count=2 * 2)[i::2] for i in (0, 1))
    expected = scipy.stats.norm.logpdf(images, canvas, 0.3).sum((1, 2, 3))
    found = model.log_likelihood(images, canvas)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("settings", ["SETTINGS", "COLOURS"])
def test_images_have_the_channels_of_the_setting(settings):
    model = tiny_scenes.build(getattr(tiny_scenes, settings))
    channels = 3 if settings == "COLOURS" else 1
    assert model.image_input.shape == (16, 16, channels)


@pytest.mark.parametrize("module", [tiny_scenes, tiny_scene_vae])
@pytest.mark.parametrize("shape", [[2, 20, 20, 1], [2, 16, 16, 3]])
def test_images_of_another_shape_are_refused(module, shape):
    model = module.build()
    with pytest.raises(ValueError, match=r"must be \[N, 16, 16, 1\], got"):
        model.reconstruct(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    ("build", "prior", "num_rows"),
    [
        (tiny_scenes.build, "mlp", 2),
        (tiny_scenes.build, "gaussian", 1),
        (tiny_scene_vae.build, "convolutional", 2),
    ],
)
def test_a_figure_walks_through_each_level(
    build, prior, num_rows, monkeypatch, tmp_path
):
    sheets = {}
    draw = figures.sheet

    def sheet(rows, titles, path):
        sheets[path] = [np.stack(row) for row in rows], titles
        return draw(rows, titles, path)

    monkeypatch.setattr(figures, "sheet", sheet)
    model = build(scene_prior=prior)
    images = tiny_scenes.images()
    drawn = model.figures(
        Batch(images, tf.zeros([3], tf.int64)),
        _SEED,
        lambda name: str(tmp_path / f"{name}.png"),
    )
    assert set(drawn) == {"reconstructions", "samples", "traversal"}
    rows, titles = sheets[str(tmp_path / "traversal.png")]
    assert len(rows) == len(titles) == num_rows
    for row in rows:
        np.testing.assert_allclose(row[0], rows[0][0], atol=1e-5)
        assert np.abs(row[-1] - row[0]).max() > 1e-3


def test_particles_are_mapped_one_by_one():
    numbers = {"a": tf.reshape(tf.range(6.0), [3, 2])}
    found = scene_model.one_particle_at_a_time(
        lambda row: tf.reduce_sum(row["a"]) + row["a"], numbers
    )
    np.testing.assert_array_equal(found, [[1, 2], [7, 8], [13, 14]])
