import subprocess
import sys

import numpy as np
import pytest


def test_the_command_says_what_it_did_or_what_is_wrong(tmp_path):
    images = np.zeros((3, 28, 28), np.uint8)
    labels = np.zeros(3, np.uint8)
    arrays = {"x_train": images, "y_train": labels}
    arrays |= {"x_test": images[:1], "y_test": labels[:1]}
    np.savez(tmp_path / "mnist.npz", **arrays)
    (tmp_path / "quickdraw10.npz").write_bytes(b"corrupt")
    command = [sys.executable, "-m", "tfdood.data.prepare"]
    command += [f"--source={tmp_path}", f"--data_dir={tmp_path}/out"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert "mnist: 3 train and 1 test drawings imported" in result.stdout
    assert result.returncode == 1
    message = result.stderr.strip().splitlines()[-1]
    assert "quickdraw10.npz is not a readable npz file" in message
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("flags", [[], ["--download", "--source=somewhere"]])
def test_either_imports_or_downloads(flags):
    command = [sys.executable, "-m", "tfdood.data.prepare", *flags]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    message = result.stderr.strip().splitlines()[-1]
    assert message == "Give either --source=DIR or --download."
