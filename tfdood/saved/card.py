"""The model card and the files of facts in the folder of a SavedModel."""

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tfdood.data import datasets
from tfdood.saved import families, runs
from tfdood.settings import schema, text

_CARD = """\
---
license: other
library_name: tensorflow
tags: [drawings, strokes, generative, neuro-symbolic]
---
# {title}

{description} It was trained with
tfdood, and exported as a SavedModel that runs without the source code.

| | |
| --- | --- |
| trained on | {dataset}: {source} |
| licence of the drawings | {licence} |
| home of the drawings | {homepage} |
| preset | `{preset}` |
| steps | {step:,} of {batch_size} drawings |
| images | {size} x {size}, {pixels} |

## Measured

{metrics}

## Settings

{settings}

## Signatures

{signatures}

`config.json` holds the configuration, and `export.json` holds these numbers for
programs.{explains}
"""

_BY_ITSELF = """

If an image differs much from the training images, what the model finds in it is
unreliable; `log_likelihood` measures how well the model explains the image."""
_BY_SEARCH = """

The model has no recognition network: it explains images by search only, which
takes seconds to minutes an image, and needs the package. With
`--parser=searched`, `python -m export.client` draws pictures, and
`python -m tfdood.evaluate` measures."""

_OWN = "known to the owner of the drawings"
_RENDERED = "rendered by tools/arrow_like.py of tfdood (MIT)"


class Facts(NamedTuple):
    """The facts about an exported model.

    Attributes:
        config: the configuration of the training.
        description: a description of the model, in one sentence.
        step: the number of steps for which the model was trained.
        metrics: the metrics on the drawings of `measured_on`, by name.
        measured_on: the drawings on which they were measured, in words.
        num_particles: the number of samples of the bound that the signature
            `log_likelihood` computes.
        signatures: the names of the inputs, by signature.
        fingerprint: the digest that `fingerprint` computes.
    """

    config: schema.Config
    description: str
    step: int
    metrics: Mapping[str, float]
    measured_on: str
    num_particles: int
    signatures: Mapping[str, list[str]]
    fingerprint: str


def fingerprint(
    config: schema.Config, num_particles: int, weights: Iterable[np.ndarray]
) -> str:
    """Computes a digest of the weights and the settings of a model.

    All exports of the same weights with the same settings have the same digest,
    also those of other versions of the code, and those of a run whose folder of
    drawings moved.

    Args:
        config: the configuration of the model.
        num_particles: the number of samples of the bound that the signature
            `log_likelihood` computes.
        weights: the weights of the model, in the order of its variables.

    Returns:
        16 hexadecimal digits.
    """
    dataset = datasets.label(config.training.dataset)
    training = dataclasses.replace(config.training, dataset=dataset)
    config = dataclasses.replace(config, training=training)
    digest = hashlib.sha256(text.to_json(config).encode())
    digest.update(f"{num_particles} particles".encode())
    for array in weights:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]


def pixels(config: schema.Config) -> str:
    """What the pixels of a model's images are, in words."""
    if config.model.num_channels == 1:
        return "in [0, 1], white ink on black"
    return "red, green and blue in [0, 1]"


def measured(run_dir: pathlib.Path, step: int) -> tuple[dict[str, float], str]:
    """Reads the metrics of the newest evaluation of some weights of a run.

    Args:
        run_dir: a run folder.
        step: the number of steps after which the run had the weights. Later
            evaluations do not count.

    Returns:
        The metrics of validation drawings by name, and the drawings on which
        they were measured, in words. There are no metrics if the run was not
        evaluated yet.
    """
    metrics = run_dir / "metrics.jsonl"
    lines = metrics.read_text().splitlines() if metrics.exists() else []
    for line in reversed(lines):
        record = _record(line) or {}  # A killed process leaves part of a line.
        values = {
            name.removeprefix(runs.VALIDATION): value
            for name, value in record.items()
            if name.startswith(runs.VALIDATION)
        }
        if values and record["step"] <= step:
            count = runs.read_config(run_dir).training.num_evaluation_images
            return values, (
                f"up to {count:,} validation drawings after "
                f"{record['step']:,} steps"
            )
    return {}, "nothing yet: the run was stopped before its first evaluation"


def _record(line: str) -> dict[str, Any] | None:
    try:
        return json.loads(line)
    except ValueError:
        return None


def write(folder: pathlib.Path, title: str, facts: Facts) -> None:
    """Writes `model_card.md`, `config.json` and `export.json`.

    Args:
        folder: the folder of the SavedModel.
        title: the title of the card.
        facts: the facts about the model.

    Raises:
        OSError: If a file cannot be written.
    """
    config = facts.config
    (folder / "config.json").write_text(text.to_json(config))
    record: dict[str, Any] = facts._asdict()
    del record["config"]
    (folder / "export.json").write_text(json.dumps(record, indent=2) + "\n")
    (folder / "model_card.md").write_text(_card(title, facts))


def _card(title: str, facts: Facts) -> str:
    config = facts.config
    names = datasets.parts(config.training.dataset)
    names = [_published(name) for name in names]
    parts = [
        datasets.DATASETS[name] for name in names if name in datasets.DATASETS
    ]
    rows = [f"| {name} | {v:.5g} |" for name, v in facts.metrics.items()]
    metrics = [f"On {facts.measured_on}."]
    if rows:
        metrics += ["", "| metric | value |", "| --- | --- |", *rows]
    signatures = [
        f"- `{name}`: {', '.join(f'`{i}`' for i in inputs)}"
        for name, inputs in facts.signatures.items()
    ]
    settings = [
        f"- `{path}`: {value}"
        for path, value in text.flatten(config).items()
        if path.startswith("model.")
    ]
    is_rendered = config.training.dataset == datasets.ARROWS
    other = _RENDERED if is_rendered else _OWN
    licences = [part.licence for part in parts] or [other]
    start = config.training.start_from
    if start:
        is_known = start.startswith(families.PREFIX)
        first = start if is_known else "the drawings of the first weights"
        licences.append(f"see also that of {first}")
    return _CARD.format(
        title=title,
        description=facts.description,
        dataset=datasets.label(config.training.dataset),
        source=config.training.learnt_from,
        licence="; ".join(licences),
        homepage=", ".join(part.homepage for part in parts) or other,
        preset=config.preset,
        step=facts.step,
        batch_size=config.training.batch_size,
        size=config.model.image_size,
        pixels=pixels(config),
        metrics="\n".join(metrics),
        settings="\n".join(settings),
        signatures="\n".join(signatures),
        explains=_explains(facts.signatures),
    )


def _published(name: str) -> str:
    """The published dataset that the drawings of a dataset are from."""
    if name in datasets.STROKES:
        return "omniglot"
    return datasets.SCENES.get(name, name)


def _explains(signatures: Container[str]) -> str:
    """How the model explains images; empty if it explains none."""
    if "log_likelihood" in signatures:
        return _BY_ITSELF
    return _BY_SEARCH if "fit" in signatures else ""
