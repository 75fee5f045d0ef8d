"""The model card and the facts that lie beside a SavedModel."""

import hashlib
import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tfdood.data import datasets
from tfdood.settings import schema, text

_CARD = """\
---
license: other
library_name: tensorflow
tags: [drawings, strokes, generative, neuro-symbolic]
---
# {title}

{description} Trained with
tfdood, and exported as a SavedModel that runs without its source code.

| | |
| --- | --- |
| trained on | {dataset}: {source} |
| licence of the drawings | {licence} |
| home of the drawings | {homepage} |
| preset | `{preset}` |
| steps | {step:,} of {batch_size} drawings |
| images | {size} x {size}, white ink on black, in [0, 1] |

## Measured

{metrics}

## Settings

{settings}

## Signatures

{signatures}

`config.json` is the configuration, `export.json` holds these figures for
programs. Where an image is unlike the training drawings, its explanation is
unreliable; `log_likelihood` says how well the model explains it.
"""


class Facts(NamedTuple):
    """What is known of an exported model.

    Attributes:
        config: of the training.
        description: of the model, in a sentence.
        step: the steps it was trained for.
        metrics: measured on held-out drawings, by name.
        measured_on: what they were measured on, in words.
        num_particles: of the bound that `log_likelihood` gives.
        signatures: names of inputs, by signature.
        fingerprint: of all that decides what it answers.
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
    """Identifies a model: equal for every export of the same weights.

    Args:
        config: of the model.
        num_particles: of the bound that `log_likelihood` gives.
        weights: of the model, in order.
    """
    digest = hashlib.sha256(text.to_json(config).encode())
    digest.update(f"{num_particles} particles".encode())
    for array in weights:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]


def measured(run_dir: pathlib.Path) -> tuple[dict[str, float], str]:
    """Reads the newest measurement on held-out drawings of a run.

    Args:
        run_dir: a run folder.

    Returns:
        Values by name, and what they were measured on; nothing if the run has
        not been evaluated yet.
    """
    metrics = run_dir / "metrics.jsonl"
    lines = metrics.read_text().splitlines() if metrics.exists() else []
    for line in reversed(lines):
        record = _record(line) or {}  # A killed process leaves half a line.
        values = {
            name.removeprefix("test/"): value
            for name, value in record.items()
            if name.startswith("test/")
        }
        if values:
            return values, (
                f"a few held-out drawings after {record['step']:,} steps"
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
        folder: of the SavedModel.
        title: of the card.
        facts: to be written down.
    """
    config = facts.config
    (folder / "config.json").write_text(text.to_json(config))
    record: dict[str, Any] = facts._asdict()
    del record["config"]
    (folder / "export.json").write_text(json.dumps(record, indent=2) + "\n")
    (folder / "model_card.md").write_text(_card(title, facts))


def _card(title: str, facts: Facts) -> str:
    config = facts.config
    dataset = datasets.dataset(config.training.dataset)
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
    return _CARD.format(
        title=title,
        description=facts.description,
        dataset=config.training.dataset,
        source=config.training.learnt_from,
        licence=dataset.licence,
        homepage=dataset.homepage,
        preset=config.preset,
        step=facts.step,
        batch_size=config.training.batch_size,
        size=config.model.image_size,
        metrics="\n".join(metrics),
        settings="\n".join(settings),
        signatures="\n".join(signatures),
    )
