"""Trains a model of drawings: `python -m train.main --dataset=quickdraw`.

Results go to the run folder; the same command resumes from there.
"""

import dataclasses
import logging as stdlib_logging
import os
import sys

import tensorflow as tf
from absl import app, flags, logging

from tfdood import data
from tfdood.saved import runs
from tfdood.settings import presets
from tfdood.settings import text as settings_lib
from train import loop, step, strategies

_PRESET = flags.DEFINE_enum(
    "preset", "dood", list(presets.PRESETS), "Named configuration."
)
_DATASET = flags.DEFINE_enum(
    "dataset", "quickdraw", data.NAMES, "Drawings to learn from."
)
_RUN_DIR = flags.DEFINE_string(
    "run_dir",
    None,
    "Folder of the run; runs/PRESET_DATASET if left out. A run that it holds "
    "is resumed.",
)
_DATA_DIR = flags.DEFINE_string(
    "data_dir",
    None,
    "Folder of prepared datasets; if left out, TensorFlow Datasets' own, and "
    "then the embedded sample.",
)
_DOWNLOAD = flags.DEFINE_bool(
    "download",
    default=False,
    help="Download the dataset if it is not there.",
)
_STRATEGY = flags.DEFINE_enum(
    "strategy",
    "none",
    strategies.NAMES,
    "Spread each batch over one device, all GPUs of this machine, or all "
    "machines that TF_CONFIG names.",
)
_SET = flags.DEFINE_multi_string(
    "set", [], "Any other setting, as in --set=model.num_strokes=4."
)
_SHORTCUTS = {
    "training.num_steps": flags.DEFINE_integer(
        "num_steps", None, "Steps of the whole run; may grow on resuming."
    ),
    "training.batch_size": flags.DEFINE_integer(
        "batch_size", None, "Drawings a step, over all devices."
    ),
    "training.learning_rate": flags.DEFINE_float(
        "learning_rate", None, "Adam's learning rate."
    ),
    "objective.beta": flags.DEFINE_float(
        "beta", None, "Divides the likelihood in the presence's signal."
    ),
    "training.seed": flags.DEFINE_integer(
        "seed", None, "Of the weights, the order of drawings and all sampling."
    ),
    "training.jit_compile": flags.DEFINE_bool(
        "jit_compile", None, "Compile the training step with XLA."
    ),
}

# Other settings follow from them.
_FLAGS_ALONE = {"preset": "preset", "training.dataset": "dataset"}
_USAGE_ERROR = 2


def main(argv: list[str]) -> int:
    """Runs the command; returns its exit code."""
    _set_up_process()
    try:
        return _train(argv)
    except KeyboardInterrupt:  # Before the first step, or a second Ctrl-C.
        return loop.INTERRUPTED


def _train(argv: list[str]) -> int:
    try:
        if len(argv) > 1:
            raise ValueError(f"Flags start with --, got {argv[1]!r}.")
        strategy = strategies.make(_STRATEGY.value)
        config, drawings = _configure()
    except (ValueError, OSError) as error:
        return _fail(error)
    run_dir = os.path.expanduser(
        _RUN_DIR.value or f"runs/{config.preset}_{_DATASET.value}"
    )
    try:
        return loop.run(config, run_dir, drawings, step.Trainer, strategy)
    except (runs.RunError, OSError) as error:
        return _fail(error)


def _configure():
    """The configuration that the flags ask for, and the drawings."""
    for name, flag in _FLAGS_ALONE.items():
        if any(item.startswith(f"{name}=") for item in _SET.value):
            raise ValueError(f"--set cannot change {name}; give --{flag}.")
    given = {path: flag.value for path, flag in _SHORTCUTS.items()}
    assignments = [f"{p}={v}" for p, v in given.items() if v is not None]
    assignments += _SET.value
    preset = presets.get(_PRESET.value, _DATASET.value)
    config = settings_lib.override(preset, assignments)
    if config.training.start_from:
        assignments = [*presets.WARM_START, *assignments]
        config = settings_lib.override(preset, assignments)
    drawings = tuple(
        data.read(
            config.training.dataset,
            split,
            image_size=config.model.image_size,
            data_dir=_DATA_DIR.value,
            download=_DOWNLOAD.value,
        )
        for split in ("train", "test")
    )
    if drawings[0].is_sample:
        logging.warning(
            "No prepared %s was found: TRAINING ON A SMALL SAMPLE, the %s. Its "
            "results do not compare with published ones; for the whole dataset "
            "see --data_dir and --download.",
            config.training.dataset,
            drawings[0].source,
        )
    else:
        logging.info("Training on the %s.", drawings[0].source)
    _warn_of_short_run(config)
    training = dataclasses.replace(config.training, source=drawings[0].source)
    return dataclasses.replace(config, training=training), drawings


def _warn_of_short_run(config) -> None:
    """Says what the schedule has no time for."""
    training, num_steps = config.training, config.training.num_steps
    crisp = training.scale_hold_steps + training.scale_anneal_steps
    settled = config.objective.presence_warmup_steps
    if config.model.pixel_scale == "running" and num_steps < crisp:
        logging.warning(
            "Lines become crisp at step %d, after the end of this run at %d; "
            "lower training.scale_hold_steps and training.scale_anneal_steps.",
            crisp,
            num_steps,
        )
    if num_steps <= settled:
        logging.warning(
            "All strokes are drawn until step %d, the end of this run at %d "
            "included; lower objective.presence_warmup_steps.",
            settled,
            num_steps,
        )


def _set_up_process() -> None:
    """Makes runs repeatable, and shows our messages but not TensorFlow's."""
    tf.config.experimental.enable_op_determinism()
    # Ten bits, as GPUs multiply by default, misplace thin strokes.
    tf.config.experimental.enable_tensor_float_32_execution(enabled=False)
    # Grappler adds up gradients in another order in each process.
    tf.config.optimizer.set_experimental_options(
        {"disable_meta_optimizer": True}
    )
    handler = logging.get_absl_handler()
    handler.setFormatter(stdlib_logging.Formatter("%(levelname)s: %(message)s"))
    handler.addFilter(
        lambda record: (
            record.levelno > stdlib_logging.INFO
            or "tensorflow" not in record.pathname
        )
    )
    logging.set_verbosity(logging.INFO)


def _fail(error: Exception) -> int:
    sys.stderr.write(f"Error: {error}\n")
    return _USAGE_ERROR


if __name__ == "__main__":
    app.run(main)
