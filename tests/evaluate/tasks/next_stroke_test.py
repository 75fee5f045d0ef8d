"""The task, with a prior of random weights and the embedded strokes."""

import numpy as np
import pytest
from PIL import Image

from tests.evaluate import drawing_models
from tfdood import data
from tfdood.evaluate.tasks import next_stroke


@pytest.fixture(name="model", scope="module")
def _model():
    return drawing_models.DrawingModel(num_control_points=24)


def test_nats_are_those_of_the_model_and_a_figure_is_drawn(make_job, model):
    job = make_job(
        "next_stroke", model=model, dataset="omniglot_strokes", num_images=7
    )
    measures, source = next_stroke.run(job)
    assert source
    strokes = data.spread(
        data.read("omniglot_strokes", "test", image_size=20), 7
    ).strokes
    found = model.run("log_prior", **strokes._asdict())
    numbers = np.asarray(strokes.num_control_points)
    num_strokes = (numbers > 0).sum()
    expected = {
        "start": -np.sum(found["starts"]) / num_strokes,
        "offset": -np.sum(found["offsets"] + found["ends"])
        / (numbers.sum() - num_strokes),
        "stop": -np.sum(found["stops"]) / (num_strokes + 7),
        "drawing": -np.mean(found["log_prior"]),
    }
    for name, value in expected.items():
        assert measures[name].value == pytest.approx(value, rel=1e-4)
        assert measures[name].num_images == 7
    assert measures["start_of_uniform"].value == pytest.approx(
        2.0 * np.log(105.0)
    )
    assert {name.partition("_")[0] for name in measures} == set(expected)
    with Image.open(job.figure("next_strokes")) as figure:
        assert figure.width > 105


def test_what_the_task_cannot_score_is_refused(make_job, drawing_model):
    with pytest.raises(ValueError, match="--dataset=omniglot_strokes"):
        next_stroke.run(make_job("next_stroke"))
    strokes = {"dataset": "omniglot_strokes"}
    with pytest.raises(ValueError, match="such as pretrained:gns"):
        next_stroke.run(make_job("next_stroke", **strokes))
    with pytest.raises(ValueError, match="num_control_points=24"):
        next_stroke.run(make_job("next_stroke", model=drawing_model, **strokes))
