"""Silences TensorFlow's own messages; to be imported before anything else.

For commands only. Set `TF_CPP_MIN_LOG_LEVEL=0` to see the messages.
"""

import os

if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "0":
    _stderr = os.dup(2)
    with open(os.devnull, "w") as _nowhere:
        os.dup2(_nowhere.fileno(), 2)
    try:
        import tensorflow  # noqa: F401
    finally:
        os.dup2(_stderr, 2)
        os.close(_stderr)
