"""What a record is of, in words: its model, its training and its drawings."""

from collections.abc import Mapping
from typing import Any

from tfdood.evaluate.report import page

_NUM_DIGITS = 6  # of a fingerprint


def model(record: Mapping[str, Any]) -> str:
    """The name of a model and the start of its fingerprint.

    Args:
        record: of a result.

    Returns:
        Such as `dood_mnist e22645`.
    """
    name = page.number(record.get("model"), "")
    return f"{name} {str(record.get('fingerprint', ''))[:_NUM_DIGITS]}".strip()


def pixels(record: Mapping[str, Any]) -> str:
    """The likelihood of pixels.

    Args:
        record: of a result.

    Returns:
        Such as `laplace pixels of running scale`.
    """
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


def training(record: Mapping[str, Any], seeds: str | None = None) -> str:
    """How a model was trained.

    Args:
        record: of a result.
        seeds: the training seeds; that of the record by default.

    Returns:
        Preset, encoder, steps, drawings, likelihood, augmentation and seed.
    """

    def text(name: str, form: str = "") -> str:
        return page.number(record.get(name), form)

    seeds = seeds or f"training seed {text('training_seed')}"
    return (
        f"Preset {text('preset')}, {text('encoder')} encoder, "
        f"{text('step', ',')} steps on {text('trained_on')} "
        f"({text('training_source')}), {pixels(record)}, "
        f"{augmentation(record)}, {seeds}"
    )


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
