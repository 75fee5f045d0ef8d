"""Evaluates a trained model: `python -m tfdood.evaluate --task=TASK`.

Records go to `results.jsonl` in the folder of results, pictures to `figures/`
there. A task that was done is not done again; a long one that was interrupted
continues.
"""

from tfdood import console  # isort: skip  # Starts TensorFlow quietly.

import math
import pathlib
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from absl import flags

from tfdood import data
from tfdood.data import datasets
from tfdood.evaluate.records import results
from tfdood.evaluate.records.job import Job, Refinement
from tfdood.evaluate.report import report, side_by_side
from tfdood.evaluate.tasks import TASKS, splits
from tfdood.parsing import refined
from tfdood.saved import cached, exported

_SETTINGS = ("num_images", "num_particles", "temperature")
_EXPLAINERS = {
    "reconstruction": "parser",
    "parsing": "parser",
    "one_shot": "parser",
    "marginal_likelihood": "proposal",
}  # Of the tasks that can have a refinement: the flag that chooses it.
_REFINEMENT = ("refinement_steps", "refinement_rate")
_MAX_SEED = 2**31 - 1


def define(values: flags.FlagValues) -> None:
    """Declares the flags."""
    flags.DEFINE_enum(
        "task", None, list(TASKS), "What to evaluate.", flag_values=values
    )
    flags.DEFINE_multi_string(
        "model",
        None,
        "Folder of an exported model or of one of its versions, a run folder, "
        "or pretrained:NAME; repeatable with --matrix.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "dataset",
        None,
        list(data.NAMES),
        "Drawings to evaluate on; by default those of the training.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "split",
        None,
        ["test", "validation"],
        "Which drawings to evaluate on; by default test. Choose settings on "
        "validation drawings. For one_shot and parsing, validation drawings "
        "are of other background alphabets; see docs/results.md.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "matrix",
        default=False,
        help="Evaluate every model on every dataset.",
        flag_values=values,
    )
    _define_places(values)
    _define_settings(values)


def _define_places(values: flags.FlagValues) -> None:
    flags.DEFINE_string(
        "data_dir",
        None,
        "Folder of prepared datasets, as for training.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "results", "results", "Folder of results.", flag_values=values
    )
    flags.DEFINE_string(
        "report",
        None,
        "Write tables and a page from this folder of results.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "reference",
        None,
        "With --report: the name or fingerprint of the model that the paired "
        "differences are to; by default the best model on the same drawings.",
        flag_values=values,
    )


def _define_settings(values: flags.FlagValues) -> None:
    flags.DEFINE_integer(
        "num_images",
        None,
        "Number of drawings, taken at even distances; by default 100 to "
        "3,000, depending on the task. Of one_shot: of runs, by default 20.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_particles",
        None,
        "Posterior samples an image; by default 200 for marginal_likelihood, "
        "10 for parsing, 5 for one_shot.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_float(
        "temperature",
        None,
        "Factor on the standard deviations of samples from the prior; by "
        "default 0.5.",
        lower_bound=0.0,
        flag_values=values,
    )
    flags.register_validator(
        "temperature",
        lambda value: value is None or math.isfinite(value),
        message="must be a finite number",
        flag_values=values,
    )
    _define_refinement(values)
    flags.DEFINE_integer(
        "seed",
        0,
        "Seed of all sampling.",
        lower_bound=0,
        upper_bound=_MAX_SEED,
        flag_values=values,
    )


def _define_refinement(values: flags.FlagValues) -> None:
    choices = ["amortised", "refined"]
    flags.DEFINE_enum(
        "parser",
        None,
        choices,
        "What explains drawings in reconstruction, parsing and one_shot: the "
        "recognition network (the default), or gradient ascent from there.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "proposal",
        None,
        choices,
        "What samples the particles of marginal_likelihood: the recognition "
        "network (the default), or half of them a Gaussian that is fitted to "
        "each drawing.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "refinement_steps",
        None,
        "Steps of gradient ascent, with refined only; by default "
        f"{refined.NUM_STEPS}.",
        lower_bound=0,
        upper_bound=1_000,
        flag_values=values,
    )
    flags.DEFINE_float(
        "refinement_rate",
        None,
        "Learning rate of the ascent, with refined only; by default "
        f"{refined.LEARNING_RATE}.",
        lower_bound=0.0,
        upper_bound=1.0,
        flag_values=values,
    )


def main(options: flags.FlagValues) -> int:
    """Does the tasks, or writes the report; returns the exit code."""
    if options.report is not None:
        folder = pathlib.Path(options.report)
        path = report.write(folder, options.reference)
        sys.stdout.write(f"Wrote {path}\n")
        return 0
    try:
        return _do_all(options)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; run the same command to continue.\n")
        raise


def _do_all(options: flags.FlagValues) -> int:
    jobs = _jobs(options)
    codes = [
        _attempt(f"{job.task} {job.model.name} on {job.dataset}", _do, job)
        for job in jobs
    ]
    if options.matrix and options.task == "reconstruction":
        folder = pathlib.Path(options.results) / "figures"
        codes.append(_attempt("figures", side_by_side.draw, jobs, folder))
    return max(codes)


def _attempt(name: str, function: Callable[..., object], *args: Any) -> int:
    """Calls a function; writes its error, if any, and returns an exit code."""
    try:
        function(*args)
    except (ValueError, OSError, tf.errors.OpError) as error:
        reason = getattr(error, "message", str(error)).partition("\n")[0]
        sys.stderr.write(f"Error: {name}: {reason}\n")
        return console.USAGE_ERROR
    return 0


def _jobs(options: flags.FlagValues) -> list[Job]:
    _check(options)
    models = [
        exported.ExportedModel(cached.folder(model)) for model in options.model
    ]
    _check_distinct(models)
    settings = {**_settings(options), "refinement": _refinement(options)}
    folder = pathlib.Path(options.results)
    folder.mkdir(parents=True, exist_ok=True)
    return [
        Job(
            task=options.task,
            task_version=TASKS[options.task].VERSION,
            model=model,
            dataset=dataset,
            data_dir=options.data_dir,
            seed=options.seed,
            folder=folder,
            split=_split(options),
            **settings,
        )
        for model in models
        for dataset in (
            data.NAMES
            if options.matrix
            else datasets.parts(
                options.dataset or model.config.training.dataset
            )
        )
    ]


def _check(options: flags.FlagValues) -> None:
    """Refuses flags that do not go together."""
    if not options.task or not options.model:
        raise ValueError(
            "Give --task and --model, or --report; see python -m "
            "tfdood.evaluate --help."
        )
    if len(options.model) > 1 and not options.matrix:
        raise ValueError("Several --model need --matrix.")
    if options.reference is not None:
        raise ValueError("--reference needs --report.")
    if options.dataset and options.matrix:
        raise ValueError("--matrix takes every dataset; leave --dataset out.")


def _check_distinct(models: Sequence[exported.ExportedModel]) -> None:
    """Refuses models with equal weights: they have the same results."""
    paths: dict[str, list[str]] = {}
    for model in models:
        paths.setdefault(model.fingerprint, []).append(str(model.path))
    for equal in paths.values():
        if len(equal) > 1:
            raise ValueError(
                f"These models have the same weights: {', '.join(equal)}. Give "
                "only one of them."
            )


def _split(options: flags.FlagValues) -> str:
    """The split to evaluate on."""
    known = splits(options.task)
    if options.split is not None and options.split not in known:
        raise ValueError(
            f"--task={options.task} is measured on {known[0]} drawings; leave "
            "--split out."
        )
    return options.split or known[0]


def _settings(options: flags.FlagValues) -> dict[str, int | float | None]:
    """The settings of the task; None for those that it does not use."""
    defaults = TASKS[options.task].DEFAULTS
    settings = {}
    for name in _SETTINGS:
        given = options[name].value
        if given is not None and name not in defaults:
            used = ", ".join(f"--{used}" for used in defaults)
            raise ValueError(
                f"--task={options.task} does not use --{name}, only {used}; "
                f"leave --{name} out."
            )
        settings[name] = defaults.get(name) if given is None else given
    return settings


def _refinement(options: flags.FlagValues) -> Refinement | None:
    """The refinement of parses or proposals, if one was chosen."""
    used = _EXPLAINERS.get(options.task)
    for name in ("parser", "proposal"):
        if options[name].value is not None and name != used:
            raise ValueError(
                f"--task={options.task} does not use --{name}; leave it out."
            )
    given = [options[name].value for name in _REFINEMENT]
    if used is None or options[used].value != "refined":
        if given != [None, None]:
            raise ValueError(
                "--refinement_steps and --refinement_rate need "
                "--parser=refined or --proposal=refined."
            )
        return None
    defaults = refined.NUM_STEPS, refined.LEARNING_RATE
    return Refinement(
        used,
        *(
            default if value is None else value
            for value, default in zip(given, defaults, strict=True)
        ),
    )


def _do(job: Job) -> None:
    """Does a job, unless it was done before, and prints its records."""
    with job.locked():
        records = results.done(job)
        if not records:
            start = time.monotonic()
            measures, source = TASKS[job.task].run(job)
            seconds = time.monotonic() - start
            records = results.append(job, measures, source, seconds)
        job.forget_parts()
    for record in records:
        sys.stdout.write(
            f"{record['task']} {record['model']} on {record['dataset']} "
            f"({record['split']}): "
            f"{record['metric']} = {record['value']:.6g} +- "
            f"{record['standard_error']:.2g} (n = {record['num_images']})\n"
        )


def run() -> None:
    """Runs the command on the arguments of this process."""
    console.run(define, main)


if __name__ == "__main__":
    run()
