from tfdood.evaluate.report import published
from tfdood.settings import presets


def test_published_rows_and_columns_are_in_place():
    cells = [
        ("dood", "mnist", "mnist", (7094.0, 57.9)),
        ("dood", "mnist", "quickdraw", (-2531.6, 487.5)),
        ("dood_paper", "kmnist", "emnist", (5667.4, 29.7)),
        ("dood", "omniglot", "omniglot", (7385.9, 6.8)),
        ("difference_air", "emnist", "quickdraw", (2963.2, 24.4)),
        ("dood_sp", "quickdraw", "kmnist", (2939.4, 115.6)),
        ("dood_eg", "omniglot", "mnist", (3677.7, 618.9)),
        ("dood_dr", "mnist", "omniglot", (4001.7, 273.5)),
        ("difference_air", "omniglot", "omniglot", None),
        ("vae", "mnist", "mnist", None),
    ]
    for *cell, expected in cells:
        assert published.marginal_likelihood(*cell) == expected
    assert published.BLANK_CANVAS["quickdraw", "kmnist"] == -951
    assert len(published.BLANK_CANVAS) == 25


def test_published_systems_beat_blank_canvases_on_their_own_data():
    found = 0
    for preset in presets.PRESETS:
        for name in published.DATASETS:
            spread = published.marginal_likelihood(preset, name, name)
            if spread:
                found += 1
                assert spread.mean > published.BLANK_CANVAS[name, name]
                str(spread)
    assert found == 3 * 5 + 4 + 4 + 5 + 1


def test_one_seed_has_no_spread():
    spread = published.marginal_likelihood("dood_dr", "mnist", "emnist")
    assert str(spread) == "1650"


def test_nats_of_validation_or_of_the_sample_do_not_compare():
    record = {
        "likelihood": "laplace",
        "image_size": 50,
        "pixel_scale": "learned",
        "pixel_scale_floor": 0.01,
        "num_particles": 200,
    }
    assert published.is_comparable(record | {"split": "test"})
    assert not published.is_comparable(record | {"split": "validation"})
    of_sample = {"split": "test", "read_from": "sample"}
    assert not published.is_comparable(record | of_sample)
