import dataclasses
import functools
import pathlib

import pytest

from tests.evaluate import drawing_models
from tests.saved import tiny_runs
from tfdood.evaluate import parsers
from tfdood.evaluate.records.job import Explainer, Job


@pytest.fixture(name="jobs_in", scope="session")
def _jobs_in(exported_model):
    """Takes a folder, and gives what `make_job` gives."""

    def make(results: pathlib.Path, task: str, **changes) -> Job:
        job = Job(
            task=task,
            model=exported_model,
            dataset="mnist",
            data_dir=None,
            num_images=12,
            num_particles=4,
            temperature=0.5,
            seed=0,
            folder=results,
        )
        return dataclasses.replace(job, **changes)

    return lambda folder: functools.partial(make, folder)


@pytest.fixture(name="make_job")
def _make_job(jobs_in, tmp_path):
    """Makes jobs of a task, on the embedded sample, with few drawings."""
    return jobs_in(tmp_path / "results")


@pytest.fixture(name="export_preset", scope="session")
def _export_preset(make_run, folder_of_exports):
    """Exports small, untrained models of presets."""

    def export(preset: str):
        is_code = preset in ("difference_air", "dood_dr")
        changes = tiny_runs.TINY if is_code else tiny_runs.TINY_CURVES
        run = make_run(preset, f"tiny_{preset}", *changes)
        return tiny_runs.export(run, folder_of_exports / preset)

    return export


@pytest.fixture(name="drawing_model", scope="session")
def _drawing_model():
    """GNS with random weights."""
    return drawing_models.DrawingModel()


@pytest.fixture(name="make_search")
def _make_search(make_job, drawing_model, monkeypatch):
    """Makes jobs of GNS, whose search is replaced by tracing."""
    monkeypatch.setattr(
        parsers, "build", lambda *_: drawing_models.TracingParser()
    )

    def make(task: str, **changes) -> Job:
        return make_job(
            task,
            model=drawing_model,
            dataset="omniglot_strokes",
            explainer=Explainer("parser", "searched", 1, 0.3),
            **changes,
        )

    return make
