"""The run folder: the identity of a run.

config.json    the configuration of the run
checkpoints/   checkpoints, from which a run is resumed
best/          the checkpoint of the best evaluation, if the run keeps it
metrics.jsonl  metrics, one JSON record in each line
figures/       figures as PNG files
events/        event files for TensorBoard
"""

import contextlib
import json
import math
import os
import pathlib
from collections.abc import Iterator, Mapping

from tfdood.data import datasets
from tfdood.files import atomic, locking, patterns
from tfdood.saved import runs, versions
from tfdood.settings import schema, text

_METRICS = "metrics.jsonl"


class RunFolder:
    """A folder that belongs to one configuration and one process.

    Args:
        path: the path of the folder; it is created if it does not exist.
        config: the configuration of the run. If the folder holds checkpoints or
            records already, it must equal the configuration of the run that
            wrote them, but for three settings. `training.num_steps` may be any
            number from the step of the newest checkpoint on.
            `training.keep_best` may change as long as no weights are kept. In
            `training.dataset`, the path of a folder of drawings may change if
            the name and the drawings of the folder are the same.

    Attributes:
        path: the path of the folder.
        checkpoints: the folder of the checkpoints.
        figures: the folder of the figures.
        events: the folder of the event files.

    Raises:
        ValueError: If the path has a character that TensorFlow takes for a
            pattern, such as `*`, `?` or `[`.
        runs.RunError: If the folder belongs to another configuration, has
            checkpoints of an unknown one, or is an exported model.
        OSError: If the folder cannot be written, or another process trains in
            it.
    """

    def __init__(self, path: str | os.PathLike, config: schema.Config) -> None:
        self.path = pathlib.Path(path)
        self.checkpoints = self.path / runs.CHECKPOINTS
        self.figures = self.path / "figures"
        self.events = self.path / "events"
        self._metrics = self.path / _METRICS
        patterns.refuse(self.path)
        _check_unused(self.path)
        with _explained(self.path):
            for folder in (self.checkpoints, self.figures, self.events):
                folder.mkdir(parents=True, exist_ok=True)
            with _lock(self.path) as lock:
                _claim(self.path / "config.json", config)
                self._lock = lock.pop_all()

    def keep_metrics(self, last_step: int) -> None:
        """Removes broken records and the records of steps after `last_step`.

        Args:
            last_step: the step of the newest checkpoint.

        Raises:
            OSError: If the folder cannot be written.
        """
        with _explained(self.path):
            lines = []
            if self._metrics.exists():
                lines = self._metrics.read_text(errors="replace").splitlines()
            kept = [
                f"{line}\n" for line in lines if _step_of(line) <= last_step
            ]
            with atomic.replacing(self._metrics) as file:
                file.write("".join(kept).encode())

    def recorded(self, name: str) -> dict[int, float]:
        """Lists the recorded values of a metric by their steps.

        Args:
            name: of the metric.
        """
        lines = self._metrics.read_text().splitlines()
        records = map(json.loads, lines)
        return {r["step"]: r[name] for r in records if name in r}

    def write_metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Appends a record, and waits until it is on the disk.

        Args:
            step: the number of finished steps.
            values: metrics by name; they are rounded to seven digits.

        Raises:
            OSError: If the folder cannot be written.
        """
        rounded = {name: seven_digits(v) for name, v in values.items()}
        with _explained(self.path), self._metrics.open("a") as file:
            file.write(json.dumps({"step": step, **rounded}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def _check_unused(folder: pathlib.Path) -> None:
    """Refuses the folder of something else than a run."""
    if versions.has_one(folder):
        raise runs.RunError(
            f"{folder} is an exported model; choose another --run_dir."
        )
    has_config = (folder / "config.json").exists()
    if not has_config and runs.saved_steps(folder / runs.CHECKPOINTS):
        raise runs.RunError(
            f"{folder} has checkpoints but no config.json, so that their "
            "settings are unknown; restore the file, or choose another "
            "--run_dir."
        )


def _claim(file: pathlib.Path, config: schema.Config) -> None:
    """Writes the configuration; refuses to, if another one has results."""
    if file.exists():
        old = runs.read_file(file)
        if old == config:
            return
        _check_same(old, config, file.parent)
    with atomic.replacing(file) as stream:
        stream.write(text.to_json(config).encode())


def _check_same(
    old: schema.Config, new: schema.Config, folder: pathlib.Path
) -> None:
    saved = runs.saved_steps(folder / runs.CHECKPOINTS)
    kept = runs.saved_steps(folder / runs.BEST)
    metrics = folder / _METRICS
    if not (saved or kept or (metrics.exists() and metrics.stat().st_size)):
        return
    before, now = text.flatten(old), text.flatten(new)
    differing = [
        path
        for path in sorted({*before, *now})
        if before.get(path) != now.get(path)
    ]
    trained = max(saved, default=0)
    if "training.num_steps" in differing and new.training.num_steps >= trained:
        differing.remove("training.num_steps")
    if "training.dataset" in differing and _same_drawings(old, new):
        differing.remove("training.dataset")
    if not kept and "training.keep_best" in differing:
        differing.remove("training.keep_best")
    if differing:
        details = ", ".join(
            f"{path} ({before.get(path)!r} there, {now.get(path)!r} now)"
            for path in differing
        )
        raise runs.RunError(
            f"The run folder {folder} belongs to another configuration: "
            f"{details}. Choose another --run_dir, or use the same settings to "
            "resume the run (training.num_steps may be any number from that of "
            "the newest checkpoint, training.keep_best another one as long as "
            "nothing is kept, and a folder of drawings may lie elsewhere, with "
            "its name)."
        )


def _same_drawings(old: schema.Config, new: schema.Config) -> bool:
    """Whether two runs learn from the same drawings, at two places."""
    before, now = old.training, new.training
    same_name = datasets.label(before.dataset) == datasets.label(now.dataset)
    return same_name and before.source == now.source


def _lock(folder: pathlib.Path) -> contextlib.ExitStack:
    """Locks a folder until the returned stack is closed."""
    lock = contextlib.ExitStack()
    try:
        lock.enter_context(locking.locked(folder, wait=False))
    except BlockingIOError:
        raise BlockingIOError(
            f"Another process is training in {folder}; wait until it ends, or "
            "choose another --run_dir."
        ) from None
    return lock


def seven_digits(value: float) -> float:
    """Rounds a metric as it is recorded."""
    return float(f"{value:.7g}")


def _step_of(line: str) -> float:
    """Returns the step of a record; infinity if the record is broken."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return math.inf
    step = record.get("step") if isinstance(record, dict) else None
    return step if isinstance(step, int) else math.inf


@contextlib.contextmanager
def _explained(folder: pathlib.Path) -> Iterator[None]:
    """Adds the folder and advice to the messages of `OSError`."""
    try:
        yield
    except OSError as error:
        if error.strerror is None:
            raise
        raise OSError(
            f"Cannot write to the run folder {folder}: {error.strerror}. Make "
            "it writable, free some disk space, or choose another --run_dir."
        ) from error
