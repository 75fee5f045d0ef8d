"""Reads the requests by which TensorFlow Serving warms a model up."""

import pathlib

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tfdood.saved import warmup


def read(version: pathlib.Path) -> dict[str, dict[str, np.ndarray]]:
    """The inputs of each signature of an export that has a request."""
    found = {}
    for raw in tf.data.TFRecordDataset(str(version / warmup.FILE)):
        log = prediction_log_pb2.PredictionLog.FromString(raw.numpy())
        request = log.predict_log.request
        found[request.model_spec.signature_name] = {
            name: tf.make_ndarray(value)
            for name, value in request.inputs.items()
        }
    return found
