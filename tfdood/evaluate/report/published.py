"""Published numbers, to compare ours with.

From *Drawing out of Distribution with Neuro-Symbolic Generative Models* and,
where this is said, from its authors' repository. Their models were trained for
500,000 steps of 64 drawings on whole datasets.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Spread(NamedTuple):
    """A mean over seeds and its standard deviation."""

    mean: float
    deviation: float

    def __str__(self) -> str:
        if math.isnan(self.deviation):
            return f"{self.mean:.4g}"
        return f"{self.mean:.4g} ± {self.deviation:.3g}"


DATASETS = ("mnist", "emnist", "kmnist", "quickdraw", "omniglot")
"""The order of rows and columns below."""

# Mean ± deviation over seeds; a row a source, a column a target.
_PUBLISHED = {
    "dood": """
        7094.0±57.9 4413.9±233.9 -2859.4±492.4 -2531.6±487.5 4808.4±198.3
        6803.9±4.5 6504.1±2.4 1709.3±166.3 3486.7±70.1 6259.2±41.2
        6221.1±27.8 5667.4±29.7 4780.2±14.5 4072.2±22.0 5654.4±78.4
        5939.6±69.5 5465.5±76.4 2809.2±192.8 4859.2±90.3 5565.8±68.8
        5308.7±134.6 1684.2±396.5 -1959.3±356.5 -1994.1±308.0 7385.9±6.8
    """,
    "difference_air": """
        7020.7±16.9 2734.8±93.5 -6601.8±165.8 -5792.0±336.5 3648.9±117.3
        6668.2±20.1 6549.0±5.5 878.1±81.5 2963.2±24.4 5503.8±43.2
        6207.0±82.2 5618.4±72.1 4772.3±69.9 3704.3±81.7 5249.7±38.5
        5472.1±48.5 4809.1±65.8 1153.2±98.3 4497.8±56.8 5141.4±54.2
    """,
    "dood_sp": """
        6983.0±42.0 4149.5±296.8 -3201.9±719.3 -2748.4±615.1 4715.2±303.3
        6659.0±13.0 6383.2±15.4 1295.1±326.4 3141.3±87.2 5860.9±47.9
        6083.6±32.1 5531.7±32.1 4631.9±28.1 3890.4±28.8 5149.0±27.0
        5925.6±62.2 5462.9±69.6 2939.4±115.6 4810.5±44.0 5382.0±46.0
    """,
    "dood_eg": """
        7053.5±195.8 2805.9±802.8 -6344.3±1834.7 -4411.2±1572.8 3878.8±512.5
        6725.7±11.7 6527.0±38.0 784.5±493.8 2262.4±140.5 5540.7±51.2
        4753.7±1454.3 4055.1±1412.5 3164.5±1304.4 2534.4±710.0 4120.9±932.4
        5584.5±32.8 4916.9±31.4 1035.7±100.0 4325.4±26.0 5051.1±23.5
        3677.7±618.9 -1008.8±1444.0 -7200.5±712.1 -5523.6±1901.5 5696.0±850.2
    """,
    "dood_dr": """
        6407.3±118.6 1649.9±nan -6469.5±1930.0 -4371.8±1279.1 4001.7±273.5
    """,
}
_BLANK = (
    (4310.0, 834.0, -6703.0, -4875.0, 3967.0),
    (3567.0, 2715.0, -2893.0, -27.0, 3731.0),
    (2008.0, 1422.0, 743.0, 1210.0, 2385.0),
    (2728.0, 2119.0, -951.0, 1871.0, 3146.0),
    (3692.0, 635.0, -6537.0, -3576.0, 4440.0),
)


def _cells(rows: Iterable[Iterable[Any]]) -> dict[tuple[str, str], Any]:
    """The cells of a table by source and target."""
    return {
        (source, target): cell
        for source, row in zip(DATASETS, rows, strict=False)
        for target, cell in zip(DATASETS, row, strict=True)
    }


def _spread(text: str) -> Spread:
    return Spread(*map(float, text.split("±")))


_AS_DOOD = ("dood_paper", "dood_glimpse")
_SPREADS = {
    preset: _cells(
        [_spread(cell) for cell in row.split()]
        for row in text.strip().splitlines()
    )
    for preset, text in _PUBLISHED.items()
}


def marginal_likelihood(preset: str, source: str, target: str) -> Spread | None:
    """Nats an image, 200 particles, if they were published.

    Fig. 4, whose DooD rasterised strokes in their frames, as `dood_glimpse`
    does; it is shown for `dood`, too. The digits after the point, and
    DooD-dR's, are from the authors' records; 3 to 5 seeds, DooD-dR's 1 to 4.
    Difference-AIR's on Omniglot are left out: they are of one particle.

    Args:
        preset: the system, as ours is called.
        source: the dataset it was trained on.
        target: the dataset it was tried on.
    """
    preset = "dood" if preset in _AS_DOOD else preset
    return _SPREADS.get(preset, {}).get((source, target))


def is_of_sample(record: Mapping[str, Any]) -> bool:
    """Whether a record is of the embedded sample of a dataset.

    Args:
        record: of a result.
    """
    return record.get("read_from") == "sample"


def is_comparable(record: Mapping[str, Any]) -> bool:
    """Whether a model's nats are of the density of the published ones.

    They are of test drawings of the dataset, as the published ones, and not of
    the embedded sample.

    Args:
        record: of a result; a pixel scale by position is not one by canvas.
    """
    names = "likelihood", "image_size", "pixel_scale_floor", "num_particles"
    has_table = record.get("pixel_scale") in ("running", "learned")
    return (
        record.get("split") == "test"
        and not is_of_sample(record)
        and has_table
        and tuple(map(record.get, names)) == ("laplace", 50, 0.01, 200)
    )


BLANK_CANVAS = _cells(_BLANK)
"""Not published: what an empty canvas scores, with the Laplace scale of each
pixel that is best on the source (`tfdood.evaluate.measures.naive`)."""

SILHOUETTES = {"DooD": 0.21, "AIR": 0.11}
"""Of 8 clusters of strokes, trained on MNIST (Sec. 3.1)."""

ONE_SHOT = {
    "DooD": 0.735,
    "AIR": 0.145,
    "VHE (data augmentation, stroke data)": 0.813,
    "GNS (stroke data, two-way)": 0.943,
    "BPL (stroke data, two-way)": 0.967,
}
"""Accuracies (Table 1)."""

ONE_SHOT_BASELINES = {"chance": 0.05, "modified Hausdorff distance": 0.612}
"""Accuracies on the same 20 runs; the distance is Lake's own baseline."""

FRECHET_DISTANCES = {
    "mnist": Spread(0.134, 0.013),
    "emnist": Spread(0.137, 0.006),
    "kmnist": Spread(0.123, 0.020),
    "quickdraw": Spread(0.084, 0.009),
    "omniglot": Spread(0.051, 0.007),
}
"""FID of samples, on logits of InceptionV3, real images of the first three
datasets rotated at random: neither standard nor comparable with ours."""

PROBES = {
    "mnist": (0.934, 0.954),
    "emnist": (0.650, 0.730),
    "kmnist": (0.664, 0.717),
    "quickdraw": (0.835, 0.851),
}
"""Accuracies of DooD and Difference-AIR trained and probed on a dataset. Not
in the paper: the authors' repository has them, as the best test accuracy over
epochs."""

_NOTE = (
    "The paper's own models were trained for 500,000 steps of 64 drawings, on "
    "whole datasets, without collages."
)

TABLES = {
    "one_shot": (
        "Published accuracies, and baselines",
        ("model", "accuracy"),
        tuple(
            (name, f"{accuracy:.1%}")
            for name, accuracy in (ONE_SHOT | ONE_SHOT_BASELINES).items()
        ),
        _NOTE,
    ),
    "clusters": (
        "Published silhouette coefficients",
        ("model", "8 clusters, trained on MNIST"),
        tuple((name, f"{value:.2f}") for name, value in SILHOUETTES.items()),
        _NOTE,
    ),
    "generation": (
        "Published Fréchet distances, on other features",
        ("dataset", "DooD"),
        tuple((name, str(x)) for name, x in FRECHET_DISTANCES.items()),
        _NOTE,
    ),
}
"""Title, header, rows and note of separate tables, by task."""


def order(item: tuple[str, Any]) -> tuple[int, str]:
    """Sorts datasets as the paper does; others come last, by their names.

    Args:
        item: a pair, the first of which is the name of a dataset.

    Returns:
        The key for sorting.
    """
    known, (name, _) = list(DATASETS), item
    return known.index(name) if name in known else len(known), name
