import subprocess
import sys


def test_tensorflow_says_nothing():
    code = "import tfdood.quiet, tensorflow as tf; print(int(tf.add(1, 1)))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (result.stdout, result.stderr) == ("2\n", "")
