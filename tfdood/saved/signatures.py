"""The signatures of an exported model: a model's own, checked, and of files.

A row is a drawing; seeds are one a row, so that a server may put the rows of
several requests into one batch. `docs/serving.md` lists inputs and outputs.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfdood.models import Model
from tfdood.models.signature import Input, Signature
from tfdood.saved import checks, pictures

DEFAULT = "serving_default"
"""The signature that a server runs if a request names none."""

_BYTES = Input((), tf.string)


def build(model: Model, num_particles: int) -> tuple[tf.Module, dict[str, Any]]:
    """Makes what `tf.saved_model.save` is to save.

    Besides the signatures that the model lists, a model that has `reconstruct`
    gets `reconstruct_bytes`, which takes encoded pictures, and `reconstruct` is
    its default signature.

    Args:
        model: to be exported.
        num_particles: `k`, of the importance weighted bound.

    Returns:
        A module that owns the variables and has a function for each signature,
        and the signatures.
    """
    module = tf.Module()
    # A tf.Module does not see variables inside of Keras layers, and saved Keras
    # layers lose their values in every loader but Python's.
    module.model_variables = [variable.value for variable in model.variables]
    listed = dict(model.signatures(num_particles))
    if "reconstruct" in listed:
        listed["reconstruct_bytes"] = _of_bytes(listed["reconstruct"])
    signatures = {}
    for name, signature in listed.items():
        signatures[name] = _traced(signature)
        setattr(module, name, signatures[name])
    if "reconstruct" in signatures:
        signatures[DEFAULT] = signatures["reconstruct"]
    return module, signatures


def _of_bytes(reconstruct: Signature) -> Signature:
    """The same signature for encoded pictures of any size."""
    size = reconstruct.inputs["images"].shape[0]

    def function(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        images = pictures.read(image_bytes, size)
        return {"image": images, **reconstruct.function(images=images)}

    return Signature(function, {"image_bytes": _BYTES})


def _traced(signature: Signature) -> Callable[..., dict[str, tf.Tensor]]:
    names = list(signature.inputs)

    def function(*values: tf.Tensor) -> dict[str, tf.Tensor]:
        given = dict(zip(names, values, strict=True))
        return signature.function(**checks.checked(signature.inputs, given))

    specs = [checks.spec(n, wanted) for n, wanted in signature.inputs.items()]
    return tf.function(function, specs, autograph=False).get_concrete_function()
