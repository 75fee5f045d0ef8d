import pytest

from tfdood.evaluate.report import page, scene_tables


def _record(metric, value, **changes):
    return {
        "task": "any",
        "metric": metric,
        "value": value,
        "standard_error": 0.0,
        "model": "gnm_mnist_4",
        "fingerprint": "abcdef12",
        "preset": "gnm",
        "beta": 1.0,
        "trained_on": "mnist_4",
        "dataset": "mnist_4",
        "split": "test",
        "step": 30_000,
        "training_seed": 2,
        "image_size": 64,
        "pixel_std": 0.1,
        **changes,
    }


_BLANK = "log_likelihood_of_blank_canvas"
_RECORDS = [
    _record("scene_accuracy_by_connected_ink", 0.75, standard_error=0.02),
    _record("scene_accuracy", 0.8),
    _record("iwae", 4_700.4),
    _record("relaxed_iwae", 4_800.4),
    _record("average_precision_50", 0.6),
    _record("average_precision_50_of_connected_ink", 0.5),
    _record("scene_accuracy_of_shuffled_digits", 0.04),
    _record(_BLANK, 1_900.0),
]
_CONVDRAW = {
    "model": "convdraw_mnist_4",
    "fingerprint": "12",
    "preset": "convdraw",
}


def _tables(records):
    return scene_tables.section(records).tables


def _rows(table, dataset, system):
    return [
        dict(zip(table.header, row, strict=True))
        for row in table.rows
        if row[0].startswith(f"{dataset}\n") and row[1] == system
    ]


def test_drawings_have_no_such_section():
    assert scene_tables.section([]) is None
    drawing = _record("iwae", 1.0, dataset="mnist", trained_on="mnist")
    assert scene_tables.section([drawing]) is None
    assert not scene_tables.is_of_scenes(drawing)


def test_our_model_stands_beside_the_system_that_it_is():
    table = _tables(_RECORDS)[0]
    (row,) = _rows(table, "mnist_4", "GNM")
    assert row == {
        "dataset": "mnist_4\n(MNIST-4)",
        "system": "GNM",
        "S-Acc, D-Steps and LL of the paper": "0.984, 3,920, 10,964",
        "our model": "gnm_mnist_4 abcdef\n30,000 steps, training seed 2\n"
        "64 x 64, normal pixels of standard deviation 0.1",
        "rule obeyed, by ink": "0.750 ± 0.020",
        "rule obeyed, by its boxes": "0.800",
        "steps to tell apart": page.MISSING,
        "nats": "4700",
        "nats, relaxed": "4800",
    }
    for dataset, system in (("mnist_4", "VAE"), ("mnist_10", "GNM")):
        (row,) = _rows(table, dataset, system)
        assert row["our model"] == page.MISSING


def test_models_with_and_without_boxes_have_the_same_judge():
    ink = "scene_accuracy_by_connected_ink"
    records = [*_RECORDS, _record(ink, 0.25, **_CONVDRAW)]
    table = _tables(records)[0]
    cells = {
        system: _rows(table, "mnist_4", system)[0]
        for system in ("GNM", "ConvDRAW")
    }
    assert cells["GNM"]["rule obeyed, by ink"].startswith("0.750")
    assert cells["ConvDRAW"]["rule obeyed, by ink"] == "0.250"
    assert cells["ConvDRAW"]["rule obeyed, by its boxes"] == page.MISSING


def test_what_learns_nothing_stands_below_once_for_each_kind_of_pixels():
    other = _record(_BLANK, 900.0, fingerprint="77", pixel_std=0.2)
    same = _record("iwae", 4_500.0, **_CONVDRAW)
    table = _tables([*_RECORDS, same, other])[0]
    blank = _rows(table, "mnist_4", "blank canvas")
    assert [row["nats"] for row in blank] == ["1900", "900"]
    (row,) = _rows(table, "mnist_4", "digits shuffled")
    assert row["rule obeyed, by its boxes"] == "0.040"
    assert not _rows(table, "mnist_10", "blank canvas")


@pytest.mark.parametrize(
    "changes",
    [
        {"trained_on": "mnist_4_10"},
        {"split": "validation"},
        {"read_from": "sample"},
        {"beta": 2.0},
    ],
)
def test_other_data_and_other_weights_are_another_row(changes):
    table = _tables(
        [*_RECORDS, _record("iwae", 1.0, fingerprint="9", **changes)]
    )[0]
    (row,) = _rows(table, "mnist_4", "GNM")
    assert row["nats"] == "4700"


def test_a_variant_of_beta_has_its_own_row():
    changes = {
        "dataset": "mnist_4_10",
        "trained_on": "mnist_4_10",
        "beta": 10.0,
    }
    record = _record("iwae", 4_000.0, **_CONVDRAW | changes)
    table = _tables([record])[2]
    (row,) = _rows(table, "mnist_4_10", "ConvDRAW-beta-10")
    assert row["nats"] == "4000"
    (row,) = _rows(table, "mnist_4_10", "ConvDRAW")
    assert row["our model"] == page.MISSING


def test_two_models_of_a_system_have_two_rows():
    second = _record("iwae", 4_600.0, fingerprint="99", training_seed=3)
    rows = _rows(_tables([*_RECORDS, second])[0], "mnist_4", "GNM")
    assert [row["nats"] for row in rows] == ["4700", "4600"]


def test_found_objects_have_a_table_of_their_own():
    table = _tables(_RECORDS)[3]
    (row,) = _rows(table, "mnist_4", "GNM")
    published = row["AP at .5, AP and digits of the paper"]
    assert published == "0.905, 0.487, 0.983"
    assert row["AP at .5"] == "0.600"
    (row,) = _rows(table, "mnist_4", "connected ink, pixels")
    assert row["AP at .5"] == "0.500"
