import dataclasses

import numpy as np
import pytest

from tfdood import models
from tfdood.saved import pretrained, runs
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib
from train import checkpoints, warm_start

_MODEL = config_lib.ModelConfig(
    image_size=20, glimpse_size=10, num_strokes=2, width=8, num_mixtures=2
)


def _weights(model):
    return [np.asarray(variable) for variable in model.variables]


@pytest.fixture(name="folders", autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture(name="trained")
def _trained(tmp_path):
    """Kept both in the folder of a run and as the pretrained "tiny"."""
    model = models.build(_MODEL)
    model.typical_pen.assign([0.25, 0.5, 0.75])
    checkpoints.Checkpoints(
        {"model": runs.variables(model)}, tmp_path / "run/checkpoints"
    ).save(3)
    config = config_lib.Config("dood", model=_MODEL)
    (tmp_path / "run" / "config.json").write_text(settings_lib.to_json(config))
    kept = pretrained.Pretrained(config, {}, _weights(model))
    pretrained.write(tmp_path / "tiny.npz", kept)
    return model


def test_from_a_run(folders, trained):
    model = models.build(_MODEL)
    warm_start.assign(model, str(folders / "run"))
    for new, old in zip(_weights(model), _weights(trained), strict=True):
        np.testing.assert_array_equal(new, old)


def test_from_a_pretrained_model(trained):
    model = models.build(_MODEL)
    warm_start.assign(model, "pretrained:tiny")
    for new, old in zip(_weights(model), _weights(trained), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-3, atol=1e-6)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("source", ["pretrained:tiny", "run"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 9}, "model.width=8, not 9"),
        ({"stroke_std_bias": 0.0}, "model.stroke_std_bias=-2.0, not 0.0"),
        ({"pixel_scale": "learned"}, "model.pixel_scale=running, not learned"),
    ],
)
def test_weights_that_mean_something_else_are_refused(
    folders, source, change, message
):
    other = models.build(dataclasses.replace(_MODEL, **change))
    source = source.replace("run", str(folders / "run"))
    with pytest.raises(runs.RunError, match=f"from {source} .*{message}"):
        warm_start.assign(other, source)


def test_more_strokes_may_start_from_fewer(trained):
    more = models.build(dataclasses.replace(_MODEL, num_strokes=4))
    warm_start.assign(more, "pretrained:tiny")
    for new, old in zip(_weights(more), _weights(trained), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("pretrained:huge", r"no pretrained model 'huge'"),
        ("no/such/run", "no/such/run"),
    ],
)
def test_nothing_to_start_from_is_one_sentence(source, message):
    with pytest.raises(runs.RunError, match=message):
        warm_start.assign(models.build(_MODEL), source)
