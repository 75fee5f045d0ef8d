import numpy as np
import pytest
from PIL import Image

from tfdood.data.importers import picture_files


def _write(folder, split, class_name, file_name, image):
    path = folder / split / class_name
    path.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path / f"{file_name}.png")


def _image(ink_column, paper=0, size=8):
    image = np.full((size, size), paper, np.uint8)
    image[:, ink_column] = 255 - paper
    return image


@pytest.mark.parametrize("paper", [0, 255])
def test_classes_are_sorted_and_ink_is_white(tmp_path, paper):
    _write(tmp_path, "train", "b", "1", _image(1, paper))
    _write(tmp_path, "train", "a", "2", _image(2, paper))
    _write(tmp_path, "train", "b", "3", _image(3, paper))
    _write(tmp_path, "test", "c", "1", _image(4, paper))
    found = picture_files.read(tmp_path)
    assert found.class_names == ("a", "b", "c")
    assert found.labels["train"].tolist() == [0, 1, 1]
    assert found.labels["test"].tolist() == [2]
    expected = np.stack([_image(2), _image(1), _image(3)])
    np.testing.assert_array_equal(found.images["train"], expected)
    np.testing.assert_array_equal(found.images["test"], _image(4)[np.newaxis])


def test_folder_without_both_splits_gives_none(tmp_path):
    assert picture_files.read(tmp_path) is None
    _write(tmp_path, "train", "a", "1", _image(0))
    assert picture_files.read(tmp_path) is None


def test_paper_is_judged_by_the_mean_of_all_images(tmp_path):
    # One drawing is mostly ink; the others show that the paper is black.
    filled = np.full((8, 8), 255, np.uint8)
    for split in ("train", "test"):
        for number in range(3):
            _write(tmp_path, split, "a", str(number), _image(number))
    _write(tmp_path, "train", "b", "1", filled)
    found = picture_files.read(tmp_path)
    np.testing.assert_array_equal(found.images["train"][-1], filled)
    np.testing.assert_array_equal(found.images["test"][1], _image(1))


def test_colours_become_grey_values(tmp_path):
    colours = np.zeros((8, 8, 3), np.uint8)
    colours[0] = [255, 0, 0]
    colours[1] = [0, 255, 0]
    for split in ("train", "test"):
        _write(tmp_path, split, "a", "1", colours)
    image = picture_files.read(tmp_path).images["train"][0]
    # The luma of ITU-R BT.601.
    np.testing.assert_allclose(image[:3, 0], [76, 150, 0], atol=1)


def test_rectangular_images_raise(tmp_path):
    for split in ("train", "test"):
        _write(tmp_path, split, "a", "1", np.zeros((8, 9), np.uint8))
    with pytest.raises(ValueError, match="must be square, got 8 x 9 pixels"):
        picture_files.read(tmp_path)


def test_image_of_another_size_raises(tmp_path):
    _write(tmp_path, "train", "a", "1", _image(0))
    _write(tmp_path, "train", "a", "2", _image(0, size=9))
    _write(tmp_path, "test", "a", "1", _image(0))
    with pytest.raises(ValueError, match=r"2.png has the size \(9, 9\)"):
        picture_files.read(tmp_path)


def test_damaged_file_raises(tmp_path):
    for split in ("train", "test"):
        _write(tmp_path, split, "a", "1", _image(0))
    path = tmp_path / "train" / "a" / "1.png"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match="1.png is not a readable picture"):
        picture_files.read(tmp_path)


def test_damage_of_any_type_names_the_file(tmp_path, monkeypatch):
    def damaged(*arguments, **settings):
        raise TypeError("'float' object cannot be interpreted")

    for split in ("train", "test"):
        _write(tmp_path, split, "a", "1", _image(0))
    monkeypatch.setattr(Image.Image, "convert", damaged)
    with pytest.raises(ValueError, match="1.png is not a readable picture"):
        picture_files.read(tmp_path)


def test_transparent_pixels_are_paper(tmp_path):
    ink = _image(5)
    for split in ("train", "test"):
        path = tmp_path / split / "a" / "1.png"
        path.parent.mkdir(parents=True)
        black = np.zeros_like(ink)
        layers = np.stack([black, black, black, ink // 4], axis=-1)
        Image.fromarray(layers).save(path)
    found = picture_files.read(tmp_path)
    difference = found.images["train"][0].astype(int) - ink // 4
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("depth", [12, 16])
def test_values_of_more_than_eight_bits_are_scaled_together(tmp_path, depth):
    grey = np.linspace(0.0, 1.0, 256).reshape(16, 16)
    for split, brightness in (("train", 1.0), ("test", 0.25)):
        path = tmp_path / split / "a" / "1.png"
        path.parent.mkdir(parents=True)
        values = brightness * grey * (2**depth - 1)
        Image.fromarray(values.astype(np.uint16)).save(path)
    found = picture_files.read(tmp_path)
    for split, brightness in (("train", 255.0), ("test", 255.0 / 4)):
        np.testing.assert_allclose(
            found.images[split][0], brightness * grey, atol=1.1
        )


@pytest.mark.parametrize(
    "values", [np.full([9, 9], 0.4, np.float32), np.full([9, 9], 1 << 20)]
)
def test_floats_and_large_numbers_are_refused(tmp_path, values):
    for split in ("train", "test"):
        path = tmp_path / split / "a" / "1.tif"
        path.parent.mkdir(parents=True)
        is_float = values.dtype.kind == "f"
        Image.fromarray(values if is_float else np.int32(values)).save(path)
    with pytest.raises(ValueError, match=r"1.tif is not .* floats, or"):
        picture_files.read(tmp_path)


@pytest.mark.parametrize("suffix", [".PNG", ".jpg", ".JPEG", ".webp", ".Tif"])
def test_pictures_of_all_kinds_and_cases_are_read(tmp_path, suffix):
    filled = np.zeros((16, 16), np.uint8)
    filled[8:] = 200
    for split in ("train", "test"):
        _write(tmp_path, split, "a", "1", filled)
        Image.fromarray(255 - filled).save(
            tmp_path / split / "a" / f"2{suffix}"
        )
    found = picture_files.read(tmp_path)
    assert found.images["train"].shape == (2, 16, 16)
    np.testing.assert_array_equal(found.images["train"][0], filled)
    np.testing.assert_allclose(
        found.images["train"][1], 255.0 - filled, atol=12
    )


def test_files_that_are_no_pictures_are_named(tmp_path, caplog):
    for split in ("train", "test"):
        _write(tmp_path, split, "a", "1", _image(0))
    (tmp_path / "train" / "a" / "notes.txt").touch()
    (tmp_path / "train" / "a" / ".hidden").touch()
    _write(tmp_path, "train", ".thumbnails", "1", _image(0))
    found = picture_files.read(tmp_path)
    assert len(found.labels["train"]) == 1
    assert found.class_names == ("a",)
    assert "1 files are no pictures and were skipped: train/a/notes.txt" in (
        caplog.text
    )


def test_inversion_is_said(tmp_path, caplog):
    for split in ("train", "test"):
        _write(tmp_path, split, "a", "1", _image(2, paper=255))
    picture_files.read(tmp_path)
    assert "has black ink on white paper" in caplog.text
