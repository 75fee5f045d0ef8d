"""Measures LiteRT files: their sizes, their speed, and the first answer.

    taskset -c 0 python -m benchmarks.litert --folder=models/dood_mnist/1/litert

The first answer is that of a new process, which imports what it needs, decodes
a JPEG, loads the model and runs it. Its processor time does not depend on what
else the machine does.
"""

import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
from absl import flags
from PIL import Image, ImageDraw

from benchmarks import timing
from tfdood import console
from tfdood.saved import litert

_FIRST = """
import io, pathlib, sys
import numpy as np
from PIL import Image
from export import uploads
from tfdood.saved import litert

signature, folder, picture = sys.argv[1:]
model = litert.LiteRTModel(folder)
png = uploads.prepare(pathlib.Path(picture).read_bytes(), 0.04)
size = [model.image_size] * 2
image = Image.open(io.BytesIO(png)).resize(size, Image.Resampling.BILINEAR)
images = np.asarray(image, np.float32)[None, :, :, None] / 255.0
model.run(signature, {"images": images})
"""


def define(values: flags.FlagValues) -> None:
    """Declares the flags."""
    flags.DEFINE_string(
        "folder",
        None,
        "Folder of LiteRT files, such as models/NAME/1/litert.",
        flag_values=values,
        required=True,
    )
    flags.DEFINE_integer(
        "num_repeats", 40, "Timed runs.", lower_bound=1, flag_values=values
    )


def main(options: flags.FlagValues) -> None:
    """Prints a table."""
    model = litert.LiteRTModel(options.folder)
    sys.stdout.write("signature             MB   ms a drawing\n")
    for name, facts in model.signatures.items():
        size = (model.folder / facts["file"]).stat().st_size / 1e6
        duration = _milliseconds(model, name, options.num_repeats)
        sys.stdout.write(f"{name:20}{size:5.1f}{duration:14.1f}\n")
    for name in ("reconstruct", "reconstruct_refined"):
        if name in model.signatures:
            wall, processor = _first(options.folder, name)
            sys.stdout.write(
                f"First answer of {name}: {wall:.2f} s, of which processor "
                f"{processor:.2f} s\n"
            )


def _milliseconds(
    model: litert.LiteRTModel, signature: str, num_repeats: int
) -> float:
    """The median processor time of a run."""
    inputs = model.noise(signature, 0)
    if "images" in [i["name"] for i in model.signatures[signature]["inputs"]]:
        inputs["images"] = _ring(model.image_size)
    return 1e3 * timing.median(
        lambda: model.run(signature, inputs),
        num_repeats,
        clock=time.process_time,
    )


def _ring(size: int) -> np.ndarray:
    """A drawing, `[1, size, size, 1]`."""
    axis = (np.arange(size) + 0.5) / size - 0.5
    distance = np.hypot(axis[:, np.newaxis], axis)
    ring = np.exp(-(((distance - 0.35) / 0.03) ** 2))
    return ring[np.newaxis, :, :, np.newaxis].astype(np.float32)


def _first(folder: str, signature: str) -> tuple[float, float]:
    """The least wall and processor times of three processes, in seconds."""
    walls, processors = [], []
    with tempfile.TemporaryDirectory() as temporary:
        picture = pathlib.Path(temporary) / "ring.jpg"
        sheet = Image.new("L", (1600, 1200), 230)
        ImageDraw.Draw(sheet).ellipse((400, 200, 1200, 1000), width=30)
        sheet.save(picture)
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", _FIRST, signature, folder, picture],
                stderr=subprocess.DEVNULL,
                check=True,
            )
            walls.append(time.perf_counter() - start)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            processors.append(
                after.ru_utime
                + after.ru_stime
                - before.ru_utime
                - before.ru_stime
            )
    return min(walls), min(processors)


if __name__ == "__main__":
    console.run(define, main)
