"""Jobs: a task on a model and a dataset, with results that can be resumed."""

import contextlib
import dataclasses
import functools
import hashlib
import json
import pathlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import tqdm

from tfdood import data
from tfdood.data import datasets, reading
from tfdood.files import atomic, locking, npz
from tfdood.saved import exported


class Measure(NamedTuple):
    """A measured number.

    Attributes:
        value: the number.
        standard_error: of the number; 0 if it has none.
        num_images: it was measured on.
    """

    value: float
    standard_error: float
    num_images: int


def mean(values: np.ndarray) -> Measure:
    """The mean of a value an image, with its standard error."""
    values = np.asarray(values, np.float64)
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0
    return Measure(float(values.mean()), float(error), len(values))


class Drawings(NamedTuple):
    """Drawings as models take them.

    Attributes:
        images: `[N, S, S, C]` float32 in [0, 1]: white ink on black, or
            colours.
        labels: `[N]`, indices into `class_names`.
        class_names: of the dataset.
        source: where they come from, in words.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    source: str


class Explainer(NamedTuple):
    """What explains drawings, where it is not the recognition network alone.

    Attributes:
        flag: that chose it: `parser` or `proposal`.
        name: its value.
        num_steps: of gradient ascent.
        learning_rate: of the ascent.
        version: of its code; jobs that were done with another version are done
            again.
    """

    flag: str
    name: str
    num_steps: int
    learning_rate: float
    version: int = 1


@dataclasses.dataclass(frozen=True)
class Job:
    """One task to be done.

    Attributes:
        task: its name.
        model: to be evaluated.
        dataset: a name known to `tfdood.data`; a folder has an absolute path.
        data_dir: of prepared datasets, or None for the default ones.
        num_images: to use at most, spread over the split.
        num_particles: posterior samples an image; None where a task has none.
        temperature: of samples from the prior; None where a task has none.
        seed: of all random numbers.
        folder: for records, figures and unfinished parts.
        split: of the drawings to evaluate on.
        task_version: of the code of the task, its `VERSION`; jobs that were
            done with another version are done again.
        explainer: of drawings; None for the recognition network.
        inputs: what the task reads beside the dataset, in words by name: its
            `inputs`.
    """

    task: str
    model: exported.ExportedModel
    dataset: str
    data_dir: str | None
    num_images: int
    num_particles: int | None
    temperature: float | None
    seed: int
    folder: pathlib.Path
    split: str = "test"
    task_version: int = 1
    explainer: Explainer | None = None
    inputs: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def drawings(
        self, count: int | None = None, *, split: str | None = None
    ) -> Drawings:
        """Drawings of the dataset, at even distances.

        Args:
            count: how many at most; `num_images` by default.
            split: that of the job by default.

        Raises:
            ValueError: If the model takes images of another number of channels.
        """
        whole = _drawings(
            self.dataset,
            split or self.split,
            self.model.image_size,
            self.data_dir,
            self.read_from,
        )
        drawings = data.spread(whole, count or self.num_images)
        datasets.check_channels(
            drawings.images, self.model.num_channels, self.dataset
        )
        images = drawings.images.astype(np.float32) / 255.0
        return Drawings(
            images, drawings.labels, drawings.class_names, drawings.source
        )

    def figure(self, name: str) -> pathlib.Path:
        """Where a figure of this job alone goes, in `figures`.

        `TASK_MODEL_DATASET_NAME_DIGEST.png`, with the digest of its key.
        """
        folder = self.folder / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        label = datasets.label(self.dataset)
        start = f"{self.task}_{self.model.name}_{label}"
        return folder / f"{start}_{name}_{digest(self.key())}.png"

    @functools.cached_property
    def read_from(self) -> str:
        """The drawings of the dataset, in words, when this was first asked."""
        return reading.describe(self.dataset, self.data_dir)

    def key(self) -> dict:
        """What identifies this job: equal keys give equal results.

        The fingerprint stands for the model. Names and versions of exports do
        not count, so that the same weights are evaluated once.
        """
        return {
            "task": self.task,
            "task_version": self.task_version,
            "fingerprint": self.model.fingerprint,
            "dataset": datasets.label(self.dataset),
            "split": self.split,
            "read_from": self.read_from,
            "num_images": self.num_images,
            "num_particles": self.num_particles,
            "temperature": self.temperature,
            "seed": self.seed,
            **self.inputs,
            **self._explainer(),
        }

    def _explainer(self) -> dict[str, str | int | float]:
        """The part of the key that only jobs with an explainer have."""
        if self.explainer is None:
            return {}
        version = self.explainer.version
        return {
            self.explainer.flag: self.explainer.name,
            "refinement_steps": self.explainer.num_steps,
            "refinement_rate": self.explainer.learning_rate,
            # Version 1 is not in the key.
            **({"parser_version": version} if version > 1 else {}),
        }

    def in_parts(
        self,
        count: int,
        function: Callable[[int], Mapping[str, np.ndarray]],
        unit: str = "part",
    ) -> list[dict[str, np.ndarray]]:
        """Computes parts one by one, and keeps them if the process is killed.

        Args:
            count: of parts.
            function: gives the arrays of a part; a pure function of its number.
            unit: what a part is, for the progress bar; no two computations of
                a task have the same.

        Returns:
            The arrays of each part, in order.
        """
        folder = self._unfinished()
        folder.mkdir(parents=True, exist_ok=True)
        parts = []
        for number in tqdm.trange(count, desc=self.task, unit=unit):
            path = folder / f"{unit}_{number}.npz"
            arrays = _read(path)
            if arrays is None:
                with atomic.replacing(path) as file:
                    np.savez(file, **function(number))
                arrays = _read(path)
            parts.append(arrays)
        return parts

    def in_chunks(
        self,
        num_rows: int,
        size: int,
        function: Callable[[slice], Mapping[str, np.ndarray]],
        unit: str = "part",
    ) -> dict[str, np.ndarray]:
        """Computes values of rows chunk by chunk, and keeps them as `in_parts`.

        Args:
            num_rows: the number of all rows, at least 1.
            size: rows in a chunk; the last one may have fewer.
            function: gives the arrays of the rows of a chunk; pure.
            unit: see `in_parts`.

        Returns:
            The arrays of all rows by name.
        """

        def part(number: int) -> Mapping[str, np.ndarray]:
            return function(slice(number * size, (number + 1) * size))

        parts = self.in_parts(-(-num_rows // size), part, unit)
        return {
            name: np.concatenate([part[name] for part in parts])
            for name in parts[0]
        }

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """An exclusive lock: another process with the same job waits for it."""
        folder = self._unfinished()
        with locking.locked(folder):
            try:
                yield
            finally:
                if folder.exists() and not any(folder.iterdir()):
                    folder.rmdir()

    def forget_parts(self) -> None:
        """Removes what `in_parts` kept."""
        shutil.rmtree(self._unfinished(), ignore_errors=True)

    def _unfinished(self) -> pathlib.Path:
        name = f"{self.task}_{digest(self.key())}"
        return self.folder / "unfinished" / name


@functools.lru_cache(maxsize=2)
def _drawings(
    dataset: str,
    split: str,
    image_size: int,
    data_dir: str | None,
    read_from: str,
) -> datasets.DrawingSet:
    """All drawings of a split; tasks ask for some of them several times."""
    del read_from  # Other files have another phrase, and are read.
    return data.read(dataset, split, image_size=image_size, data_dir=data_dir)


def digest(key: Any) -> str:
    """A short name of a key of plain JSON, such as `Job.key`."""
    text = json.dumps(key, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _read(path: pathlib.Path) -> dict[str, np.ndarray] | None:
    """The arrays of a part, or None if there is no intact one."""
    try:
        return npz.read(path)
    except (OSError, ValueError):
        return None
