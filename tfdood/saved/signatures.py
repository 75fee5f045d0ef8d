"""The signatures of an exported model.

They are the signatures that the model lists, with checks of the inputs, and one
for encoded pictures. A row of an input is a drawing. Each row has its own seed,
so that a server may put the rows of several requests into one batch.
`docs/serving.md` lists the inputs and outputs.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfdood.models import Model
from tfdood.models.signature import Input, Signature
from tfdood.saved import checks, pictures

DEFAULT = "serving_default"
"""The signature that a server runs if the request does not name one."""

_BYTES = Input((), tf.string)


def build(model: Model, num_particles: int) -> tuple[tf.Module, dict[str, Any]]:
    """Makes the module and the signatures for `tf.saved_model.save`.

    A model that lists the signature `reconstruct` gets two more signatures:
    `reconstruct_bytes`, whose input is encoded pictures, and the default
    signature, which is `reconstruct`.

    Args:
        model: the model to export.
        num_particles: the number of samples of the importance weighted bound,
            at least 1.

    Returns:
        A pair: a module that has the variables and a function for each
        signature, and the signatures by name.
    """
    module = tf.Module()
    # A tf.Module does not find variables in Keras layers, and only the Python
    # loader restores the values of saved Keras layers.
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
    """Makes the same signature for encoded pictures of any size."""
    size, _, channels = reconstruct.inputs["images"].shape
    read = pictures.read if channels == 1 else pictures.read_in_colour

    def function(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        images = read(image_bytes, size)
        return {"image": images, **reconstruct.function(images=images)}

    return Signature(function, {"image_bytes": _BYTES})


def _traced(signature: Signature) -> Callable[..., dict[str, tf.Tensor]]:
    names = list(signature.inputs)

    def function(*values: tf.Tensor) -> dict[str, tf.Tensor]:
        given = dict(zip(names, values, strict=True))
        return signature.function(**checks.checked(signature.inputs, given))

    specs = [checks.spec(n, wanted) for n, wanted in signature.inputs.items()]
    return tf.function(function, specs, autograph=False).get_concrete_function()
