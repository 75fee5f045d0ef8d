"""Pictures of codes: what the network paints, each in its own frame."""

from collections.abc import Mapping

import numpy as np

from tfdood.parsing import endpoints
from tfdood.parsing.endpoints import Endpoints

_WHOLE_CANVAS = (0.0, 0.0, 1.0, 0.0)


def of_present(
    model: Endpoints, outputs: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Paints the codes that are present, without their layouts.

    Args:
        model: with the signature `render`.
        outputs: of its signature `parse`: `presence` `[B, T]`, `code`
            `[B, T, D]`, and `canvas_contrast` `[B]` if it has one.

    Returns:
        `[N, S, S, 1]` in [0, 1], more ink cut off: drawing by drawing, first
        codes first.
    """
    drawing, step = np.nonzero(np.asarray(outputs["presence"]) > 0.5)
    codes = np.asarray(outputs["code"])[drawing, step]
    others = {
        name: np.asarray(outputs[name])[drawing]
        for name in ("canvas_contrast",)
        if name in outputs
    }
    canvas = endpoints.run_all(
        model,
        "render",
        outputs=("canvas",),
        presence=np.ones([len(codes), 1], np.float32),
        layout=np.tile(np.float32(_WHOLE_CANVAS), [len(codes), 1, 1]),
        code=codes[:, np.newaxis],
        **others,
    )["canvas"]
    return np.clip(canvas, 0.0, 1.0)
