"""Converts trained models to LiteRT, for runtimes without TensorFlow.

Each signature is a file of its own, for one drawing. `tfdood.saved.litert` runs
the files in Python, and LiteRT.js runs them in a browser. A signature that
samples takes random numbers in place of seeds, because LiteRT has no random
operations.
"""

import json
import pathlib
from typing import Any

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from tfdood import models
from tfdood.files import atomic, digests
from tfdood.models import Model
from tfdood.models.signature import NORMAL, UNIFORM, Signature
from tfdood.saved import card, half_precision, litert, rounding
from tfdood.settings import schema

_WITHOUT_SEEDS = ("reconstruct", "reconstruct_refined")
_LEFT_OUT = "canvases"  # The largest output, and nothing that `canvas` lacks.
_DISTRIBUTIONS = {UNIFORM: "uniform", NORMAL: "normal"}
_STROKE_FRAME = "unit square of the canvas, x to the right, y down"


def write(folder: pathlib.Path, model: Model, config: schema.Config) -> None:
    """Writes a model as LiteRT files, with `model.json` beside them.

    The weights are rounded to half precision.

    Args:
        folder: where to write; created if it does not exist.
        model: the model with its trained weights. They do not change.
        config: the configuration of the model and of its training.

    Raises:
        ValueError: If a weight is not finite, or too large for half precision,
            or if the model explains images by a search only.
        OSError: If a file cannot be written.
    """
    if not _signatures(model):
        raise ValueError(
            f"A model of the preset {config.preset} has no signature for "
            "LiteRT: it explains images by a search only; leave --litert out."
        )
    folder.mkdir(parents=True, exist_ok=True)
    facts = {}
    model = _rounded(model, config)
    for name, signature in _signatures(model).items():
        content = half_precision.pack(_converted(model, signature))
        (folder / f"{name}.tflite").write_bytes(content)
        facts[name] = _facts(content, f"{name}.tflite")
    record = {
        "format": litert.FORMAT,
        "preset": config.preset,
        "dataset": config.training.dataset.partition(":")[0],
        "image_size": config.model.image_size,
        "image": card.pixels(config),
        "stroke_frame": _STROKE_FRAME,
        "signatures": facts,
    }
    text = json.dumps(record, indent=2) + "\n"
    # It comes last, and whole: files are complete where it is.
    with atomic.replacing(folder / litert.DESCRIPTION) as file:
        file.write(text.encode())


def _signatures(model: Model) -> dict[str, Signature]:
    listed = model.signatures(num_particles=1)
    kept = {name: listed[name] for name in _WITHOUT_SEEDS if name in listed}
    return kept | model.noise_signatures()


def _rounded(model: Model, config: schema.Config) -> Model:
    """Makes the same model with weights in half precision.

    The new model has traced no `tf.function` yet. One that was traced for any
    number of rows has operations that LiteRT lacks.
    """
    weights = [np.asarray(variable.value) for variable in model.variables]
    halves = rounding.halves(weights)
    rounded = models.build(config.model)
    for variable, array in zip(rounded.variables, halves, strict=True):
        variable.assign(array.astype(variable.dtype))
    return rounded


def _converted(model: Model, signature: Signature) -> bytes:
    names = list(signature.inputs)

    def function(*values: tf.Tensor) -> dict[str, tf.Tensor]:
        given = dict(zip(names, values, strict=True))
        outputs = signature.function(**given)
        return {k: v for k, v in outputs.items() if k != _LEFT_OUT}

    module = tf.Module()  # Holds the weights; see `signatures.build`.
    module.model_variables = [variable.value for variable in model.variables]
    specs = [
        tf.TensorSpec([1, *wanted.shape], wanted.dtype, name)
        for name, wanted in signature.inputs.items()
    ]
    traced = tf.function(function, specs, autograph=False)
    return tf.lite.TFLiteConverter.from_concrete_functions(
        [traced.get_concrete_function()], module
    ).convert()


def _facts(content: bytes, file: str) -> dict[str, Any]:
    """Describes a file: names, shapes and types, in the order of the file."""
    interpreter = Interpreter(model_content=content)
    runner = interpreter.get_signature_runner()
    inputs = _tensors(
        interpreter.get_input_details(), runner.get_input_details()
    )
    outputs = _tensors(
        interpreter.get_output_details(), runner.get_output_details()
    )
    for tensor in inputs:
        if tensor["name"] in _DISTRIBUTIONS:
            tensor["distribution"] = _DISTRIBUTIONS[tensor["name"]]
    return {
        "file": file,
        "digest": digests.of_bytes(content),
        "inputs": inputs,
        "outputs": outputs,
    }


def _tensors(
    ordered: list[dict[str, Any]], named: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    names = {details["index"]: name for name, details in named.items()}
    return [
        {
            "name": names[details["index"]],
            "shape": details["shape"].tolist(),
            "dtype": np.dtype(details["dtype"]).name,
        }
        for details in ordered
    ]
