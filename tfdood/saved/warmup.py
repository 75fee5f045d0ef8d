"""Warm-up requests, which TensorFlow Serving runs before it serves a model."""

import os
import pathlib
from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from absl import logging

FILE = "assets.extra/tf_serving_warmup_requests"


def write(
    version_dir: str | os.PathLike,
    requests: Mapping[str, Mapping[str, np.ndarray]],
) -> pathlib.Path | None:
    """Writes one request for each signature into the folder of a SavedModel.

    The file `assets.extra/tf_serving_warmup_requests` is a TFRecord of
    `PredictionLog`. It is only written if the package tensorflow-serving-api is
    installed.

    Args:
        version_dir: the folder of the SavedModel.
        requests: for each signature, the input arrays by name; strings are
            `bytes`.

    Returns:
        The path of the file; None if it was not written.

    Raises:
        OSError: If the folder cannot be written.
    """
    try:
        from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
    except ModuleNotFoundError:
        logging.info(
            "No warm-up requests for TensorFlow Serving were written. To write "
            "them, run pip install '.[serving]' in the repository first."
        )
        return None
    path = pathlib.Path(version_dir) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in requests.items():
            request = predict_pb2.PredictRequest()
            request.model_spec.signature_name = signature
            for name, array in inputs.items():
                request.inputs[name].CopyFrom(tf.make_tensor_proto(array))
            log = prediction_log_pb2.PredictionLog(
                predict_log=prediction_log_pb2.PredictLog(request=request)
            )
            writer.write(log.SerializeToString())
    return path
