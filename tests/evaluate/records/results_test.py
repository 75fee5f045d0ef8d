import json

import pytest

from tfdood.evaluate.records import results
from tfdood.evaluate.records.job import Measure

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
        "version": "1",
        "step": 7,
        "trained_on": "mnist",
        "encoder": "compact",
        "preset": "dood",
        "dataset": "mnist",
        "source": "some drawings",
        "seed": 3,
        "seconds": 12.3,
    }
    assert error | expected == error
    assert share["metric"] == "share"


def test_only_an_equal_job_is_done(make_job):
    job = make_job("any")
    assert results.done(job) == []
    written = results.append(job, _MEASURES, "drawings", 1.0)
    assert results.done(make_job("any")) == written
    assert results.done(make_job("any", seed=1)) == []
    assert results.done(make_job("any", task_version=2)) == []
    assert results.done(make_job("other")) == []


def test_records_without_a_task_version_are_of_the_first_one(make_job):
    job = make_job("any")
    results.append(job, _MEASURES, "drawings", 1.0)
    path = job.folder / results.FILE
    path.write_text(path.read_text().replace('"task_version": 1, ', ""))
    assert len(results.done(job)) == 2
    assert results.done(make_job("any", task_version=2)) == []


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
