import pytest

from tfdood.evaluate.report import matrix, published


def _record(**changes):
    return {
        "trained_on": "mnist",
        "model": "dood_mnist",
        "fingerprint": "ab",
        "step": 4500,
        "encoder": "paper",
        "likelihood": "laplace",
        "pixel_scale": "running",
        "collages": 0.2,
        "training_seed": 0,
        "training_source": "drawings",
        "split": "test",
        "image_size": 50,
        "pixel_scale_floor": 0.01,
        "preset": "dood",
        "dataset": "mnist",
        "read_from": "imported_mnist/1.0.0",
        "num_images": 1000,
        "num_particles": 200,
        "seed": 17,
        "metric": "iwae",
        "value": 6181.3371,
        "standard_error": 24.88,
        **changes,
    }


def test_cells_are_source_by_target():
    records = [
        _record(dataset=target, trained_on=source, model=source, value=value)
        for source, target, value in (
            ("omniglot", "kmnist", -321.0),
            ("mnist", "omniglot", 99.0),
            ("mnist", "mnist", 55.0),
        )
    ]
    table = matrix.table("marginal_likelihood", records)
    assert table.header == ["trained on", *published.DATASETS]
    assert [row[0].split("\n")[0] for row in table.rows] == [
        "mnist",
        "omniglot",
    ]
    ours = [[c.split("\n")[0] for c in row[1:]] for row in table.rows]
    assert ours == [
        ["55 ± 25", "–", "–", "–", "99 ± 25"],
        ["–", "–", "-321 ± 25", "–", "–"],
    ]
    cell = table.rows[1][3].split("\n")
    assert cell == ["-321 ± 25", "paper -1959 ± 356", "blank -6537"]


def test_other_drawings_of_a_dataset_have_a_row_of_their_own():
    records = [
        _record(value=1.0),
        _record(value=2.0, read_from="mnist/3.0.1"),
        _record(value=3.0, dataset="kmnist", read_from="kmnist/3.0.1"),
    ]
    rows = matrix.table("marginal_likelihood", records).rows
    values = [[cell.split(" ")[0] for cell in row[1:4]] for row in rows]
    assert values == [["1", "–\npaper", "3"], ["2", "–\npaper", "–\npaper"]]
    assert "of another version" not in rows[0][0]
    assert "1,000 test drawings a cell, of another version" in rows[1][0]


def test_metrics_that_cells_do_not_show_make_no_rows():
    records = [
        _record(metric="num_strokes", value=3.0),
        _record(metric="num_strokes_of_class_7", num_images=91, value=2.0),
        _record(
            metric="sharpness",
            num_images=998,
            value=1.0,
            job={"num_images": 1000},
        ),
    ]
    (row,) = matrix.table("reconstruction", records).rows
    assert "strokes 3.00" in row[1] and "sharpness 1.00" in row[1]
    assert row[2] == "–"


def test_a_row_names_the_weights_that_its_run_started_from():
    table = matrix.table(
        "marginal_likelihood", [_record(start_from="pretrained:kmnist")]
    )
    label = table.rows[0][0].split("\n")[0]
    assert label == "mnist, from pretrained:kmnist"


def test_an_ablation_has_its_own_published_number():
    cells = [
        matrix.table("marginal_likelihood", [_record(preset=preset)]).rows[0][1]
        for preset in ("dood_eg", "vae")
    ]
    assert cells == [
        "6181 ± 25\npaper 7054 ± 196\nblank 4310",
        "6181 ± 25\nblank 4310",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"likelihood": "normal"},
        {"image_size": 28},
        {"pixel_scale_floor": 0.1},
        {"pixel_scale": "canvas"},
        {"num_particles": 50},
    ],
)
def test_nats_of_other_pixels_have_no_published_number(change):
    row = matrix.table("marginal_likelihood", [_record(**change)]).rows[0]
    likelihood = change.get("likelihood", "laplace")
    scale = change.get("pixel_scale", "running")
    assert f"{likelihood} pixels of {scale} scale, 20 % collages" in row[0]
    assert row[1] == "6181 ± 25"


def test_models_of_equal_names_are_told_by_their_fingerprints():
    records = [_record(fingerprint=text) for text in ("0123abcd", "4567abcd")]
    rows = matrix.table("marginal_likelihood", records).rows
    assert [row[0].split("\n")[1] for row in rows] == [
        "dood_mnist 0123ab",
        "dood_mnist 4567ab",
    ]


def test_a_row_says_what_its_numbers_are_of():
    (row,) = matrix.table("marginal_likelihood", [_record(collages=0.0)]).rows
    assert row[0].split("\n")[2:4] == [
        "Preset dood, paper encoder, 4,500 steps on mnist (drawings), "
        "laplace pixels of running scale, no collages, 1 training seed (0)",
        "1,000 test drawings a cell",
    ]


def test_a_row_of_normal_pixels_names_their_deviation():
    scene = _record(likelihood=None, pixel_scale=None, pixel_std=0.1)
    (row,) = matrix.table("marginal_likelihood", [scene]).rows
    assert "normal pixels of standard deviation 0.1" in row[0]


def test_presets_stand_in_the_order_in_which_they_are_listed():
    records = [
        _record(preset=preset, model=preset, fingerprint=text)
        for preset, text in (("vae", "a"), ("dood", "c"), ("dood", "b"))
    ]
    table = matrix.table("marginal_likelihood", records)
    assert [row[0].split("\n")[1] for row in table.rows] == [
        "dood b",
        "dood c",
        "vae a",
    ]


def test_reconstructions_have_errors_strokes_and_sharpness():
    records = [
        _record(metric=metric, value=value, standard_error=0.1)
        for metric, value in (
            ("mean_absolute_error", 0.02),
            ("num_strokes", 2.7),
            ("share_with_2_strokes", 0.4),
        )
    ]
    table = matrix.table("reconstruction", records)
    assert len(table.rows) == 1
    assert table.rows[0][1].split("\n") == [
        "error 0.0200 ± 0.1000",
        "strokes 2.70 ± 0.10",
        "sharpness –",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"fingerprint": "cd"},
        {"split": "validation"},
        {"pixel_scale": "learned"},
        {"collages": 0.0},
        {"training_seed": 1},
        {"encoder": "patches"},
        {"num_images": 12},
        {"num_particles": 10},
        {"parser": "refined"},
        {"refinement_steps": 60},
        {"read_from": "sample"},
    ],
)
def test_runs_with_other_settings_have_rows_of_their_own(change):
    table = matrix.table(
        "marginal_likelihood", [_record(), _record(**change, value=1.0)]
    )
    assert [row[1].split(" ")[0] for row in table.rows] == ["6181", "1"]
