"""Evaluates a trained model: `python -m tfdood.evaluate --task=TASK`.

Records go to `results.jsonl` in the folder of results, pictures to `figures/`
there. A task that was done is not done again; a long one that was interrupted
continues.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import pathlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from absl import flags

from tfdood import console, data
from tfdood.data import datasets, reading
from tfdood.evaluate import options as options_lib
from tfdood.evaluate import parsers
from tfdood.evaluate.records import results
from tfdood.evaluate.records.job import Explainer, Job
from tfdood.evaluate.report import report, side_by_side
from tfdood.evaluate.tasks import TASKS, splits
from tfdood.parsing import refined, searched, traced
from tfdood.saved import cached, exported, lineage

_SETTINGS = ("num_images", "num_particles", "temperature")
_EXPLAINERS = {
    "reconstruction": ("parser",),
    "parsing": ("parser",),
    "one_shot": ("parser",),
    "exemplars": ("parser",),
    "alphabet_characters": ("parser",),
    "marginal_likelihood": ("proposal", "parser"),
}  # Of the tasks that can have an explainer: the flags that choose it.
_DEFAULT_STEPS = {"traced": 0, "searched": searched.NUM_STEPS}
_DEFAULT_RATES = {"searched": searched.LEARNING_RATE}
_CHOOSING = ("parser", "proposal")
_REFINEMENT = ("refinement_steps", "refinement_rate")


def main(options: flags.FlagValues) -> int:
    """Does the tasks, or writes the report.

    Args:
        options: the values of the flags.

    Returns:
        The exit code: 0 if all tasks succeeded.
    """
    if options.report is not None:
        _check_report(options)
        folder = pathlib.Path(options.report)
        path = report.write(folder, options.reference)
        sys.stdout.write(f"Wrote {path}\n")
        return 0
    try:
        return _do_all(options)
    except KeyboardInterrupt:
        sys.stderr.write(
            "Interrupted; what was finished is kept. Run the same command for "
            "the rest.\n"
        )
        raise


def _do_all(options: flags.FlagValues) -> int:
    jobs = _jobs(options)
    codes = [
        _attempt(f"{job.task} {job.model.name} on {job.dataset}", _do, job)
        for job in jobs
    ]
    # The sheet shows what models draw by themselves.
    is_sheet = options.task == "reconstruction" and jobs[0].explainer is None
    if options.matrix and is_sheet:
        folder = pathlib.Path(options.results) / "figures"
        codes.append(_attempt("figures", side_by_side.draw, jobs, folder))
    return max(codes)


def _attempt(name: str, function: Callable[..., object], *args: Any) -> int:
    """Calls a function; writes its error, if any, and returns an exit code."""
    try:
        function(*args)
    except (ValueError, OSError, tf.errors.OpError) as error:
        sys.stderr.write(f"Error: {name}: {console.sentence(error)}\n")
        return console.USAGE_ERROR
    return 0


def _jobs(options: flags.FlagValues) -> list[Job]:
    _check(options)
    task = TASKS[options.task]
    settings = {
        **_settings(options),
        "explainer": _explainer(options),
        "split": _split(options),
    }
    models = [
        exported.ExportedModel(cached.folder(model)) for model in options.model
    ]
    _check_distinct(models)
    inputs = _inputs(options.task, options.data_dir)
    folder = pathlib.Path(options.results)
    folder.mkdir(parents=True, exist_ok=True)
    return [
        Job(
            task=options.task,
            task_version=task.VERSION,
            model=model,
            dataset=dataset,
            data_dir=options.data_dir,
            seed=options.seed,
            folder=folder,
            inputs=inputs,
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


def _check_report(options: flags.FlagValues) -> None:
    """Refuses to write a report and to evaluate in one call."""
    own = flags.FlagValues()
    options_lib.define(own)
    for name in own:
        if name not in ("report", "reference") and options[name].present:
            raise ValueError(
                "--report only writes a page of earlier results; leave "
                f"--{name} out, or --report."
            )


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
    if options.dataset:
        datasets.canonical(options.dataset)  # before a run is exported
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
    defaults = _defaults(options)
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


def _defaults(options: flags.FlagValues) -> Mapping[str, int | float]:
    """The default settings of the task with the chosen parser."""
    task = TASKS[options.task]
    if options.parser == searched.Searched.name:
        return getattr(task, "DEFAULTS_OF_SEARCH", task.DEFAULTS)
    if options.parser == traced.Traced.name:  # It gives one parse.
        return {k: v for k, v in task.DEFAULTS.items() if k != "num_particles"}
    return task.DEFAULTS


def _explainer(options: flags.FlagValues) -> Explainer | None:
    """What explains drawings, if it is not the recognition network alone."""
    given = [flag for flag in _CHOOSING if options[flag].value is not None]
    for flag in given:
        if flag not in _EXPLAINERS.get(options.task, ()):
            raise ValueError(
                f"--task={options.task} does not use --{flag}; leave it out."
            )
    if len(given) > 1:
        raise ValueError("Give --parser or --proposal, not both.")
    flag = given[0] if given else None
    return _chosen(options, flag)


def _chosen(options: flags.FlagValues, flag: str | None) -> Explainer | None:
    """The explainer that a flag chooses, with the settings of its ascent."""
    given = [options[name].value for name in _REFINEMENT]
    name = options[flag].value if flag else None
    if name in (None, "amortised"):
        if given != [None, None]:
            raise ValueError(
                "--refinement_steps and --refinement_rate need another "
                "--parser or --proposal than amortised."
            )
        return None
    num_steps, rate = given
    if num_steps is None:
        num_steps = _DEFAULT_STEPS.get(name, refined.NUM_STEPS)
    if rate is None:
        rate = _DEFAULT_RATES.get(name, refined.LEARNING_RATE)
    elif num_steps == 0:
        raise ValueError(
            f"--refinement_rate has no effect with --{flag}={name} and no "
            "refinement steps; leave it out, or give --refinement_steps."
        )
    version = parsers.VERSIONS.get((flag, name), 1)
    return Explainer(flag, name, num_steps, rate, version)


def _inputs(task: str, data_dir: str | None) -> dict[str, str]:
    """Describes what a task reads beside its dataset, by name."""
    describe = getattr(TASKS[task], "inputs", None)
    return describe(data_dir) if describe else {}


def _check_unchanged(job: Job) -> None:
    before = {"drawings": job.read_from, **job.inputs}
    after = {
        "drawings": reading.describe(job.dataset, job.data_dir),
        **_inputs(job.task, job.data_dir),
    }
    for name, was in before.items():
        if after[name] != was:
            job.forget_parts()
            raise ValueError(
                f"The {name} changed while they were evaluated, from {was} to "
                f"{after[name]}; nothing was recorded. Run the same command "
                "again."
            )


def _check_unseen(job: Job) -> None:
    """Refuses drawings among which there may be training drawings.

    Which drawings of a folder, and which training drawings of a dataset, are
    for training depends on how many there are.
    """
    parsers.check_unseen(job)
    is_divided_here = datasets.folder(job.dataset) is not None or (
        job.split == "validation" and job.dataset in (*data.NAMES, *data.SCENES)
    )
    trainings = lineage.of(job.model.config.training)
    if unknown := trainings[-1].start_from:
        sys.stderr.write(
            f"{job.model.name} started from {unknown}, whose configuration "
            "cannot be read here: whether that model learned from these "
            "drawings is not checked.\n"
        )
    for training in trainings:
        parts = map(datasets.label, datasets.parts(training.dataset))
        if (
            is_divided_here
            and datasets.label(job.dataset) in parts
            and training.source
            and job.read_from not in training.source
        ):
            raise ValueError(
                f"{job.model.name} learned from the {training.source}, but the "
                f"{job.split} drawings are of the {job.read_from}: it may have "
                "learned from some of them. Give what it learned from, with "
                "--data_dir or --dataset, or train again."
            )


def _do(job: Job) -> None:
    """Does a job, unless it was done before, and prints its records."""
    _check_unseen(job)
    with job.locked():
        records = results.done(job)
        if records:
            sys.stderr.write(
                f"This job was done before, see {job.folder / results.FILE}: "
                "nothing is measured or drawn again.\n"
            )
        else:
            start = time.monotonic()
            measures, source = TASKS[job.task].run(job)
            seconds = time.monotonic() - start
            _check_unchanged(job)
            records = results.append(job, measures, source, seconds)
        job.forget_parts()
    for record in records:
        sys.stdout.write(
            f"{record['task']} {record['model']} on {record['dataset']} "
            f"({record['split']}): "
            f"{record['metric']} = {record['value']:.6g}{_error(record)} "
            f"(n = {record['num_images']})\n"
        )


def _error(record: Mapping[str, Any]) -> str:
    """The standard error, unless the number has none."""
    error = record["standard_error"]
    return f" +- {error:.2g}" if error else ""


def run() -> None:
    """Runs the command on the arguments of this process."""
    console.run(options_lib.define, main)


if __name__ == "__main__":
    run()
