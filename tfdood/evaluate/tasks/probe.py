"""A linear probe: how much of a drawing's class do its latents tell?

Not in the paper. The authors' repository has the best test accuracy over the
epochs of one split, 0.934 for DooD and 0.954 for Difference-AIR on MNIST; here
the regularisation is chosen on validation drawings alone.
"""

import warnings

import numpy as np
from sklearn import (
    exceptions,
    linear_model,
    model_selection,
    pipeline,
    preprocessing,
)

from tfdood.evaluate.records.job import Drawings, Job, Measure, mean
from tfdood.saved import exported

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Inverse strengths of the regularisation to choose from."""

DEFAULTS = {"num_images": 1_000}
"""What the task is done with, unless flags say otherwise."""

_TRAIN_A_TEST = 5
_VALIDATION_SHARE = 0.2
_MAX_ITERATIONS = 200


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Predicts the class from the latents of one sampled parse.

    Args:
        job: 1,000 test drawings by default, and 5 times as many to learn from.

    Returns:
        Accuracies on test drawings: `accuracy_of_latents`,
        `accuracy_of_pixels` (the same regression on the images) and
        `accuracy_of_majority_class`; and the source.

    Raises:
        ValueError: If test drawings have classes that training drawings lack.
    """
    test = job.drawings("test")
    train = job.drawings("train", _TRAIN_A_TEST * job.num_images)
    if not set(test.labels) <= set(train.labels):
        raise ValueError(
            f"Test drawings of {job.dataset} have classes that the "
            f"{len(train.labels)} training drawings lack, which no probe can "
            "predict; choose another dataset or more drawings."
        )
    seeds = (
        exported.seeds(len(train.labels), job.seed, 0),
        exported.seeds(len(test.labels), job.seed, 1),
    )
    correct = {
        "accuracy_of_latents": predicted(
            latents(job.model, train, seeds[0]),
            train.labels,
            latents(job.model, test, seeds[1]),
            job.seed,
        )
        == test.labels,
        "accuracy_of_pixels": predicted(
            _flat(train.images), train.labels, _flat(test.images), job.seed
        )
        == test.labels,
        "accuracy_of_majority_class": np.bincount(train.labels).argmax()
        == test.labels,
    }
    return {name: mean(values) for name, values in correct.items()}, test.source


def latents(
    model: exported.ExportedModel, drawings: Drawings, seeds: np.ndarray
) -> np.ndarray:
    """Layouts and control points of one parse, zero where there is no stroke.

    Args:
        model: that parses.
        drawings: `N` of them.
        seeds: `[N, 2]`.

    Returns:
        `[N, T * (4 + 2 K)]`.
    """
    parses = model.run_all(
        "parse",
        outputs=("presence", "layout", "control_points"),
        images=drawings.images,
        seeds=seeds,
    )
    return features(**parses)


def features(
    presence: np.ndarray, layout: np.ndarray, control_points: np.ndarray
) -> np.ndarray:
    """The latents of a parse in one vector, zero where there is no stroke.

    Args:
        presence: `[N, T]`, 0 or 1.
        layout: `[N, T, 4]`.
        control_points: `[N, T, K, 2]`.

    Returns:
        `[N, T * (4 + 2 K)]`.
    """
    control_points = control_points.reshape(*layout.shape[:2], -1)
    strokes = np.concatenate([layout, control_points], -1)
    return _flat(strokes * presence[..., np.newaxis])


def predicted(
    train_features: np.ndarray,
    train_labels: np.ndarray,
    test_features: np.ndarray,
    seed: int,
) -> np.ndarray:
    """The classes that a logistic regression predicts.

    Of the training rows a fifth validates: the strength of regularisation with
    the best accuracy there is taken, and all of them are then fitted.

    Args:
        train_features: `[M, D]`.
        train_labels: `[M]`.
        test_features: `[N, D]`.
        seed: of the choice of validation rows.

    Returns:
        `[N]`, labels.
    """
    fit, validate = _split(train_labels, seed)
    accuracies = [
        _fitted(train_features[fit], train_labels[fit], strength).score(
            train_features[validate], train_labels[validate]
        )
        for strength in STRENGTHS
    ]
    strength = STRENGTHS[int(np.argmax(accuracies))]
    regression = _fitted(train_features, train_labels, strength)
    return regression.predict(test_features)


def _split(labels, seed):
    """Rows to fit and rows to validate, all classes alike where they can be."""
    rows = np.arange(len(labels))
    num_validation = int(_VALIDATION_SHARE * len(labels))
    counts = np.unique(labels, return_counts=True)[1]
    is_stratified = counts.min() >= 2 and len(counts) <= num_validation
    return model_selection.train_test_split(
        rows,
        test_size=num_validation,
        random_state=seed,
        stratify=labels if is_stratified else None,
    )


def _fitted(rows, labels, strength):
    regression = pipeline.make_pipeline(
        preprocessing.StandardScaler(),
        linear_model.LogisticRegression(
            C=strength, max_iter=_MAX_ITERATIONS, tol=1e-3
        ),
    )
    with warnings.catch_warnings():
        # Stopping early regularises too; validation judges the outcome.
        warnings.simplefilter("ignore", exceptions.ConvergenceWarning)
        return regression.fit(rows, labels)


def _flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1)
