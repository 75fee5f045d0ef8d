import dataclasses

import numpy as np
import pytest

from tfdood import data
from tfdood.evaluate.tasks import generation


def test_the_task_measures_and_draws(make_job):
    job = make_job("generation")
    measures, source = generation.run(job)
    assert "sample of mnist" in source
    assert set(measures) == {
        *(
            f"{metric}{name}"
            for metric in (
                *("frechet_distance", "kernel_distance"),
                *("precision", "recall"),
            )
            for name in (
                "",
                "_of_training_drawings",
                "_of_reconstructions",
                "_of_noisy_drawings",
                "_of_shuffled_pixels",
                "_of_blank_canvases",
            )
        ),
        "nearest_distance",
        "nearest_distance_of_test_drawings",
        "share_too_near",
        "share_too_near_of_test_drawings",
        "num_strokes_of_samples",
    }
    assert all(m.num_images == 12 for m in measures.values())
    floor = measures["frechet_distance_of_training_drawings"].value
    for fake in ("shuffled_pixels", "blank_canvases"):
        assert measures[f"frechet_distance_of_{fake}"].value > floor > 0.0
        assert measures[f"recall_of_{fake}"].value == 0.0
    best = measures["kernel_distance_of_training_drawings"].value
    assert measures["kernel_distance_of_blank_canvases"].value > best
    assert job.figure("samples").exists()
    assert job.figure("nearest").exists()


def test_features_are_compared_at_unit_variance():
    rng = np.random.default_rng(0)
    samples, real = rng.normal(0.0, 1 / 8, [2, 30, 64])  # variances sum to 1
    samples += 0.1
    found = generation.compare(samples, real)
    # The kernel of products of 64 numbers, whose mean is divided by 64.
    values = [
        (1.0 + x @ y.T) ** 3
        for x, y in ((samples, samples), (real, real), (samples, real))
    ]
    within = [(k.sum() - np.trace(k)) / (30 * 29) for k in values[:2]]
    assert found["kernel_distance"].value == pytest.approx(
        sum(within) - 2.0 * values[2].mean()
    )
    assert found["frechet_distance"].value > 64 * 0.1**2 * 0.8
    assert set(found) == {
        *("frechet_distance", "kernel_distance", "precision", "recall")
    }


def test_all_sets_are_as_large_as_the_smallest(make_job, monkeypatch):
    class _StopError(Exception):
        pass

    def few(self, count):
        assert count == 5
        raise _StopError

    whole = data.read("mnist", "train", image_size=20)
    monkeypatch.setattr(data, "read", lambda *_, **__: data.spread(whole, 5))
    monkeypatch.setattr(type(make_job("generation")), "drawings", few)
    with pytest.raises(_StopError):
        generation.run(make_job("generation"))


def test_the_task_is_repeatable_and_depends_on_seed_and_temperature(make_job):
    job = make_job("generation")
    first, _ = generation.run(job)
    job.forget_parts()
    again, _ = generation.run(job)
    assert first == again  # The same route, repeated: exact.
    images = job.drawings().images
    drawn = generation.draw(job, images).samples
    for change in ({"seed": 1}, {"temperature": 1.0}):
        other = generation.draw(make_job("generation", **change), images)
        assert (other.samples != drawn).any()


def test_a_dataset_that_is_not_there_is_explained(make_job, tmp_path):
    job = make_job("generation", data_dir=str(tmp_path))
    with pytest.raises(FileNotFoundError, match="No mnist in"):
        generation.run(job)


def test_models_without_a_network_draw_binary_samples(make_search):
    job = make_search("generation", num_images=6)
    job = dataclasses.replace(job, explainer=None)
    measures, _ = generation.run(job)
    assert "frechet_distance_of_reconstructions" not in measures
    assert "frechet_distance_of_training_drawings" in measures
    assert measures["num_strokes_of_samples"].num_images == 6
    images = job.drawings(6).images
    drawn = generation.draw(job, images)
    assert drawn.samples.shape == (6, 105, 105, 1)
    assert set(np.unique(drawn.samples)) <= {0, 255}
    assert drawn.reconstructions.shape == (0,)
    has_ink = drawn.samples.any((1, 2, 3))
    np.testing.assert_array_equal(drawn.num_strokes > 0, has_ink)
