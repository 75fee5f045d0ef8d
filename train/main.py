"""Trains a model of drawings: `python -m train.main --dataset=quickdraw`.

Results go to the run folder; the same command resumes from there.
"""

from tfdood import console  # isort: skip  # Starts TensorFlow quietly.

import dataclasses
import os

import tensorflow as tf
from absl import flags, logging

from tfdood import data
from tfdood.settings import presets, schema, text

from . import loop, step, strategies

_SHORTCUTS = {
    "num_steps": "training",
    "batch_size": "training",
    "learning_rate": "training",
    "beta": "objective",
    "seed": "training",
    "jit_compile": "training",
}

# The other settings follow from these two.
_FLAGS_ALONE = {"preset": "preset", "training.dataset": "dataset"}


def define(values: flags.FlagValues) -> None:
    """Declares the flags."""
    flags.DEFINE_enum(
        "preset",
        "dood",
        list(presets.PRESETS),
        "Named configuration.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "dataset",
        "quickdraw",
        data.NAMES,
        "Drawings to learn from.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "run_dir",
        None,
        "Folder of the run; runs/PRESET_DATASET by default. A run that is "
        "there already is resumed.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "data_dir",
        None,
        "Folder of prepared datasets. By default TensorFlow Datasets' own "
        "folder, and if the dataset is not there, the embedded sample.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "download",
        default=False,
        help="Download the dataset if it is not there.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "strategy",
        "none",
        strategies.NAMES,
        "Train on one device, on all GPUs of this machine, or on all machines "
        "that TF_CONFIG names.",
        flag_values=values,
    )
    flags.DEFINE_multi_string(
        "set",
        [],
        "Any other setting, for example --set=model.num_strokes=4.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_steps",
        None,
        "Steps of the whole run; may grow on resuming.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "batch_size",
        None,
        "Drawings a step, over all devices.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "learning_rate", None, "Adam's learning rate.", flag_values=values
    )
    flags.DEFINE_float(
        "beta",
        None,
        "Divides the likelihood in the learning signal of the presence.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "seed",
        None,
        "Seed of the weights, the order of drawings and all sampling.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "jit_compile",
        None,
        "Compile the training step with XLA.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> int:
    """Trains; returns the exit code."""
    _make_repeatable()
    strategy = strategies.make(options.strategy)
    config = configure(options)
    config, drawings = _read(config, options)
    run_dir = options.run_dir or f"runs/{config.preset}_{options.dataset}"
    return loop.run(
        config, os.path.expanduser(run_dir), drawings, step.Trainer, strategy
    )


def configure(options: flags.FlagValues) -> schema.Config:
    """Makes the configuration that the flags ask for.

    Raises:
        ValueError: If a setting is unknown, out of its range, without effect,
            or follows from a flag.
    """
    for name, flag in _FLAGS_ALONE.items():
        if any(item.partition("=")[0].strip() == name for item in options.set):
            raise ValueError(f"--set cannot change {name}; use --{flag}.")
    assignments = [
        f"{group}.{name}={options[name].value}"
        for name, group in _SHORTCUTS.items()
        if options[name].value is not None
    ]
    assignments += options.set
    preset = presets.get(options.preset, options.dataset)
    config = text.override(preset, assignments)
    if config.training.start_from:
        assignments = [*presets.warm_start(config), *assignments]
        config = text.override(preset, assignments)
    return config


def _read(
    config: schema.Config, options: flags.FlagValues
) -> tuple[schema.Config, tuple[data.DrawingSet, data.DrawingSet]]:
    """Reads the drawings; notes in the configuration where they are from."""
    drawings = tuple(
        data.read(
            config.training.dataset,
            split,
            image_size=config.model.image_size,
            data_dir=options.data_dir,
            download=options.download,
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
    training = dataclasses.replace(config.training, source=drawings[0].source)
    return dataclasses.replace(config, training=training), drawings


def _make_repeatable() -> None:
    """Makes two runs of one command equal."""
    tf.config.experimental.enable_op_determinism()
    # Grappler adds up gradients in another order in each process.
    tf.config.optimizer.set_experimental_options(
        {"disable_meta_optimizer": True}
    )


def run() -> None:
    """Runs the command."""
    console.run(define, main)


if __name__ == "__main__":
    run()
