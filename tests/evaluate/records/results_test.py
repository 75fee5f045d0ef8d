import json
import resource

import numpy as np
import pytest

from tfdood.evaluate.records import results
from tfdood.evaluate.records.job import Measure
from tfdood.settings import presets, text

_MEASURES = {"error": Measure(0.25, 0.01, 12), "share": Measure(1.0, 0.0, 12)}


def test_records_hold_model_data_and_settings(make_job):
    job = make_job("any", seed=3)
    results.append(job, _MEASURES, "some drawings", 12.34)
    error, share = results.read(job.folder)
    expected = {
        "task": "any",
        "metric": "error",
        "value": 0.25,
        "standard_error": 0.01,
        "num_images": 12,
        "model": "tiny",
        "split": "test",
        "step": 7,
        "trained_on": "mnist",
        "batch_size": 64,
        "encoder": "patches",
        "preset": "dood",
        "dataset": "mnist",
        "source": "some drawings",
        "seed": 3,
        "pixel_scale": "canvas",
        "collages": 0.1,
        "training_seed": 0,
        "seconds": 12.3,
    }
    assert error | expected == error
    assert share["metric"] == "share"


@pytest.mark.parametrize("numbers", [(np.nan, 0.0), (1.0, np.inf)])
def test_numbers_that_are_not_finite_are_not_recorded(make_job, numbers):
    job = make_job("any")
    measures = {"error": Measure(0.25, 0.01, 12), "odd": Measure(*numbers, 12)}
    with pytest.raises(ValueError, match="odd of any is .* should be finite"):
        results.append(job, measures, "drawings", 1.0)
    assert not (job.folder / results.FILE).exists()


def test_only_an_equal_job_is_done(make_job):
    job = make_job("any")
    assert results.done(job) == []
    written = results.append(job, _MEASURES, "drawings", 1.0)
    assert results.done(make_job("any")) == written
    assert results.done(make_job("any", seed=1)) == []
    assert results.done(make_job("any", task_version=2)) == []
    assert results.done(make_job("other")) == []


def test_a_full_disk_leaves_no_part_of_a_job(make_job):
    job = make_job("any")
    results.append(job, _MEASURES, "drawings", 1.0)
    path = job.folder / results.FILE
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 200, limits[1]))
    try:
        with pytest.raises(OSError):
            results.append(make_job("other"), _MEASURES, "drawings", 1.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before


def test_models_that_differ_in_the_training_seed_have_the_same_recipe():
    config = presets.get("dood", "mnist")
    recipes = [
        results._of_training(text.override(config, changes))["recipe"]
        for changes in (
            *([], ["training.seed=3"], ["training.num_steps=7"]),
            ["objective.collages=0"],
        )
    ]
    assert recipes[0] == recipes[1]
    assert len(set(recipes)) == 3


def test_the_newest_record_of_a_metric_counts(make_job):
    job = make_job("any")
    results.append(job, _MEASURES, "drawings", 1.0)
    newer = {"error": Measure(0.5, 0.02, 12)}
    results.append(job, newer, "drawings", 1.0)
    found = {r["metric"]: r["value"] for r in results.read(job.folder)}
    assert found == {"error": 0.5, "share": 1.0}


def test_a_folder_without_results_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="There are no results in"):
        results.read(tmp_path)


@pytest.mark.parametrize("line", ['{"task": "an', "[1]", "{}", "null"])
def test_a_line_that_is_no_record_is_named(make_job, line):
    job = make_job("any")
    results.append(job, _MEASURES, "drawings", 1.0)
    path = job.folder / results.FILE
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ValueError, match=r"Line 3 of .* is not a record"):
        results.read(job.folder)
    assert all(json.loads(x) for x in path.read_text().splitlines()[:2])


def test_records_may_follow_a_line_without_an_end(make_job):
    job = make_job("any")
    results.append(job, _MEASURES, "some drawings", 1.0)
    path = job.folder / results.FILE
    path.write_text(path.read_text().rstrip())
    results.append(make_job("other"), _MEASURES, "some drawings", 1.0)
    assert len(results.read(job.folder)) == 4
