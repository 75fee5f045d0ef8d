import numpy as np
from PIL import Image

from tfdood.evaluate.report import stroke_counts


def _records():
    values = {
        ("a", "omniglot"): {0: 0.0, 1: 0.25, 2: 0.75},
        ("a", "mnist"): {0: 0.5, 1: 0.5, 2: 0.0},
        ("b", "mnist"): {0: 0.1, 1: 0.9},
    }
    records = [
        {
            "metric": stroke_counts.metric(count),
            "model": model,
            "fingerprint": "1",
            "dataset": dataset,
            "value": value,
            "job": {"model": model, "dataset": dataset, "seed": 0},
        }
        for (model, dataset), counts in values.items()
        for count, value in counts.items()
    ]
    return [*records, {**records[0], "metric": "num_strokes", "value": 7.0}]


def test_shares_by_dataset_in_the_papers_order():
    shares = stroke_counts.shares(_records())
    assert list(shares) == ["mnist", "omniglot"]
    assert list(shares["mnist"]) == ["a 1", "b 1"]
    np.testing.assert_array_equal(shares["mnist"]["a 1"], [0.5, 0.5, 0.0])
    np.testing.assert_array_equal(shares["mnist"]["b 1"], [0.1, 0.9])
    np.testing.assert_array_equal(shares["omniglot"]["a 1"], [0, 0.25, 0.75])


def test_parsers_of_a_model_are_told_apart():
    (first, *_), job = _records(), {"parser": "traced"}
    traced = {**first, "parser": "traced", "value": 0.4, "job": job}
    shares = stroke_counts.shares([*_records(), traced])
    assert shares["omniglot"]["a 1, traced"] == [0.4]
    np.testing.assert_array_equal(shares["omniglot"]["a 1"], [0, 0.25, 0.75])


def test_the_last_job_of_a_model_counts():
    (first, *_), job = _records(), {"seed": 1}
    again = [
        {**first, "metric": stroke_counts.metric(n), "value": v, "job": job}
        for n, v in ((0, 0.75), (1, 0.25))
    ]
    shares = stroke_counts.shares([*_records(), *again])
    np.testing.assert_array_equal(shares["omniglot"]["a 1"], [0.75, 0.25])


def test_draws_a_panel_a_dataset(tmp_path):
    one = [r for r in _records() if r["dataset"] == "mnist"]
    assert stroke_counts.draw(one, tmp_path / "one.png")
    assert stroke_counts.draw(_records(), tmp_path / "two.png")
    sizes = [
        Image.open(tmp_path / name).size for name in ("one.png", "two.png")
    ]
    assert sizes[1][0] == 2 * sizes[0][0]


def test_draws_nothing_without_counts(tmp_path):
    records = [{**_records()[0], "metric": "iwae"}]
    assert not stroke_counts.draw(records, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
