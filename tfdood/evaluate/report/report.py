"""Reports: Markdown tables and one page with the pictures."""

import json
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tfdood.evaluate.records import job as job_lib
from tfdood.evaluate.records import results
from tfdood.evaluate.report import (
    curve_errors,
    labels,
    matrix,
    page,
    pairs,
    published,
    scene_tables,
    seeds,
    side_by_side,
    stroke_counts,
)
from tfdood.files import atomic

_STROKE_COUNTS = "reconstruction_stroke_counts.png"
_CURVE_ERRORS = "reconstruction_curve_errors.png"
_TITLE = "What the models can do"
_INTRODUCTION = (
    "Values with their standard errors over drawings, which say nothing about "
    "other training seeds. Published numbers of DooD and of the models in its "
    "paper are of 500,000 steps of 64 drawings on whole datasets; those of "
    "GNM and GNS are of other trainings. Look at data, steps and encoder "
    "before comparing."
)
_TASKS = {
    "reconstruction": (
        "Reconstruction",
        "Drawings redrawn stroke by stroke (Fig. 1 and 3).",
    ),
    "marginal_likelihood": (
        "Marginal likelihood",
        "The importance weighted bound of drawings, in nats an image "
        "(Fig. 4), of 200 particles by default. More is better; the zero is "
        "arbitrary. Of models whose strokes are searched, Laplace's "
        "approximation around parses: of binary images, and no bound.",
    ),
    "generation": (
        "Generation",
        "Drawings from the prior (Fig. 6), against as many test drawings. As "
        "many training drawings are the best to expect. The published "
        "distances use another feature extractor and randomly rotated images: "
        "they do not compare.",
    ),
    "exemplars": (
        "New exemplars",
        "Given characters drawn again, with motor noise (Fig. 7).",
    ),
    "alphabet_characters": (
        "New characters of alphabets",
        "Strokes of given characters, put together by a prior of strokes; not "
        "in the papers.",
    ),
    "next_stroke": (
        "The next stroke",
        "What a prior of pen strokes expects after each stroke of people, in "
        "nats; not in the papers. Densities that learn next to nothing stand "
        "beside it.",
    ),
    "completion": (
        "Completion",
        "Unfinished drawings (Fig. 8), and how they may go on. Where the first "
        "ink of a drawing is given, copies of training drawings with the most "
        "similar first ink stand beside.",
    ),
    "one_shot": (
        "One-shot classification",
        "20 runs, 20 characters of one alphabet, one drawing of each to learn "
        "from (Table 1).",
    ),
    "clusters": (
        "Clusters of strokes",
        "K-means on the control points of strokes in their own frames, or on "
        "codes (Fig. 5). One normal cloud with the same moments has no "
        "clusters: what exceeds its coefficient is structure.",
    ),
    "parsing": (
        "Agreement with human strokes",
        "Inferred strokes against those of the people who drew; not in the "
        "paper.",
    ),
    "probe": (
        "Linear probe",
        "Classes by logistic regression on latents, and on pixels; not in the "
        "paper. The published accuracy is the best over epochs on test data.",
    ),
    "detection": (
        "Objects of scenes",
        "Where a model finds the digits of scenes, and whether its latents "
        "tell which they are. Connected pieces of ink stand beside.",
    ),
    "scene_accuracy": (
        "Rules of scenes",
        "Whether samples obey the rule of the dataset, judged by a classifier "
        "and by the places of its digits. It is not the S-Acc of the paper of "
        "GNM, which people judged.",
    ),
    "discrimination_steps": (
        "Samples and real images",
        "The number of steps until a classifier tells samples from training "
        "images; more is better. The published D-Steps are of another "
        "classifier and do not compare.",
    ),
}
_HEADER = ("metric", "value", "standard error", "published", "images")


def write(folder: pathlib.Path, reference: str | None = None) -> pathlib.Path:
    """Writes `report.md` and `report.html` from a folder of results.

    Args:
        folder: with `results.jsonl`, the pictures in `figures`, and the values
            of single drawings in `values`.
        reference: the model to compare others with, see `pairs.table`.

    Returns:
        The path of the page.

    Raises:
        FileNotFoundError: If there are no results.
        ValueError: If a line of the results is not a record, or no record is of
            the reference.
    """
    folder = pathlib.Path(folder)
    records = results.read(folder)
    if not records:
        raise FileNotFoundError(
            f"{folder / results.FILE} is empty; run a task with --results="
            f"{folder} first."
        )
    if reference and not any(pairs.is_named(r, reference) for r in records):
        names = ", ".join(sorted({labels.model(record) for record in records}))
        raise ValueError(
            f"No result is of the reference {reference!r}; choose from {names}."
        )
    (folder / "figures").mkdir(exist_ok=True)
    records = _newest(records)
    records.sort(key=_weight)
    of_test = [r for r in records if r.get("split") == "test"]
    stroke_counts.draw(of_test, folder / "figures" / _STROKE_COUNTS)
    curve_errors.draw(of_test, folder / "figures" / _CURVE_ERRORS)
    parts = sections(records, pictures(folder), folder, reference)
    text = page.markdown(_TITLE, _INTRODUCTION, parts)
    with atomic.replacing(folder / "report.md") as file:
        file.write(text.encode())
    text = page.document(_TITLE, _INTRODUCTION, parts)
    path = folder / "report.html"
    with atomic.replacing(path) as file:
        file.write(text.encode())
    return path


def _newest(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The records of the newest version of each job, in their order."""
    last: dict[str, tuple[int, ...]] = {}
    found = []
    for record in records:
        job = dict(record["job"])
        names = "task_version", "parser_version"
        versions = tuple(job.pop(name, 0) or 0 for name in names)
        key = json.dumps(job, sort_keys=True)
        last[key] = max(versions, last.get(key, versions))
        found.append((record, key, versions))
    return [record for record, key, own in found if own == last[key]]


def _weight(record: Mapping[str, Any]) -> tuple[bool, int]:
    """Larger for better known numbers: charts and cells have the last of all.

    Real datasets come after the embedded sample, many drawings after few.
    """
    is_real = not published.is_of_sample(record)
    return is_real, record["job"].get("num_images") or 0


def pictures(folder: pathlib.Path) -> list[str]:
    """The pictures of a folder of results, relative to it, by name."""
    found = sorted((folder / "figures").glob("*.png"))
    return [path.relative_to(folder).as_posix() for path in found]


def sections(
    records: Sequence[Mapping[str, Any]],
    paths: Sequence[str],
    folder: pathlib.Path,
    reference: str | None = None,
) -> list[page.Section]:
    """A section a task, in the order of the paper, others last.

    Args:
        records: of any tasks.
        paths: of pictures, whose names start with that of their task.
        folder: of the results.
        reference: the model to compare others with, see `pairs.table`.
    """
    found = {str(record.get("task", "")): None for record in records}
    parts, left = [], list(paths)
    for task in [*_TASKS, *(name for name in found if name not in _TASKS)]:
        rows = [r for r in records if str(r.get("task", "")) == task]
        own = [p for p in left if pathlib.Path(p).name.startswith(f"{task}_")]
        left = [path for path in left if path not in own]
        if rows or own:
            compared = _compared(task, rows, folder, reference)
            parts.append(_section(task, rows, own, compared))
    of_scenes = scene_tables.section(records)
    if of_scenes:
        parts.append(of_scenes)
    if left:
        shown = [page.Picture(p, pathlib.Path(p).stem) for p in left]
        parts.append(page.Section("Other pictures", "", [], shown))
    return parts


def _compared(
    task: str,
    records: Sequence[Mapping[str, Any]],
    folder: pathlib.Path,
    reference: str | None,
) -> list[page.Table]:
    """Tables of differences between models, and over training seeds."""
    tables = [seeds.table(records)]
    if task in pairs.METRICS:
        tables.append(pairs.table(task, records, folder, reference))
    return [table for table in tables if table is not None]


def _section(
    task: str,
    records: Sequence[Mapping[str, Any]],
    paths: Sequence[str],
    compared: Sequence[page.Table],
) -> page.Section:
    title, text = _TASKS.get(task, (task, ""))
    tables, details = [], []
    jobs: dict[str, list] = {}
    for record in records:
        job = json.dumps([record["job"], record.get("seconds")], sort_keys=True)
        jobs.setdefault(job, []).append(record)
    shown = [page.Picture(path, _caption(path, records)) for path in paths]
    if task in matrix.TASKS and any(map(matrix.is_placed, records)):
        folded = [_measures(j) for j in jobs.values() if matrix.is_placed(j[0])]
        tables.append(matrix.table(task, records))
        details = folded, [p for p in shown if not _is_of_all(p.path)]
        shown = [p for p in shown if _is_of_all(p.path)]
        jobs = {k: j for k, j in jobs.items() if not matrix.is_placed(j[0])}
    tables += [_measures(records) for records in jobs.values()]
    tables += compared
    if task in published.TABLES:
        tables.append(page.Table(*published.TABLES[task]))
    return page.Section(title, text, tables, shown, *details)


def _is_of_all(path: str) -> bool:
    """Whether a picture shows all models and datasets of its task."""
    name = pathlib.Path(path).name
    is_chart = name in (_STROKE_COUNTS, _CURVE_ERRORS)
    return is_chart or name.startswith(side_by_side.NAME)


def _measures(records: Sequence[Mapping[str, Any]]) -> page.Table:
    """All measures of one job, and how it was done."""

    def text(name: str, form: str = "") -> str:
        return page.number(records[0].get(name), form)

    return page.Table(
        f"{labels.model(records[0])} on {text('dataset')}, {text('split')}",
        _HEADER,
        [_row(record) for record in records],
        f"{labels.training(records[0])}. Evaluated on "
        f"{labels.drawings(records[0])}; {labels.settings(records[0])}, "
        f"{text('seconds', ',.0f')} s.",
    )


def _row(record: Mapping[str, Any]) -> list[str]:
    """The cells of `_HEADER`."""
    error = record.get("standard_error") or None
    return [
        str(record["metric"]),
        page.number(record.get("value"), ".6g"),
        page.number(error, ".2g" if not error or error < 10 else ".0f"),
        _published(record),
        page.number(record.get("num_images"), ","),
    ]


def _published(record: Mapping[str, Any]) -> str:
    """The published number that a measure compares with, if there is one."""
    name = record.get("task"), record["metric"]
    source, target = record.get("trained_on"), record.get("dataset")
    if published.is_of_sample(record):
        return page.MISSING
    if name == ("marginal_likelihood", "iwae"):
        if not published.is_comparable(record):
            return page.MISSING
        preset = str(record.get("preset"))
        spread = published.marginal_likelihood(preset, source, target)
        return str(spread) if spread else page.MISSING
    if name == ("clusters", "silhouette_8") and source == target == "mnist":
        return _listed(published.SILHOUETTES, "g")
    if name == ("probe", "accuracy_of_latents") and source == target:
        accuracies = published.PROBES.get(source)
        if accuracies:
            names = ("DooD", "Difference-AIR")
            return _listed(dict(zip(names, accuracies, strict=True)), ".3f")
    return page.MISSING


def _caption(path: str, records: Iterable[Mapping[str, Any]]) -> str:
    """What a picture shows, from its name and the records of its job."""
    name, _, digest = pathlib.Path(path).stem.rpartition("_")
    own = [r for r in records if job_lib.digest(r["job"]) == digest]
    if not own:
        return pathlib.Path(path).stem.replace("_", " ")
    record = own[0]
    start = "_".join(record[key] for key in ("task", "model", "dataset"))
    return (
        f"{name.removeprefix(start).replace('_', ' ').strip()}: "
        f"{labels.model(record)} "
        f"(trained on {record.get('trained_on', page.MISSING)}, "
        f"{page.number(record.get('step'), ',')} steps"
        f"{labels.encoder(record)}) on "
        f"{record['dataset']}, {record['split']}; {labels.settings(record)}"
    )


def _listed(values: Mapping[str, float], form: str) -> str:
    return "\n".join(f"{name} {v:{form}}" for name, v in values.items())
