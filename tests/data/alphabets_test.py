import numpy as np
import pytest

from tfdood.data import alphabets, embedded


def test_alphabet_of_a_class():
    names = ("Greek_7", "Syriac_(Serto)_12", "Ge_ez_3")
    assert alphabets.of_classes(names).tolist() == [
        *("Greek", "Syriac_(Serto)", "Ge_ez"),
    ]


def test_every_third_background_alphabet_is_for_validation():
    drawings = embedded.read("omniglot", "train")
    classes = np.unique(drawings.labels)
    assert len(classes) == 964
    splits = alphabets.split_of_characters(classes + 1)
    of_classes = alphabets.of_classes(drawings.class_names)[classes]
    held_out = set(of_classes[splits == "validation"])
    others = set(of_classes[splits == "test"])
    assert (len(held_out), len(others)) == (10, 20)
    assert not held_out & others
    # Both parts of the published pen strokes small1 and small2 are in use.
    assert {"Tagalog", "Japanese_(katakana)"} <= held_out
    assert {"Balinese", "Greek", "Korean", "Latin", "Sanskrit"} <= others


@pytest.mark.parametrize("number", [0, 965])
def test_numbers_of_other_characters_are_refused(number):
    for split in (alphabets.split_of_characters, alphabets.split_of_strokes):
        with pytest.raises(ValueError, match=f"from 1 to 964, .* got {number}"):
            split(np.array([7, number]))


def test_alphabets_of_strokes_keep_their_split():
    class_ids = np.arange(1, 965)
    splits = alphabets.split_of_strokes(class_ids)
    drawings = embedded.read("omniglot", "train")
    names = alphabets.of_classes(drawings.class_names)[:964]
    by_split = {s: set(names[splits == s]) for s in np.unique(splits)}
    assert {s: len(own) for s, own in by_split.items()} == {
        "train": 20,
        "validation": 5,
        "test": 5,
    }
    assert len(set.union(*by_split.values())) == 30
    others = alphabets.split_of_characters(class_ids)
    for split in ("validation", "test"):
        assert set(others[splits == split]) == {split}
    # Each split has alphabets whose strokes were published.
    assert {"Greek", "Korean", "Latin"} <= by_split["train"]
    assert "Japanese_(katakana)" in by_split["validation"]
    assert {"Balinese", "Early_Aramaic"} <= by_split["test"]


def test_numbers_of_characters_are_those_of_file_names():
    # Balinese has the numbers 108 to 131, Early Aramaic those from 251 to 272.
    drawings = embedded.read("omniglot", "train")
    names = alphabets.of_classes(drawings.class_names)
    assert set(names[107:131]) == {"Balinese"}
    assert set(names[250:272]) == {"Early_Aramaic"}
