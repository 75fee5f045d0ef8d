"""A pipeline of Apache Beam that turns files of pictures into strokes.

Workers share the files. Each of them loads the model once and draws the files
in batches. Lines of JSON are written in shards, which get their final names
when all of them are complete.
"""

import json
import pathlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import apache_beam as beam
from absl import logging
from apache_beam.io import fileio, textio
from apache_beam.io.filesystem import CompressionTypes, FileMetadata
from apache_beam.io.filesystems import FileSystems
from apache_beam.metrics import Metrics, MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils import shared

from tfdood.sketching import draw, drawers, preparing
from tfdood.sketching.preparing import Prepared
from tfdood.vectors.drawing import VectorDrawing

COUNTERS = ("drawn", "empty", "skipped")
"""Metrics of the namespace `tfdood`: pictures that were drawn, those of them
without a stroke, and pictures that were not drawn. After a failure, some
runners also count what was repeated; the files hold each picture once."""

_NAMESPACE = "tfdood"
_SKIPPED = "skipped"
_BATCH = 64  # Pictures that a model sees at a time.
_RUNNER = "--runner=FnApiRunner"  # The last one that is given counts.


class Job(NamedTuple):
    """What a pipeline does.

    Attributes:
        pictures: a glob of files, on any file system that Beam knows.
        output: prefix of the names of all files.
        model: see `drawers.load`.
        parser: see `drawers.load`.
        formats: some of `bulk.FORMATS`.
        num_shards: of the files of a format; 0 lets the runner decide.
    """

    pictures: str
    output: str
    model: str | None = None
    parser: str | None = None
    formats: tuple[str, ...] = ("ndjson",)
    num_shards: int = 0


class _Loaded:
    """A drawer of a process. One thread at a time may use it."""

    def __init__(self, model: str | None, parser: str | None) -> None:
        self.drawer = drawers.load(model, parser)
        self.lock = threading.Lock()


class Draw(beam.DoFn):
    """Draws batches of files.

    Yields pairs of a path and its `VectorDrawing`, and to the output `skipped`
    a line of JSON with `picture`, the path, and `reason`.

    Args:
        model: see `drawers.load`.
        parser: see `drawers.load`.
    """

    def __init__(self, model: str | None, parser: str | None) -> None:
        self._choice = model, parser
        self._of_process = shared.Shared()
        self._counters = {
            name: Metrics.counter(_NAMESPACE, name) for name in COUNTERS
        }

    def setup(self) -> None:
        """Loads what draws, once for all threads of a process."""
        self._loaded = self._of_process.acquire(lambda: _Loaded(*self._choice))

    def process(self, element: list[FileMetadata]) -> Iterator[Any]:
        """Draws a batch."""
        paths = [file.path for file in element]
        prepared = [self._prepared(path) for path in paths]
        with self._loaded.lock:
            found = draw.of_batch(prepared, self._loaded.drawer)
        for path, one in zip(paths, found, strict=True):
            if isinstance(one, str):
                self._counters["skipped"].inc()
                line = json.dumps({"picture": path, "reason": one})
                yield beam.pvalue.TaggedOutput(_SKIPPED, line)
                continue
            self._counters["drawn"].inc()
            self._counters["empty"].inc(int(not one.strokes))
            yield path, one

    def _prepared(self, path: str) -> Prepared | str:
        try:
            with FileSystems.open(
                path, compression_type=CompressionTypes.UNCOMPRESSED
            ) as file:
                contents = file.read()
        except OSError as error:
            return preparing.why_unread(error)
        return preparing.of_contents(contents, self._loaded.drawer.view)


def build(pipeline: beam.Pipeline, job: Job) -> None:
    """Adds all steps to a pipeline.

    Args:
        pipeline: gets the steps.
        job: what they do.
    """
    found = (
        pipeline
        | "Match" >> fileio.MatchFiles(job.pictures)
        | "Spread" >> beam.Reshuffle()
        | "Batch" >> beam.BatchElements(_BATCH, _BATCH)
        | "Draw"
        >> beam.ParDo(Draw(job.model, job.parser)).with_outputs(
            _SKIPPED, main="drawn"
        )
    )
    for name in job.formats:
        lines = found.drawn | f"To {name}" >> beam.Map(_line, name)
        _write(lines, job, "drawings", name)
    _write(found[_SKIPPED], job, _SKIPPED, "ndjson")


def run(job: Job, options: Sequence[str]) -> dict[str, int]:
    """Runs a pipeline, and waits for its end.

    Files of an earlier run of the same prefix are removed at the end, so that
    the shards of two runs do not mix.

    Args:
        job: what the pipeline does.
        options: of Beam, such as `["--runner=FlinkRunner"]`. By default, one
            process of this machine runs the pipeline.

    Returns:
        The values of `COUNTERS`.

    Raises:
        FileNotFoundError: If there are no pictures.
        ValueError: If the parser or the model does not exist, the runner is
            unknown, or the file system needs a package that is not installed.
        OSError: If the pipeline fails, or files cannot be removed.
    """
    [pictures] = FileSystems.match([job.pictures], limits=[1])
    if not pictures.metadata_list:
        raise FileNotFoundError(
            f"No file matches {job.pictures}: expected a glob of pictures, "
            "such as 'photos/**.png'. Put it in quotes."
        )
    drawers.load(job.model, job.parser)  # Refuses models that do not exist.
    pipeline = beam.Pipeline(options=_beam_options(options))
    build(pipeline, job)
    earlier = _shards(job)
    try:
        result = pipeline.run()
        result.wait_until_finish()
    except RuntimeError as error:
        reason = str(error).partition("\n")[0]
        raise OSError(
            f"The pipeline failed: {reason}. Run the same command again; the "
            "drawings of an earlier run were not removed."
        ) from error
    found = _shards(job)
    # Where a file system does not say when a file was written, the time is 0.
    old = [
        path for path, time in earlier.items() if 0 < time == found.get(path)
    ]
    if old:
        FileSystems.delete(old)
    query = MetricsFilter().with_namespace(_NAMESPACE)
    counters = result.metrics().query(query)["counters"]
    counts = {counter.key.metric.name: counter.result for counter in counters}
    return {name: counts.get(name, 0) for name in COUNTERS}


def _beam_options(options: Sequence[str]) -> PipelineOptions:
    """The options; warns of those that Beam does not know."""
    found = PipelineOptions([_RUNNER, *options])
    every = found.get_all_options(retain_unknown_options=True)
    unknown = sorted(set(every) - set(found.get_all_options()))
    if unknown:
        logging.warning(
            "Beam does not know %s, and passes it on to the runner.",
            ", ".join(f"--{name}" for name in unknown),
        )
    return found


def _line(found: tuple[str, VectorDrawing], name: str) -> str:
    """The drawing in a format, as an object on one line, with its path."""
    path, drawing = found
    if name == "ndjson":
        text = drawing.ndjson(pathlib.PurePath(path).stem)
    else:
        text = drawing.json()
    return json.dumps({**json.loads(text), "picture": path})


def _write(
    lines: beam.PCollection, job: Job, content: str, ending: str
) -> None:
    # Beam removes PREFIX-*-of-NNNNN first: no prefix may begin another one.
    lines | f"Write {content} {ending}" >> textio.WriteToText(
        f"{job.output}-{content}",
        f".{ending}",
        num_shards=job.num_shards,
        skip_if_empty=True,
    )


def _shards(job: Job) -> dict[str, float]:
    """The files of a job that there are, and when they were written."""
    shards = "[0-9]" * 5 + "-of-" + "[0-9]" * 5
    globs = [
        f"{job.output}-{content}-{shards}.*json"
        for content in ("drawings", _SKIPPED)
    ]
    return {
        file.path: file.last_updated_in_seconds
        for match in FileSystems.match(globs)
        for file in match.metadata_list
    }
