"""What a record is of, in words: its model, its training and its drawings."""

from collections.abc import Mapping, Sequence
from typing import Any

from tfdood.data import datasets
from tfdood.evaluate.report import page

NUM_DIGITS = 6
"""How many digits of a fingerprint tell models apart."""


def model(record: Mapping[str, Any]) -> str:
    """The name of a model and the start of its fingerprint.

    Args:
        record: of a result.

    Returns:
        Such as `dood_mnist e22645`.
    """
    name = page.number(record.get("model"), "")
    return f"{name} {str(record.get('fingerprint', ''))[:NUM_DIGITS]}".strip()


def parser(record: Mapping[str, Any]) -> str:
    """The name of a model, and of the parser if it is not the network.

    Args:
        record: of a result.

    Returns:
        Such as `dood_mnist e22645, refined, 60 steps`, or `dood_mnist e22645,
        refined proposal, 60 steps`.
    """
    steps, proposal = record.get("refinement_steps"), record.get("proposal")
    parts = (
        record.get("parser"),
        f"{proposal} proposal" if proposal else None,
        f"{steps} steps" if steps else None,
    )
    return ", ".join([model(record), *(part for part in parts if part)])


def is_explained(record: Mapping[str, Any]) -> bool:
    """Whether more than the recognition network explained the drawings.

    Args:
        record: of a result.
    """
    return bool(record.get("parser") or record.get("proposal"))


def pixels(record: Mapping[str, Any]) -> str:
    """The likelihood of pixels.

    Args:
        record: of a result.

    Returns:
        Such as `laplace pixels of running scale`.
    """
    if record.get("pixel_std") is not None:
        return f"normal pixels of standard deviation {record['pixel_std']:g}"
    likelihood, scale = (
        page.number(record.get(name), "")
        for name in ("likelihood", "pixel_scale")
    )
    return f"{likelihood} pixels of {scale} scale"


def augmentation(record: Mapping[str, Any]) -> str:
    """The share of collages in each batch of the training.

    Args:
        record: of a result.

    Returns:
        Such as `20 % collages`, or `no collages`.
    """
    share = record.get("collages")
    if not share:
        return "no collages" if share == 0 else f"{page.MISSING} collages"
    return f"{100 * share:g} % collages"


def training(
    record: Mapping[str, Any], seeds: Sequence[Any] | None = None
) -> str:
    """How a model was trained, or several that differ in the seed alone.

    Args:
        record: of a result.
        seeds: the training seeds; that of the record by default.

    Returns:
        Preset, encoder, steps, size of batches, drawings, whether the model
        was told people's strokes, likelihood, augmentation and seeds.
    """

    def text(name: str, form: str = "") -> str:
        return page.number(record.get(name), form)

    seeds = seeds or [text("training_seed")]
    plural = "s" if len(seeds) > 1 else ""
    listed = ", ".join(map(str, seeds))
    is_told = record.get("trained_on") in datasets.STROKES
    batch = record.get("batch_size")  # Older records have none.
    size = f" of {batch} images" if batch else ""
    told = " with people's strokes" if is_told else ""
    return (
        f"Preset {text('preset')}{encoder(record)}, "
        f"{text('step', ',')} steps{size} on {text('trained_on')}{told} "
        f"({text('training_source')}), {pixels(record)}, "
        f"{augmentation(record)}, {len(seeds)} training seed{plural} ({listed})"
    )


def encoder(record: Mapping[str, Any]) -> str:
    """Names the encoder: `, patches encoder`; empty for models without one.

    Args:
        record: of a result.
    """
    name = record.get("encoder")
    return f", {name} encoder" if name else ""


def drawings(record: Mapping[str, Any]) -> str:
    """The drawings that a model was evaluated on.

    Args:
        record: of a result.

    Returns:
        Number, split, dataset and source.
    """
    count = page.number(record.get("num_images"), ",")
    split, dataset, source = (
        page.number(record.get(name), "")
        for name in ("split", "dataset", "source")
    )
    return f"{count} {split} drawings of {dataset} ({source})"


def settings(record: Mapping[str, Any]) -> str:
    """What a job was done with.

    Args:
        record: of a result.

    Returns:
        Such as `parser refined, 60 steps of refinement, at a rate of 0.01,
        sampling seed 17`.
    """
    forms = {
        "parser": "parser {}",
        "proposal": "{} proposal",
        "refinement_steps": "{:,} steps of refinement",
        "refinement_rate": "at a rate of {:g}",
        "num_particles": "{:,} particles",
        "temperature": "temperature {:g}",
        "seed": "sampling seed {}",
    }
    return ", ".join(
        form.format(record[name])
        for name, form in forms.items()
        if record.get(name) not in (None, "")
    )
