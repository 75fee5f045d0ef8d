import json

import numpy as np
import pytest

from tfdood.models import MODELS
from tfdood.saved import card
from tfdood.settings import presets, text


def _facts(config, **changes):
    return card.Facts(
        config=config,
        description=MODELS[config.model.name].model.description,
        step=12_345,
        metrics={"iwae": 1234.5678, "num_strokes": 2.5},
        measured_on="ten drawings",
        num_particles=3,
        signatures={"generate": ["seeds"]},
        fingerprint="ab",
    )._replace(**changes)


def _card(folder, facts):
    card.write(folder, "the title", facts)
    return (folder / "model_card.md").read_text()


def test_measured_returns_the_newest_evaluation(tmp_path):
    lines = [
        {"step": 8_000, "validation/iwae": 1.0},
        {"step": 9_000, "validation/iwae": 2.0, "validation/num_strokes": 3.0},
        {"step": 9_050, "elbo": 3.0},
    ]
    records = "\n".join(json.dumps(line) for line in lines)
    # A killed process leaves half a line.
    (tmp_path / "metrics.jsonl").write_text(records + '\n{"step": 11, "te')
    config = presets.get("gns", "omniglot_strokes")
    (tmp_path / "config.json").write_text(text.to_json(config))
    values, measured_on = card.measured(tmp_path, 9_050)
    assert values == {"iwae": 2.0, "num_strokes": 3.0}
    assert measured_on == "up to 2,000 validation drawings after 9,000 steps"
    # Weights of an earlier step have earlier metrics.
    assert card.measured(tmp_path, 8_500)[0] == {"iwae": 1.0}


@pytest.mark.parametrize("content", [None, "", '{"step": 9, "elbo": 1.0}\n'])
def test_measured_without_evaluation_is_empty_and_says_why(tmp_path, content):
    if content is not None:
        (tmp_path / "metrics.jsonl").write_text(content)
    values, measured_on = card.measured(tmp_path, 9)
    assert values == {}
    assert "before its first evaluation" in measured_on


@pytest.mark.parametrize("name", presets.PRESETS)
def test_card_describes_the_model_and_lists_its_settings(tmp_path, name):
    config = presets.get(name, "omniglot")
    facts = _facts(config)
    written = _card(tmp_path, facts)
    assert "# the title" in written
    # The description is one paragraph with the sentence after it.
    assert facts.description in written
    assert f"| preset | `{name}` |" in written
    for path, value in text.flatten(config).items():
        listed = f"- `{path}`: {value}\n" in written
        assert listed == path.startswith("model.")


@pytest.mark.parametrize(
    ("preset", "is_curve"), [("dood", True), ("dood_dr", False), ("air", False)]
)
def test_card_says_whether_strokes_are_curves(tmp_path, preset, is_curve):
    written = _card(tmp_path, _facts(presets.get(preset, "mnist")))
    assert ("not curves" in written) != is_curve


def test_card_has_steps_metrics_and_signatures(tmp_path):
    written = _card(tmp_path, _facts(presets.get("dood", "mnist")))
    for part in (
        "12,345 of 64 drawings",
        "On ten drawings.",
        "| iwae | 1234.6 |",
        "- `generate`: `seeds`",
        "CC BY-SA 3.0",
    ):
        assert part in written


def test_card_without_metrics_has_no_table_of_them(tmp_path):
    facts = _facts(presets.get("dood", "mnist"), metrics={}, measured_on="no")
    written = _card(tmp_path, facts)
    assert "On no.\n" in written
    assert "| metric |" not in written


@pytest.mark.parametrize(
    ("start_from", "expected", "licence"),
    [
        ("", "mnist: the sample |", "Burges) |"),
        (
            "runs/old",
            "mnist: the sample, starting from runs/old |",
            "Burges); see also that of the drawings of the first weights |",
        ),
        (
            "pretrained:emnist",
            "mnist: the sample, starting from pretrained:emnist |",
            "Burges); see also that of pretrained:emnist |",
        ),
    ],
)
def test_card_says_what_the_weights_were_trained_on(
    tmp_path, start_from, expected, licence
):
    config = text.override(
        presets.get("dood", "mnist"),
        ["training.source=the sample", f"training.start_from={start_from}"],
    )
    written = _card(tmp_path, _facts(config))
    assert f"| trained on | {expected}\n" in written
    assert f" {licence}\n" in written


def test_card_of_own_drawings_has_no_path(tmp_path):
    config = text.override(
        presets.get("dood", "folder:/home/ann/cats"),
        ["training.source=folder cats"],
    )
    written = _card(tmp_path, _facts(config))
    assert "| trained on | folder_cats: folder cats |\n" in written
    assert "| licence of the drawings | known to the owner of" in written
    assert "/home/ann" not in written


def test_card_of_people_s_strokes_names_their_licence(tmp_path):
    for dataset in ("omniglot_strokes", "omniglot_strokes_recorded"):
        config = presets.get("gns", dataset)
        written = _card(tmp_path, _facts(config))
        assert f"| trained on | {dataset}: " in written
        assert "| licence of the drawings | MIT ((c) 2015 Bre" in written
        assert "https://github.com/brendenlake/omniglot |" in written


@pytest.mark.parametrize(
    ("names", "by_itself", "by_search"),
    [
        (("generate", "log_likelihood"), True, False),
        (("generate", "fit", "score_start"), False, True),
        (("generate",), False, False),
    ],
)
def test_card_says_how_images_are_explained(
    tmp_path, names, by_itself, by_search
):
    facts = _facts(presets.get("gns", "omniglot_strokes"))
    facts = facts._replace(signatures=dict.fromkeys(names, ["seeds"]))
    written = _card(tmp_path, facts)
    assert ("`log_likelihood` measures how well" in written) == by_itself
    assert ("by search only" in written) == by_search
    assert written.endswith(".\n")


def test_configuration_and_facts_are_written_for_programs(tmp_path):
    config = presets.get("vae", "mnist")
    facts = _facts(config)
    _card(tmp_path, facts)
    assert text.from_json((tmp_path / "config.json").read_text()) == config
    record = json.loads((tmp_path / "export.json").read_text())
    expected = facts._asdict()
    del expected["config"]
    assert record == expected


def test_fingerprint_depends_on_all_that_determines_the_outputs():
    config = presets.get("dood", "mnist")
    other = text.override(config, ["model.num_strokes=4"])
    weights = [np.float32([1.0, 2.0]), np.float32([[3.0]])]
    found = [
        card.fingerprint(*arguments)
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
    assert card.fingerprint(config, 10, copies) == found[0]


def test_fingerprint_of_a_run_whose_drawings_moved_stays():
    found = {
        card.fingerprint(presets.get("dood", f"folder:{path}"), 10, [])
        for path in ("/a/cats", "/b/cats", "/b/dogs")
    }
    assert len(found) == 2
