"""Trains the models of `tfdood`.

TensorFlow's start-up messages are silenced here, before it is imported; set
`TF_CPP_MIN_LOG_LEVEL=0` to see them.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
