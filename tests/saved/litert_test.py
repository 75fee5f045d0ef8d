import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest

from tfdood.saved import litert

_ALONE = """
import sys
import numpy as np
from tfdood.saved import litert

model = litert.LiteRTModel(sys.argv[1])
size = model.image_size
images = np.zeros([1, size, size, 1], np.float32)
noise = model.noise("complete", 3)
drawing = model.run("complete", {"images": images, **noise})
assert drawing["canvas"].shape == images.shape
print(sorted({"tensorflow", "keras", "scipy", "PIL"} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def model(converted_model):
    return litert.LiteRTModel(converted_model)


def test_nothing_large_is_imported(converted_model):
    result = subprocess.run(
        [sys.executable, "-c", _ALONE, str(converted_model)],
        cwd=pathlib.Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "[]\n"


def test_equal_seeds_give_equal_numbers_of_the_right_kind(model):
    noise = model.noise("generate", 5)
    for name, array in model.noise("generate", 5).items():
        np.testing.assert_array_equal(noise[name], array)
    other = model.noise("generate", 6)
    assert (noise["normal"] != other["normal"]).all()
    assert 0.0 <= noise["uniform"].min() < noise["uniform"].max() < 1.0
    assert noise["normal"].min() < 0.0
    assert model.noise("reconstruct", 5) == {}


def _images(value=0.0, shape=(1, 20, 20, 1)):
    return {"images": np.full(shape, value, np.float32)}


@pytest.mark.parametrize(
    ("signature", "inputs", "message"),
    [
        ("parse", {}, "no signature 'parse'; it has complete, exemplars"),
        ("reconstruct", {}, "inputs of reconstruct are images, got none"),
        ("reconstruct", {"image": 1}, "are images, got image"),
        ("reconstruct", _images(shape=(20, 20)), r"20, 1\], got \[20, 20\]"),
        ("reconstruct", _images(2.0), "in .0, 1., got values from 2 to 2"),
        ("reconstruct", _images(np.nan), "in .0, 1., got values from nan"),
    ],
)
def test_bad_input_is_refused(model, signature, inputs, message):
    with pytest.raises(ValueError, match=message):
        model.run(signature, inputs)


def test_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="--litert"):
        litert.LiteRTModel(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no description"),
        ("[]", "no description"),
        ('{"format": 99, "image_size": 1, "signatures": {}}', "got 99"),
        ('{"format": 2, "image_size": 1}', "it lacks dataset, signatures"),
    ],
)
def test_damaged_description_is_refused(tmp_path, text, message):
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        litert.LiteRTModel(tmp_path)


def test_files_without_a_digest_are_not_complete(tmp_path):
    description = json.dumps(
        {
            "format": 2,
            "image_size": 1,
            "dataset": "mnist",
            "signatures": {"reconstruct": {}},
        }
    )
    (tmp_path / "model.json").write_text(description)
    assert not litert.is_complete(tmp_path)


@pytest.mark.parametrize("place", [0, -1])
def test_damaged_file_is_refused(converted_model, tmp_path, place):
    folder = tmp_path / "litert"
    shutil.copytree(converted_model, folder)
    assert litert.is_complete(folder)
    content = bytearray((folder / "reconstruct.tflite").read_bytes())
    content[place] ^= 1
    (folder / "reconstruct.tflite").write_bytes(content)
    assert not litert.is_complete(folder)
    with pytest.raises(ValueError, match="not the file that was exported. Exp"):
        litert.LiteRTModel(folder).run("reconstruct", _images())


def test_random_numbers_out_of_range_are_refused(model):
    noise = model.noise("generate", 0)
    full = np.ones_like(noise["uniform"])
    with pytest.raises(ValueError, match=r"uniform must be in \[0, 1\), got"):
        model.run("generate", noise | {"uniform": full})
    noise["normal"].flat[0] = np.inf
    with pytest.raises(ValueError, match="normal must be finite, got values"):
        model.run("generate", noise)


def test_nothing_is_written_to_stderr(converted_model):
    code = (
        "import sys; import numpy as np; from tfdood.saved import litert; "
        "model = litert.LiteRTModel(sys.argv[1]); "
        "images = np.zeros([1, 20, 20, 1], np.float32); "
        "model.run('reconstruct', {'images': images})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(converted_model)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (result.stdout, result.stderr) == ("", "")


def test_threads_that_load_models_leave_stderr_as_it_is(converted_model):
    before = os.fstat(2)

    def load(_):
        model = litert.LiteRTModel(converted_model)
        images = np.zeros([1, model.image_size, model.image_size, 1])
        return model.run("reconstruct", {"images": images.astype(np.float32)})

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(load, range(32)))
    after = os.fstat(2)
    assert (after.st_dev, after.st_ino) == (before.st_dev, before.st_ino)


def test_threads_get_the_answers_to_their_own_questions(model):
    size = model.image_size
    images = np.random.default_rng(0).random([4, 1, size, size, 1], np.float32)
    noise = model.noise("complete", 3)

    def run(number):
        inputs = {"images": images[number % 4], **noise}
        return model.run("complete", inputs)["canvas"]

    expected = [run(number) for number in range(4)]
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        found = list(threads.map(run, range(48)))
    for number, canvas in enumerate(found):
        # The same route, repeated: exact.
        np.testing.assert_array_equal(canvas, expected[number % 4])
