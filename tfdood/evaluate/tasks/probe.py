"""A linear probe: how well do latents predict the class of a drawing?

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

from tfdood.evaluate import parsers
from tfdood.evaluate.records.job import Drawings, Job, Measure, mean
from tfdood.parsing import seeds
from tfdood.saved import exported

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Inverse strengths of the regularisation to choose from."""

DEFAULTS = {"num_images": 1_000}
"""The settings of the task, and their values without flags."""

VERSION = 1
"""Of the measures: finished jobs of other versions are done again."""

_TRAIN_A_TEST = 5
_VALIDATION_SHARE = 0.2
_MAX_ITERATIONS = 200


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Predicts the class from the latents of one sampled parse.

    Args:
        job: 1,000 drawings by default, and 5 times as many training drawings
            to learn from.

    Returns:
        Accuracies on the drawings of the split: `accuracy_of_latents`,
        `accuracy_of_pixels` (the same regression on the images) and
        `accuracy_of_majority_class`; and the source.

    Raises:
        ValueError: If these drawings have classes that training drawings lack,
            if there is one class only, or if there are too few drawings.
    """
    test = job.drawings()
    train = job.drawings(_TRAIN_A_TEST * job.num_images, split="train")
    if len(set(train.labels)) < 2:
        raise ValueError(
            f"The {len(train.labels)} training drawings of {job.dataset} have "
            "one class, and a probe tells classes apart; choose a dataset with "
            "two classes or more."
        )
    if not set(test.labels) <= set(train.labels):
        raise ValueError(
            f"The {job.split} drawings of {job.dataset} have classes that the "
            f"{len(train.labels)} training drawings lack, which no probe can "
            "predict; choose another dataset or more drawings."
        )
    learnt = latents(
        job.model, train, seeds.of_rows(len(train.labels), job.seed, 0)
    )
    found = latents(
        job.model, test, seeds.of_rows(len(test.labels), job.seed, 1)
    )
    guesses = {
        "latents": predicted(learnt, train.labels, found, job.seed),
        "pixels": predicted(
            _flat(train.images), train.labels, _flat(test.images), job.seed
        ),
        "majority_class": np.bincount(train.labels).argmax(),
    }
    return {
        f"accuracy_of_{name}": mean(labels == test.labels)
        for name, labels in guesses.items()
    }, test.source


def latents(
    model: exported.ExportedModel, drawings: Drawings, row_seeds: np.ndarray
) -> np.ndarray:
    """The latents of one parse of each drawing, see `features`.

    Args:
        model: that parses.
        drawings: `N` of them.
        row_seeds: `[N, 2]`.

    Returns:
        `[N, T * (4 + D)]`.
    """
    outputs = model.run_all("parse", images=drawings.images, seeds=row_seeds)
    return features(
        outputs["presence"], outputs["layout"], parsers.shapes(outputs)
    )


def features(
    presence: np.ndarray, layout: np.ndarray, shapes: np.ndarray
) -> np.ndarray:
    """The latents of a parse in one vector, zero where there is no stroke.

    Args:
        presence: `[N, T]`, 0 or 1.
        layout: `[N, T, 4]`.
        shapes: `[N, T, ...]`, control points or codes of `D` numbers a stroke.

    Returns:
        `[N, T * (4 + D)]`.
    """
    shapes = shapes.reshape(*layout.shape[:2], -1)
    strokes = np.concatenate([layout, shapes], -1)
    return _flat(strokes * presence[..., np.newaxis])


def predicted(
    train_features: np.ndarray,
    train_labels: np.ndarray,
    test_features: np.ndarray,
    seed: int,
) -> np.ndarray:
    """The classes that a logistic regression predicts.

    A fifth of the training rows is for validation. The strength of
    regularisation that has the best accuracy there is used to fit all of them.

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


def _split(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to fit and rows to validate, stratified by class if possible."""
    rows = np.arange(len(labels))
    num_validation = int(_VALIDATION_SHARE * len(labels))
    counts = np.unique(labels, return_counts=True)[1]
    is_stratified = counts.min() >= 2 and len(counts) <= num_validation
    fit, validate = model_selection.train_test_split(
        rows,
        test_size=max(1, num_validation),
        random_state=seed,
        stratify=labels if is_stratified else None,
    )
    if len(set(labels[fit])) < 2:
        raise ValueError(
            f"Got {len(labels)} training drawings of {len(counts)} classes, "
            f"{counts.min()} of the smallest class; too few for a classifier "
            "and its validation, so add drawings."
        )
    return fit, validate


def _fitted(
    rows: np.ndarray, labels: np.ndarray, strength: float
) -> pipeline.Pipeline:
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
