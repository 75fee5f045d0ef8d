import os
import pathlib
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).parents[1]
_STAND_IN = """
from unittest import mock

config, get_logger = mock.Mock(), mock.Mock()
"""


def _import(folder, code="", **variables):
    """Imports the module with a module in place of TensorFlow."""
    paths = os.pathsep.join([str(folder), str(_ROOT)])
    environment = os.environ | {"PYTHONPATH": paths}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    return subprocess.run(
        [sys.executable, "-c", f"import tfdood.quiet; {code}"],
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (
            'os.write(2, b"No driver.\\n"); raise ImportError("No library")',
            "No driver.\nTraceback",
        ),
        ("os.abort()", "Fatal Python error: Aborted"),
    ],
)
def test_crash_of_tensorflow_is_shown(tmp_path, start, message):
    (tmp_path / "tensorflow.py").write_text(f"import os\n{start}\n")
    for setting in ("", "1"):
        result = _import(tmp_path, PYTHONFAULTHANDLER=setting)
        assert result.returncode != 0
        assert message in result.stderr


def test_a_crash_handler_of_the_user_stays(tmp_path):
    (tmp_path / "tensorflow.py").write_text(_STAND_IN)
    code = "import faulthandler; print(faulthandler.is_enabled())"
    for setting, expected in (("1", "True\n"), ("", "False\n")):
        result = _import(tmp_path, code, PYTHONFAULTHANDLER=setting)
        assert (result.returncode, result.stdout) == (0, expected)


def test_messages_of_tensorflow_can_be_shown(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        f'{_STAND_IN}\nimport os; os.write(2, b"Hi.\\n")'
    )
    for level, shown in (("0", "Hi.\n"), ("1", "")):
        result = _import(tmp_path, TF_CPP_MIN_LOG_LEVEL=level)
        assert (result.returncode, result.stderr) == (0, shown)


def test_tensors_are_multiplied_with_all_bits():
    code = """
import importlib, os
import tensorflow as tf
for module in ("quiet", "layers", "models", "saved.session"):
    if not os.fork():
        importlib.import_module(f"tfdood.{module}")
        os._exit(tf.config.experimental.tensor_float_32_execution_enabled())
    assert os.wait()[1] == 0, module
"""
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, cwd=_ROOT, timeout=120)
