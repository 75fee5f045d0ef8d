import io
import pathlib
import zipfile

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from tfdood import data
from tfdood.data import alphabets, pen_strokes, strokes
from tfdood.data.builders import omniglot_strokes
from tfdood.drawing.curves import bspline

_CLASS_IDS = (1, 2, 178, 108)  # for training, twice, validation and testing


def _drawing(class_id, drawer):
    rng = np.random.default_rng([class_id, drawer])
    lines = [np.linspace(*rng.uniform(0.1, 0.9, (2, 2)), 9) for _ in range(2)]
    ink = np.arange(105 * 105) == 100 * drawer + class_id
    dot = rng.uniform(0.1, 0.9, (1, 2))
    return pen_strokes.PenDrawing(
        [*lines, dot], class_id, drawer, drawer % 2 == 0, np.packbits(ink)
    )


@pytest.fixture(name="drawings", scope="module")
def _drawings():
    """Drawings of several alphabets; the last has too many strokes."""
    drawings = [_drawing(k, drawer) for k in _CLASS_IDS for drawer in (1, 2, 3)]
    drawings[-1] = drawings[-1]._replace(strokes=drawings[-1].strokes * 4)
    return drawings


@pytest.fixture(name="folder", scope="module")
def _folder(drawings, tmp_path_factory):
    """The data folder, with the prepared dataset."""
    folder = tmp_path_factory.mktemp("data")
    pen_strokes.write(drawings, folder)
    omniglot_strokes.OmniglotStrokes(data_dir=folder).download_and_prepare()
    return str(folder)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_strokes_of_the_data_folder_read_back(folder, drawings, split):
    splits = alphabets.split_of_strokes(
        np.array([drawing.class_id for drawing in drawings])
    )
    expected = [drawings[row] for row in np.flatnonzero(splits == split)]
    expected = [row for row in expected if len(row.strokes) <= 10]
    found = data.read_strokes(split, data_dir=folder)
    assert len(found.labels) == len(expected) > 0
    assert found.labels.tolist() == [row.class_id - 1 for row in expected]
    assert found.exact.tolist() == [row.exact for row in expected]
    np.testing.assert_array_equal(found.images, pen_strokes.images(expected))
    splines = strokes.fit([row.strokes for row in expected])
    for row, own in enumerate(splines):
        assert (found.num_control_points[row] > 0).sum() == len(own)
        for place, spline in enumerate(own):
            number = found.num_control_points[row, place]
            got = found.control_points[row, place, :number]
            np.testing.assert_allclose(got, spline, atol=1e-4)
    assert not found.is_sample


def test_drawings_of_too_many_strokes_are_left_out_and_counted(folder):
    found = data.read_strokes("test", data_dir=folder)
    assert found.source == (
        "prepared TFDS folder omniglot_strokes/1.0.0 (3 validation / 6 train / "
        "3 test), 2 of 3 test drawings, those of at most 10 strokes of at most "
        "24 control points"
    )


@pytest.mark.parametrize("is_relative", [False, True])
def test_published_archives_of_the_manual_folder_are_read(
    tmp_path, monkeypatch, is_relative
):
    if is_relative:
        monkeypatch.chdir(tmp_path)
        tmp_path = pathlib.Path()
    manual = tmp_path / "manual"
    manual.mkdir()
    with zipfile.ZipFile(manual / "strokes_background.zip", "w") as archive:
        archive.writestr(
            "strokes_background/Latin/0001_02.txt",
            "START\n10,-20,0\n40,-20,50\nBREAK\n50,-60,90\nBREAK\n",
        )
    image = np.full([105, 105], 255, np.uint8)
    image[20, 10:41] = 0
    with zipfile.ZipFile(manual / "images_background.zip", "w") as archive:
        png = io.BytesIO()
        Image.fromarray(image).convert("1").save(png, "PNG")
        archive.writestr("Latin/0001_02.png", png.getvalue())
    builder = omniglot_strokes.OmniglotStrokes(data_dir=tmp_path)
    config = tfds.download.DownloadConfig(manual_dir=manual)
    builder.download_and_prepare(download_config=config)
    found = data.read_strokes("train", data_dir=str(tmp_path))
    assert found.labels.tolist() == [0]
    assert found.exact.tolist() == [True]
    assert found.num_control_points[0].tolist() == [2, 1, *[0] * 8]
    curve = bspline.basis(2, 2) @ found.control_points[0, 0, :2]
    np.testing.assert_allclose(curve, [[10.5, 20.5], [40.5, 20.5]], atol=0.5)
    np.testing.assert_allclose(found.control_points[0, 1, 0], [50.5, 60.5])
    np.testing.assert_array_equal(found.images[0, ..., 0], 255 - image)
    [drawing] = pen_strokes.read(str(tmp_path))
    assert (drawing.class_id, drawing.drawer, drawing.exact) == (1, 2, True)
    assert list(map(len, drawing.strokes)) == [2, 1]


def test_a_missing_split_says_so(tmp_path):
    pen_strokes.write([_drawing(1, 1)], tmp_path)
    omniglot_strokes.OmniglotStrokes(data_dir=tmp_path).download_and_prepare()
    with pytest.raises(
        ValueError, match="1.0.0 have no test drawings, only those"
    ):
        data.read_strokes("test", data_dir=str(tmp_path))
