import pytest

from tfdood.evaluate.tasks import generation


def test_the_task_measures_and_draws(make_job):
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
        "share_too_near",
        "share_too_near_of_test_drawings",
        "num_strokes_of_samples",
    }
    assert all(m.num_images == 12 for m in measures.values())
    floor = measures["frechet_distance_of_training_drawings"].value
    for fake in ("shuffled_pixels", "blank_canvases"):
        assert measures[f"frechet_distance_of_{fake}"].value > floor > 0.0
    assert job.figure("samples").exists()
    assert job.figure("nearest").exists()


def test_the_task_is_repeatable_and_depends_on_seed_and_temperature(make_job):
    first, _ = generation.run(make_job("generation"))
    again, _ = generation.run(make_job("generation"))
    assert first == again  # The same route, repeated: exact.
    for change in ({"seed": 1}, {"temperature": 1.0}):
        other, _ = generation.run(make_job("generation", **change))
        assert other["frechet_distance"] != first["frechet_distance"]


def test_a_dataset_that_is_not_there_is_explained(make_job, tmp_path):
    job = make_job("generation", data_dir=str(tmp_path))
    with pytest.raises(FileNotFoundError, match="No mnist in"):
        generation.run(job)
