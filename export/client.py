r"""Turns a picture into strokes.

    python -m export.client --image=cat.png --svg=cat.svg \
        --model=models/dood_quickdraw

This command runs the model in its own process. Without `--model`, the command
sends the picture to a TensorFlow Serving that serves an exported model:

    python -m export.client --image=cat.png --svg=cat.svg \
        --server=127.0.0.1:8500 --served_name=dood_quickdraw
"""

from tfdood import console  # isort: skip  # Starts TensorFlow quietly.

import math
import pathlib
import re
import sys
from collections.abc import Mapping, Sequence

import numpy as np
from absl import flags

from tfdood.drawing import svg
from tfdood.saved import cached, session
from tfdood.types import Pen, Strokes

from . import clients, uploads

# The signatures that draw. Each has these inputs after the picture is decoded.
_SIGNATURES = {
    "reconstruct_bytes": (),
    "complete": ("images", "seeds"),
    "exemplars": ("images", "seeds"),
    "generate": ("seeds",),
}
_CLIENTS = {"grpc": clients.GrpcClient, "rest": clients.RestClient}
_PORTS = {"grpc": 8500, "rest": 8501}
_SERVER_FLAGS = ("server", "served_name", "protocol")
_IDENTITY_LAYOUT = (0.0, 0.0, 1.0, 0.0)
_MOST_SEED = 2**31 - 1
_MOST_MISSING = 0.8  # Of a drawing that strokes explain, see `share_missing`.


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "svg", None, "SVG file to write.", flag_values=values, required=True
    )
    _define_picture(values)
    _define_model(values)
    flags.DEFINE_enum(
        "signature",
        "reconstruct_bytes",
        list(_SIGNATURES),
        "What to draw: the picture (reconstruct_bytes), a completion of it "
        "(complete), a similar drawing (exemplars), or a new drawing without a "
        "picture (generate).",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "seed",
        0,
        "Seed of the drawing.",
        lower_bound=0,
        upper_bound=_MOST_SEED,
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "colors",
        default=False,
        help="Give strokes colours by their order; by default they are white.",
        flag_values=values,
    )


def _define_picture(values: flags.FlagValues) -> None:
    flags.DEFINE_string(
        "image",
        None,
        "Picture to read: PNG, JPEG, WebP, GIF, BMP or TIFF.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "margin",
        None,
        "Crop the picture to a square around its ink with this margin, a "
        "fraction of the longer side of the ink. Use 0.04 for models of Quick, "
        "Draw! and of folders, 0.1 for EMNIST, 0.2 for MNIST and Omniglot, and "
        "0 for KMNIST. By default, the picture is not cropped.",
        lower_bound=0.0,
        upper_bound=1.0,
        flag_values=values,
    )
    flags.register_validator(
        "margin",
        lambda margin: margin is None or not math.isnan(margin),
        "expected a number in [0, 1]",
        flag_values=values,
    )


def _define_model(values: flags.FlagValues) -> None:
    flags.DEFINE_string(
        "model",
        None,
        "Model to run in this process, without a server: folder of an exported "
        "model, folder of a run, or pretrained:NAME.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "server",
        None,
        "HOST:PORT of TensorFlow Serving; by default this machine, with port "
        "8500 for grpc and 8501 for rest.",
        flag_values=values,
    )
    flags.register_validator(
        "server",
        lambda server: server is None or re.fullmatch(r".+:\d+", server),
        "expected HOST:PORT, such as 127.0.0.1:8500",
        flag_values=values,
    )
    flags.DEFINE_string(
        "served_name",
        "dood_quickdraw",
        "Name of the model on the server.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "protocol",
        "grpc",
        list(_CLIENTS),
        "Protocol of the requests to the server.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Writes a vector drawing of the strokes.

    Args:
        options: the values of the flags.

    Raises:
        ValueError: If the picture cannot be decoded or has no ink, if the model
            or the server refuses it, or if two flags exclude each other.
        OSError: If a file cannot be read or written.
    """
    data = None
    if options.signature != "generate":
        data = _read_image(options.image, options.margin)
    try:
        with _client(options) as client:
            outputs = _draw(client, options.signature, data, options.seed)
    except session.Error as error:
        raise ValueError(_reason(error, options)) from error
    colors = svg.ORDER_COLORS if options.colors else ("white",)
    pathlib.Path(options.svg).write_text(to_svg(outputs, colors))
    if not outputs["num_strokes"][0]:
        sys.stderr.write("The drawing is empty: the model drew 0 strokes.\n")
    elif options.signature == "reconstruct_bytes":
        missing = share_missing(outputs)
        if missing > _MOST_MISSING:
            sys.stderr.write(
                "The strokes explain little of the drawing: their error is "
                f"{missing:.0%} of that of a blank page. Crop the picture with "
                "--margin, or use a model that learned such drawings.\n"
            )


def run() -> None:
    """Runs the command on the arguments of this process."""
    console.run(define, main)


def _client(options: flags.FlagValues) -> clients.Client:
    if options.model is None:
        connect = _CLIENTS[options.protocol]
        return connect(_server(options), options.served_name)
    given = [f"--{name}" for name in _SERVER_FLAGS if options[name].present]
    if given:
        raise ValueError(
            "--model runs a model without a server, got "
            f"{' and '.join(given)} as well; remove --model, or "
            f"{' and '.join(given)}."
        )
    return clients.LocalClient(cached.folder(options.model))


def _server(options: flags.FlagValues) -> str:
    return options.server or f"127.0.0.1:{_PORTS[options.protocol]}"


def _reason(error: session.Error, options: flags.FlagValues) -> str:
    reason = error.message.partition("\n")[0]
    if error.code == "NOT_FOUND" and options.model is None:
        return (
            f"Asked {_server(options)} for the model {options.served_name!r}, "
            f"got: {reason.rstrip('.')}. Set --served_name to the name of the "
            "model on the server."
        )
    return reason


def share_missing(outputs: Mapping[str, np.ndarray]) -> float:
    """Measures how much of a picture its strokes leave unexplained.

    Args:
        outputs: of `reconstruct_bytes`, `image` and `canvas` `[B, S, S, 1]`.

    Returns:
        The absolute error of the first drawing, as a share of that of a blank
        page; 0 if the picture is blank.
    """
    image, canvas = outputs["image"][0], outputs["canvas"][0]
    blank = float(np.sum(np.abs(image)))
    return float(np.sum(np.abs(image - canvas))) / blank if blank else 0.0


def to_svg(
    outputs: Mapping[str, np.ndarray], colors: Sequence[str] = ("white",)
) -> str:
    """Makes a vector drawing of the first row of a signature's outputs.

    Args:
        outputs: `presence` `[B, T]`, `control_points` `[B, T, K, 2]` on the
            unit square of the canvas, `blur` and `stroke_contrast` `[B, T]`,
            and `canvas_contrast` `[B]`; other outputs are ignored.
        colors: CSS colours; stroke i has the colour i modulo their number.

    Returns:
        An SVG document.

    Raises:
        ValueError: If an output is missing, or the strokes are codes.
    """
    if "code" in outputs:
        raise ValueError(
            "The strokes of this model are codes that a network paints, not "
            "curves, and cannot be written as SVG. Use the pixels of its "
            "output 'canvas', or a model with curves."
        )
    needed = ("presence", "control_points", *Pen._fields)
    missing = [name for name in needed if name not in outputs]
    if missing:
        raise ValueError(
            f"The answer of the model lacks {', '.join(missing)}. Use a model "
            "that tfdood exported."
        )
    first = {name: outputs[name][0] for name in needed}
    layout = np.tile(np.float32(_IDENTITY_LAYOUT), [len(first["presence"]), 1])
    strokes = Strokes(first["presence"], layout, first["control_points"])
    pen = Pen(*(first[name] for name in Pen._fields))
    return svg.to_svg(strokes, pen, colors=colors)


def _read_image(path: str | None, margin: float | None) -> bytes:
    if path is None:
        raise ValueError(
            "Give a picture with --image=FILE, or use --signature=generate, "
            "which needs no picture."
        )
    data = uploads.prepare(pathlib.Path(path).read_bytes(), margin)
    if data is None:
        raise ValueError(
            f"{path} has no ink: nothing stands out from its paper but noise, "
            "the lines of the paper, or edges that lie along its sides. Use a "
            "picture with more contrast, or with more paper around the drawing."
        )
    return data


def _draw(
    client: clients.Client, signature: str, data: bytes | None, seed: int
) -> dict[str, np.ndarray]:
    """Runs a signature. The model itself decodes the picture."""
    inputs = {"seeds": np.array([[seed, 0]], np.int32)}
    if data is not None:
        outputs = client.predict(
            "reconstruct_bytes", {"image_bytes": np.array([data], object)}
        )
        if signature == "reconstruct_bytes":
            return outputs
        inputs["images"] = outputs["image"]
    return client.predict(
        signature, {name: inputs[name] for name in _SIGNATURES[signature]}
    )


if __name__ == "__main__":
    run()
