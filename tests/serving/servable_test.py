import numpy as np
import pytest
import tensorflow as tf

from tests.serving import servable
from tfdood.saved import session as session_lib

_SERVED = servable.Servable("dood", 3, session=None)


@pytest.mark.parametrize("version", [None, 3])
def test_own_model_and_version_are_served(version):
    _SERVED.check("dood", version)


@pytest.mark.parametrize(
    ("name", "version", "asked"),
    [("dood", 2, r"Specific\(dood, 2\)"), ("air", None, r"Latest\(air\)")],
)
def test_other_models_and_versions_are_not_found(name, version, asked):
    with pytest.raises(session_lib.Error, match=asked) as raised:
        _SERVED.check(name, version)
    assert raised.value.code == "NOT_FOUND"


def test_status_has_the_version():
    (served,) = _SERVED.status().model_version_status
    assert served.version == 3
    assert served.State.Name(served.state) == "AVAILABLE"


def test_dtypes_of_numpy_and_tensorflow_agree():
    assert servable.tf_dtype(np.dtype(np.float32)) == tf.float32
    assert servable.tf_dtype(session_lib.STRING) == tf.string


def test_folder_without_versions_is_not_found(tmp_path):
    with (
        pytest.raises(
            session_lib.Error, match="holds no exported model"
        ) as raised,
        servable.newest(tmp_path),
    ):
        pass
    assert raised.value.code == "NOT_FOUND"
