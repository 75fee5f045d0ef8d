import io
import zipfile

import numpy as np
import pytest
from absl import logging
from PIL import Image

from tfdood.data.importers import omniglot_archives


def _ink(seed):
    return np.random.default_rng(seed).random([105, 105]) < 0.1


def _write(folder, part, names):
    """Writes an archive of a drawing a name, numbered from 0."""
    with zipfile.ZipFile(folder / f"images_{part}.zip", "w") as archive:
        archive.writestr(f"images_{part}/readme.md", "nothing")
        archive.writestr(f"images_{part}/._hidden.png", "nothing")
        for seed, name in enumerate(names):
            png = io.BytesIO()
            Image.fromarray(~_ink(seed)).save(png, "PNG")  # 1 bit, black ink
            archive.writestr(f"images_{part}/{name}", png.getvalue())


_BACKGROUND = (
    "Greek/character01/0003_01.png",
    "Greek/character02/0004_01.png",
    "Greek/character02/0004_02.png",
)


def test_published_archives_are_read(tmp_path):
    _write(tmp_path, "background", _BACKGROUND)
    _write(tmp_path, "evaluation", ["Keble/character12/0970_20.png"])
    found = omniglot_archives.read("omniglot", tmp_path)
    assert found.class_names == ("Greek_0", "Greek_1", "Keble_11")
    assert found.labels["train"].tolist() == [0, 1, 1]
    assert found.labels["test"].tolist() == [2]
    np.testing.assert_array_equal(
        found.images["train"], [255 * _ink(seed) for seed in range(3)]
    )
    np.testing.assert_array_equal(found.images["test"], [255 * _ink(0)])
    assert found.origin == tmp_path


def test_one_archive_alone_is_none_and_said(tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr(
        logging, "warning", lambda text, *args: lines.append(text % args)
    )
    assert omniglot_archives.read("omniglot", tmp_path) is None
    assert not lines
    _write(tmp_path, "background", _BACKGROUND)
    assert omniglot_archives.read("omniglot", tmp_path) is None
    (line,) = lines
    assert "images_evaluation.zip is missing, and both" in line
    assert omniglot_archives.read("mnist", tmp_path) is None
    assert len(lines) == 1


def test_archive_without_images_raises(tmp_path):
    _write(tmp_path, "background", ["0003_01.png"])
    _write(tmp_path, "evaluation", _BACKGROUND)
    with pytest.raises(ValueError, match=r"background\.zip must hold images"):
        omniglot_archives.read("omniglot", tmp_path)


@pytest.mark.parametrize("kept", [0, 40, -30])
def test_damaged_archive_raises(tmp_path, kept):
    for part in ("background", "evaluation"):
        _write(tmp_path, part, _BACKGROUND)
    path = tmp_path / "images_evaluation.zip"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"evaluation\.zip is not a readable"):
        omniglot_archives.read("omniglot", tmp_path)


@pytest.mark.parametrize("is_bomb", [False, True])
def test_damaged_image_raises(tmp_path, is_bomb, monkeypatch):
    content = io.BytesIO(b"nothing")
    if is_bomb:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
        Image.new("1", (50, 50)).save(content, "PNG")
    path = tmp_path / "images.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", content.getvalue())
    with pytest.raises(ValueError, match=r"images\.zip is not a readable"):
        list(omniglot_archives.inked(path))
