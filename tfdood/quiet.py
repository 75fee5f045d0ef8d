"""Imports TensorFlow, and hides its messages.

A command that needs TensorFlow imports this module before all others. Set
`TF_CPP_MIN_LOG_LEVEL=0` to show the messages.
"""

import faulthandler
import logging
import os
import tempfile
from types import ModuleType


def _tensorflow() -> ModuleType:
    """Imports TensorFlow; shows its messages only if the import fails."""
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "0":
        import tensorflow

        return tensorflow
    stderr = os.dup(2)
    was_enabled = faulthandler.is_enabled()
    faulthandler.enable(stderr)  # A crash still prints its traceback.
    with tempfile.TemporaryFile() as messages:
        os.dup2(messages.fileno(), 2)
        try:
            import tensorflow
        except BaseException:
            messages.seek(0)
            os.write(stderr, messages.read())
            raise
        finally:
            os.dup2(stderr, 2)
            faulthandler.disable()
            if was_enabled:
                faulthandler.enable(2)
            os.close(stderr)
    return tensorflow


_tf = _tensorflow()
_tf.get_logger().setLevel(logging.WARNING)
# By default, GPUs round factors to ten bits, which misplaces strokes.
_tf.config.experimental.enable_tensor_float_32_execution(enabled=False)
