import numpy as np
import pytest

from tests.evaluate import seeing_models
from tfdood.evaluate.tasks import scene_accuracy

_BLANK, _SHUFFLED = "_of_blank_scenes", "_of_shuffled_digits"


@pytest.mark.parametrize(
    ("name", "least"), [("mnist_4", 0.8), ("mnist_10", 0.6)]
)
def test_real_scenes_obey_and_naive_ones_do_not(name, least, make_job):
    model = seeing_models.SeeingModel(name)
    job = make_job("scene_accuracy", dataset=name, model=model, num_images=60)
    measures, source = scene_accuracy.run(job)
    values = {name: measure.value for name, measure in measures.items()}
    for which in ("", "_of_real_scenes", "_of_real_scenes_by_true_boxes"):
        assert values[f"scene_accuracy{which}"] >= least
    for which in ("_by_connected_ink", "_of_real_scenes_by_connected_ink"):
        assert 0.4 < values[f"scene_accuracy{which}"]
    assert values[f"scene_accuracy{_SHUFFLED}"] < 0.15
    assert values[f"scene_accuracy{_BLANK}"] == 0.0
    for metric, value in values.items():
        if metric.startswith("scene_accuracy"):
            which = metric.removeprefix("scene_accuracy")
            assert values[f"share_with_right_digits{which}"] >= value
    assert f"scenes {name} of the embedded sample" in source
    assert job.figure("samples").exists()


def test_models_without_boxes_are_judged_by_their_ink(make_job):
    model = seeing_models.SeeingModel("mnist_4", has_boxes=False)
    job = make_job("scene_accuracy", dataset="mnist_4", model=model)
    measures, _ = scene_accuracy.run(job)
    assert "scene_accuracy" not in measures
    assert "scene_accuracy_of_real_scenes" not in measures
    assert measures["scene_accuracy_by_connected_ink"].value > 0.5


def test_untrained_models_of_drawings_obey_no_rule(make_job):
    job = make_job("scene_accuracy", dataset="mnist_4")
    measures, _ = scene_accuracy.run(job)
    assert measures["scene_accuracy_by_connected_ink"].value == 0.0
    assert measures["scene_accuracy_of_real_scenes_by_true_boxes"].value >= 0.0


@pytest.mark.parametrize("name", ["mnist", "arrow_like"])
def test_only_scenes_of_digits_are_judged(make_job, name):
    with pytest.raises(ValueError, match=f"got dataset={name}; choose from mn"):
        scene_accuracy.run(make_job("scene_accuracy", dataset=name))


def test_unreadable_digits_are_not_right(monkeypatch):
    judge = scene_accuracy._Judge("mnist_4")
    model = seeing_models.SeeingModel("mnist_4", count=20)
    sample = model.run_all("generate", seeds=np.zeros((20, 2), np.int32))
    boxes = scene_accuracy._pieces(sample["canvas"])
    assert judge(sample["canvas"], boxes).digits.mean() > 0.5
    monkeypatch.setattr(scene_accuracy, "_LEAST_CONFIDENCE", 1.1)
    assert not judge(sample["canvas"], boxes).digits.any()
