"""Clusters of strokes: do the latents form kinds of strokes? (Fig. 5).

The paper makes 8 clusters and reports silhouette coefficients of 0.21 for DooD
and 0.11 for AIR, trained on MNIST. K-means finds positive silhouettes in data
without clusters, too; compare with those of one normal cloud.
"""

import os
from collections.abc import Callable

import numpy as np
import sklearn
import threadpoolctl
from matplotlib import axes as axes_lib
from matplotlib import collections, figure
from matplotlib import image as image_lib
from sklearn import cluster, manifold, metrics

from tfdood.drawing.curves import bezier
from tfdood.evaluate import parsers
from tfdood.evaluate.measures import code_pictures
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.figures import palette
from tfdood.files import atomic
from tfdood.parsing import seeds

COUNTS = (5, 8, 10, 15)
"""Numbers of clusters; the authors' file names record these."""

_PICTURED_COUNT = 8
DEFAULTS = {"num_images": 3_000}
"""The settings of the task, and their values without flags."""

VERSION = 1
"""Of the measures: finished jobs of other versions are done again."""

_NUM_STARTS = 5
# Sums over several threads differ from run to run, and threads that wait for
# each other are slow on a busy machine.
_one_thread = threadpoolctl.threadpool_limits.wrap(limits=1)
_WORKING_MEMORY = 256  # MB, of the distances between strokes
_NUM_EMBEDDED = 1_500
_PERPLEXITY = 30.0
_NUM_MEMBERS = 12
_STROKE_SIZE, _DISTANCE = 0.055, 0.037  # of the picture's width


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Clusters the strokes of training drawings; draws 8 clusters by t-SNE.

    Strokes that are codes are shown as the network paints them in their own
    frames.

    Args:
        job: 3,000 drawings by default, each parsed once, by sampling.

    Returns:
        `silhouette_K` of K clusters, `silhouette_K_of_one_cloud` and
        `num_strokes_clustered`; their standard errors are over strokes, the
        clusters held fixed. And the source.

    Raises:
        ValueError: If there are too few strokes.
    """
    drawings = job.drawings(split="train")
    num_images = len(drawings.images)
    outputs = job.model.run_all(
        "parse",
        images=drawings.images,
        seeds=seeds.of_rows(num_images, job.seed),
    )
    strokes = parsers.shapes(outputs)[outputs["presence"] > 0.5]
    points = strokes.reshape(-1, np.prod(strokes.shape[1:]))
    num_different = len(np.unique(points, axis=0))
    if num_different <= max(COUNTS):
        raise ValueError(
            f"{num_images} drawings have {num_different} different strokes, "
            f"expected more than {max(COUNTS)}; use more drawings or a trained "
            "model."
        )
    labels = {k: clusters(points, k, job.seed) for k in COUNTS}
    cloud = one_cloud(points, job.seed)
    measures = {"num_strokes_clustered": Measure(len(points), 0.0, num_images)}
    for k in COUNTS:
        cloud_labels = clusters(cloud, k, job.seed)
        for name, measure in (
            (f"silhouette_{k}", silhouette(points, labels[k])),
            (f"silhouette_{k}_of_one_cloud", silhouette(cloud, cloud_labels)),
        ):
            measures[name] = measure._replace(num_images=num_images)
    shapes = strokes
    if not parsers.has_curves(outputs):
        shapes = code_pictures.of_present(job.model, outputs)
    _picture_some(job, points, shapes, labels[_PICTURED_COUNT])
    return measures, drawings.source


@_one_thread
def clusters(points: np.ndarray, count: int, seed: int) -> np.ndarray:
    """K-means, the best of a few starts; the largest cluster comes first.

    Args:
        points: `[N, D]`.
        count: of clusters, at most N.
        seed: of the starts.

    Returns:
        `[N]`, the cluster of each point.
    """
    labels = cluster.KMeans(
        count, n_init=_NUM_STARTS, random_state=seed
    ).fit_predict(points)
    order = np.argsort(-np.bincount(labels, minlength=count), kind="stable")
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    return rank[labels]


def silhouette(points: np.ndarray, labels: np.ndarray) -> Measure:
    """The silhouette coefficient (Rousseeuw, 1987).

        mean_n (b_n - a_n) / max(a_n, b_n)

    with a_n the mean distance to the other points of the same cluster, b_n the
    least mean distance to the points of another one.

    Args:
        points: `[N, D]`.
        labels: `[N]`, the cluster of each.

    Returns:
        The mean, in [-1, 1], with its standard error over points.
    """
    with sklearn.config_context(working_memory=_WORKING_MEMORY):
        return mean(metrics.silhouette_samples(points, labels))


def one_cloud(points: np.ndarray, seed: int) -> np.ndarray:
    """Samples as many points from the normal distribution of the same moments.

    Args:
        points: `[N, D]`.
        seed: of the sample.

    Returns:
        `[N, D]`, without clusters.
    """
    rng = np.random.default_rng(seed)
    return rng.multivariate_normal(
        points.mean(0), np.cov(points, rowvar=False), len(points), method="eigh"
    )


@_one_thread
def embedding(points: np.ndarray, seed: int) -> np.ndarray:
    """T-SNE in the plane, stretched to the unit square; for pictures only.

    Args:
        points: `[N, D]`, N > 3.
        seed: of the embedding.

    Returns:
        `[N, 2]`.
    """
    perplexity = min(_PERPLEXITY, (len(points) - 1) / 3)
    places = manifold.TSNE(
        perplexity=perplexity, init="pca", random_state=seed
    ).fit_transform(points)
    places -= places.min(0)
    return places / places.max(0)


def _picture_some(
    job: Job, points: np.ndarray, shapes: np.ndarray, labels: np.ndarray
) -> None:
    """Draws clusters of points `[N, D]` as `picture` does, in random order."""
    order = np.random.default_rng(job.seed).permutation(len(points))
    places = embedding(points[order[:_NUM_EMBEDDED]], job.seed)
    picture(shapes[order], labels[order], places, job.figure("tsne"))


def uncrowded(places: np.ndarray, distance: float) -> np.ndarray:
    """Chooses places in their order, leaving out those too near to chosen ones.

    Args:
        places: `[N, 2]`.
        distance: the smallest one between two chosen places.

    Returns:
        The indices of the chosen places, ascending.
    """
    taken: list[int] = []
    for i, place in enumerate(places):
        gaps = np.linalg.norm(places[taken] - place, axis=-1)
        if not taken or gaps.min() >= distance:
            taken.append(i)
    return np.array(taken)


def picture(
    shapes: np.ndarray,
    labels: np.ndarray,
    places: np.ndarray,
    path: str | os.PathLike,
) -> None:
    """Draws strokes at their places, and members of each cluster beside.

    A dot is where a curve starts. Strokes that would overlap are left out.

    Args:
        shapes: `[N, K, 2]`, control points in each stroke's own frame, or
            `[N, S, S, 1]` in [0, 1], the stroke painted there.
        labels: `[N]`, the cluster of each.
        places: `[M, 2]` in the unit square, of the first M strokes.
        path: of the PNG to write.
    """
    draw = _curves(shapes) if shapes.ndim == 3 else _images(shapes)
    colours = np.array([palette.stroke(label) for label in labels])
    sheet = figure.Figure(
        (14, 8), facecolor=palette.BACKGROUND, layout="constrained"
    )
    left, right = sheet.subplots(1, 2, width_ratios=(8, 6))
    shown = uncrowded(places, _DISTANCE)
    left.scatter(*places.T, s=2, c=colours[: len(places)], alpha=0.4)
    draw(left, shown, places[shown], colours[shown])
    left.set_title("strokes at their places by t-SNE", color=palette.TEXT)
    for label in range(labels.max() + 1):
        members = np.flatnonzero(labels == label)[:_NUM_MEMBERS]
        x = _STROKE_SIZE * (1 + np.arange(len(members)))
        y = np.full_like(x, _STROKE_SIZE * label)
        draw(right, members, np.stack([x, y], -1), colours[members])
        share = f"{np.mean(labels == label):.0%}"
        right.text(
            0.0, y[0], share, color=palette.TEXT, ha="right", va="center"
        )
    right.set_title("some of each cluster, and its share", color=palette.TEXT)
    for axes in (left, right):
        axes.set_aspect("equal")
        axes.autoscale_view()
        axes.yaxis.set_inverted(True)
        axes.set_axis_off()
    with atomic.replacing(path) as file:
        sheet.savefig(file, format="png", dpi=90, bbox_inches="tight")


_Draw = Callable[[axes_lib.Axes, np.ndarray, np.ndarray, np.ndarray], None]
"""Adds some strokes, given their rows, their places `[n, 2]`, y down, and their
colours."""


def _curves(strokes: np.ndarray) -> _Draw:
    """How strokes `[N, K, 2]` are drawn."""
    curves = np.asarray(bezier.curve_points(strokes.astype(np.float32), 40))
    curves = _STROKE_SIZE * (curves - 0.5)

    def draw(
        axes: axes_lib.Axes,
        rows: np.ndarray,
        places: np.ndarray,
        colours: np.ndarray,
    ) -> None:
        placed = curves[rows] + places[:, np.newaxis]
        axes.add_collection(
            collections.LineCollection(placed, colors=colours, linewidths=1.5)
        )
        axes.scatter(*placed[:, 0].T, s=7, c=colours)

    return draw


def _images(images: np.ndarray) -> _Draw:
    """How painted strokes `[N, S, S, 1]` are drawn."""
    half = _STROKE_SIZE / 2

    def draw(
        axes: axes_lib.Axes,
        rows: np.ndarray,
        places: np.ndarray,
        colours: np.ndarray,
    ) -> None:
        for row, (x, y), colour in zip(rows, places, colours, strict=True):
            ink = images[row]
            paint = np.broadcast_to(palette.rgb(colour), (*ink.shape[:2], 3))
            extent = (x - half, x + half, y + half, y - half)
            tile = image_lib.AxesImage(axes, extent=extent)
            tile.set_data(np.concatenate([paint, ink], -1))
            axes.add_image(tile)
            axes.update_datalim([extent[::2], extent[1::2]])

    return draw
