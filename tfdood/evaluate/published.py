"""Published numbers, to stand beside ours.

From *Drawing out of Distribution with Neuro-Symbolic Generative Models*, and,
where said so, from its authors' repository. Their models were trained for
500,000 steps of 64 drawings on whole datasets.
"""

import math
from typing import NamedTuple


class Spread(NamedTuple):
    """A mean over seeds and its standard deviation."""

    mean: float
    deviation: float

    def __str__(self):
        if math.isnan(self.deviation):
            return f"{self.mean:.4g}"
        return f"{self.mean:.4g} ± {self.deviation:.3g}"


DATASETS = ("mnist", "emnist", "kmnist", "quickdraw", "omniglot")
"""The order of rows and columns below."""

_MEANS = {
    "dood": (
        (7094.0, 4413.9, -2859.4, -2531.6, 4808.4),
        (6803.9, 6504.1, 1709.3, 3486.7, 6259.2),
        (6221.1, 5667.4, 4780.2, 4072.2, 5654.4),
        (5939.6, 5465.5, 2809.2, 4859.2, 5565.8),
        (5308.7, 1684.2, -1959.3, -1994.1, 7385.9),
    ),
    "difference_air": (
        (7020.7, 2734.8, -6601.8, -5792.0, 3648.9),
        (6668.2, 6549.0, 878.1, 2963.2, 5503.8),
        (6207.0, 5618.4, 4772.3, 3704.3, 5249.7),
        (5472.1, 4809.1, 1153.2, 4497.8, 5141.4),
    ),
    "dood_sp": (
        (6983.0, 4149.5, -3201.9, -2748.4, 4715.2),
        (6659.0, 6383.2, 1295.1, 3141.3, 5860.9),
        (6083.6, 5531.7, 4631.9, 3890.4, 5149.0),
        (5925.6, 5462.9, 2939.4, 4810.5, 5382.0),
    ),
    "dood_eg": (
        (7053.5, 2805.9, -6344.3, -4411.2, 3878.8),
        (6725.7, 6527.0, 784.5, 2262.4, 5540.7),
        (4753.7, 4055.1, 3164.5, 2534.4, 4120.9),
        (5584.5, 4916.9, 1035.7, 4325.4, 5051.1),
        (3677.7, -1008.8, -7200.5, -5523.6, 5696.0),
    ),
    "dood_dr": ((6407.3, 1649.9, -6469.5, -4371.8, 4001.7),),
}
_DEVIATIONS = {
    "dood": (
        (57.9, 233.9, 492.4, 487.5, 198.3),
        (4.5, 2.4, 166.3, 70.1, 41.2),
        (27.8, 29.7, 14.5, 22.0, 78.4),
        (69.5, 76.4, 192.8, 90.3, 68.8),
        (134.6, 396.5, 356.5, 308.0, 6.8),
    ),
    "difference_air": (
        (16.9, 93.5, 165.8, 336.5, 117.3),
        (20.1, 5.5, 81.5, 24.4, 43.2),
        (82.2, 72.1, 69.9, 81.7, 38.5),
        (48.5, 65.8, 98.3, 56.8, 54.2),
    ),
    "dood_sp": (
        (42.0, 296.8, 719.3, 615.1, 303.3),
        (13.0, 15.4, 326.4, 87.2, 47.9),
        (32.1, 32.1, 28.1, 28.8, 27.0),
        (62.2, 69.6, 115.6, 44.0, 46.0),
    ),
    "dood_eg": (
        (195.8, 802.8, 1834.7, 1572.8, 512.5),
        (11.7, 38.0, 493.8, 140.5, 51.2),
        (1454.3, 1412.5, 1304.4, 710.0, 932.4),
        (32.8, 31.4, 100.0, 26.0, 23.5),
        (618.9, 1444.0, 712.1, 1901.5, 850.2),
    ),
    "dood_dr": ((118.6, math.nan, 1930.0, 1279.1, 273.5),),
}
_BLANK = (
    (4310.0, 834.0, -6703.0, -4875.0, 3967.0),
    (3567.0, 2715.0, -2893.0, -27.0, 3731.0),
    (2008.0, 1422.0, 743.0, 1210.0, 2385.0),
    (2728.0, 2119.0, -951.0, 1871.0, 3146.0),
    (3692.0, 635.0, -6537.0, -3576.0, 4440.0),
)


def _cells(rows):
    return {
        (source, target): cell
        for source, row in zip(DATASETS, rows, strict=False)
        for target, cell in zip(DATASETS, row, strict=True)
    }


_AS_DOOD = ("dood_paper", "dood_glimpse")
_SPREADS = {
    preset: {
        cell: Spread(mean, deviation)
        for (cell, mean), deviation in zip(
            _cells(rows).items(),
            _cells(_DEVIATIONS[preset]).values(),
            strict=True,
        )
    }
    for preset, rows in _MEANS.items()
}


def marginal_likelihood(preset: str, source: str, target: str) -> Spread | None:
    """Nats an image, 200 particles, if they were published.

    Fig. 4, whose DooD rasterised strokes in their frames, as `dood_glimpse`
    does; it stands beside `dood`, too. The digits after the point, and
    DooD-dR's, are from the authors' records; 3 to 5 seeds, DooD-dR's 1 to 4.
    Difference-AIR's on Omniglot are left out: they are of one particle.

    Args:
        preset: the system, as ours is called.
        source: the dataset it was trained on.
        target: the dataset it was tried on.
    """
    preset = "dood" if preset in _AS_DOOD else preset
    return _SPREADS.get(preset, {}).get((source, target))


BLANK_CANVAS = _cells(_BLANK)
"""Not published: what an empty canvas scores, with the Laplace scale of each
pixel that is best on the source (`tfdood.objectives.naive`)."""

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

TABLES = {
    "one_shot": (
        "Published accuracies, and baselines",
        ("model", "accuracy"),
        tuple(
            (name, f"{accuracy:.1%}")
            for name, accuracy in (ONE_SHOT | ONE_SHOT_BASELINES).items()
        ),
    ),
    "clusters": (
        "Published silhouette coefficients",
        ("model", "8 clusters, trained on MNIST"),
        tuple((name, f"{value:.2f}") for name, value in SILHOUETTES.items()),
    ),
    "generation": (
        "Published Fréchet distances, on other features",
        ("dataset", "DooD"),
        tuple((name, str(x)) for name, x in FRECHET_DISTANCES.items()),
    ),
}
"""Title, header and rows of tables that stand apart from ours, by task."""
