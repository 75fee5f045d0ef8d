"""The baselines are compared with `dood`, so they share all but the model."""

import pytest

from tfdood import data
from tfdood.settings import presets, text

_AIR_ONLY = {"model.presence_bias", "model.stroke_std_bias"}


def _differing(name, other, dataset="mnist"):
    """The settings of both that differ, without the names."""
    ours, others = (
        text.flatten(presets.get(n, dataset)) for n in (name, other)
    )
    common = (ours.keys() & others.keys()) - {"preset", "model.name"}
    return {path for path in common if ours[path] != others[path]}


@pytest.mark.parametrize("dataset", data.NAMES)
def test_difference_air_is_air_with_execution_guidance(dataset):
    changed = _differing("difference_air", "air", dataset)
    assert changed == {"model.execution_guided"}
    assert presets.get("difference_air", dataset).model.execution_guided


@pytest.mark.parametrize(
    ("name", "own"), [("difference_air", _AIR_ONLY), ("vae", set())]
)
def test_a_baseline_has_the_encoder_pixels_and_budget_of_dood(name, own):
    assert _differing(name, "dood") == own


def test_beta_of_air_and_dood_is_as_published():
    """Paper, App. C: beta is 4 for DooD and 5 for AIR."""
    prices = [
        presets.get(name, "mnist").objective.beta
        for name in ("dood_paper", "air", "difference_air")
    ]
    assert prices == [4.0, 5.0, 5.0]


@pytest.mark.parametrize("name", ["air", "difference_air"])
def test_air_has_normal_pixels_only_on_omniglot(name):
    """As in the authors' code."""
    kinds = {d: presets.get(name, d).model.likelihood for d in data.NAMES}
    assert {d for d, kind in kinds.items() if kind == "normal"} == {"omniglot"}


def test_code_size_of_vae_equals_all_numbers_of_six_strokes_of_dood():
    """A stroke is a layout of 4 numbers and K points of 2."""
    dood, vae = (presets.get(n, "mnist").model for n in ("dood", "vae"))
    per_stroke = 4 + 2 * dood.num_control_points
    assert vae.code_size == dood.num_strokes * per_stroke
