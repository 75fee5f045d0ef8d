import os
import warnings

import numpy as np
import pytest
from absl import logging
from PIL import Image, ImageDraw

from tfdood.data import folders

_SIZE = 20


@pytest.fixture(autouse=True)
def _log(monkeypatch):
    """What the log says of what was read."""
    lines = []
    for level in ("info", "warning"):
        monkeypatch.setattr(
            logging, level, lambda text, *args: lines.append(text % args)
        )
    return lines


def _write(path, box=(10, 10, 49, 29), ink=0, paper=255, size=(80, 60)):
    """Writes a picture of a filled rectangle; both corners are ink."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", size, (paper, paper, paper))
    ImageDraw.Draw(picture).rectangle(box, fill=(ink, ink, ink))
    picture.save(path)


def _fill(folder, count, start=0):
    """Writes rectangles of different widths; gives their names."""
    for number in range(start, start + count):
        _write(folder / f"{number:03d}.png", (10, 10, 30 + number, 29))


def _all(folder, image_size=_SIZE):
    return {
        split: folders.read(folder, split, image_size)
        for split in ("train", "validation", "test")
    }


def test_pictures_of_one_folder_are_one_class(tmp_path):
    _fill(tmp_path, 30)
    sets = _all(tmp_path)
    assert [len(part.labels) for part in sets.values()] == [24, 3, 3]
    for part in sets.values():
        assert part.class_names == ("drawing",)
        assert part.images.shape == (len(part.labels), _SIZE, _SIZE, 1)
        assert part.images.dtype == np.uint8
        assert not part.is_sample
    # Each picture is in one split.
    together = np.concatenate([part.images for part in sets.values()])
    assert len(np.unique(together, axis=0)) == 30


def test_folders_are_classes_in_the_order_of_their_names(tmp_path):
    for name, count in (("dogs", 20), ("cats", 30), ("empty", 0)):
        (tmp_path / name).mkdir()
        _fill(tmp_path / name, count)
    sets = _all(tmp_path)
    assert sets["train"].class_names == ("cats", "dogs")
    counts = {k: np.bincount(v.labels).tolist() for k, v in sets.items()}
    # A tenth of each class for testing, a tenth of the rest for validation.
    assert counts["test"] == [3, 2]
    assert counts["validation"] == [3, 2]
    assert counts["train"] == [24, 16]
    assert np.all(np.diff(sets["train"].labels) >= 0)


def test_folders_of_splits_are_kept(tmp_path):
    _fill(tmp_path / "train" / "a", 10)
    _fill(tmp_path / "train" / "b", 10)
    _fill(tmp_path / "test" / "b", 4, start=10)
    sets = _all(tmp_path)
    assert [len(part.labels) for part in sets.values()] == [18, 2, 4]
    assert sets["test"].class_names == ("a", "b")
    assert set(sets["test"].labels) == {1}
    _fill(tmp_path / "validation" / "a", 3, start=20)
    sets = _all(tmp_path)
    assert [len(part.labels) for part in sets.values()] == [20, 3, 4]


def test_folders_of_splits_need_no_classes(tmp_path):
    _fill(tmp_path / "train", 10)
    _fill(tmp_path / "test", 4, start=10)
    sets = _all(tmp_path)
    assert [len(part.labels) for part in sets.values()] == [9, 1, 4]
    assert sets["train"].class_names == ("drawing",)


def test_test_drawings_are_taken_of_train_if_they_have_no_folder(tmp_path):
    _fill(tmp_path / "train" / "a", 20)
    sets = _all(tmp_path)
    assert [len(part.labels) for part in sets.values()] == [16, 2, 2]
    _fill(tmp_path / "validation" / "b", 3, start=20)
    sets = _all(tmp_path)
    assert [len(part.labels) for part in sets.values()] == [18, 3, 2]
    assert sets["train"].class_names == ("a", "b")


def test_a_class_may_be_called_train(tmp_path):
    for name in ("train", "car"):
        _fill(tmp_path / name, 5)
    assert _all(tmp_path)["train"].class_names == ("car", "train")


def test_other_folders_do_not_make_splits_classes(tmp_path):
    """Archives of some systems have such a folder."""
    _fill(tmp_path / "train", 20)
    _fill(tmp_path / "validation", 5, start=20)
    before = _all(tmp_path)
    (tmp_path / "__MACOSX").mkdir()
    after = _all(tmp_path)
    assert after["train"].class_names == ("drawing",)
    for split, drawings in before.items():
        np.testing.assert_array_equal(after[split].images, drawings.images)


@pytest.mark.parametrize("inside", ["", "a/deeper"])
@pytest.mark.parametrize("split", ["test", "validation"])
def test_a_split_without_a_usable_picture_raises(tmp_path, split, inside):
    """Else drawings of train would be taken."""
    _fill(tmp_path / "train" / "a", 20)
    (tmp_path / split).mkdir()
    if inside:
        _fill(tmp_path / split / inside, 3)
    with pytest.raises(
        ValueError, match=rf"No picture in .*{split} can be used: {split}"
    ):
        folders.read(tmp_path, "train", _SIZE)


def test_reading_leaves_warnings_as_they_are(tmp_path):
    """Threads decode the pictures, and silence warnings while they do."""
    for number in range(40):
        _write(tmp_path / f"{number}.png", size=(80 + 40 * (number % 2), 60))
    before = list(warnings.filters)
    for size in range(10, 14):
        folders.read(tmp_path, "train", size)
    assert warnings.filters == before


def test_the_same_pictures_have_the_same_splits(tmp_path):
    for name in ("one", "two"):
        _fill(tmp_path / name, 15)
    one, two = (_all(tmp_path / name) for name in ("one", "two"))
    for split in one:
        np.testing.assert_array_equal(one[split].images, two[split].images)


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (30, 140)])
def test_ink_is_cropped_and_white_on_black(tmp_path, ink, paper):
    for number in range(3):
        path = tmp_path / f"{number}.png"
        _write(path, (30, 20, 89, 49), ink, paper, size=(200, 150))
    image = folders.read(tmp_path, "train", 32).images[0, ..., 0]
    # 60 x 30 pixels of ink, a margin of 2 on each side: half a pixel is one.
    rows, columns = (np.flatnonzero((image > 127).any(a)) for a in (1, 0))
    assert (rows[0], rows[-1]) == (8, 23)
    assert (columns[0], columns[-1]) == (1, 30)
    assert image.max() == 255
    np.testing.assert_array_equal(image[:7], 0)


def test_thin_lines_are_as_bright_as_thick_ones(tmp_path):
    for number in range(3):
        _write(tmp_path / f"{number}.png", (20, 200, 420, 201), size=(440, 400))
    image = folders.read(tmp_path, "train", 20).images
    assert image.max() == 255


@pytest.mark.parametrize(
    "name",
    ["a.png", "a.PNG", "a.jpg", "a.JPeG", "a.webp", "a.gif", "a.bmp", "a.TIF"],
)
def test_pictures_of_all_kinds_are_read(tmp_path, name, _log):
    _fill(tmp_path, 2)
    _write(tmp_path / name)
    sets = _all(tmp_path)
    assert [len(part.labels) for part in sets.values()] == [1, 1, 1]
    assert _log == [f"{tmp_path}: 3 pictures of 1 class; 0 skipped."]


def test_skipped_files_are_counted_and_named(tmp_path, _log):
    _fill(tmp_path / "cats", 4)
    (tmp_path / "cats" / "notes.txt").write_text("my drawings")
    (tmp_path / "cats" / ".hidden.png").write_text("nothing")
    (tmp_path / "cats" / "more").mkdir()
    _write(tmp_path / "dogs" / "blank.png", ink=255)
    (tmp_path / "dogs" / "broken.png").write_bytes(b"nothing")
    path = tmp_path / "dogs" / "half.png"
    noise = np.random.default_rng(0).integers(0, 256, [50, 50], np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:900])
    (tmp_path / "dogs" / "gone.png").symlink_to(tmp_path / "nowhere")
    _write(tmp_path / "loose.png")
    assert len(folders.read(tmp_path, "train", _SIZE).labels) == 2
    (line,) = _log
    assert line.startswith(f"{tmp_path}: 4 pictures of 1 class; 7 skipped: ")
    for skipped in (
        "cats/notes.txt (no picture)",
        "cats/more (a folder in the folder of a class)",
        "dogs/blank.png (no ink)",
        "dogs/broken.png (cannot be decoded: it is none of PNG, JPEG, ",
        "dogs/half.png (cannot be decoded: ",
        "dogs/gone.png (cannot be opened)",
        "loose.png (beside the folders of classes)",
    ):
        assert skipped in line
    assert ".hidden" not in line


def test_files_beside_the_splits_are_named(tmp_path, _log):
    for split in ("train", "test"):
        _fill(tmp_path / split, 3)
    _fill(tmp_path / "valid", 3)
    _all(tmp_path)
    (line,) = _log
    assert line.endswith("1 skipped: valid (beside the splits).")


def test_many_skipped_files_are_counted(tmp_path, _log):
    _fill(tmp_path, 3)
    for number in range(40):
        (tmp_path / f"{number:02d}.txt").touch()
    folders.read(tmp_path, "train", _SIZE)
    assert _log[0].endswith("29.txt (no picture), and 10 more.")


def test_an_unchanged_folder_is_read_once(tmp_path, _log):
    _fill(tmp_path, 5)
    before = _all(tmp_path)
    assert len(_log) == 1
    _write(tmp_path / "004.png", (10, 10, 70, 20))
    after = _all(tmp_path)
    assert len(_log) == 2
    assert any(
        not np.array_equal(before[s].images, after[s].images) for s in before
    )


def test_the_source_has_a_digest_of_names_and_contents(tmp_path):
    folder, copy = (tmp_path / part / "drawings" for part in ("one", "two"))
    for path in (folder, copy):
        _fill(path / "a", 20)
    source = folders.describe(folder)
    assert source.startswith("folder drawings (20 picture files, digest ")
    assert folders.describe(copy) == source
    assert folders.read(folder, "train", _SIZE).source == (
        f"{source}, 16 of 20 drawings for training"
    )
    (copy / "a").rename(copy / "b")
    assert folders.describe(copy) != source
    (copy / "b").rename(copy / "a")
    assert folders.describe(copy) == source
    _fill(copy.parent / "other" / "train", 20)
    of_split = folders.describe(copy.parent / "other")
    (copy.parent / "other" / "car").mkdir()  # Now `train` is a class.
    assert folders.describe(copy.parent / "other") != of_split
    _write(copy / "a" / "003.png")
    assert folders.describe(copy) != source


def test_a_missing_folder_raises(tmp_path):
    (tmp_path / "file").touch()
    for name in ("absent", "file"):
        with pytest.raises(
            FileNotFoundError, match=f"{name} does not exist; .*folder:PATH"
        ):
            folders.read(tmp_path / name, "train", _SIZE)


def test_a_folder_without_pictures_raises(tmp_path):
    with pytest.raises(
        FileNotFoundError, match="no pictures: expected PNG, .* got nothing"
    ):
        folders.read(tmp_path, "train", _SIZE)
    (tmp_path / "a.svg").touch()
    with pytest.raises(FileNotFoundError, match=r"got a\.svg \(no picture\)"):
        folders.read(tmp_path, "train", _SIZE)


def test_a_folder_of_damaged_pictures_raises(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"nothing")
    with pytest.raises(
        ValueError, match=r"No picture in .*a\.png \(cannot.*b\.png \("
    ):
        folders.read(tmp_path, "train", _SIZE)


def test_too_few_pictures_raise(tmp_path):
    _fill(tmp_path, 2)
    with pytest.raises(
        ValueError,
        match="too few drawings: got 0 for train, 1 for validation, 1 for "
        "test; at least 1 is needed for each, so add drawings",
    ):
        folders.read(tmp_path, "train", _SIZE)
    _fill(tmp_path, 3)
    assert len(folders.read(tmp_path, "train", _SIZE).labels) == 1


@pytest.mark.skipif(
    os.geteuid() == 0, reason="the root user can read everything"
)
def test_unreadable_pictures_are_skipped(tmp_path, _log):
    _fill(tmp_path, 4)
    (tmp_path / "000.png").chmod(0)
    folders.read(tmp_path, "train", _SIZE)
    assert _log[0].endswith("1 skipped: 000.png (cannot be opened).")
