"""Published numbers of models of scenes, to compare ours with.

From *Generative Neurosymbolic Machines* (Jiang and Ahn, 2020), Tables 1 to 4.
"""

from typing import NamedTuple


class System(NamedTuple):
    """A system of the paper.

    Attributes:
        name: in the paper.
        presets: that are this system, as ours are called; empty if there are
            none.
        beta: the weight of the divergence of the scene's code.
    """

    name: str
    presets: tuple[str, ...] = ()
    beta: float = 1.0


class Generation(NamedTuple):
    """How well a system generates scenes.

    Attributes:
        accuracy: S-Acc, the share of 250 samples whose structure people found
            right.
        steps: D-Steps, until a classifier tells 90 % of samples and real
            images apart.
        log_likelihood: in nats an image, of 100 particles; that of GNM has a
            relaxed presence.
    """

    accuracy: float
    steps: int
    log_likelihood: int


class Recognition(NamedTuple):
    """How well a system finds objects.

    Attributes:
        precision_50: average precision at an overlap of one half.
        precision: the mean over the overlaps .50, .55, ..., .95.
        digits: accuracy of digits, told from `what` by a network.
    """

    precision_50: float
    precision: float
    digits: float


DATASETS = {
    "arrow_like": "ARROW",
    "mnist_10": "MNIST-10",
    "mnist_4": "MNIST-4",
    "mnist_4_10": "MNIST-4-10",
}
"""The names of the paper, by those of our datasets; ours are made again."""

_GNM = System("GNM", ("gnm", "gnm_paper"))
_GNM_8 = System("GNM-8", ("gnm_8",))
_GENESIS = System("GENESIS")
_CONVDRAW = System("ConvDRAW", ("convdraw",))
_CONVDRAW_8 = System("ConvDRAW-8", ("convdraw_8",))
_ARROW_10_4 = ("arrow_like", "mnist_10", "mnist_4")


def _table(
    datasets: tuple[str, ...],
    rows: dict[System, tuple[tuple[float, int, int], ...]],
) -> dict[str, dict[System, Generation]]:
    """Numbers by dataset and system, from a column a dataset."""
    return {
        dataset: {
            system: Generation(*cells[column]) for system, cells in rows.items()
        }
        for column, dataset in enumerate(datasets)
    }


GENERATION = {
    "Table 1": _table(
        _ARROW_10_4,
        {
            _GNM: (
                (0.976, 11_099, 33_809),
                (0.824, 2_760, 10_450),
                (0.984, 3_920, 10_964),
            ),
            _GENESIS: (
                (0.092, 1_900, 33_241),
                (0.000, 160, 9_560),
                (0.296, 200, 10_496),
            ),
            _CONVDRAW: (
                (0.176, 3_800, 33_740),
                (0.000, 1_200, 10_544),
                (0.048, 2_400, 11_020),
            ),
            _CONVDRAW_8: (
                (0.420, 3_499, 33_749),
                (0.000, 1_680, 10_590),
                (0.604, 3_440, 11_036),
            ),
            System("VAE", ("scene_vae",)): (
                (0.036, 5_499, 33_672),
                (0.000, 279, 10_031),
                (0.000, 319, 10_895),
            ),
        },
    ),
    "Table 2": _table(
        _ARROW_10_4[:2],
        {
            _GNM: ((0.976, 11_099, 33_809), (0.824, 2_760, 10_450)),
            System("GNM-Gaussian", ("gnm_gaussian",)): (
                (0.784, 10_199, 33_803),
                (0.096, 1_959, 10_437),
            ),
            System("GNM-NoMLP", ("gnm_no_mlp",)): (
                (0.656, 8_799, 33_812),
                (0.128, 2_359, 10_442),
            ),
            _CONVDRAW: ((0.176, 3_800, 33_740), (0.000, 1_200, 10_544)),
            System("ConvDRAW-MLP", ("convdraw_mlp",)): (
                (0.844, 2_799, 33_707),
                (0.104, 1_519, 10_406),
            ),
        },
    ),
    "Table 3": _table(
        ("mnist_4_10",),
        {
            _GNM: ((0.692, 5_279, 10_693),),
            _GNM_8: ((0.852, 6_639, 10_692),),
            _GNM._replace(name="GNM-beta-2", beta=2.0): (
                (0.916, 1_719, 10_684),
            ),
            _GNM_8._replace(name="GNM-8-beta-2", beta=2.0): (
                (0.960, 3_599, 10_693),
            ),
            _GENESIS: ((0.016, 199, 10_084),),
            _CONVDRAW: ((0.000, 959, 10_756),),
            _CONVDRAW_8: ((0.004, 1_759, 10_775),),
            _CONVDRAW._replace(name="ConvDRAW-beta-10", beta=10.0): (
                (0.560, 2_399, 10_429),
            ),
            _CONVDRAW_8._replace(name="ConvDRAW-8-beta-10", beta=10.0): (
                (0.880, 1_759, 10_479),
            ),
        },
    ),
}
"""Generated scenes: by table, dataset and system."""

RECOGNITION = {
    "mnist_10": {
        _GNM: Recognition(0.905, 0.459, 0.984),
        System("SPACE"): Recognition(0.905, 0.453, 0.980),
    },
    "mnist_4": {
        _GNM: Recognition(0.905, 0.487, 0.983),
        System("SPACE"): Recognition(0.906, 0.464, 0.979),
    },
}
"""Found objects (Table 4): by dataset and system."""
