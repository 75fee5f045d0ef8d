r"""Turns pictures into strokes.

    python -m export.client cat.png photos/ --out=drawings --colors

By default it traces lines, without a model. With another `--parser`, it runs a
model in its own process. With `--server`, it sends the drawings to a TensorFlow
Serving that serves an exported model:

    python -m export.client cat.png --server=127.0.0.1:8500 \
        --served_name=dood_quickdraw
"""

import contextlib
import functools
import math
import pathlib
import re
import sys
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)

import numpy as np
import tqdm
from absl import flags

from tfdood import console
from tfdood.sketching import draw, drawers, preparing, running
from tfdood.sketching.running import Predict
from tfdood.vectors import drawing
from tfdood.vectors.drawing import VectorDrawing

from . import options as options_lib
from . import writing

_SIGNATURES = ("complete", "exemplars", "generate")
_PORTS = {"grpc": 8500, "rest": 8501}
_MOST_SEED = 2**31 - 1
_MOST_UNEXPLAINED = 0.8  # Of a drawing that strokes explain.


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    _define_files(values)
    options_lib.define_model(values)
    _define_drawing(values)
    _define_server(values)


def _define_files(values: flags.FlagValues) -> None:
    flags.DEFINE_string(
        "out", ".", "Folder of the drawings.", flag_values=values
    )
    flags.DEFINE_list(
        "formats",
        "svg",
        f"What to write, some of {', '.join(writing.FORMATS)}: a file for each "
        "drawing, or (ndjson as of Quick, Draw!, npz as of sketch-rnn) one "
        "file for all.",
        flag_values=values,
    )
    flags.register_validator(
        "formats",
        lambda names: names and set(names) <= set(writing.FORMATS),
        f"expected some of {', '.join(writing.FORMATS)}",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "overwrite",
        default=False,
        help="Replace files that exist already.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "paper",
        "white",
        list(drawing.PAPERS),
        "Paper of SVG files; none is transparent, to lay over the picture.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "colors",
        default=False,
        help="Give strokes colours by their order, in SVG files.",
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "animate",
        default=False,
        help="Let SVG files draw their strokes one after the other.",
        flag_values=values,
    )


def _define_drawing(values: flags.FlagValues) -> None:
    flags.DEFINE_enum(
        "signature",
        None,
        list(_SIGNATURES),
        "Draw something else than the picture: a completion of it (complete), "
        "a similar drawing (exemplars), or a new drawing without a picture "
        "(generate).",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "seed",
        0,
        "Seed of what --signature draws.",
        lower_bound=0,
        upper_bound=_MOST_SEED,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_strokes",
        None,
        "Largest number of curves that a model draws; by default as in "
        f"training, but {drawers.DEFAULT_NUM_STROKES} of "
        f"{drawers.DEFAULT_MODEL} where a picture is drawn. The tracer and the "
        "search have no such number.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_float(
        "margin",
        None,
        "Paper around the ink, a fraction of the longer side of the ink; by "
        "default as in the drawings that the model learned from; 0.1 for "
        "traced lines and for a server.",
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
    flags.DEFINE_boolean(
        "crop",
        default=True,
        help="Crop pictures to their ink and the margin. Use --nocrop for "
        "drawings whose size and place say something.",
        flag_values=values,
    )


def _is_address(server: str) -> bool:
    """Whether a server is HOST:PORT; colons of IPv6 are in brackets."""
    parts = re.fullmatch(r"([^\s/:\[\]]+|\[[\da-fA-F:.]+\]):(\d+)", server)
    return parts is not None and 1 <= int(parts[2]) <= 65_535


def _define_server(values: flags.FlagValues) -> None:
    flags.DEFINE_string(
        "server",
        None,
        "HOST:PORT of a TensorFlow Serving to use in place of --model.",
        flag_values=values,
    )
    flags.register_validator(
        "server",
        lambda server: server is None or _is_address(server),
        "expected HOST:PORT without http://, such as 127.0.0.1:8500",
        flag_values=values,
    )
    flags.DEFINE_string(
        "served_name",
        "dood_quickdraw",
        "Name of the model on the server.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "timeout",
        30.0,
        "Seconds to wait for an answer of the server, from 0.01 to 86400.",
        lower_bound=0.01,
        upper_bound=86_400.0,
        flag_values=values,
    )
    flags.register_validator(
        "timeout",
        math.isfinite,
        message="must be a finite number",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "protocol",
        "grpc",
        list(_PORTS),
        "Protocol of the requests to the server, by default on ports "
        f"{' and '.join(f'{p} ({name})' for name, p in _PORTS.items())}.",
        flag_values=values,
    )


def main(options: flags.FlagValues, paths: list[str]) -> int:
    """Writes a vector drawing of each picture.

    Args:
        options: the values of the flags.
        paths: of pictures, and of folders of pictures.

    Returns:
        0, or 2 if a picture was skipped.

    Raises:
        ValueError: If the model or the server refuses, or if two flags exclude
            each other.
        OSError: If a file cannot be read or written.
    """
    _check(options, paths)
    if options.signature == "generate":
        name = f"generated_{options.seed}"
        to_writer = _to_writer(options, [name])
        generated = _generated(options)
        with _room(options.out), to_writer() as writer:
            writer.write(generated, name)
        return 0
    files = preparing.listed(paths)
    names = writing.different(path.stem for path in files)
    to_writer = _to_writer(options, names)
    drawer = _drawer(options)
    view = drawer.view
    if not options.crop:
        view = view._replace(margin=None)
    elif options.margin is not None:
        view = view._replace(margin=options.margin)
    with _room(options.out), to_writer() as writer:
        found = draw.files(files, drawer, view)
        explains = options.signature is None
        skipped = _write(writer, files, names, found, explains)
    if skipped:
        sys.stderr.write(
            f"Drew {len(files) - skipped} of {len(files)} pictures.\n"
        )
    return console.USAGE_ERROR if skipped else 0


def run() -> None:
    """Runs the command on the arguments of this process."""
    console.run(define, main, takes_paths=True)


def _check(options: flags.FlagValues, paths: list[str]) -> None:
    if options.signature == "generate":
        if paths:
            raise ValueError(
                f"--signature=generate needs no picture, got {paths[0]!r}."
            )
    elif not paths:
        raise ValueError(
            "Give pictures or folders of pictures, or use "
            "--signature=generate, which needs no picture."
        )
    if options.server is not None and options.model is not None:
        raise ValueError(
            "--model runs a model here and --server asks a server; give one of "
            "them."
        )
    if options.server is not None and options.num_strokes is not None:
        raise ValueError(
            "--num_strokes is of --model; a server has the number of its "
            "export."
        )
    if options.server is None:
        for name in ("served_name", "protocol", "timeout"):
            if options[name].present:
                raise ValueError(f"--{name} is of --server; give both.")
    _check_effects(options)


def _check_effects(options: flags.FlagValues) -> None:
    """Refuses flags that would have no effect."""
    _check_looks(options)
    if options.signature is not None:
        if options.parser is not None:
            raise ValueError(
                "--parser draws the picture and --signature something else; "
                "give one of them."
            )
        return
    if options["seed"].present:
        raise ValueError("--seed is of --signature; give both.")
    is_traced = options.parser == "traced" or (
        options.parser is None
        and options.model is None
        and options.server is None
    )
    for name in ("model", "num_strokes"):
        if is_traced and options[name].value is not None:
            raise ValueError(
                f"--{name} has no effect on traced lines; give another "
                "--parser, such as refined."
            )


def _check_looks(options: flags.FlagValues) -> None:
    """Refuses flags of pictures and of SVG files where there are none."""
    if "svg" not in options.formats:
        for name in ("paper", "colors", "animate"):
            if options[name].present:
                raise ValueError(f"--{name} is of --formats=svg; give both.")
    if options.signature == "generate":
        for name in ("margin", "crop"):
            if options[name].present:
                raise ValueError(
                    f"--{name} is of pictures; --signature=generate has none."
                )
    if options.margin is not None and not options.crop:
        raise ValueError(
            "--nocrop keeps the picture as it is, without --margin."
        )


def _to_writer(
    options: flags.FlagValues, names: Sequence[str]
) -> Callable[[], writing.Writer]:
    """Checks that no file is replaced unasked; returns what opens the files."""
    folder = pathlib.Path(options.out)
    if not options.overwrite:
        writing.check_new(folder, names, options.formats)
    style = writing.Style(options.paper, options.colors, options.animate)
    return functools.partial(writing.Writer, folder, options.formats, style)


@contextlib.contextmanager
def _room(folder: str) -> Iterator[None]:
    """Says what is kept when the disk is full, and how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno not in console.FULL:
            raise
        raise OSError(
            f"{folder}: {error.strerror}; the files of single drawings that "
            "were finished are kept. Free some disk space, and run the command "
            "again with --overwrite."
        ) from error


def _drawer(options: flags.FlagValues) -> drawers.Drawer:
    choice = options.parser, options.signature, options.seed
    if options.server is not None:
        return drawers.of_server(_ask(options), *choice)
    return drawers.load(options.model, *choice, options.num_strokes)


def _generated(options: flags.FlagValues) -> VectorDrawing:
    if options.server is not None:
        predict = _ask(options)
    else:
        model = options.model
        if model is None:
            model = drawers.DEFAULT_MODEL
        predict = running.opened(model, options.num_strokes).predict
    seeds = np.int32([[options.seed, 0]])
    return drawing.of_outputs(predict("generate", {"seeds": seeds}))


def _ask(options: flags.FlagValues) -> Predict:
    """Asks the server; its refusals are one sentence."""
    from tfdood import quiet  # noqa: F401  # isort: skip
    from tfdood.saved import session

    from . import clients

    connect = {"grpc": clients.GrpcClient, "rest": clients.RestClient}
    try:
        client = connect[options.protocol](
            options.server, options.served_name, options.timeout
        )
    except session.Error as error:
        raise ValueError(error.reason) from error

    def predict(
        signature: str, inputs: Mapping[str, np.ndarray]
    ) -> Mapping[str, np.ndarray]:
        try:
            return client.predict(signature, inputs)
        except session.Error as error:
            if error.code != "NOT_FOUND":
                raise ValueError(error.reason) from error
            raise ValueError(
                f"Asked {options.server} for the model "
                f"{options.served_name!r}, got: {error.reason.rstrip('.')}. "
                "Set --served_name to the name of the model on the server."
            ) from error

    return predict


def _write(
    writer: writing.Writer,
    files: Sequence[pathlib.Path],
    names: Sequence[str],
    found: Iterable[VectorDrawing | str],
    explains: bool,
) -> int:
    """Writes drawings, and says what is wrong; returns how many are missing."""
    skipped = 0
    bar = tqdm.tqdm(
        zip(files, names, found, strict=True),
        total=len(files),
        unit="picture",
        disable=len(files) == 1,
    )
    for path, name, one in bar:
        if isinstance(one, str):
            skipped += 1
            tqdm.tqdm.write(f"Skipped {path}: {one}.", sys.stderr)
            continue
        writer.write(one, name)
        if name != path.stem:
            tqdm.tqdm.write(f"{path}: its drawing is {name}.", sys.stderr)
        if not one.strokes:
            message = "the drawing is empty: the model drew 0 strokes"
        elif explains and (one.unexplained or 0.0) > _MOST_UNEXPLAINED:
            message = (
                "the strokes explain little of the drawing: their error is "
                f"{one.unexplained:.0%} of that of a blank page; use a model "
                "that learned such drawings"
            )
        else:
            continue
        tqdm.tqdm.write(f"{path}: {message}.", sys.stderr)
    return skipped


if __name__ == "__main__":
    run()
