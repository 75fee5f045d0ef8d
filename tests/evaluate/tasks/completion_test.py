import types

import numpy as np
import pytest

from tfdood.evaluate.tasks import completion


def _canvas(*ink: float) -> np.ndarray:
    return np.array(ink).reshape(1, 1, -1, 1)


def test_shares_of_ink_of_known_completions():
    given = _canvas(1.0, 1.0, 0.0, 0.0)
    completions = np.stack(
        [
            _canvas(1.0, 0.5, 1.0, 0.0),  # 3/4 kept, 1/2 added
            _canvas(1.0, 1.0, 0.0, 1.0),  # all kept, 1/2 added elsewhere
            _canvas(0.0, 0.5, 1.0, 1.0),  # 1/4 kept, as much added
        ],
        1,
    )
    values = completion.compare(given, completions)
    assert values["ink_kept"] == pytest.approx([(0.75 + 1.0 + 0.25) / 3])
    assert values["share_ignored"] == pytest.approx([1 / 3])
    assert values["ink_added"] == pytest.approx([(0.5 + 0.5 + 1.0) / 3])
    assert values["diversity"] == pytest.approx([(1.0 + 0.5 + 0.5) / 3])


def test_equal_completions_and_blank_ones_have_no_diversity():
    given = np.zeros([2, 3, 3, 1])
    completions = np.zeros([2, 4, 3, 3, 1])
    completions[0] = 0.7
    values = completion.compare(given, completions)
    assert values["share_ignored"].tolist() == [1.0, 1.0]
    for name in ("ink_kept", "ink_added", "diversity"):
        np.testing.assert_array_equal(values[name], [0.0, 0.0])


@pytest.fixture(name="fake_job")
def _fake_job(make_job):
    """A job whose model draws as many strokes as its inputs say."""

    class Model:
        name = "fake"

        def run(self, signature, counts):
            canvases = np.broadcast_to(
                0.4 * np.arange(1, 7).reshape(1, 6, 1, 1, 1),
                [len(counts), 6, 2, 2, 1],
            )
            outputs = {"num_strokes": counts, "canvases": canvases}
            return {name: _Tensor(np.asarray(x)) for name, x in outputs.items()}

    return make_job("completion", model=Model())


class _Tensor(np.ndarray):
    def __new__(cls, array):
        return array.view(cls)

    def numpy(self):
        return np.asarray(self)


@pytest.mark.parametrize(
    ("one_stroke", "kept", "rows"),
    [(False, [1, 1, 3], [2, 4, 5]), (True, [1, 1, 1], [1, 2, 4])],
)
def test_the_first_strokes_are_kept(
    fake_job, monkeypatch, one_stroke, kept, rows
):
    monkeypatch.setattr(completion, "_ROWS_A_CALL", 2)
    counts = np.array([0, 1, 2, 0, 3, 6, 4])
    half = completion.half_drawn(
        fake_job, "draw", 3, one_stroke=one_stroke, counts=counts
    )
    np.testing.assert_array_equal(half.num_strokes, kept)
    np.testing.assert_array_equal(half.row, rows)
    # Canvases of codes exceed 1, and images do not.
    ink = np.minimum(0.4 * np.array(kept), 1.0)
    np.testing.assert_allclose(half.images[:, 0, 0, 0], ink)


def test_drawings_without_strokes_are_explained(fake_job):
    with pytest.raises(ValueError, match="None of 2 drawings by fake"):
        completion.half_drawn(fake_job, "draw", 3, counts=np.array([1, 0]))


def test_the_task_measures_and_draws(make_job):
    job = make_job("completion", num_images=3)
    measures, source = completion.run(job)
    assert "sample of mnist" in source
    assert set(measures) == {
        f"{kind}_{name}"
        for kind in ("sampled", "drawn")
        for name in (
            *("strokes_added", "ink_kept", "share_ignored"),
            *("ink_added", "diversity"),
        )
    } | {"class_kept_of_whole_drawings"} | {
        f"from_{percent}_percent_{name}{of}"
        for percent in (10, 30, 50)
        for name in ("error", "best_error", "class_kept")
        for of in ("", "_of_unfinished", "_of_nearest_drawings")
        if (name, of) != ("best_error", "_of_unfinished")
    }
    assert all(0 < m.num_images <= 3 for m in measures.values())
    for of in ("", "_of_nearest_drawings"):
        error, best = (
            measures[f"from_30_percent_{name}{of}"].value
            for name in ("error", "best_error")
        )
        assert 0.0 < best < error < 1.0
    assert 0.0 <= measures["drawn_ink_kept"].value <= 1.0
    assert job.figure("sampled").exists()
    assert job.figure("drawn").exists()
    assert job.figure("from_10_percent").exists()
    # The same route, repeated: exact.
    job.forget_parts()
    assert completion.run(job) == (measures, source)


def test_all_models_complete_the_same_ink(make_job, monkeypatch):
    """A model that adds nothing has the measures of the unfinished drawing."""

    class Model:
        name, image_size, num_channels = "fake", 20, 1

        def run(self, signature, images, seeds):
            assert signature == "complete"
            assert len(images) == len(seeds)
            count = np.ones(len(images), np.int32)
            outputs = {"canvas": images, "num_strokes": count}
            return {name: _Tensor(np.asarray(x)) for name, x in outputs.items()}

    job = make_job("completion", model=Model())
    monkeypatch.setattr(
        type(job), "in_parts", lambda _, n, f, unit: [f(i) for i in range(n)]
    )
    monkeypatch.setattr(completion, "_picture", lambda *_: None)
    monkeypatch.setattr(type(job), "figure", lambda *_: None)
    measures = completion.from_first_ink(job)
    ink = job.drawings(20_000).images.mean()
    for percent in (10, 30, 50):
        value = measures[f"from_{percent}_percent_error"].value
        assert value == pytest.approx(
            measures[f"from_{percent}_percent_error_of_unfinished"].value,
            abs=1e-3,
        )
        # All ink that is not given is missing.
        assert value == pytest.approx((1 - percent / 100) * ink, rel=0.2)
    kept = [measures[f"from_{p}_percent_class_kept"].value for p in (10, 50)]
    assert kept[0] <= kept[1]
    assert measures["class_kept_of_whole_drawings"].value >= kept[1]


def test_models_that_complete_nothing_are_refused(make_job):
    model = types.SimpleNamespace(name="mean", signature_names=("generate",))
    job = make_job("completion", model=model)
    with pytest.raises(ValueError, match="mean has no signature complete"):
        completion.run(job)
