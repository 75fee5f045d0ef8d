import pathlib

import numpy as np
import pytest

from tfdood.data import pen_strokes
from tfdood.data.importers import pen_stroke_files
from tfdood.data.pen_strokes import PenDrawing

_SHARED = pathlib.Path(__file__).parents[3] / "shared" / "data"

_LINE = np.array([[0.2, 0.5], [0.8, 0.5]])
_DOT = np.array([[0.5, 0.1]])


def _drawing(class_id, drawer, *strokes, exact=True, ink=0):
    """A drawing; the image has one pixel of ink."""
    bits = np.arange(105 * 105) == ink
    packed = np.packbits(bits)
    return PenDrawing(list(strokes), class_id, drawer, exact, packed)


def _write(folder, *drawings):
    return pen_strokes.write(drawings, folder)


def test_written_drawings_read_back_sorted(tmp_path):
    written = [
        _drawing(9, 2, _LINE[::-1], ink=3, exact=False),
        _drawing(9, 1, _DOT),
        _drawing(4, 7, _DOT, _LINE, ink=200),
    ]
    assert _write(tmp_path, *written) == tmp_path / pen_strokes.FILE
    found = pen_strokes.read(str(tmp_path))
    assert [(d.class_id, d.drawer) for d in found] == [(4, 7), (9, 1), (9, 2)]
    for drawing, original in zip(found, written[::-1], strict=True):
        assert drawing.exact is original.exact
        for ours, theirs in zip(drawing.strokes, original.strokes, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        np.testing.assert_array_equal(
            drawing.packed_image, original.packed_image
        )


def test_the_file_has_the_arrays_that_are_named(tmp_path):
    path = _write(tmp_path, _drawing(9, 2, _DOT, _LINE))
    with np.load(path) as arrays:
        assert tuple(arrays) == pen_strokes.ARRAYS
        assert arrays["stroke_start"].tolist() == [0, 1, 3]
        assert arrays["drawing_start"].tolist() == [0, 2]


def test_images_are_unpacked(tmp_path):
    pixels = (0, 106, 105 * 105 - 1)
    drawings = [_drawing(1, i, _DOT, ink=x) for i, x in enumerate(pixels)]
    images = pen_strokes.images(drawings)
    assert images.shape == (3, 105, 105, 1) and images.dtype == np.uint8
    assert images.sum((1, 2, 3)).tolist() == [255] * 3
    assert [images[0, 0, 0], images[1, 1, 1], images[2, -1, -1]] == [[255]] * 3


def test_default_folder_is_that_of_tfds(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    _write(tmp_path, _drawing(9, 2, _LINE))
    assert len(pen_strokes.read(None)) == 1


def test_interrupted_write_keeps_the_old_file(tmp_path, monkeypatch):
    _write(tmp_path, _drawing(9, 2, _LINE))

    def interrupted(file, **_):
        file.write(b"half of a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _write(tmp_path, _drawing(4, 1, _DOT))
    (drawing,) = pen_strokes.read(str(tmp_path))
    assert drawing.class_id == 9


def _share_on_ink(drawings, images):
    """The mean share of points whose pixel has ink in the image."""
    shares = []
    for drawing, image in zip(drawings, images, strict=True):
        x, y = np.concatenate(drawing.strokes).T * 105
        pixels = (np.clip(v, 0, 104).astype(int) for v in (y, x))
        shares.append((image[tuple(pixels)] > 0).mean())
    return np.mean(shares)


@pytest.mark.skipif(
    not _SHARED.exists(), reason="needs the npz files of ../shared/data"
)
def test_strokes_lie_on_the_ink_of_their_own_image():
    drawings = pen_stroke_files.read(_SHARED)
    assert len(drawings) == 18_598
    for is_exact in (True, False):
        some = [d for d in drawings if d.exact == is_exact][::40]
        images = pen_strokes.images(some)
        assert _share_on_ink(some, images) > 0.99
        # Of other drawings, and three pixels too far to any side.
        assert _share_on_ink(some, np.roll(images, 1, 0)) < 0.4
        for shift, axis in ((3, 1), (-3, 1), (3, 2), (-3, 2)):
            moved = np.roll(images, shift, axis)
            assert _share_on_ink(some, moved) < 0.9


def test_missing_file_raises(tmp_path):
    with pytest.raises(FileNotFoundError, match=pen_strokes.FILE) as error:
        pen_strokes.read(str(tmp_path))
    assert "tfdood.data.prepare" in str(error.value)


def test_a_file_without_images_is_to_be_made_again(tmp_path):
    np.savez(tmp_path / pen_strokes.FILE, points=np.zeros([2, 3]), drawer=[1])
    with pytest.raises(
        ValueError, match="exact, images, got points, drawer; .*prepare"
    ):
        pen_strokes.read(str(tmp_path))


def test_damaged_file_raises(tmp_path):
    (tmp_path / pen_strokes.FILE).write_bytes(b"no zip")
    with pytest.raises(ValueError, match=f"{pen_strokes.FILE} is not a read"):
        pen_strokes.read(str(tmp_path))
