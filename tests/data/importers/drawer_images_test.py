import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from tfdood.data.importers import drawer_images


def _images(count):
    return np.random.default_rng(0).random([count, 105, 105]) < 0.1


def _pack(images):
    return np.packbits(images.reshape(len(images), -1), axis=1)


def _write_npz(folder, images):
    folder.mkdir(exist_ok=True)
    np.savez(
        folder / "omniglot.npz",
        background_class_id=[3, 964],
        background_drawer=[20, 1],
        background_images_packed=_pack(images),
    )


def _write_archive(path, images_by_name):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images_background/readme.md", "nothing")
        for name, ink in images_by_name.items():
            png = io.BytesIO()
            Image.fromarray(~ink).save(png, "PNG")  # 1 bit, black ink
            archive.writestr(f"images_background/Greek/{name}", png.getvalue())


def _assert_equal(found, images):
    assert list(found) == [(3, 20), (964, 1)]
    np.testing.assert_array_equal(np.stack([*found.values()]), _pack(images))


@pytest.mark.parametrize("subfolder", [".", "omniglot"])
def test_npz_file_is_read_by_class_and_drawer(tmp_path, subfolder):
    images = _images(2)
    _write_npz(tmp_path / subfolder, images)
    _assert_equal(drawer_images.read(tmp_path), images)


def test_published_archives_are_joined(tmp_path):
    images = _images(2)
    for number, name in ((1, "0003_20.png"), (2, "0964_01.png")):
        _write_archive(
            tmp_path / f"images_background_small{number}.zip",
            {f"character07/{name}": images[number - 1]},
        )
    _assert_equal(drawer_images.read(tmp_path), images)


def test_archives_are_read_if_the_npz_file_does_not_say_who_drew(tmp_path):
    images = _images(2)
    np.savez(tmp_path / "omniglot.npz", background_class_id=[3, 964])
    for number, name in ((1, "0003_20.png"), (2, "0964_01.png")):
        _write_archive(
            tmp_path / f"images_background_small{number}.zip",
            {f"character07/{name}": images[number - 1]},
        )
    _assert_equal(drawer_images.read(tmp_path), images)


def test_absent_files_raise(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"omniglot\.npz or images_"):
        drawer_images.read(tmp_path)


def test_npz_file_without_drawers_raises(tmp_path):
    np.savez(tmp_path / "omniglot.npz", background_class_id=[1])
    with pytest.raises(ValueError, match="background_drawer, .*; add them"):
        drawer_images.read(tmp_path)


def test_damaged_archive_raises(tmp_path):
    path = tmp_path / "images_background.zip"
    _write_archive(path, {"0003_20.png": _images(1)[0]})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"background\.zip is not a readable"):
        drawer_images.read(tmp_path)
