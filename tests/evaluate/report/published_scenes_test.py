from tfdood.evaluate.report import published_scenes
from tfdood.settings import presets


def _rows():
    for name, table in published_scenes.GENERATION.items():
        for dataset, systems in table.items():
            for system, numbers in systems.items():
                yield name, dataset, system, numbers


def test_published_rows_and_columns_are_in_place():
    found = {(t, d, s.name): numbers for t, d, s, numbers in _rows()}
    for cell, expected in {
        ("Table 1", "arrow_like", "ConvDRAW-8"): (0.420, 3_499, 33_749),
        ("Table 1", "mnist_10", "GENESIS"): (0.0, 160, 9_560),
        ("Table 1", "mnist_4", "VAE"): (0.0, 319, 10_895),
        ("Table 2", "mnist_10", "GNM-NoMLP"): (0.128, 2_359, 10_442),
        ("Table 3", "mnist_4_10", "GNM-8-beta-2"): (0.960, 3_599, 10_693),
    }.items():
        assert found[cell] == expected
    assert len(found) == 3 * 5 + 2 * 5 + 9
    assert published_scenes.RECOGNITION.keys() == {"mnist_10", "mnist_4"}


def test_a_system_has_the_same_numbers_in_every_table():
    found = {}
    for _, dataset, system, numbers in _rows():
        assert found.setdefault((dataset, system), numbers) == numbers


def test_presets_of_systems_exist():
    for _, _, system, _ in _rows():
        assert set(system.presets) <= set(presets.PRESETS)
        for name in system.presets:
            assert system.beta == 1.0 or "beta" in system.name
            assert presets.PRESETS[name].objective.beta == 1.0


def test_nats_are_below_those_of_a_perfect_reconstruction():
    pixel = 0.690  # -log(0.2 sqrt(2 pi))
    for _, dataset, _, numbers in _rows():
        channels = 3 if dataset == "arrow_like" else 1
        ceiling = channels * 128**2 * pixel
        assert 0.8 * ceiling < numbers.log_likelihood < 1.01 * ceiling
