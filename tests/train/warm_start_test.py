import dataclasses
import shutil

import numpy as np
import pytest

from tests.saved import rounding
from tfdood import models
from tfdood.saved import pretrained, runs
from tfdood.settings import architectures, presets, text
from train import checkpoints, warm_start

_MODEL = architectures.Dood(
    image_size=20, glimpse_size=10, num_strokes=2, width=8, num_mixtures=2
)
_MAY_DIFFER = [
    field
    for field in dataclasses.fields(architectures.Dood)
    if field.metadata["may_differ"]
]


def _weights(model, left_out=()):
    apart = {id(variable) for variable in left_out}
    return [np.asarray(v) for v in model.variables if id(v) not in apart]


@pytest.fixture(name="folders", autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture(name="model", scope="module")
def _model():
    """A model with a pen of its own; tests do not change it."""
    model = models.build(_MODEL)
    model.typical_pen.assign([0.25, 0.5, 0.75])
    return model


@pytest.fixture(name="stored", scope="module")
def _stored(model, tmp_path_factory):
    """A folder that holds the model as a run and as the pretrained "tiny"."""
    folder = tmp_path_factory.mktemp("stored")
    checkpoints.Checkpoints(
        {"model": runs.variables(model)}, folder / "run/checkpoints"
    ).save(3)
    config = dataclasses.replace(presets.get("dood", "mnist"), model=_MODEL)
    (folder / "run" / "config.json").write_text(text.to_json(config))
    kept = pretrained.Pretrained(config, {}, _weights(model))
    pretrained.write(folder / "tiny.npz", kept)
    return folder


@pytest.fixture(name="trained")
def _trained(model, stored, folders):
    """The model, stored in a folder of the test's own."""
    shutil.copytree(stored, folders, dirs_exist_ok=True)
    return model


def test_weights_of_a_run_are_assigned_exactly(folders, trained):
    model = models.build(_MODEL)
    warm_start.assign(model, str(folders / "run"))
    for new, old in zip(_weights(model), _weights(trained), strict=True):
        np.testing.assert_array_equal(new, old)


@pytest.mark.usefixtures("trained")
def test_name_without_a_prefix_is_a_folder(folders, monkeypatch):
    monkeypatch.chdir(folders)
    shutil.copytree(folders / "run", folders / "tiny")
    exact, rounded = models.build(_MODEL), models.build(_MODEL)
    warm_start.assign(exact, "tiny")
    warm_start.assign(rounded, "pretrained:tiny")
    pairs = zip(_weights(exact), _weights(rounded), strict=True)
    assert any((a != b).any() for a, b in pairs)
    with pytest.raises(runs.RunError, match=r"no pretrained .*tiny2'"):
        warm_start.assign(exact, "tiny2")


def test_weights_of_a_pretrained_model_are_assigned_up_to_rounding(trained):
    model = models.build(_MODEL)
    warm_start.assign(model, "pretrained:tiny")
    for new, old in zip(_weights(model), _weights(trained), strict=True):
        rounding.assert_rounded(new, old)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("source", ["pretrained:tiny", "run"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 9}, "model.width=8, not 9"),
        ({"stroke_std_bias": 0.0}, "model.stroke_std_bias=-2.0, not 0.0"),
    ],
)
def test_weights_with_another_meaning_are_refused(
    folders, source, change, message
):
    other = models.build(dataclasses.replace(_MODEL, **change))
    source = source.replace("run", str(folders / "run"))
    with pytest.raises(runs.RunError, match=f"from {source} .*{message}"):
        warm_start.assign(other, source)


@pytest.fixture(name="loaded", scope="module")
def _loaded(stored):
    """The pretrained model, which is loaded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pretrained, "FOLDER", stored)
        return pretrained.load("pretrained:tiny")


@pytest.mark.parametrize("field", _MAY_DIFFER, ids=lambda field: field.name)
def test_weights_fit_models_whose_settings_may_differ(
    monkeypatch, loaded, field
):
    """Whatever does not change the meaning of weights keeps their shapes."""
    monkeypatch.setattr(pretrained, "load", lambda _: loaded)
    value = getattr(_MODEL, field.name)
    if field.type is str:
        changed = next(x for x in field.metadata["allowed"] if x != value)
    else:
        changed = value + 2 if field.type is int else 0.75 * value
    model = models.build(dataclasses.replace(_MODEL, **{field.name: changed}))
    warm_start.assign(model, "pretrained:tiny")
    for new, old in zip(_weights(model), _weights(loaded), strict=True):
        np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize(
    ("source", "kind"),
    [("canvas", "running"), ("learned", "canvas"), ("running", "learned")],
)
def test_another_kind_of_pixel_scale_keeps_its_initial_weights(
    tmp_path, source, kind
):
    trained = models.build(dataclasses.replace(_MODEL, pixel_scale=source))
    trained.typical_pen.assign([0.25, 0.5, 0.75])
    config = dataclasses.replace(
        presets.get("dood", "mnist"), model=trained.settings
    )
    kept = pretrained.Pretrained(config, {}, _weights(trained))
    pretrained.write(tmp_path / "other.npz", kept)
    model = models.build(dataclasses.replace(_MODEL, pixel_scale=kind))
    before = [np.array(v) for v in model.pixel_scale_variables]
    warm_start.assign(model, "pretrained:other")
    for now, then in zip(model.pixel_scale_variables, before, strict=True):
        np.testing.assert_array_equal(np.asarray(now), then)
    pairs = zip(
        _weights(model, model.pixel_scale_variables),
        _weights(trained, trained.pixel_scale_variables),
        strict=True,
    )
    for new, old in pairs:
        rounding.assert_rounded(new, old)


@pytest.mark.usefixtures("trained")
def test_another_family_is_refused():
    model = models.build(
        architectures.Air(
            image_size=20, glimpse_size=10, num_strokes=2, width=8
        )
    )
    with pytest.raises(
        runs.RunError, match="the family 'dood', not 'air'; choose another pre"
    ):
        warm_start.assign(model, "pretrained:tiny")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("pretrained:huge", "no pretrained model or run 'pretrained:huge'"),
        ("no/such/run", "no/such/run"),
    ],
)
def test_error_names_the_missing_source(model, source, message):
    with pytest.raises(runs.RunError, match=message):
        warm_start.assign(model, source)
