"""Runs of small, untrained models and their exports, as fixtures."""

import contextlib
import dataclasses
import os
import pathlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import tensorflow as tf

from tests import seeding, tiny_models
from tfdood import models
from tfdood.files import locking
from tfdood.models import signature
from tfdood.saved import (
    converting,
    exported,
    exporting,
    pretrained,
    runs,
    signatures,
)
from tfdood.settings import presets
from tfdood.settings import text as settings_lib
from tools import ship
from train import checkpoints

TINY = (
    "model.image_size=20",
    "model.glimpse_size=10",
    "model.num_strokes=2",
    "model.width=8",
)
TINY_CURVES = (
    *TINY,
    "model.num_curve_points=30",
    "model.num_mixtures=3",
    "model.presence_bias=0.5",
    "model.refinement_steps=3",
)
SHORT = ("reconstruct", "reconstruct_bytes", "parse", "generate", "render")
"""The signatures of `short_export`, to which `reconstruct` adds the default."""


@dataclasses.dataclass(frozen=True)
class Run:
    """A run folder as training leaves it, and its model."""

    path: pathlib.Path
    model: models.Model

    def save(self, step: int) -> None:
        """Writes a checkpoint of the model."""
        checkpoints.Checkpoints(
            {"model": runs.variables(self.model)}, self.path / runs.CHECKPOINTS
        ).save(step)


@pytest.fixture(scope="session")
def make_run(tmp_path_factory):
    """Makes a run of a preset, with a checkpoint of step 7."""

    def make(preset: str, name: str, *changes: str) -> Run:
        config = settings_lib.override(presets.get(preset, "mnist"), changes)
        path = tmp_path_factory.mktemp("runs") / name
        path.mkdir()
        (path / "config.json").write_text(settings_lib.to_json(config))
        (path / "metrics.jsonl").write_text(
            '{"step": 6, "validation/iwae": 1234.5, '
            '"validation/num_strokes": 1.5}\n'
            '{"step": 7, "elbo": 1.0}\n'
        )
        seeding.initial_weights()
        run = Run(path, models.build(config.model))
        # Initial weights are special: some are 0.
        for number, weight in enumerate(run.model.trainable_variables):
            noise = tf.random.stateless_normal(weight.shape, [number, 7])
            weight.assign_add(0.2 * noise)
        tiny_models.round_weights(run.model)
        run.save(7)
        return run

    return make


@pytest.fixture(scope="session")
def tiny_run(make_run) -> Run:
    """A run whose strokes are curves; tests do not change its folder."""
    return make_run("dood", "tiny", *TINY_CURVES)


@pytest.fixture(scope="session")
def shipped_run(tiny_run, tmp_path_factory) -> pathlib.Path:
    """The folder of `tiny_run` as `pretrained:tiny`; tests copy it."""
    folder = tmp_path_factory.mktemp("shipped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pretrained, "FOLDER", folder)
        ship.ship(tiny_run.path, "tiny")
    return folder


@pytest.fixture(scope="session")
def run_of_codes(make_run) -> Run:
    """A run whose strokes are codes; tests do not change its folder."""
    return make_run("air", "tiny", *TINY)


@pytest.fixture(scope="session")
def exported_model(tiny_run, folder_of_exports) -> exported.ExportedModel:
    """The export of `tiny_run`; tests do not change it."""
    return export(tiny_run, folder_of_exports / "dood")


@pytest.fixture(scope="session")
def short_export(tiny_run, folder_of_exports) -> exported.ExportedModel:
    """The export of `tiny_run` with the signatures `SHORT` alone: faster."""
    with few_signatures(*SHORT):
        return export(tiny_run, folder_of_exports / "short")


@pytest.fixture(scope="session")
def model_of_codes(run_of_codes, folder_of_exports) -> exported.ExportedModel:
    """The export of `run_of_codes`; tests do not change it."""
    return export(run_of_codes, folder_of_exports / "air")


@pytest.fixture(scope="session")
def converted_model(tiny_run, folder_of_exports) -> pathlib.Path:
    """The folder of the LiteRT files of `tiny_run`; tests do not change it."""
    folder = folder_of_exports / "litert"
    with locking.locked(folder):
        if not list(folder.iterdir()):
            trained = exporting.read(str(tiny_run.path), [])
            # As an export leaves it: traced for any number of rows.
            tf.function(
                trained.model.reconstruct_refined
            ).get_concrete_function(tf.TensorSpec([None, 20, 20, 1]))
            converting.write(folder, trained.model, trained.config)
    return folder


@pytest.fixture(scope="session")
def folder_of_exports(tmp_path_factory) -> pathlib.Path:
    """A folder that all processes of the tests have in common."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    return folder / "exports"


def export(run: Run, folder: pathlib.Path) -> exported.ExportedModel:
    """Exports a run as `tiny`, unless another process has done so."""
    with locking.locked(folder):
        if not list(folder.iterdir()):
            exporting.export(run.path, folder / "tiny", num_particles=2)
    return exported.ExportedModel(folder / "tiny")


_COUNTED = signature.Signature(
    lambda image_bytes: {"size": tf.strings.length(image_bytes)},
    {"image_bytes": signature.Input((), tf.string)},
)


class _Few(NamedTuple):
    """A model as `signatures.build` sees it."""

    variables: list[Any]
    listed: dict[str, Any]

    def signatures(self, num_particles):
        del num_particles
        return self.listed


@contextlib.contextmanager
def few_signatures(*names: str) -> Iterator[None]:
    """Leaves models these signatures when they are built for an export.

    Without the name `reconstruct_bytes`, that signature counts bytes alone.
    """
    build = signatures.build

    def build_few(model, num_particles):
        listed = model.signatures(num_particles)
        few = _Few(
            model.variables,
            {name: listed[name] for name in names if name in listed},
        )
        return build(few, num_particles)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signatures, "build", build_few)
        if "reconstruct_bytes" not in names:
            patch.setattr(signatures, "_of_bytes", lambda _: _COUNTED)
        yield
