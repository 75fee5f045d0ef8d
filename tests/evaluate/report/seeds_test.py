import numpy as np
import pytest

from tfdood.evaluate.report import seeds


def _record(seed, value, error=0.3, **changes):
    return {
        "recipe": "0a",
        "training_seed": seed,
        "model": f"seed{seed}",
        "fingerprint": "abcdef0123",
        "metric": "iwae",
        "value": value,
        "standard_error": error,
        "dataset": "mnist",
        "split": "validation",
        "num_images": 1_000,
        "seed": 5,
        **changes,
    }


def test_errors_over_seeds_and_over_drawings_are_told_apart():
    found = seeds.spread([1.0, 2.0, 6.0], [0.3, 0.4, 1.2])
    # Squared deviations 4 + 1 + 9, over 2; squared errors 1.69, over 3.
    assert found.mean == pytest.approx(3.0)
    assert found.deviation == pytest.approx(np.sqrt(7.0))
    assert found.drawing_error == pytest.approx(np.sqrt(1.69 / 3.0))


def test_equal_seeds_do_not_deviate_but_drawings_do():
    found = seeds.spread([5.0, 5.0], [0.5, 0.5])
    assert (found.deviation, found.drawing_error) == (0.0, 0.5)


def test_a_row_is_of_models_that_differ_in_the_seed_alone():
    table = seeds.table(
        [
            *(_record(seed, value) for seed, value in ((0, 1.0), (3, 3.0))),
            _record(0, 7.0, recipe="0b"),
            _record(4, 7.0, split="test"),
            _record(5, 7.0, step=12),
            _record(6, 7.0, parser="refined"),
            _record(7, 7.0, proposal="refined"),
        ]
    )
    (row,) = table.rows
    assert row[0].startswith("seed0 abcdef, seed3 abcdef\nPreset ")
    assert row[0].endswith("2 training seeds (0, 3)")
    assert row[1].startswith("1,000 validation drawings of mnist")
    assert row[2:] == ["sampling seed 5", "iwae", "2", "1.4", "0.3"]
    assert table.header[-2:] == [
        "standard deviation over seeds",
        "standard error of one model",
    ]


def test_measures_without_a_value_for_some_drawings_meet_over_seeds():
    table = seeds.table(
        [
            _record(seed, seed, num_images=count, job={"num_images": 1_000})
            for seed, count in ((0, 731), (1, 748))
        ]
    )
    assert len(table.rows) == 1


def test_a_seed_counts_once():
    records = [_record(0, 1.0), _record(0, 2.0), _record(1, 4.0)]
    (row,) = seeds.table(records).rows
    assert row[4] == "3"


def test_single_seeds_and_records_without_a_recipe_have_no_table():
    assert seeds.table([_record(0, 1.0)]) is None
    old = [_record(None, x, recipe=None) for x in (1.0, 2.0)]
    assert seeds.table(old) is None
