"""The evaluation tasks, one file each.

Each module has `DEFAULTS`, the settings that the task uses with their default
values, `VERSION`, which grows when its measures change, and `run`, which does
a job and returns measures by metric and the source of the drawings in words. It
may have `DEFAULTS_OF_SEARCH`, the same with the parser `searched`, and
`inputs`, which describes what the task reads beside its dataset.
"""

import types

from tfdood.evaluate.tasks import (
    alphabet_characters,
    clusters,
    completion,
    detection,
    discrimination_steps,
    exemplars,
    generation,
    marginal_likelihood,
    next_stroke,
    one_shot,
    parsing,
    probe,
    reconstruction,
    scene_accuracy,
)

TASKS: dict[str, types.ModuleType] = {
    "reconstruction": reconstruction,
    "marginal_likelihood": marginal_likelihood,
    "generation": generation,
    "exemplars": exemplars,
    "alphabet_characters": alphabet_characters,
    "next_stroke": next_stroke,
    "completion": completion,
    "one_shot": one_shot,
    "clusters": clusters,
    "parsing": parsing,
    "probe": probe,
    "detection": detection,
    "scene_accuracy": scene_accuracy,
    "discrimination_steps": discrimination_steps,
}
"""The module of each task, by name."""

_SPLITS = {"clusters": ("train",), "discrimination_steps": ("train",)}


def splits(task: str) -> tuple[str, ...]:
    """The splits that a task can be evaluated on, its default first.

    Args:
        task: one of `TASKS`.

    Returns:
        Names of splits: of `tfdood.data`, or, for `one_shot` and `parsing`, of
        the parts that these tasks name so.
    """
    return _SPLITS.get(task, ("test", "validation"))
