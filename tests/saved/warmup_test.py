import shutil

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tfdood.saved import session as session_lib
from tfdood.saved import warmup

_REQUESTS = {
    "reconstruct": {"images": np.full([2, 6, 6, 1], 0.5, np.float32)},
    "complete": {
        "images": np.zeros([1, 6, 6, 1], np.float32),
        "seeds": np.array([[1, 2]], np.int32),
    },
}


def test_model_accepts_the_written_requests(model_dir, tmp_path, png):
    version = tmp_path / "1"
    shutil.copytree(model_dir / "10", version)
    data = np.array([png.read_bytes()], object)
    requests = {**_REQUESTS, "reconstruct_bytes": {"image_bytes": data}}
    path = warmup.write(version, requests)
    assert path == version / "assets.extra" / "tf_serving_warmup_requests"
    records = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    answered = []
    with session_lib.Session(version) as session:
        for record in records:
            log = prediction_log_pb2.PredictionLog.FromString(record)
            request = log.predict_log.request
            name = request.model_spec.signature_name
            inputs = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
            for key, value in requests[name].items():
                assert inputs[key].dtype == value.dtype
                np.testing.assert_array_equal(inputs[key], value)
            assert session.run(name, inputs)
            answered.append(name)
    assert answered == list(requests)


def test_second_write_replaces_the_file_by_an_equal_file(tmp_path):
    first = warmup.write(tmp_path, _REQUESTS).read_bytes()
    assert warmup.write(tmp_path, _REQUESTS).read_bytes() == first
