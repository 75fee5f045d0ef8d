import numpy as np
import pytest

from tfdood.saved import converted
from tfdood.sketching import running


def _samples(predict):
    return [
        predict("generate", {"seeds": np.int32([[seed, 0]])})["control_points"]
        for seed in (1, 1, 2)
    ]


def test_exported_models_run(short_export):
    opened = running.opened(str(short_export.path))
    assert (opened.image_size, opened.dataset) == (20, "mnist")
    first, again, other = _samples(opened.predict)
    assert len(first) == 1
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    with pytest.raises(ValueError, match="images") as refusal:
        opened.predict("reconstruct", {"images": np.ones([1, 3, 3, 1])})
    assert "\n" not in str(refusal.value)


def test_litert_files_run_row_by_row(
    short_export, converted_model, monkeypatch
):
    expected = running.opened(str(short_export.path))
    monkeypatch.setattr(converted, "folder", lambda *_: converted_model)
    opened = running.opened("pretrained:tiny")
    assert opened[1:] == expected[1:]
    images = np.random.default_rng(0).uniform(size=[3, 20, 20, 1])
    inputs = {"images": images.astype(np.float32)}
    found = opened.predict("reconstruct", inputs)
    for name, value in expected.predict("reconstruct", inputs).items():
        if name in found:
            np.testing.assert_allclose(found[name], value, atol=1e-3)
    first, again, other = _samples(opened.predict)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no model in"):
        running.opened(str(tmp_path))
