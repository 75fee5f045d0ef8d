import numpy as np
import pytest
from PIL import Image

from tfdood.data.importers import png_files


def _write(folder, split, class_name, file_name, image):
    path = folder / split / class_name
    path.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path / f"{file_name}.png")


def _image(ink_column, paper=0, size=8):
    image = np.full((size, size), paper, np.uint8)
    image[:, ink_column] = 255 - paper
    return image


@pytest.mark.parametrize("paper", [0, 255])
def test_reads_classes_in_order_white_on_black(tmp_path, paper):
    _write(tmp_path, "train", "b", "1", _image(1, paper))
    _write(tmp_path, "train", "a", "2", _image(2, paper))
    _write(tmp_path, "train", "b", "3", _image(3, paper))
    _write(tmp_path, "test", "c", "1", _image(4, paper))
    found = png_files.read("mnist", tmp_path)
    assert found.class_names == ("a", "b", "c")
    assert found.labels["train"].tolist() == [0, 1, 1]
    assert found.labels["test"].tolist() == [2]
    expected = np.stack([_image(2), _image(1), _image(3)])
    np.testing.assert_array_equal(found.images["train"], expected)
    np.testing.assert_array_equal(found.images["test"], _image(4)[np.newaxis])


def test_needs_both_splits(tmp_path):
    assert png_files.read("mnist", tmp_path) is None
    _write(tmp_path, "train", "a", "1", _image(0))
    assert png_files.read("mnist", tmp_path) is None


def test_another_size_is_named(tmp_path):
    _write(tmp_path, "train", "a", "1", _image(0))
    _write(tmp_path, "train", "a", "2", _image(0, size=9))
    _write(tmp_path, "test", "a", "1", _image(0))
    with pytest.raises(ValueError, match=r"2.png has the size \(9, 9\)"):
        png_files.read("mnist", tmp_path)


def test_a_corrupt_file_is_named(tmp_path):
    for split in ("train", "test"):
        _write(tmp_path, split, "a", "1", _image(0))
    path = tmp_path / "train" / "a" / "1.png"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match="1.png is not a readable PNG"):
        png_files.read("mnist", tmp_path)


def test_what_is_transparent_is_paper(tmp_path):
    ink = _image(5)
    for split in ("train", "test"):
        path = tmp_path / split / "a" / "1.png"
        path.parent.mkdir(parents=True)
        black = np.zeros_like(ink)
        layers = np.stack([black, black, black, ink // 4], axis=-1)
        Image.fromarray(layers).save(path)
    found = png_files.read("mnist", tmp_path)
    difference = found.images["train"][0].astype(int) - ink // 4
    assert np.abs(difference).max() <= 1


def test_sixteen_bits_a_pixel_are_scaled_to_eight(tmp_path):
    grey = _image(5)
    for split in ("train", "test"):
        path = tmp_path / split / "a" / "1.png"
        path.parent.mkdir(parents=True)
        Image.fromarray(grey.astype(np.uint16) // 4 * 257).save(path)
    found = png_files.read("mnist", tmp_path)
    np.testing.assert_array_equal(found.images["test"][0], grey // 4)
