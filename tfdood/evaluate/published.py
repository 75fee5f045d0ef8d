"""Published numbers, to stand beside ours.

From *Drawing out of Distribution with Neuro-Symbolic Generative Models*, and,
where said so, from its authors' repository. Their models were trained for
500,000 steps of 64 drawings on whole datasets.
"""

from typing import NamedTuple


class Spread(NamedTuple):
    """A mean over seeds and its standard deviation."""

    mean: float
    deviation: float

    def __str__(self):
        return f"{self.mean:.4g} ± {self.deviation:.3g}"


DATASETS = ("mnist", "emnist", "kmnist", "quickdraw", "omniglot")
"""The order of rows and columns below."""

_DOOD = (
    (7094.0, 4413.9, -2859.4, -2531.6, 4808.4),
    (6803.9, 6504.1, 1709.3, 3486.7, 6259.2),
    (6221.1, 5667.4, 4780.2, 4072.2, 5654.4),
    (5939.6, 5465.5, 2809.2, 4859.2, 5565.8),
    (5308.7, 1684.2, -1959.3, -1994.1, 7385.9),
)
_DOOD_DEVIATION = (
    (57.9, 233.9, 492.4, 487.5, 198.3),
    (4.5, 2.4, 166.3, 70.1, 41.2),
    (27.8, 29.7, 14.5, 22.0, 78.4),
    (69.5, 76.4, 192.8, 90.3, 68.8),
    (134.6, 396.5, 356.5, 308.0, 6.8),
)
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
        for source, row in zip(DATASETS, rows, strict=True)
        for target, cell in zip(DATASETS, row, strict=True)
    }


_DEVIATIONS = _cells(_DOOD_DEVIATION)
MARGINAL_LIKELIHOOD = {
    cell: Spread(mean, _DEVIATIONS[cell])
    for cell, mean in _cells(_DOOD).items()
}
"""Nats an image by source and target, 200 particles (Fig. 4; the digits after
the point from the authors' records; 5 seeds, 4 for Omniglot)."""

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
