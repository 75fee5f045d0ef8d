"""What stands beside a SavedModel, for people and for programs."""

import hashlib
import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tfdood.data import datasets
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib

_CARD = """\
---
license: other
library_name: tensorflow
tags: [drawings, strokes, generative, neuro-symbolic]
---
# {title}

{kind}: *Drawing out of Distribution with Neuro-Symbolic Generative Models*
(Liang et al., NeurIPS 2022), as tfdood trains it, exported as a SavedModel that
runs without its source code.

| | |
| --- | --- |
| trained on | {dataset}: {source} |
| licence of the drawings | {licence} |
| home of the drawings | {homepage} |
| preset, encoder | `{preset}`, `{encoder}` |
| steps | {step:,} of {batch_size} drawings |
| strokes | at most {num_strokes}, {strokes} |
| images | {size} x {size}, white ink on black, in [0, 1] |

## Measured

{metrics}

## Signatures

{signatures}

`config.json` is its configuration, `export.json` these figures for programs.
Where the image is of a kind that the training drawings are not, strokes are a
guess; `log_likelihood` says how good the guess is.
"""


_KINDS = {
    "dood": "A generative model of drawings as strokes",
    "air": "A generative model of images as parts that add up, AIR (Eslami et "
    "al., NeurIPS 2016), with which this paper compares its model",
    "vae": "A generative model of images as codes without any structure, a "
    "floor to compare the model of this paper with",
}


class Facts(NamedTuple):
    """What is known of an exported model.

    Attributes:
        config: what was trained.
        step: the steps it was trained for.
        metrics: measured on held-out drawings, by name.
        measured_on: what they were measured on, in words.
        num_particles: of the bound that `log_likelihood` gives.
        signatures: names of inputs, by signature.
        fingerprint: of all that decides what it answers.
    """

    config: config_lib.Config
    step: int
    metrics: Mapping[str, float]
    measured_on: str
    num_particles: int
    signatures: Mapping[str, list[str]]
    fingerprint: str


def fingerprint(
    config: config_lib.Config, num_particles: int, weights: Iterable[np.ndarray]
) -> str:
    """The same for every export of the same model, and for no other.

    Args:
        config: of the model.
        num_particles: of the bound that `log_likelihood` gives.
        weights: of the model, in order.
    """
    digest = hashlib.sha256(settings_lib.to_json(config).encode())
    digest.update(f"{num_particles} particles".encode())
    for array in weights:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]


def measured(run_dir: pathlib.Path) -> tuple[dict[str, float], str]:
    """The newest measurement on held-out drawings that a run folder holds.

    Args:
        run_dir: with `held_out.json`, or else `metrics.jsonl`.

    Returns:
        Values by name, and what they were measured on; nothing if there is
        neither.

    Raises:
        ValueError: If `held_out.json` is damaged.
    """
    held_out = run_dir / "held_out.json"
    if held_out.exists():
        record = _record(held_out.read_text())
        try:
            measured_on = (
                f"{record['num_images']:,} held-out drawings of the "
                f"{record['source']}, after {record['step']:,} steps, "
                f"{record['num_particles']} particles"
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{held_out} is damaged; measure again by python -m "
                "train.held_out."
            ) from error
        values = {k: v for k, v in record.items() if isinstance(v, float)}
        return values, measured_on
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
    return {}, "nothing yet: run python -m train.held_out"


def _record(text: str) -> dict[str, Any] | None:
    try:
        return json.loads(text)
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
    (folder / "config.json").write_text(settings_lib.to_json(config))
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
    return _CARD.format(
        title=title,
        kind=_KINDS[config.model.name],
        dataset=config.training.dataset,
        source=config.training.learnt_from,
        licence=dataset.licence,
        homepage=dataset.homepage,
        preset=config.preset,
        encoder=config.model.encoder,
        step=facts.step,
        batch_size=config.training.batch_size,
        num_strokes=config.model.num_strokes,
        strokes=_strokes(config.model),
        size=config.model.image_size,
        metrics="\n".join(metrics),
        signatures="\n".join(signatures),
    )


def _strokes(model: config_lib.ModelConfig) -> str:
    if model.has_curves:
        return f"Bezier curves of {model.num_control_points} points"
    numbers = 2 * model.num_control_points
    return (
        f"codes of {numbers} numbers that a network draws, **not curves**: "
        "there is no SVG of them; they are called `codes` where drawings come "
        "out, `control_points` in `parse` and `render`"
    )
