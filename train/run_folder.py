"""The run folder: the identity of a run.

config.json    what is run          checkpoints/   to resume from
metrics.jsonl  a record a line      figures/       to look at
events/        for TensorBoard
"""

import contextlib
import fcntl
import json
import math
import os
import pathlib
from collections.abc import Iterator, Mapping

from tfdood.saved import runs
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib


class RunFolder:
    """A folder that belongs to one configuration and one process.

    Args:
        path: of the folder; made if it does not exist.
        config: what is run there. If the folder holds a configuration, it
            must be the same one, but for a larger number of steps.

    Raises:
        runs.RunError: If the folder belongs to another configuration.
        OSError: If it cannot be written, or another process trains there.
    """

    def __init__(self, path: str | os.PathLike, config: config_lib.Config):
        self.path = pathlib.Path(path)
        self.checkpoints = self.path / runs.CHECKPOINTS
        self.figures = self.path / "figures"
        self.events = self.path / "events"
        self._metrics = self.path / "metrics.jsonl"
        with _explained(self.path):
            for folder in (self.checkpoints, self.figures, self.events):
                folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(self.path)
            try:
                _claim(self.path / "config.json", config)
            except BaseException:
                os.close(self._lock)
                raise

    def keep_metrics(self, last_step: int) -> None:
        """Drops the records of steps after `last_step`, and broken ones."""
        with _explained(self.path):
            text = ""
            if self._metrics.exists():
                text = self._metrics.read_text(errors="replace")
            kept = [
                f"{line}\n"
                for line in text.splitlines()
                if _step_of(line) <= last_step
            ]
            _write_atomically(self._metrics, "".join(kept))

    def write_metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Appends a record; it is on the disk when this returns."""
        rounded = {name: float(f"{v:.7g}") for name, v in values.items()}
        with _explained(self.path), self._metrics.open("a") as file:
            file.write(json.dumps({"step": step, **rounded}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._lock)


def _claim(file: pathlib.Path, config: config_lib.Config) -> None:
    if file.exists():
        old = runs.read_file(file)
        if old == config:
            return
        _check_same(old, config, file.parent)
    _write_atomically(file, settings_lib.to_json(config))


def _check_same(old, new, folder) -> None:
    before, now = settings_lib.flatten(old), settings_lib.flatten(new)
    differing = [path for path in now if now[path] != before[path]]
    if new.training.num_steps > old.training.num_steps:
        differing.remove("training.num_steps")
    if differing:
        details = ", ".join(
            f"{path} ({before[path]!r} there, {now[path]!r} now)"
            for path in differing
        )
        raise runs.RunError(
            f"The run folder {folder} belongs to another configuration: "
            f"{details}. Choose another --run_dir, or give the same settings "
            "to resume (only num_steps may grow)."
        )


def _lock(folder: pathlib.Path) -> int:
    """Locks a folder until the process ends; returns its descriptor."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise BlockingIOError(
            f"Another process is training in {folder}; wait for it to end, or "
            "choose another --run_dir."
        ) from None
    return descriptor


def _write_atomically(file: pathlib.Path, text: str) -> None:
    unfinished = file.with_name(file.name + ".unfinished")
    with unfinished.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(file)


def _step_of(line: str) -> float:
    """The step of a record, infinite if it is broken."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return math.inf
    step = record.get("step") if isinstance(record, dict) else None
    return step if isinstance(step, int) else math.inf


@contextlib.contextmanager
def _explained(folder: pathlib.Path) -> Iterator[None]:
    """Turns the system's error messages into ours."""
    try:
        yield
    except OSError as error:
        if error.strerror is None:
            raise
        raise OSError(
            f"Cannot write to the run folder {folder}: {error.strerror}. Make "
            "it writable, make room, or choose another --run_dir."
        ) from error
