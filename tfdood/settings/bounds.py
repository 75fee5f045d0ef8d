"""The values that the settings of `tfdood.settings.schema` may take."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple


class Interval(NamedTuple):
    """Numbers from `low` (left out if `is_open`) to `high`."""

    low: float
    high: float = math.inf
    is_open: bool = False

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high and not (
            self.is_open and value == self.low
        )

    def __str__(self) -> str:
        bracket = "(" if self.is_open else "["
        return f"in {bracket}{self.low:.10g}, {self.high:.10g}]"


class Choices(tuple):
    """The values that a setting may take."""

    def __str__(self) -> str:
        return "one of " + ", ".join(self)


_AT_LEAST_0 = Interval(0)
_AT_LEAST_1 = Interval(1)
_ABOVE_0 = Interval(0, is_open=True)
_FRACTION = Interval(0, 1)

ALLOWED: dict[str, Interval | Choices] = {
    "model.image_size": Interval(16, 1024),
    "model.glimpse_size": Interval(8, 1024),
    "model.num_strokes": Interval(1, 100),
    "model.num_control_points": Interval(2, 50),
    "model.num_curve_points": Interval(2, 10_000),
    "model.encoder": Choices(("compact", "paper")),
    "model.encoder_dropout": Interval(0, 0.99),
    "model.min_blur": Interval(0.001, 0.039),
    "model.width": Interval(1, 8192),
    "model.num_mixtures": _AT_LEAST_1,
    "model.likelihood": Choices(("laplace", "normal")),
    "model.pixel_scale": Choices(("learned", "running")),
    "model.pixel_scale_floor": Interval(0, 1, is_open=True),
    "model.prior": Choices(("sequential", "independent")),
    "model.decoder": Choices(("spline", "neural")),
    "model.stroke_frame": Choices(("canvas", "glimpse")),
    "objective.num_particles": _AT_LEAST_1,
    "objective.presence_gradient": Choices(("exact", "nvil")),
    "objective.beta": _ABOVE_0,
    "objective.signal_scale_floor": _AT_LEAST_0,
    "objective.exploration": Interval(0, 0.9),
    "objective.decay": _FRACTION,
    "objective.presence_warmup_steps": _AT_LEAST_0,
    "training.num_steps": _AT_LEAST_1,
    "training.batch_size": _AT_LEAST_1,
    "training.learning_rate": _ABOVE_0,
    "training.baseline_learning_rate": _ABOVE_0,
    "training.pixel_scale_learning_rate": _ABOVE_0,
    "training.warmup_steps": _AT_LEAST_0,
    "training.decay_steps": _AT_LEAST_0,
    "training.clip_norm": _AT_LEAST_0,
    "training.scale_decay": _FRACTION,
    "training.scale_hold": _ABOVE_0,
    "training.scale_hold_steps": _AT_LEAST_0,
    "training.scale_anneal_steps": _AT_LEAST_0,
    "training.smoothing": _AT_LEAST_0,
    "training.smoothing_steps": _AT_LEAST_0,
    "training.seed": Interval(0, 2**31 - 1),
    "training.log_every": _AT_LEAST_1,
    "training.evaluate_every": _AT_LEAST_1,
    "training.num_evaluation_images": _AT_LEAST_1,
    "training.num_evaluation_particles": _AT_LEAST_1,
    "training.checkpoint_every": _AT_LEAST_1,
}


def check(settings: Mapping[str, Any]) -> None:
    """Checks values of settings.

    Args:
        settings: by dotted path.

    Raises:
        ValueError: If a number is not finite or out of its range, or a choice
            is not a known one.
    """
    for path, value in settings.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{path} must be finite, got {value}.")
        allowed = ALLOWED.get(path)
        if allowed is not None and value not in allowed:
            raise ValueError(f"{path} must be {allowed}, got {value!r}.")
