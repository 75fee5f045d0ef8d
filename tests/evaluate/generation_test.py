import numpy as np
import pytest

from tfdood import data
from tfdood.evaluate import features, generation


def test_nearest_agrees_with_brute_force(monkeypatch):
    monkeypatch.setattr(generation, "_ROWS_COMPARED", 7)
    rng = np.random.default_rng(0)
    size = features.SIZE
    images = rng.integers(256, size=[50, size, size, 1]).astype(np.uint8)
    queries, references = images[:20], images[20:]
    difference = (queries[:, None] / 255.0) - references / 255.0
    distance = np.sqrt((difference**2).mean((2, 3, 4)))
    found = generation.nearest(queries, references)
    np.testing.assert_array_equal(found.index, distance.argmin(1))
    np.testing.assert_allclose(found.distance, distance.min(1), rtol=1e-4)


def test_a_copy_is_found_at_distance_zero():
    drawings = data.read("mnist", "train").images[:300]
    found = generation.nearest(drawings[[250, 3]] / 255.0, drawings)
    np.testing.assert_array_equal(found.index, [250, 3])
    np.testing.assert_allclose(found.distance, 0.0, atol=1e-3)


def test_task(make_job):
    job = make_job("generation")
    measures, source = generation.run(job)
    assert "sample of mnist" in source
    assert set(measures) == {
        "frechet_distance",
        "frechet_distance_of_training_drawings",
        "frechet_distance_of_reconstructions",
        "frechet_distance_of_noisy_drawings",
        "frechet_distance_of_shuffled_pixels",
        "frechet_distance_of_blank_canvases",
        "nearest_distance",
        "nearest_distance_of_test_drawings",
        "num_strokes",
    }
    assert all(m.num_images == 12 for m in measures.values())
    floor = measures["frechet_distance_of_training_drawings"].value
    for fake in ("shuffled_pixels", "blank_canvases"):
        assert measures[f"frechet_distance_of_{fake}"].value > floor > 0.0
    assert job.figure("samples").exists()
    assert job.figure("nearest").exists()


def test_task_goes_on_and_depends_on_seed_and_temperature(make_job):
    first, _ = generation.run(make_job("generation"))
    again, _ = generation.run(make_job("generation"))
    assert first == again
    for change in ({"seed": 1}, {"temperature": 1.0}):
        other, _ = generation.run(make_job("generation", **change))
        assert other["frechet_distance"] != first["frechet_distance"]


def test_a_dataset_that_is_not_there_is_explained(make_job, tmp_path):
    job = make_job("generation", data_dir=str(tmp_path))
    with pytest.raises(FileNotFoundError, match="No mnist in"):
        generation.run(job)
