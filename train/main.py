"""Trains a model of drawings: `python -m train.main --dataset=quickdraw`.

The results are written to the run folder. The same command resumes a run that
was stopped.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import dataclasses

import tensorflow as tf
from absl import flags, logging

from tfdood import console, data
from tfdood.data import datasets
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

# Other settings depend on these two, so each can only be set by its flag.
_FLAGS_ALONE = {"preset": "preset", "training.dataset": "dataset"}

_WRITTEN_BY_RUNS = "training.source"


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    _define_run(values)
    _define_data(values)
    _define_settings(values)


def _define_run(values: flags.FlagValues) -> None:
    flags.DEFINE_enum(
        "preset",
        "dood",
        list(presets.PRESETS),
        "Name of the configuration to start from.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "run_dir",
        None,
        "Folder of the run; by default runs/PRESET_DATASET. If the folder "
        "holds a run already, this run is resumed.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "strategy",
        "none",
        strategies.NAMES,
        "Devices to train on: one device (none), all GPUs of this machine "
        "(mirrored), or all machines that TF_CONFIG lists (multiworker).",
        flag_values=values,
    )
    flags.DEFINE_multi_string(
        "set",
        [],
        "Changes any other setting, for example --set=model.num_strokes=4; "
        "may be given several times.",
        flag_values=values,
    )


def _define_data(values: flags.FlagValues) -> None:
    flags.DEFINE_string(
        "dataset",
        None,
        "Dataset to learn from; by default that of the preset: quickdraw, "
        "mnist_4 for models of scenes, omniglot_strokes for gns. One of "
        f"{', '.join(data.NAMES)}; {data.UNION} for the "
        f"union of these; {', '.join(data.SCENES)} for scenes of digits, "
        f"{datasets.ARROWS} for scenes of solids; "
        f"{' or '.join(datasets.STROKES)} for drawings with pen strokes; or "
        "folder:PATH for your own drawings, a folder of pictures or of a "
        "folder a class.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "data_dir",
        None,
        "Folder of prepared datasets; by default the folder of TensorFlow "
        "Datasets, or the embedded sample if the dataset is not in there.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "download",
        default=False,
        help="Download the dataset if it is not in the folder.",
        flag_values=values,
    )


def _define_settings(values: flags.FlagValues) -> None:
    """Declares the shortcuts for frequent settings."""
    flags.DEFINE_integer(
        "num_steps",
        None,
        "Number of steps of the whole run; when a run is resumed, any number "
        "from that of its newest checkpoint.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "batch_size",
        None,
        "Number of drawings in each step, over all devices.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "learning_rate",
        None,
        "Learning rate of the optimiser.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "beta",
        None,
        "Of models with strokes: divides the log likelihood in the learning "
        "signal of the presence. Of models of scenes: weight of a divergence.",
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
    """Trains the model that the flags describe.

    Args:
        options: the values of the flags.

    Returns:
        The exit code: 0, or 130 or 143 if a signal stopped the run.

    Raises:
        ValueError: If a setting is not valid, the run folder cannot be used,
            or a metric is not finite.
        OSError: If the drawings cannot be read or the run folder cannot be
            written.
    """
    _make_repeatable()
    strategy = strategies.make(options.strategy)
    config = configure(options)
    config, drawings = _read(config, options)
    label = datasets.label(config.training.dataset)
    run_dir = options.run_dir or f"runs/{config.preset}_{label}"
    return loop.run(config, run_dir, drawings, step.Trainer, strategy)


def configure(options: flags.FlagValues) -> schema.Config:
    """Makes the configuration that the flags describe.

    Args:
        options: the values of the flags.

    Returns:
        The validated configuration.

    Raises:
        ValueError: If the dataset is unknown, if a setting is unknown, out of
            its range, or without effect, if `--set` changes a setting that
            has its own flag or that runs write, or if a part of a model would
            learn beside random weights.
    """
    for item in options.set:
        name = item.partition("=")[0].strip()
        if name in _FLAGS_ALONE:
            raise ValueError(
                f"--set cannot change {name}; use --{_FLAGS_ALONE[name]}."
            )
        if name == _WRITTEN_BY_RUNS:
            raise ValueError(f"The run writes {name} itself; leave it out.")
    given = {
        f"{group}.{name}": options[name].value
        for name, group in _SHORTCUTS.items()
        if options[name].value is not None
    }
    assignments = [f"{path}={value}" for path, value in given.items()]
    assignments += options.set
    own = presets.PRESETS[options.preset].training.dataset
    dataset = datasets.canonical(options.dataset or own)
    preset = presets.get(options.preset, dataset)
    text.check_flags(preset, given)
    config = text.override(preset, assignments)
    if config.training.start_from:
        assignments = [*presets.warm_start(config), *assignments]
        config = text.override(preset, assignments)
    elif getattr(config.objective, "learns", "all") != "all":
        raise ValueError(
            f"objective.learns={config.objective.learns} needs trained weights "
            "to start from; add --set=training.start_from=RUN_FOLDER."
        )
    return config


def _read(
    config: schema.Config, options: flags.FlagValues
) -> tuple[schema.Config, tuple[data.DrawingSet, data.DrawingSet]]:
    """Reads the drawings, and writes their source into the configuration."""
    drawings = tuple(
        data.read(
            config.training.dataset,
            split,
            image_size=config.model.image_size,
            data_dir=options.data_dir,
            download=options.download,
        )
        for split in ("train", "validation")
    )
    _check_fit(config, drawings[0])
    logging.info("Training on the %s.", drawings[0].source)
    training = dataclasses.replace(config.training, source=drawings[0].source)
    return dataclasses.replace(config, training=training), drawings


def _check_fit(config: schema.Config, drawings: data.DrawingSet) -> None:
    """Refuses drawings that the model cannot learn from."""
    dataset = config.training.dataset
    if config.model.name == "gns" and drawings.strokes is None:
        raise ValueError(
            f"gns learns from pen strokes, which {dataset} does not have; give "
            f"--dataset={datasets.STROKES[0]}."
        )
    datasets.check_channels(drawings.images, config.model.num_channels, dataset)


def _make_repeatable() -> None:
    """Makes TensorFlow deterministic: the same command gives the same run."""
    tf.config.experimental.enable_op_determinism()
    # Grappler sums gradients in a different order in each process.
    tf.config.optimizer.set_experimental_options(
        {"disable_meta_optimizer": True}
    )


def run() -> None:
    """Runs the command on the arguments of this process."""
    console.run(define, main)


if __name__ == "__main__":
    run()
