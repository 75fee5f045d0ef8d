import os
import resource

import numpy as np
import pytest
import tensorflow as tf

from tfdood.saved import runs
from train import checkpoints


class _State:
    """A variable and its checkpoints."""

    def __init__(self, folder):
        self.variable = tf.Variable(np.zeros(1_000, np.float32))
        self.checkpoints = checkpoints.Checkpoints(
            {"variable": self.variable}, folder
        )

    def save(self, *steps):
        for step in steps:
            self.variable.assign(tf.fill([1_000], float(step)))
            self.checkpoints.save(step)


def _data_file(folder, step):
    return folder / f"checkpoint-{step}.data-00000-of-00001"


def test_newest_checkpoint_is_restored(tmp_path):
    _State(tmp_path).save(5, 10)
    state = _State(tmp_path)
    assert state.checkpoints.restore_latest() == 10
    np.testing.assert_array_equal(state.variable, np.full(1_000, 10.0))


def test_step_is_zero_without_checkpoint(tmp_path):
    assert _State(tmp_path / "new").checkpoints.restore_latest() == 0


def test_last_three_checkpoints_are_kept(tmp_path):
    _State(tmp_path).save(1, 2, 3, 4, 5)
    assert runs.saved_steps(tmp_path) == [5, 4, 3]


def test_damaged_checkpoint_is_skipped_and_saving_continues(tmp_path, caplog):
    _State(tmp_path).save(5, 10)
    path = _data_file(tmp_path, 10)
    os.truncate(path, path.stat().st_size // 2)
    state = _State(tmp_path)
    assert state.checkpoints.restore_latest() == 5
    np.testing.assert_array_equal(state.variable, np.full(1_000, 5.0))
    assert "checkpoint-10 is damaged" in caplog.text
    state.save(10)
    assert _State(tmp_path).checkpoints.restore_latest() == 10


def test_restores_from_one_folder_and_saves_in_another(tmp_path):
    chief, own = tmp_path / "chief", tmp_path / "own"
    _State(chief).save(5)
    state = _State(own)
    assert state.checkpoints.restore_latest(chief) == 5
    state.save(6)
    assert runs.saved_steps(chief) == [5]
    assert runs.saved_steps(own) == [6]


def test_restores_without_tensorflows_list_of_checkpoints(tmp_path):
    _State(tmp_path).save(5, 10)
    (tmp_path / "checkpoint").write_text("garbage")
    assert _State(tmp_path).checkpoints.restore_latest() == 10


@pytest.mark.parametrize(("name", "size"), [("variable", 1), ("other", 1_000)])
def test_checkpoint_of_another_model_is_refused(tmp_path, name, size):
    _State(tmp_path).save(5)
    trackables = {name: tf.Variable(tf.zeros([size]))}
    other = checkpoints.Checkpoints(trackables, tmp_path)
    with pytest.raises(runs.RunError, match="does not fit the model"):
        other.restore_latest()


def test_full_disk_leaves_the_earlier_checkpoints_intact(tmp_path):
    state = _State(tmp_path)
    state.save(5, 10)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, limits[1]))
    try:
        with pytest.raises(OSError, match="of step 15 .* File too large.*disk"):
            state.save(15)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert runs.saved_steps(tmp_path) == [10, 5]
    assert not list(tmp_path.glob("*_temp"))
    assert _State(tmp_path).checkpoints.restore_latest() == 10


def test_unfinished_checkpoint_is_ignored(tmp_path):
    _State(tmp_path).save(5)
    unfinished = tmp_path / "checkpoint-10_temp"
    unfinished.mkdir()
    (unfinished / "part-00000-of-00001.index").write_bytes(b"half")
    _data_file(tmp_path, 10).write_bytes(b"half")
    assert _State(tmp_path).checkpoints.restore_latest() == 5
