import json

import numpy as np
import pytest

from tfdood.saved import card as model_card
from tfdood.settings import presets
from tfdood.settings import text as settings_lib


def test_prefers_what_was_measured_on_held_out_drawings(tmp_path):
    record = {
        "source": "embedded sample",
        "step": 9,
        "num_images": 1000,
        "num_particles": 50,
        "iwae": 7.5,
    }
    (tmp_path / "held_out.json").write_text(json.dumps(record))
    (tmp_path / "metrics.jsonl").write_text('{"step": 8, "test/iwae": 1.0}\n')
    values, measured_on = model_card.measured(tmp_path)
    assert values == {"iwae": 7.5}
    assert measured_on == (
        "1,000 held-out drawings of the embedded sample, after 9 steps, "
        "50 particles"
    )


def test_falls_back_to_the_newest_evaluation(tmp_path):
    lines = [
        {"step": 8, "test/iwae": 1.0},
        {"step": 9, "test/iwae": 2.0},
        {"step": 10, "elbo": 3.0},
    ]
    text = "\n".join(json.dumps(line) for line in lines) + '\n{"step": 11, "te'
    (tmp_path / "metrics.jsonl").write_text(text)
    values, measured_on = model_card.measured(tmp_path)
    assert values == {"iwae": 2.0}
    assert "after 9 steps" in measured_on


@pytest.mark.parametrize("text", ['{"step": 9, "iw', "{}", "[]"])
def test_a_damaged_measurement_is_named(tmp_path, text):
    (tmp_path / "held_out.json").write_text(text)
    with pytest.raises(ValueError, match=r"held_out\.json is damaged"):
        model_card.measured(tmp_path)


def test_says_so_where_nothing_was_measured(tmp_path):
    values, measured_on = model_card.measured(tmp_path)
    assert values == {}
    assert "train.held_out" in measured_on


@pytest.mark.parametrize(
    ("start_from", "expected"),
    [
        ("", "mnist: the sample |"),
        ("runs/old", "mnist: the sample, starting from runs/old |"),
    ],
)
def test_the_card_says_what_made_the_weights(tmp_path, start_from, expected):
    config = settings_lib.override(
        presets.get("dood", "mnist"),
        ["training.source=the sample", f"training.start_from={start_from}"],
    )
    facts = model_card.Facts(config, 1, {}, "nothing", 1, {}, "ab")
    model_card.write(tmp_path, "title", facts)
    card = (tmp_path / "model_card.md").read_text()
    assert f"| trained on | {expected}\n" in card


@pytest.mark.parametrize("name", presets.PRESETS)
def test_the_card_says_whether_strokes_are_curves(tmp_path, name):
    config = presets.get(name, "mnist")
    facts = model_card.Facts(config, 1, {}, "nothing", 1, {}, "ab")
    model_card.write(tmp_path, "title", facts)
    card = (tmp_path / "model_card.md").read_text()
    assert ("not curves" in card) != config.model.has_curves
    assert ("Bezier curves" in card) == config.model.has_curves


def test_a_fingerprint_is_of_all_that_decides_the_answers():
    config = presets.get("dood", "mnist")
    other = settings_lib.override(config, ["model.num_strokes=4"])
    weights = [np.float32([1.0, 2.0]), np.float32([[3.0]])]
    found = [
        model_card.fingerprint(*arguments)
        for arguments in (
            (config, 10, weights),
            (other, 10, weights),
            (config, 20, weights),
            (config, 10, weights[::-1]),
            (config, 10, [weights[0], weights[1] + 1.0]),
        )
    ]
    assert len(set(found)) == 5
    copies = [array.copy() for array in weights]
    assert model_card.fingerprint(config, 10, copies) == found[0]
