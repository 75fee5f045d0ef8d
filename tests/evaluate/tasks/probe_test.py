import numpy as np
import pytest

from tfdood.evaluate.records import job as job_lib
from tfdood.evaluate.records.job import Drawings
from tfdood.evaluate.tasks import probe
from tfdood.parsing import seeds


def _blobs(num_rows, seed, num_classes=3, noise=0.5):
    rng = np.random.default_rng(seed)
    labels = rng.integers(num_classes, size=num_rows)
    centres = 4.0 * np.eye(num_classes, 6)
    points = centres[labels] + noise * rng.standard_normal([num_rows, 6])
    return points, labels


def test_latents_of_absent_strokes_are_zero():
    presence = np.array([[1.0, 0.0], [1.0, 1.0]])
    layout = np.arange(16.0).reshape(2, 2, 4) + 1
    points = np.arange(24.0).reshape(2, 2, 3, 2) + 100
    found = probe.features(presence, layout, points)
    assert found.shape == (2, 2 * (4 + 6))
    np.testing.assert_array_equal(found[0, :4], layout[0, 0])
    np.testing.assert_array_equal(found[0, 4:10], points[0, 0].ravel())
    np.testing.assert_array_equal(found[0, 10:], 0.0)
    np.testing.assert_array_equal(found[1, 10:14], layout[1, 1])
    np.testing.assert_array_equal(found[1, 14:], points[1, 1].ravel())


def test_predicts_classes_that_are_apart():
    train, test = _blobs(120, 0), _blobs(60, 1)
    predicted = probe.predicted(*train, test[0], seed=0)
    np.testing.assert_array_equal(predicted, test[1])


def test_predicts_nothing_from_noise():
    rng = np.random.default_rng(0)
    train, test = rng.standard_normal([300, 6]), rng.standard_normal([300, 6])
    labels, truth = rng.integers(3, size=300), rng.integers(3, size=300)
    accuracy = np.mean(probe.predicted(train, labels, test, 0) == truth)
    assert 0.2 < accuracy < 0.47


def test_units_of_features_do_not_matter():
    train, test = _blobs(90, 0, noise=2.0), _blobs(60, 1, noise=2.0)
    units = np.array([1e-3, 1.0, 1e3, 1e5, 1e-2, 10.0])
    np.testing.assert_array_equal(
        probe.predicted(*train, test[0], seed=0),
        probe.predicted(train[0] * units, train[1], test[0] * units, seed=0),
    )


def test_validation_alone_chooses_then_all_rows_are_fitted(monkeypatch):
    rows, labels = _blobs(100, 0)
    rows[:, 0] = np.arange(100)
    fits, judged = [], []

    class Regression:
        def __init__(self, x, strength):
            self.strength = strength
            fits.append((set(x[:, 0]), strength))

        def score(self, x, y):
            judged.append(set(x[:, 0]))
            return {1e-2: 0.9, 1.0: 0.9}.get(self.strength, 0.5)

        def predict(self, x):
            return x[:, 0]

    monkeypatch.setattr(probe, "_fitted", lambda x, y, c: Regression(x, c))
    test = np.arange(200.0, 207.0)[:, np.newaxis]
    assert len(probe.predicted(rows, labels, test, seed=0)) == 7
    *chosen_from, (last, strength) = fits
    assert [c for _, c in chosen_from] == list(probe.STRENGTHS)
    assert strength == 1e-2  # The stronger regularisation of equally good ones.
    assert last == set(range(100))
    for (fitted, _), validated in zip(chosen_from, judged, strict=True):
        assert len(validated) == 20
        assert not fitted & validated
        assert fitted | validated == last


def test_validation_has_every_class():
    labels = np.repeat(np.arange(5), [40, 30, 20, 10, 10])
    fit, validate = probe._split(labels, seed=0)
    np.testing.assert_array_equal(
        np.bincount(labels[validate]), [8, 6, 4, 2, 2]
    )
    np.testing.assert_array_equal(
        np.sort([*fit, *validate]), np.arange(len(labels))
    )
    rare = np.append(labels, 5)
    assert len(probe._split(rare, seed=0)[1]) == 22


def test_probes_a_model_on_unseen_drawings(make_job):
    job = make_job("probe", num_images=20)
    measures, source = probe.run(job)
    assert set(measures) == {
        f"accuracy_of_{what}"
        for what in ("latents", "pixels", "majority_class")
    }
    train = make_job("probe", num_images=100).drawings(split="train")
    test = job.drawings()
    values, counts = np.unique(train.labels, return_counts=True)
    majority = np.mean(test.labels == values[counts.argmax()])
    assert measures["accuracy_of_majority_class"].value == majority
    assert measures["accuracy_of_pixels"].value > 0.4
    assert all(measure.num_images == 20 for measure in measures.values())
    assert "test drawings" in source
    latents = probe.latents(job.model, test, seeds.of_rows(20, 0, 1))
    assert latents.shape == (20, 2 * (4 + 2 * 5))
    predicted = probe.predicted(
        probe.latents(job.model, train, seeds.of_rows(100, 0, 0)),
        train.labels,
        latents,
        seed=0,
    )
    accuracy = np.mean(predicted == test.labels)
    assert measures["accuracy_of_latents"].value == pytest.approx(accuracy)


def test_one_class_is_refused(make_job, monkeypatch):
    drawings = Drawings(
        np.zeros([5, 20, 20, 1]), np.zeros([5], int), ("a",), ""
    )
    monkeypatch.setattr(job_lib.Job, "drawings", lambda *_, **__: drawings)
    with pytest.raises(ValueError, match="5 training drawings of mnist have"):
        probe.run(make_job("probe"))


def test_classes_that_were_never_seen_are_refused(make_job):
    job = make_job("probe", dataset="omniglot", num_images=20)
    with pytest.raises(ValueError, match="omniglot have classes that the 100"):
        probe.run(job)


@pytest.mark.parametrize("labels", [[0, 1], [0] * 9 + [1]])
def test_too_few_drawings_are_one_sentence(labels):
    rows = np.arange(float(len(labels)))[:, np.newaxis]
    for seed in range(10):
        try:
            probe.predicted(rows, np.array(labels), rows, seed)
        except ValueError as error:
            assert str(error).endswith("so add drawings.")
            break
    else:
        pytest.fail("No seed has a class that is for validation alone.")
