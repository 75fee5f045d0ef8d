"""People's strokes of made-up characters."""

import dataclasses

import numpy as np
import pytest

from tests.evaluate import pen_drawings
from tfdood.data import pen_strokes
from tfdood.evaluate.measures import human_strokes


def _line(start, end, count=7):
    return np.linspace(start, end, count)


def _job(make_job, folder, **changes):
    return make_job("parsing", data_dir=str(folder), **changes)


def test_drawings_have_their_published_images(make_job, tmp_path):
    pen_drawings.write(tmp_path, num_classes=2, num_drawers=3)
    human = human_strokes.read(_job(make_job, tmp_path, num_images=6))
    size = human.images.shape[1]
    assert human.images.shape == (6, size, size, 1)
    # Pixel k of the first row of 105 is in the same place after resizing.
    columns = human.images[:, 0, :, 0].argmax(-1)
    expected = (np.arange(6) + 0.5) * size / 105
    np.testing.assert_allclose(columns + 0.5, expected, atol=0.75)
    assert human.exact.tolist() == [True, False] * 3
    assert [len(strokes) for strokes in human.strokes] == [1] * 3 + [2] * 3
    assert "6 of 6 drawings" in human.source
    assert "3 as recorded and 3 as recovered" in human.source


def test_others_are_of_the_same_and_of_another_character(make_job, tmp_path):
    pen_drawings.write(tmp_path, num_classes=3, num_drawers=2)
    human = human_strokes.read(_job(make_job, tmp_path, num_images=6))
    rows = zip(
        human.strokes, human.other_drawer, human.other_character, strict=True
    )
    for own, same, different in rows:
        assert len(own) == len(same) != len(different)
        assert 0.0 < np.abs(own[0] - same[0]).max() < 0.05


def test_splits_are_of_different_alphabets(make_job, tmp_path):
    pen_drawings.write(tmp_path, num_classes=6, num_drawers=4)
    job = _job(make_job, tmp_path, split="validation")
    with pytest.raises(ValueError, match="are of validation alphabets"):
        human_strokes.read(job)
    human = human_strokes.read(dataclasses.replace(job, split="test"))
    assert "(test alphabets)" in human.source


@pytest.mark.parametrize(
    ("dataset", "split", "class_id"),
    [
        ("omniglot", "test", 1),  # of Arcadian
        ("omniglot", "validation", 178),  # of Blackfoot
        ("omniglot_strokes", "validation", 178),
        ("omniglot_strokes_recorded", "test", 108),  # of Balinese
    ],
)
def test_each_dataset_has_its_own_split_of_alphabets(
    make_job, tmp_path, dataset, split, class_id
):
    drawings = [
        pen_strokes.PenDrawing(
            [np.array([[0.1, 0.2], [0.3, class_id / 1e3]])] * (1 + other),
            class_id + other,
            drawer,
            exact=exact,
            packed_image=np.zeros(1_379, np.uint8),
        )
        for exact in (False, True)
        for class_id in (1, 178, 108)
        for other in (0, 1)
        for drawer in (1, 2)
    ]
    pen_strokes.write(drawings, tmp_path)
    job = _job(make_job, tmp_path, dataset=dataset, split=split, num_images=99)
    human = human_strokes.read(job)
    assert human.exact.all() == (dataset == "omniglot_strokes_recorded")
    heights = {strokes[0][1, 1] for strokes in human.strokes}
    assert any(np.isclose(class_id / 1e3, height) for height in heights)
    # Only for Omniglot, alphabets that are for training are also for testing.
    both = dataset == "omniglot" and split == "test"
    assert len(heights) == (2 if both else 1)


def _human(strokes, other_drawer, other_character):
    count = len(strokes)
    return human_strokes.HumanDrawings(
        np.zeros([count, 5, 5, 1]),
        strokes,
        np.ones(count, bool),
        other_drawer,
        other_character,
        "",
    )


def test_references_of_drawings_whose_agreement_is_known():
    cross = [_line([0.2, 0.5], [0.8, 0.5]), _line([0.5, 0.2], [0.5, 0.8])]
    backwards = [stroke[::-1] * 0.5 + 0.3 for stroke in cross]
    far = [_line([0.0, 0.0], [0.05, 0.0])]
    found = human_strokes.references(_human([cross], [backwards], [far]))
    value = {name: values.item() for name, values in found.items()}
    assert value["f_score_by_beziers"] == 1.0
    assert value["chamfer_distance_by_beziers"] < 1e-3
    assert value["f_score_by_line"] == pytest.approx(2 / 3)
    assert value["count_error_by_line"] == 1.0
    # The same strokes, smaller and elsewhere, each from its end to its start.
    assert value["f_score_by_other_drawer"] == 1.0
    assert value["chamfer_distance_by_other_drawer"] < 5e-3
    assert value["count_error_by_other_drawer"] == 0.0
    assert value["order_by_other_drawer"] == pytest.approx(1.0)
    assert value["direction_by_other_drawer"] == 0.0
    assert value["f_score_by_other_character"] == 0.0
    assert value["count_error_by_other_character"] == 1.0
    assert "direction_by_other_character" not in found


def test_the_rule_of_order_is_right_where_people_follow_it():
    strokes = [_line([0.1, y], [0.9, y]) for y in (0.1, 0.5, 0.9)]
    drawings = [strokes, strokes[::-1], strokes[:1]]
    found = human_strokes.references(_human(drawings, drawings, drawings))
    np.testing.assert_allclose(found["order_by_top_left"], [1.0, -1.0, np.nan])
