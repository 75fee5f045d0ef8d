import dataclasses

import pytest

from tfdood.evaluate.records.job import Job


@pytest.fixture(name="make_job")
def _make_job(exported_model, tmp_path):
    """Makes jobs of a task, on the embedded sample, with few drawings."""

    def make(task: str, **changes) -> Job:
        job = Job(
            task=task,
            model=exported_model,
            dataset="mnist",
            data_dir=None,
            num_images=12,
            num_particles=4,
            temperature=0.5,
            seed=0,
            folder=tmp_path / "results",
        )
        return dataclasses.replace(job, **changes)

    return make
