import pathlib

import pytest
import tensorflow as tf

from tfdood.files import patterns


@pytest.mark.parametrize("name", ["a[1]", "a*", "a?", "a\\b"])
def test_patterns_are_refused(name):
    with pytest.raises(ValueError, match="has .* in its path.*; rename the"):
        patterns.refuse(pathlib.Path("runs") / name / "1")


@pytest.mark.parametrize("name", ["a", "a 1", "(a)", "a]", "été", "猫"])
def test_other_names_are_not_refused(name):
    patterns.refuse(name)


def test_tensorflow_removes_files_of_other_folders(tmp_path):
    """Why folders are refused."""
    for name in ("a1", "a[1]"):
        manager = tf.train.CheckpointManager(
            tf.train.Checkpoint(x=tf.Variable(1.0)),
            str(tmp_path / name),
            max_to_keep=1,
        )
        for step in (1, 2):
            manager.save(step)
            if (name, step) == ("a1", 1):
                break
    assert list((tmp_path / "a1").glob("*-1.*")) == []
    assert list((tmp_path / "a[1]").glob("*")) != []
