"""Measures a run on held-out drawings.

    python -m train.held_out --run_dir=runs/dood_mnist

Prints, and writes to `held_out.json` in the run folder: the mean absolute
error of one reconstruction, the importance weighted bound, and the strokes
used, over all drawings and by class; beside them, what a blank canvas and the
median of at most 10,000 training drawings score. Draws one of each class,
stroke by stroke, as `figures/held_out.png`.
"""

import argparse
import json
import pathlib
import sys
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tqdm

from tfdood import arguments as argument_types
from tfdood import data, figures, models
from tfdood.evaluate.measures import naive
from tfdood.models import DrawingModel
from tfdood.objectives import elbo, importance
from tfdood.saved import runs

_ROWS_A_CHUNK = 1_000
_NUM_PICTURED = 12
_NUM_TRAINING_IMAGES = 10_000
_INTERRUPTED = 130  # as shells have it


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(arguments) -> int:
    run_dir = arguments.run_dir
    try:
        config = runs.read_config(run_dir)
        model = models.build(config.model)
        step = runs.restore_model(model, run_dir / runs.CHECKPOINTS)
        train, test = _read(config, arguments)
        images = _ink(test)
        measured = measure(
            model, images, arguments.num_particles, arguments.seed
        )
    except (runs.RunError, ValueError, OSError, tf.errors.OpError) as error:
        return _fail(error)
    classes = [test.class_names[label] for label in test.labels]
    record = {
        "dataset": config.training.dataset,
        "source": test.source,
        "trained_on": config.training.learnt_from,
        "preset": config.preset,
        "encoder": config.model.encoder,
        "likelihood": config.model.likelihood,
        "step": step,
        "num_images": len(images),
        "num_particles": arguments.num_particles,
        "seed": arguments.seed,
        **summarise(measured, classes),
        "naive": {
            "num_training_images": len(train.images),
            **_naive(train, test, config.model.pixel_scale_floor),
        },
    }
    text = json.dumps(record, indent=2) + "\n"
    sys.stdout.write(text)
    # The first drawing of each class.
    pictured = np.unique(test.labels, return_index=True)[1][:_NUM_PICTURED]
    try:
        unfinished = run_dir / "held_out.json.unfinished"
        unfinished.write_text(text)
        unfinished.replace(run_dir / "held_out.json")
        path = run_dir / "figures" / "held_out.png"
        _draw(model, tf.gather(images, pictured), path)
    except OSError as error:
        return _fail(error)
    return 0


def measure(
    model: DrawingModel, images: tf.Tensor, num_particles: int, seed: int
) -> dict[str, np.ndarray]:
    """Measures each image, a few at a time.

    Args:
        model: to measure.
        images: `[N, H, W, 1]` in [0, 1].
        num_particles: samples of the bound.
        seed: of the sampling.

    Returns:
        `[N]` each: `iwae` (nats), `mean_absolute_error` and `num_strokes`, the
        last two of the first sample.
    """

    @tf.function(reduce_retracing=True, autograph=False)
    def measure_chunk(images, seed):
        parse = model.parse(images, num_particles, seed)
        error = tf.abs(images - parse.drawing.canvases[0, :, -1])
        return {
            "iwae": importance.iwae(elbo.log_weights(parse)),
            "mean_absolute_error": tf.reduce_mean(error, [1, 2, 3]),
            "num_strokes": tf.reduce_sum(parse.drawing.strokes.presence[0], -1),
        }

    size = max(1, _ROWS_A_CHUNK // num_particles)
    chunks = [
        measure_chunk(images[start : start + size], tf.constant([seed, start]))
        for start in tqdm.trange(0, len(images), size, unit="chunk")
    ]
    return {
        name: np.concatenate([chunk[name] for chunk in chunks])
        for name in chunks[0]
    }


def summarise(measured: dict[str, np.ndarray], classes: Sequence[str]) -> dict:
    """Means, their standard errors, and the strokes used by class.

    Args:
        measured: `[N]` each, from `measure`.
        classes: the name of each image's class.

    Returns:
        A dictionary for JSON.
    """
    summary = _means(measured)
    classes = np.array(classes)
    summary["num_strokes_by_class"] = {
        str(name): float(measured["num_strokes"][classes == name].mean())
        for name in np.unique(classes)
    }
    return summary


def _means(measured: dict[str, np.ndarray]) -> dict[str, float]:
    means = {}
    for name, values in measured.items():
        error = values.std() / np.sqrt(len(values))
        means[name] = float(values.mean())
        means[f"{name}_standard_error"] = float(error)
    return means


def _naive(train, test, min_scale: float) -> dict[str, dict[str, float]]:
    """What predictions of Laplace pixels score that do not see the image."""
    measured = naive.measure(_ink(train), _ink(test), min_scale)
    return {name: _means(values) for name, values in measured.items()}


def _read(config, arguments) -> tuple[data.DrawingSet, data.DrawingSet]:
    """Training drawings for the naive predictions, and the held-out ones."""
    counts = {"train": _NUM_TRAINING_IMAGES, "test": arguments.num_images}
    return tuple(
        data.spread(
            data.read(
                config.training.dataset,
                split,
                image_size=config.model.image_size,
                data_dir=arguments.data_dir,
            ),
            count,
        )
        for split, count in counts.items()
    )


def _ink(drawings: data.DrawingSet) -> np.ndarray:
    return drawings.images.astype(np.float32) / 255.0


def _fail(error: Exception) -> int:
    sys.stderr.write(f"Error: {error}\n")
    return 2


def _draw(model, images, path) -> None:
    parse = model.parse(images, 1, tf.constant([0, 0]))
    drawing = tf.nest.map_structure(lambda x: x[0], parse.drawing)
    has_curves = model.config.has_curves
    figures.reconstructions(images, drawing, path, has_curves=has_curves)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--run_dir", type=pathlib.Path, required=True, help="folder of the run"
    )
    parser.add_argument(
        "--data_dir", help="folder of prepared datasets, as for training"
    )
    parser.add_argument(
        "--num_images",
        type=argument_types.positive,
        default=1000,
        help="test drawings, at even distances",
    )
    parser.add_argument(
        "--num_particles",
        type=argument_types.positive,
        default=50,
        help="of the bound",
    )
    parser.add_argument(
        "--seed", type=argument_types.seed, default=0, help="of the sampling"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
