"""New characters of alphabets."""

import dataclasses

import numpy as np
import pytest

from tfdood.evaluate.tasks import alphabet_characters

NAMES = tuple(
    f"{name}_{i}" for name in ("Greek", "Old_Latin") for i in range(6)
)


def test_alphabets_are_divided_into_given_characters_and_others():
    labels = np.tile(np.arange(12), 3)
    found = alphabet_characters.divide(labels, NAMES, seed=0)
    assert [own.name for own in found] == ["Greek", "Old_Latin"]
    for number, own in enumerate(found):
        assert len(own.given) == 3  # half of six characters, a drawing of each
        assert len(set(labels[own.given])) == 3
        assert set(labels[own.given] // 6) == {number}
        assert len(own.others) == 3 * 3
        assert not set(labels[own.others]) & set(labels[own.given])
        assert set(labels[own.others] // 6) == {number}
    other = alphabet_characters.divide(labels, NAMES, seed=1)
    assert list(other[0].given) != list(found[0].given)


def test_one_alphabet_is_not_enough():
    labels = np.array([0, 1, 2, 6, 6])  # One character of the second one.
    with pytest.raises(
        ValueError, match="Only 1 alphabets have two characters"
    ):
        alphabet_characters.divide(labels, NAMES, seed=0)


def test_the_task_measures_and_draws(make_search, monkeypatch):
    monkeypatch.setattr(alphabet_characters, "_MOST_ALPHABETS", 2)
    job = make_search("alphabet_characters", num_images=10)
    measures, source = alphabet_characters.run(job)
    assert " alphabets (" in source
    value = {name: m.value for name, m in measures.items()}
    assert value["chance"] == pytest.approx(1.0 / int(source.split()[0]))
    assert 0.0 <= value["alphabet_agreement"] <= 1.0
    assert value["alphabet_agreement_of_given"] > value["chance"]
    assert value["nearest_distance"] > 0.0
    assert value["nearest_distance_of_people"] > 0.0
    assert job.figure("alphabets").exists()
    job.forget_parts()
    # The same route, repeated: exact.
    assert alphabet_characters.run(job) == (measures, source)


def test_the_mode_alone_is_refused(make_search):
    job = make_search("alphabet_characters", temperature=0.0)
    with pytest.raises(ValueError, match="got --temperature=0; a small one"):
        alphabet_characters.run(job)


def test_other_models_and_parsers_are_refused(make_job, make_search):
    job = make_search("alphabet_characters")
    for refused in (
        make_job("alphabet_characters", dataset="omniglot"),
        dataclasses.replace(job, explainer=None),
    ):
        with pytest.raises(
            ValueError, match="give a model of people's strokes"
        ):
            alphabet_characters.run(refused)
