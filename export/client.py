"""Turns a picture into strokes, by a server or without one.

    python -m export.client --image=cat.png --svg=cat.svg \
        --server=127.0.0.1:8500 --model=dood_quickdraw

The server is TensorFlow Serving with an exported model. Without a server,
`--model_dir=models/dood_quickdraw` runs the model here.
"""

import tfdood.quiet  # isort: skip  # noqa: F401  # Comes first.

import argparse
import pathlib
import re
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from export import capi, clients, uploads
from tfdood import arguments as argument_types
from tfdood.drawing import svg
from tfdood.saved import cached
from tfdood.types import Pen, Strokes

# Signatures that draw, and what they need besides.
_SIGNATURES = {
    "reconstruct_bytes": (),
    "complete": ("images", "seeds"),
    "exemplars": ("images", "seeds"),
    "generate": ("seeds",),
}
_CLIENTS = {"grpc": clients.GrpcClient, "rest": clients.RestClient}
_PORTS = {"grpc": 8500, "rest": 8501}
_FILE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_IDENTITY_LAYOUT = (0.0, 0.0, 1.0, 0.0)
_ERROR = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        data = None
        if arguments.signature != "generate":
            data = _read_image(arguments.image, arguments.margin)
        client = _client(arguments)
        outputs = _draw(client, arguments.signature, data, arguments.seed)
        colors = svg.ORDER_COLORS if arguments.colors else ("white",)
        arguments.svg.write_text(to_svg(outputs, colors))
        if not outputs["num_strokes"][0]:
            sys.stderr.write("The model saw nothing to draw: no strokes.\n")
    except capi.Error as error:
        reason = error.message.partition("\n")[0]
        if error.code == "NOT_FOUND":
            asked = f"{_server(arguments)} for the model {arguments.model!r}"
            asked = arguments.model_dir or asked
            reason = f"Asked {asked}, got: {reason}"
        return _fail(reason)
    except OSError as error:
        if error.filename is None:
            return _fail(error)
        return _fail(f"{error.filename}: {error.strerror}.")
    except ValueError as error:
        return _fail(error)
    return 0


def _client(arguments):
    if arguments.model_dir is not None:
        return clients.LocalClient(cached.folder(arguments.model_dir))
    return _CLIENTS[arguments.protocol](_server(arguments), arguments.model)


def _server(arguments) -> str:
    return arguments.server or f"127.0.0.1:{_PORTS[arguments.protocol]}"


def to_svg(
    outputs: Mapping[str, np.ndarray], colors: Sequence[str] = ("white",)
) -> str:
    """The vector drawing of the first row of a signature's outputs.

    Args:
        outputs: `presence` `[B, T]`, `control_points` `[B, T, K, 2]` on the
            canvas' unit square, `blur` `[B, T]`, `stroke_contrast` `[B, T]`,
            `canvas_contrast` `[B]`, and others.
        colors: CSS colours of the strokes, taken in turn.

    Returns:
        An SVG document.

    Raises:
        ValueError: If there are no such outputs, as where strokes are codes.
    """
    if "codes" in outputs:
        raise ValueError(
            "The strokes of this model are codes that a network draws, not "
            "curves: there is no SVG of them. Take the pixels of its output "
            "'canvas', or a model with curves."
        )
    needed = ("presence", "control_points", *Pen._fields)
    missing = [name for name in needed if name not in outputs]
    if missing:
        raise ValueError(
            f"The model answered without {', '.join(missing)}; it is not an "
            "export of tfdood."
        )
    first = {name: outputs[name][0] for name in needed}
    layout = np.tile(np.float32(_IDENTITY_LAYOUT), [len(first["presence"]), 1])
    strokes = Strokes(first["presence"], layout, first["control_points"])
    pen = Pen(*(first[name] for name in Pen._fields))
    return svg.to_svg(strokes, pen, colors=colors)


def _read_image(path: pathlib.Path | None, margin: float | None) -> bytes:
    if path is None:
        raise ValueError("Give a picture, --image=FILE, or draw without one.")
    data = path.read_bytes()
    if not data.startswith(_FILE_STARTS):
        raise ValueError(f"{path} is neither a PNG nor a JPEG.")
    return uploads.prepare(data, margin)


def _draw(client, signature: str, data: bytes | None, seed: int) -> dict:
    """Outputs of a signature; bytes are decoded by the model."""
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--image", type=pathlib.Path, help="PNG or JPEG")
    parser.add_argument(
        "--margin",
        type=_share,
        help="cut the picture to its drawing and such a margin, a share of its "
        "longer side: 0.04 as in Quick, Draw!, 0.1 EMNIST, 0.2 MNIST and "
        "Omniglot, 0 KMNIST; by default it is taken as it is",
    )
    parser.add_argument(
        "--svg", type=pathlib.Path, required=True, help="file to write"
    )
    parser.add_argument(
        "--server",
        type=_address,
        help="HOST:PORT of the server; by default this machine and its port "
        "for the protocol, 8500 or 8501",
    )
    parser.add_argument("--model", default="dood_quickdraw", help="its name")
    parser.add_argument(
        "--model_dir",
        help="folder of an exported model, or pretrained:NAME, to do without "
        "server",
    )
    parser.add_argument(
        "--protocol", choices=_CLIENTS, default="grpc", help="of the server"
    )
    parser.add_argument(
        "--signature",
        choices=_SIGNATURES,
        default="reconstruct_bytes",
        help="what to draw: the picture, the rest of it, another like it, or "
        "anything",
    )
    parser.add_argument(
        "--seed", type=argument_types.seed, default=0, help="of the drawing"
    )
    parser.add_argument(
        "--colors", action="store_true", help="show the order of the strokes"
    )
    return parser


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"must be in [0, 1], got {text!r}")
    return value


def _address(text: str) -> str:
    if not re.fullmatch(r".+:\d+", text):
        raise argparse.ArgumentTypeError(f"must be HOST:PORT, got {text!r}")
    return text


def _fail(error) -> int:
    sys.stderr.write(f"Error: {error}\n")
    return _ERROR


if __name__ == "__main__":
    sys.exit(main())
