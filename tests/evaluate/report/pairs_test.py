import dataclasses
import types

import numpy as np
import pytest

from tfdood.evaluate.records import results, values
from tfdood.evaluate.records.job import Explainer, mean
from tfdood.evaluate.report import pairs


@pytest.fixture(name="evaluate")
def _evaluate(make_job):
    """Stands for an evaluation that found these values; gives its folder."""

    def evaluate(
        name,
        errors,
        *,
        task="reconstruction",
        keep=True,
        settings=None,
        **changes,
    ):
        job = make_job(task, num_images=len(errors), **changes)
        attributes = ("path", "facts", "config")
        model = types.SimpleNamespace(
            name=name,
            fingerprint=f"{name}_0123",
            **{x: getattr(job.model, x) for x in attributes},
        )
        model.config = dataclasses.replace(
            model.config,
            model=dataclasses.replace(model.config.model, **(settings or {})),
        )
        job = dataclasses.replace(job, model=model)
        metric = pairs.METRICS[task][0]
        if keep:
            values.write(job, {metric: errors})
        results.append(job, {metric: mean(errors)}, f"{job.split} data", 1.0)
        return job.folder

    return evaluate


def _table(folder, task="reconstruction", reference=None):
    return pairs.table(task, results.read(folder), folder, reference)


def _differences(table):
    return {
        (row[0].split(" ")[0], row[1].split(" ")[0]): row[3]
        for row in table.rows
    }


def test_difference_has_the_error_of_the_differences():
    hard = np.array([0.0, 100.0, 1000.0, 5000.0])
    ours = hard + np.array([1.0, 2.0, 3.0, 6.0])
    # Differences 1, 2, 3, 6: mean 3, squared deviations 4 + 1 + 0 + 9.
    found = pairs.difference(ours, hard)
    assert found.value == pytest.approx(3.0)
    assert found.standard_error == pytest.approx(np.sqrt(14 / 3 / 4))
    assert found.standard_error < 0.001 * mean(ours).standard_error


def test_models_are_compared_with_the_best_one(evaluate):
    evaluate("better", np.array([0.1, 0.3]))
    folder = evaluate("worse", np.array([0.2, 0.6]))
    table = _table(folder)
    # Differences 0.1 and 0.3: mean 0.2, deviation sqrt(0.02), over sqrt(2).
    assert _differences(table) == {("worse", "better"): "0.20000 ± 0.10000"}
    (row,) = table.rows
    assert row[2] == "2 test drawings of mnist (test data)"
    assert "10 % collages" in row[0] and "1 training seed" in row[1]


def test_more_nats_are_better(evaluate):
    evaluate("low", np.array([10.0, 30.0]), task="marginal_likelihood")
    folder = evaluate(
        "high", np.array([20.0, 60.0]), task="marginal_likelihood"
    )
    table = _table(folder, "marginal_likelihood")
    assert _differences(table) == {("low", "high"): "-20.0 ± 10.0"}
    assert table.header[-1] == "nats: model - reference"


@pytest.mark.parametrize("reference", ["b", "b_0123"])
def test_a_reference_is_a_name_or_a_fingerprint(evaluate, reference):
    for name, error in (("a", 0.1), ("b", 0.2), ("c", 0.4)):
        folder = evaluate(name, np.full(3, error))
    assert _differences(_table(folder, reference=reference)) == {
        ("a", "b"): "-0.10000 ± 0.00000",
        ("c", "b"): "0.20000 ± 0.00000",
    }


def test_only_the_same_drawings_are_paired(evaluate):
    evaluate("a", np.full(3, 0.1))
    evaluate("b", np.full(4, 0.2))
    evaluate("c", np.full(3, 0.3), split="validation")
    folder = evaluate("d", np.full(3, 0.4), dataset="kmnist")
    assert _table(folder) is None
    folder = evaluate("e", np.full(3, 0.5), split="validation")
    assert list(_differences(_table(folder))) == [("e", "c")]


def test_particles_tell_nats_apart_and_nothing_else(evaluate):
    for task in ("parsing", "marginal_likelihood"):
        for name, count in (("a", 10), ("b", None)):
            folder = evaluate(
                name, np.full(3, 1.0), task=task, num_particles=count
            )
    assert len(_table(folder, "parsing").rows) == 1
    assert _table(folder, "marginal_likelihood") is None


def test_one_drawing_has_no_error(evaluate):
    evaluate("a", np.full(1, 0.1))
    folder = evaluate("b", np.full(1, 0.2))
    assert _differences(_table(folder)) == {("b", "a"): "0.10000 ± –"}


def test_models_without_values_are_left_out(evaluate):
    evaluate("a", np.full(3, 0.1))
    folder = evaluate("b", np.full(3, 0.2), keep=False)
    assert _table(folder) is None
    evaluate("c", np.full(3, 0.3))
    assert list(_differences(_table(folder))) == [("c", "a")]


def test_nats_of_different_densities_are_not_paired(evaluate):
    scales = {"a": "canvas", "b": "running", "c": "running"}
    for task in pairs.METRICS:
        for name, scale in scales.items():
            folder = evaluate(
                name,
                np.full(3, float(ord(name))),
                task=task,
                settings={"pixel_scale": scale},
            )
    table = _table(folder, "marginal_likelihood")
    assert list(_differences(table)) == [("b", "c")]
    assert len(_table(folder).rows) == 2


def test_the_reference_is_the_recognition_network(evaluate):
    explainer = Explainer("parser", "traced", 0, 0.01)
    evaluate("a", np.full(3, 0.4))
    evaluate("b", np.full(3, 0.2))
    folder = evaluate("b", np.full(3, 0.1), explainer=explainer)
    rows = _table(folder, reference="b").rows
    assert [row[3] for row in rows] == [
        "0.20000 ± 0.00000",
        "-0.10000 ± 0.00000",
    ]
