import inspect

import numpy as np
import pytest

from tfdood.evaluate import tasks


@pytest.mark.parametrize(("name", "task"), tasks.TASKS.items())
def test_every_task_has_a_default_number_of_images_and_takes_a_job(name, task):
    assert task.__name__ == f"tfdood.evaluate.tasks.{name}"
    assert task.DEFAULTS["num_images"] > 0
    assert set(task.DEFAULTS) <= {"num_images", "num_particles", "temperature"}
    of_search = getattr(task, "DEFAULTS_OF_SEARCH", task.DEFAULTS)
    assert {"num_images"} <= set(of_search) <= set(task.DEFAULTS)
    assert task.VERSION >= 1
    assert list(inspect.signature(task.run).parameters) == ["job"]


@pytest.mark.parametrize(
    "name", ["reconstruction", "generation", "exemplars", "completion"]
)
def test_strokes_may_be_codes(name, make_job, model_of_codes):
    job = make_job(name, model=model_of_codes, num_images=6)
    measures, _ = tasks.TASKS[name].run(job)
    values = [measure.value for measure in measures.values()]
    assert np.all(np.isfinite(values))
    assert list((job.folder / "figures").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["difference_air", "dood_dr"])
def test_codes_are_clustered_and_their_strokes_counted(
    preset, make_job, export_preset
):
    model = export_preset(preset)
    job = make_job("clusters", model=model, num_images=50)
    measures, _ = tasks.TASKS["clusters"].run(job)
    assert -1.0 < measures["silhouette_8"].value < 1.0
    assert job.figure("tsne").exists()
    job = make_job("reconstruction", model=model)
    measures, _ = tasks.TASKS["reconstruction"].run(job)
    shares = [measures[f"share_with_{n}_strokes"].value for n in range(4)]
    assert sum(shares) == pytest.approx(1.0)
    assert measures["num_strokes"].value == pytest.approx(
        np.dot(range(4), shares)
    )


@pytest.mark.slow
def test_strokes_in_their_own_frames_are_clustered(make_job, export_preset):
    model = export_preset("dood_glimpse")
    job = make_job("clusters", model=model, num_images=50)
    measures, _ = tasks.TASKS["clusters"].run(job)
    assert -1.0 < measures["silhouette_8"].value < 1.0
    assert job.figure("tsne").exists()


def test_tasks_of_training_drawings_alone_have_no_other_split():
    for name in ("clusters", "discrimination_steps"):
        assert tasks.splits(name) == ("train",)
    assert tasks.splits("parsing") == ("test", "validation")
