import json

import pytest

from tfdood.saved import families


@pytest.mark.parametrize(
    ("model", "family"),
    [("all", "dood"), ("gns", "gns"), ("gnm_mnist_4", "gnm"), ("mnst", None)],
)
def test_family_of_pretrained_models(model, family):
    assert families.of(f"pretrained:{model}") == family


def test_runs_and_exports_have_a_family(tiny_run, exported_model):
    for folder in (tiny_run.path, exported_model.path):
        assert families.of(str(folder)) == "dood"


@pytest.mark.parametrize("text", ["{", "[]", "{}", json.dumps({"model": 1})])
def test_damaged_configurations_have_none(tmp_path, text):
    assert families.of(str(tmp_path)) is None
    (tmp_path / "config.json").write_text(text)
    assert families.of(str(tmp_path)) is None
