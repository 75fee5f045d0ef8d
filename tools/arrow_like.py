"""Renders Arrow-like scenes: `python -m tools.arrow_like --out=DIR`.

`tools.arrow_scenes` says what is in them. The command writes `arrow_like.npz`,
by `train` and `test`:

    PART_images     [N, S, S, 3]  uint8, red, green and blue
    PART_boxes      [N, 4, 4]     left, top, right, bottom in the unit square
    PART_shapes     [N, 4]        0 cube, 1 sphere, 2 cylinder, 3 arrow
    PART_colours    [N, 4]        0 to 7
    PART_materials  [N]           0 rubber, 1 metal

It needs Mitsuba: `pip install '.[arrow]'`.
"""

import concurrent.futures
import functools
import math
import multiprocessing.util
import os
import pathlib
import tempfile
from typing import Any

import numpy as np
import tqdm
from absl import flags, logging

from tfdood import console
from tfdood.files import atomic

from . import arrow_scenes

FILE = "arrow_like.npz"
"""The file that the command writes into the folder `--out`."""

_PARTS = {"train": 0, "test": 1}  # Streams of random numbers.
_STREAM = 1_000_000  # More than there are scenes of a part.
_SAMPLES = 64  # Rays of each pixel.
_MOST_REFLECTIONS = 4
_GREY, _SKY, _LAMP = 0.5, 0.35, 12.0
_ROUGHNESS = 0.15  # Of metal.


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string("out", None, f"Folder for {FILE}.", flag_values=values)
    flags.DEFINE_integer(
        "num_train",
        4_000,
        "Number of training scenes.",
        lower_bound=2,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_test",
        500,
        "Number of test scenes.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "image_size",
        64,
        "Height and width in pixels.",
        lower_bound=16,
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Renders all scenes and writes the file.

    Args:
        options: the values of the flags.

    Raises:
        ValueError: If `--out` is missing, or Mitsuba is not installed.
        OSError: If the file cannot be written.
    """
    if not options.out:
        raise ValueError("Give the folder of the file with --out=DIR.")
    folder = pathlib.Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for part, count in (
        ("train", options.num_train),
        ("test", options.num_test),
    ):
        arrays |= _rendered(part, count, options.image_size)
    with atomic.replacing(folder / FILE) as file:
        np.savez_compressed(file, **arrays)
    logging.info("Wrote %s.", folder / FILE)


def render(scene: arrow_scenes.Scene, image_size: int, seed: int) -> np.ndarray:
    """Renders a scene.

    Args:
        scene: of four objects.
        image_size: `H = W` in pixels.
        seed: of the rays.

    Returns:
        `[H, W, 3]`, uint8, red, green and blue.

    Raises:
        ValueError: If Mitsuba is not installed.
    """
    mitsuba = _mitsuba()
    objects = {
        f"object_{number}_{part}": shape
        for number in range(len(scene.shapes))
        for part, shape in enumerate(_object(scene, number))
    }
    loaded = mitsuba.load_dict(_room(image_size) | objects)
    image = mitsuba.render(loaded, spp=_SAMPLES, seed=seed)
    bitmap = mitsuba.Bitmap(image).convert(
        mitsuba.Bitmap.PixelFormat.RGB,
        mitsuba.Struct.Type.UInt8,
        srgb_gamma=True,
    )
    return np.array(bitmap)


@functools.cache
def _mitsuba() -> Any:
    try:
        import mitsuba
    except ImportError as error:
        raise ValueError(
            "Mitsuba, which renders the scenes, is not installed; install it "
            "with pip install '.[arrow]'."
        ) from error
    mitsuba.set_variant("scalar_rgb")
    return mitsuba


def _rendered(part: str, count: int, image_size: int) -> dict[str, np.ndarray]:
    """Renders a part of the dataset, in several processes."""
    scenes = [
        arrow_scenes.sample(np.random.default_rng([_PARTS[part], number]))
        for number in range(count)
    ]
    first = _PARTS[part] * _STREAM
    with concurrent.futures.ProcessPoolExecutor() as pool:
        jobs = pool.map(
            render,
            scenes,
            [image_size] * count,
            range(first, first + count),
            chunksize=8,
        )
        images = list(tqdm.tqdm(jobs, part, count))
    shapes, colours, materials, *_ = zip(*scenes, strict=True)
    return {
        f"{part}_images": np.stack(images),
        f"{part}_boxes": np.stack(
            [arrow_scenes.boxes(scene) for scene in scenes]
        ).astype(np.float32),
        f"{part}_shapes": np.stack(shapes).astype(np.int8),
        f"{part}_colours": np.stack(colours).astype(np.int8),
        f"{part}_materials": np.array(materials, np.int8),
    }


def _room(image_size: int) -> dict[str, Any]:
    """The camera, the floor and the light, as Mitsuba reads them."""
    transform = _mitsuba().ScalarTransform4f
    camera = transform().look_at(
        origin=arrow_scenes.CAMERA.tolist(),
        target=arrow_scenes.TARGET.tolist(),
        up=[0, 0, 1],
    )
    lamp = transform().look_at(
        origin=[-5, -4, 9], target=[0, 0, 0], up=[0, 0, 1]
    )
    return {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": _MOST_REFLECTIONS},
        "camera": {
            "type": "perspective",
            "fov": arrow_scenes.FIELD_OF_VIEW,
            "to_world": camera,
            "film": {
                "type": "hdrfilm",
                "width": image_size,
                "height": image_size,
            },
            "sampler": {"type": "independent"},
        },
        "floor": {
            "type": "rectangle",
            "to_world": transform().scale([60, 60, 1]),
            "bsdf": {"type": "diffuse", "reflectance": _rgb(_GREY)},
        },
        "sky": {"type": "constant", "radiance": _rgb(_SKY)},
        "lamp": {
            "type": "rectangle",
            "to_world": lamp @ transform().scale([2, 2, 1]),
            "emitter": {"type": "area", "radiance": _rgb(_LAMP)},
        },
    }


def _object(scene: arrow_scenes.Scene, number: int) -> list[dict[str, Any]]:
    """The surfaces of an object, as Mitsuba reads them."""
    x, y = map(float, scene.places[number])
    turn = math.degrees(scene.turns[number])
    here = _mitsuba().ScalarTransform4f().translate([x, y, 0])
    shape = arrow_scenes.SHAPES[scene.shapes[number]]
    colour = _rgb(arrow_scenes.COLOURS[scene.colours[number]].tolist())
    if arrow_scenes.MATERIALS[scene.material] == "metal":
        surface = {
            "type": "roughconductor",
            "material": "none",
            "alpha": _ROUGHNESS,
            "specular_reflectance": colour,
        }
    else:
        surface = {"type": "diffuse", "reflectance": colour}
    surfaces = _SURFACES[shape](here.rotate([0, 0, 1], turn))
    return [part | {"bsdf": surface} for part in surfaces]


def _cube(here: Any) -> list[dict[str, Any]]:
    half = arrow_scenes.CUBE_HALF
    to_world = here.translate([0, 0, half]).scale([half] * 3)
    return [{"type": "cube", "to_world": to_world}]


def _sphere(here: Any) -> list[dict[str, Any]]:
    radius = arrow_scenes.SPHERE_RADIUS
    to_world = here.translate([0, 0, radius]).scale([radius] * 3)
    return [{"type": "sphere", "to_world": to_world}]


def _cylinder(here: Any) -> list[dict[str, Any]]:
    radius, top = arrow_scenes.CYLINDER_RADIUS, arrow_scenes.CYLINDER_HEIGHT
    side = here.scale([radius, radius, top])
    lid = here.translate([0, 0, top]).scale([radius, radius, 1])
    return [
        {"type": "cylinder", "to_world": side},
        {"type": "disk", "to_world": lid},
    ]


def _arrow(here: Any) -> list[dict[str, Any]]:
    path = _arrow_file()
    return [
        {
            "type": "ply",
            "filename": path,
            "face_normals": True,
            "to_world": here,
        }
    ]


@functools.cache
def _arrow_file() -> str:
    """Writes the surface of the arrow into a file that Mitsuba reads."""
    corners = arrow_scenes.arrow_corners()
    triangles = arrow_scenes.arrow_triangles()
    lines = [
        *("ply", "format ascii 1.0", f"element vertex {len(corners)}"),
        *(f"property float {axis}" for axis in "xyz"),
        f"element face {len(triangles)}",
        *("property list uchar int vertex_indices", "end_header"),
        *(" ".join(map(str, corner)) for corner in corners),
        *(" ".join(map(str, [3, *face])) for face in triangles),
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".ply", delete=False) as file:
        file.write("\n".join(lines) + "\n")
    multiprocessing.util.Finalize(None, os.unlink, [file.name], exitpriority=0)
    return file.name


def _rgb(value: float | list[float]) -> dict[str, Any]:
    return {"type": "rgb", "value": value}


_SURFACES = {
    "cube": _cube,
    "sphere": _sphere,
    "cylinder": _cylinder,
    "arrow": _arrow,
}


if __name__ == "__main__":
    console.run(define, main)
