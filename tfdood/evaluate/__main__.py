"""Evaluates an exported model: `python -m tfdood.evaluate --task=TASK`.

Records go to `results.jsonl` in the folder of results, pictures to `figures/`
there. A task that was done is not done again; a long one goes on where it was
killed.
"""

import tfdood.quiet  # isort: skip  # noqa: F401  # Comes first.

import argparse
import importlib
import math
import pathlib
import sys
import time
from collections.abc import Callable, Sequence

import tensorflow as tf

from tfdood import arguments as argument_types
from tfdood import data
from tfdood.evaluate.records import results
from tfdood.evaluate.records.job import Job
from tfdood.evaluate.report import report, side_by_side
from tfdood.saved import cached, exported

TASKS = (
    *("reconstruction", "marginal_likelihood", "generation", "exemplars"),
    *("completion", "one_shot", "clusters", "parsing", "probe"),
)
_USAGE_ERROR, _INTERRUPTED = 2, 130  # as shells have it


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; the same command goes on.\n")
        return _INTERRUPTED


def _run(arguments) -> int:
    try:
        if arguments.report is not None:
            sys.stdout.write(f"Wrote {report.write(arguments.report)}\n")
            return 0
        jobs = _jobs(arguments)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return _USAGE_ERROR
    codes = [
        _attempt(f"{job.task} {job.model.name} on {job.dataset}", _do, job)
        for job in jobs
    ]
    if arguments.matrix and arguments.task == "reconstruction":
        folder = arguments.results / "figures"
        codes.append(_attempt("figures", side_by_side.draw, jobs, folder))
    return max(codes)


def _attempt(name: str, function: Callable, *args) -> int:
    """Calls a function, writes what stopped it; returns an exit code."""
    try:
        function(*args)
    except (ValueError, OSError, tf.errors.OpError) as error:
        reason = getattr(error, "message", str(error)).partition("\n")[0]
        sys.stderr.write(f"Error: {name}: {reason}\n")
        return _USAGE_ERROR
    return 0


def _jobs(arguments) -> list[Job]:
    if not arguments.task or not arguments.model:
        raise ValueError(
            "Give --task and --model, or --report; see python -m "
            "tfdood.evaluate --help."
        )
    if len(arguments.model) > 1 and not arguments.matrix:
        raise ValueError("Several --model need --matrix.")
    if arguments.dataset and arguments.matrix:
        raise ValueError("--matrix takes every dataset; leave --dataset out.")
    models = [
        exported.ExportedModel(cached.folder(path)) for path in arguments.model
    ]
    names = [f"{model.name} {model.path.name}" for model in models]
    if len(set(names)) < len(names):
        raise ValueError(
            "Results go by the names of the models' folders and their "
            f"versions, which must differ; got {', '.join(names)}."
        )
    settings = _settings(arguments)
    arguments.results.mkdir(parents=True, exist_ok=True)
    return [
        Job(
            task=arguments.task,
            model=model,
            dataset=dataset,
            data_dir=arguments.data_dir,
            seed=arguments.seed,
            folder=arguments.results,
            **settings,
        )
        for model in models
        for dataset in (
            data.NAMES
            if arguments.matrix
            else [arguments.dataset or model.config.training.dataset]
        )
    ]


def _settings(arguments) -> dict[str, int | float | None]:
    """What the task is done with; None for what it has no use of."""
    defaults = _task(arguments.task).DEFAULTS
    settings = {}
    for name in ("num_images", "num_particles", "temperature"):
        given = getattr(arguments, name)
        if given is not None and name not in defaults:
            raise ValueError(
                f"--task={arguments.task} has no use of --{name}, but of "
                f"{', '.join(f'--{name}' for name in defaults)}; leave it out."
            )
        settings[name] = defaults.get(name) if given is None else given
    return settings


def _task(name: str):
    return importlib.import_module(f"tfdood.evaluate.tasks.{name}")


def _do(job: Job) -> None:
    with job.locked():
        records = results.done(job)
        if not records:
            start = time.monotonic()
            measures, source = _task(job.task).run(job)
            seconds = time.monotonic() - start
            records = results.append(job, measures, source, seconds)
        job.forget_parts()
    for record in records:
        sys.stdout.write(
            f"{record['task']} {record['model']} on {record['dataset']}: "
            f"{record['metric']} = {record['value']:.6g} +- "
            f"{record['standard_error']:.2g} (n = {record['num_images']})\n"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tfdood.evaluate",
        description=__doc__.partition("\n")[0],
    )
    parser.add_argument("--task", choices=TASKS, help="what to evaluate")
    parser.add_argument(
        "--model",
        action="append",
        help="folder of an exported model or of one of its versions, or "
        "pretrained:NAME; repeatable with --matrix",
    )
    parser.add_argument(
        "--dataset",
        choices=data.NAMES,
        help="drawings to evaluate on; by default those it was trained on",
    )
    parser.add_argument(
        "--matrix",
        action="store_true",
        help="evaluate every model on every dataset",
    )
    parser.add_argument(
        "--data_dir", help="folder of prepared datasets, as for training"
    )
    parser.add_argument(
        "--results",
        type=pathlib.Path,
        default=pathlib.Path("results"),
        help="folder of results",
    )
    parser.add_argument(
        "--report",
        type=pathlib.Path,
        help="write tables and a page from this folder of results",
    )
    parser.add_argument(
        "--num_images",
        type=argument_types.positive,
        help="drawings, at even distances; by default 100 to 3,000, as the "
        "task takes, and of one_shot 20 runs",
    )
    parser.add_argument(
        "--num_particles",
        type=argument_types.positive,
        help="posterior samples an image; 200 for marginal_likelihood, 10 for "
        "parsing, 5 for one_shot",
    )
    parser.add_argument(
        "--temperature",
        type=_factor,
        help="of samples from the prior: a factor on standard deviations; 0.5 "
        "by default",
    )
    parser.add_argument(
        "--seed", type=argument_types.seed, default=0, help="of all sampling"
    )
    return parser


def _factor(text: str) -> float:
    value = float(text)
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"must be at least 0, got {value}")
    return value


if __name__ == "__main__":
    sys.exit(main())
