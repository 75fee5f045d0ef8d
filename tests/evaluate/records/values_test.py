import dataclasses

import numpy as np
import pytest

from tfdood.evaluate.records import values


def test_values_read_back_by_the_key_of_the_job(make_job):
    job = make_job("any")
    given = {"error": np.array([0.5, 1 / 3, -2.0]), "count": np.arange(3)}
    values.write(job, given)
    found = values.read(job.folder, job.key())
    assert set(found) == {"error", "count"}
    for name, array in found.items():
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, given[name], rtol=1e-6)
    (path,) = (job.folder / "values").iterdir()
    assert path.name.startswith("any_")


def test_values_of_another_job_are_not_found(make_job):
    job = make_job("any")
    values.write(job, {"error": np.zeros(3)})
    other = dataclasses.replace(job, split="validation")
    assert values.read(job.folder, other.key()) == {}


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_damaged_values_are_none(make_job, content):
    job = make_job("any")
    values.write(job, {"error": np.zeros(3)})
    (path,) = (job.folder / "values").iterdir()
    path.write_bytes(content)
    assert values.read(job.folder, job.key()) == {}


def test_a_killed_write_keeps_the_old_values(make_job, monkeypatch):
    job = make_job("any")
    values.write(job, {"error": np.ones(3)})

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", killed)
        with pytest.raises(KeyboardInterrupt):
            values.write(job, {"error": np.zeros(3)})
    found = values.read(job.folder, job.key())["error"]
    np.testing.assert_array_equal(found, np.ones(3))
