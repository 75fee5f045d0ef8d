"""Agreement of strokes, for strokes whose agreement is known."""

import dataclasses
import itertools

import numpy as np
import pytest
from PIL import Image

from tfdood.data import pen_strokes
from tfdood.evaluate.measures import distances
from tfdood.evaluate.tasks import parsing


def _line(start, end, count=7):
    return np.linspace(start, end, count)


def test_the_same_strokes_agree_in_any_order_and_direction():
    rng = np.random.default_rng(0)
    strokes = [np.cumsum(rng.normal(size=[9, 2]), 0) for _ in range(4)]
    order = [2, 0, 3, 1]
    found = parsing.match(strokes, [strokes[i][::-1] for i in order])
    np.testing.assert_allclose(found.distances, 0.0, atol=1e-9)
    np.testing.assert_array_equal(found.pairs[:, 1], np.argsort(order))
    assert found.f_score == pytest.approx(1.0)


def test_shifted_strokes_are_as_far_as_they_were_shifted():
    strokes = [_line([0, 0], [1, 0]), _line([0, 0.5], [1, 0.5])]
    moved = [s + [0.0, 0.03] for s in strokes]
    found = parsing.match(strokes, moved)
    np.testing.assert_allclose(found.distances, 0.03)


def test_matching_has_the_smallest_sum_of_distances():
    rng = np.random.default_rng(1)
    a, b = ([_line(*rng.random([2, 2])) for _ in range(n)] for n in (3, 5))
    cost = np.array(
        [
            [
                distances.chamfer(
                    distances.resample(x, 50), distances.resample(y, 50)
                )
                for y in b
            ]
            for x in a
        ]
    )
    best = min(
        sum(cost[i, j] for i, j in enumerate(choice))
        for choice in itertools.permutations(range(5), 3)
    )
    found = parsing.match(a, b)
    assert found.distances.sum() == pytest.approx(best)
    assert found.counts == (3, 5)


def test_missing_and_surplus_strokes_lower_the_f_score():
    near, far = _line([0, 0], [1, 0]), _line([0, 0.9], [1, 0.9])
    found = parsing.match([near, far], [near + [0.0, 0.01]])
    assert found.f_score == pytest.approx(2 * 1 / 3)
    assert parsing.match([near], [far]).f_score == 0.0
    nothing = parsing.match([near], [])
    assert nothing.f_score == 0.0 and not len(nothing.distances)


def test_straight_line_joins_the_farthest_points():
    strokes = [_line([0.2, 0.1], [0.4, 0.2]), _line([0.3, 0.3], [0.9, 0.8])]
    line = parsing.straight_line(strokes)
    np.testing.assert_allclose(
        line[line[:, 0].argsort()], [[0.2, 0.1], [0.9, 0.8]]
    )


def _write(folder, num_classes, num_drawers):
    """Characters of one to three strokes; drawers differ a little."""
    rng = np.random.default_rng(2)
    arrays = {name: [] for name in ("class_id", "drawer", "drawing_start")}
    strokes = []
    for class_id in range(108, 108 + num_classes):  # Balinese, for testing
        own = rng.uniform(20, 85, [1 + class_id % 3, 2, 2])
        for drawer in range(num_drawers):
            arrays["class_id"].append(class_id)
            arrays["drawer"].append(drawer)
            arrays["drawing_start"].append(len(strokes))
            strokes += [
                _line(*(ends + rng.normal(0, 0.5, [2, 2]))) for ends in own
            ]
    arrays["drawing_start"].append(len(strokes))
    points = np.concatenate(strokes) * (1, -1)
    np.savez(
        folder / pen_strokes.FILE,
        points=np.pad(points, [[0, 0], [0, 1]]),
        stroke_start=7 * np.arange(len(strokes) + 1),
        **arrays,
    )


def test_drawings_without_strokes_have_no_distance():
    stroke = _line([0, 0], [1, 0])
    nothing = parsing.match([stroke], [])
    found = parsing.measures([nothing, parsing.match([stroke], [stroke])])
    assert found["chamfer_distance"].num_images == 1
    assert found["f_score"].value == pytest.approx(0.5)
    assert found["count_error"].value == pytest.approx(0.5)
    assert "chamfer_distance" not in parsing.measures([nothing])


def test_the_task_measures_and_draws(make_job, tmp_path):
    _write(tmp_path, num_classes=6, num_drawers=4)
    job = make_job(
        "parsing",
        dataset="omniglot",
        data_dir=str(tmp_path),
        num_particles=1,
    )
    measures, source = parsing.run(job)
    assert "12 of 24 drawings" in source
    value = {name: measure.value for name, measure in measures.items()}
    assert value["chamfer_distance_by_other_drawer"] < 0.01
    assert value["f_score_by_other_drawer"] == pytest.approx(1.0)
    assert value["count_error_by_other_drawer"] == 0.0
    assert value["count_error_by_line"] == pytest.approx(
        np.mean([0, 1, 2]), abs=0.3
    )
    assert value["f_score_by_other_character"] < 0.6
    assert value["chamfer_distance"] > value["chamfer_distance_by_other_drawer"]
    assert 0.0 <= value["f_score"] < value["f_score_by_other_drawer"]
    with Image.open(job.figure("strokes")) as figure:
        assert figure.height > 3 * 150


def test_splits_are_of_different_alphabets(make_job, tmp_path):
    _write(tmp_path, num_classes=6, num_drawers=4)
    job = make_job("parsing", data_dir=str(tmp_path), split="validation")
    with pytest.raises(ValueError, match="are of validation alphabets"):
        parsing.read(job)
    source = parsing.read(dataclasses.replace(job, split="test")).source
    assert "(test alphabets)" in source


def test_other_datasets_and_missing_strokes_are_refused(make_job, tmp_path):
    with pytest.raises(ValueError, match="--dataset=omniglot"):
        parsing.run(make_job("parsing"))
    job = make_job("parsing", dataset="omniglot", data_dir=str(tmp_path))
    with pytest.raises(FileNotFoundError, match="pen strokes"):
        parsing.run(job)
