"""Measures a run on held-out drawings: `python -m train.held_out`.

    python -m train.held_out --run_dir=runs/dood_mnist

Prints, and writes to `held_out.json` in the run folder: the mean absolute
error of one reconstruction, the importance weighted bound, and the strokes
used, over all drawings and by class. Draws them as `figures/held_out.png`.
"""

import json
import os
import pathlib
import sys

import numpy as np
import tensorflow as tf
import tqdm
from absl import app, flags

from tfdood import data, figures, models
from tfdood.objectives import elbo, importance
from train import checkpoints, errors, run_folder

_RUN_DIR = flags.DEFINE_string("run_dir", None, "Folder of the run.")
_DATA_DIR = flags.DEFINE_string(
    "data_dir", None, "Folder of prepared datasets, as for training."
)
_NUM_IMAGES = flags.DEFINE_integer(
    "num_images", 1000, "Test drawings, at even distances.", lower_bound=1
)
_NUM_PARTICLES = flags.DEFINE_integer(
    "num_particles", 50, "Samples of the bound.", lower_bound=1
)
_SEED = flags.DEFINE_integer("seed", 0, "Of the sampling.")

_ROWS_A_CHUNK = 1_000
_NUM_PICTURED = 12


def main(argv: list[str]) -> int:
    """Runs the command; returns its exit code."""
    del argv
    try:
        run_dir = pathlib.Path(_RUN_DIR.value or "")
        config = run_folder.read_config(run_dir)
        model = models.build(config.model)
        step = checkpoints.restore_model(model, run_dir / "checkpoints")
        drawings = data.read(
            config.training.dataset,
            "test",
            image_size=config.model.image_size,
            data_dir=_DATA_DIR.value,
        )
    except (errors.RunError, ValueError, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    rows = np.linspace(
        0,
        len(drawings.images) - 1,
        min(_NUM_IMAGES.value, len(drawings.images)),
    ).astype(int)
    images = tf.constant(drawings.images[rows], tf.float32) / 255.0
    measured = _measure(model, images)
    record = _summarise(measured, drawings, rows) | {
        "step": step,
        "dataset": config.training.dataset,
        "source": drawings.source,
        "trained_on": config.training.source,
        "encoder": config.model.encoder,
        "num_particles": _NUM_PARTICLES.value,
        "seed": _SEED.value,
    }
    text = json.dumps(record, indent=2)
    (run_dir / "held_out.json").write_text(text + "\n")
    sys.stdout.write(text + "\n")
    _draw(model, images, run_dir / "figures" / "held_out.png")
    return 0


def _measure(model, images) -> dict[str, np.ndarray]:
    """The measures of each image, a few images at a time."""
    num_particles = _NUM_PARTICLES.value

    @tf.function(reduce_retracing=True, autograph=False)
    def measure(images, seed):
        parse = model.parse(images, num_particles, seed)
        error = tf.abs(images - parse.drawing.canvases[:, :, -1])
        return {
            "iwae": importance.iwae(elbo.log_weights(parse)),
            "mean_absolute_error": tf.reduce_mean(error[0], [1, 2, 3]),
            "num_strokes": tf.reduce_sum(parse.drawing.strokes.presence[0], -1),
        }

    size = max(1, _ROWS_A_CHUNK // num_particles)
    chunks = []
    for start in tqdm.trange(0, len(images), size, unit_scale=size):
        seed = tf.constant([_SEED.value, start])
        chunks.append(measure(images[start : start + size], seed))
    return {
        name: np.concatenate([chunk[name] for chunk in chunks])
        for name in chunks[0]
    }


def _summarise(measured, drawings, rows) -> dict:
    summary = {"num_images": len(rows)}
    for name, values in measured.items():
        summary[name] = float(values.mean())
        summary[f"{name}_standard_error"] = float(
            values.std() / np.sqrt(len(rows))
        )
    labels = drawings.labels[rows]
    summary["num_strokes_by_class"] = {
        drawings.class_names[label]: float(
            measured["num_strokes"][labels == label].mean()
        )
        for label in np.unique(labels)
    }
    return summary


def _draw(model, images, path: str | os.PathLike) -> None:
    parse = model.parse(images[:_NUM_PICTURED], 1, tf.constant([0, 0]))
    drawing = tf.nest.map_structure(lambda x: x[0], parse.drawing)
    figures.reconstructions(images[:_NUM_PICTURED], drawing, path)


if __name__ == "__main__":
    app.run(main)
