"""Run folders as they are read."""

import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood.saved import runs
from tfdood.settings import presets, text
from train import checkpoints


def _save(folder, *steps):
    """Saves checkpoints of a variable that holds the number of its step."""
    variable = tf.Variable(np.zeros(1_000, np.float32))
    saved = checkpoints.Checkpoints({"variable": variable}, folder)
    for step in steps:
        variable.assign(tf.fill([1_000], float(step)))
        saved.save(step)


def _data_file(folder, step):
    return folder / f"checkpoint-{step}.data-00000-of-00001"


def _truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def _flip_a_bit(path):
    contents = bytearray(path.read_bytes())
    contents[len(contents) // 2] ^= 1
    path.write_bytes(bytes(contents))


def test_configuration_of_a_run_is_read(tmp_path):
    config = presets.get("dood", "mnist")
    (tmp_path / "config.json").write_text(text.to_json(config))
    assert runs.read_config(tmp_path) == config
    assert runs.read_config(str(tmp_path)) == config


def test_error_names_the_folder_without_a_run(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "absent", tmp_path / "file"):
        with pytest.raises(
            FileNotFoundError, match=f"^{path} is not a run folder"
        ):
            runs.read_config(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"\x00\x00\x00", "not JSON"),
        (b"\xff\xfe", "decode"),
        (b'{"preset": "dood"', "not JSON"),
        (b'{"preset": "dood", "modle": {}}', "Did you mean 'model'"),
        (
            b'{"preset": "dood", "model": {"name": "dood", "width": 0}}',
            "model.width must be",
        ),
        (
            b'{"preset": "dood", "model": {"name": "dood", "decoder": "spline"'
            b'}, "objective": {"exploration": 0.2}}',
            "version 0.1 cannot be read: train or export again",
        ),
    ],
)
def test_error_names_the_damaged_configuration_and_the_file_is_kept(
    tmp_path, content, message
):
    file = tmp_path / "config.json"
    file.write_bytes(content)
    with pytest.raises(runs.RunError, match=message) as error:
        runs.read_config(tmp_path)
    assert str(error.value).startswith(f"{file} cannot be used: ")
    assert file.read_bytes() == content


def test_saved_steps_are_sorted_by_number_and_newest_first(tmp_path):
    for name in (
        *("checkpoint-9.index", "checkpoint-10.index", "checkpoint-2.index"),
        *("checkpoint-x.index", "checkpoint-11.data", "checkpoint"),
    ):
        (tmp_path / name).touch()
    assert runs.saved_steps(tmp_path) == [10, 9, 2]
    assert runs.saved_steps(tmp_path / "absent") == []


def test_newest_intact_without_checkpoint_is_none(tmp_path):
    assert runs.newest_intact(tmp_path) == (0, None)


@pytest.mark.parametrize(
    "damage", [_truncate, _flip_a_bit, os.remove, lambda p: p.write_bytes(b"")]
)
@pytest.mark.parametrize("part", ["data", "index"])
def test_damaged_checkpoint_is_skipped(tmp_path, damage, part, caplog):
    _save(tmp_path, 5, 10)
    index = tmp_path / "checkpoint-10.index"
    damage({"data": _data_file(tmp_path, 10), "index": index}[part])
    assert runs.newest_intact(tmp_path) == (5, tmp_path / "checkpoint-5")
    # Without its index, a checkpoint is not in the list at all.
    assert ("checkpoint-10 is damaged" in caplog.text) == (index.exists())


def test_folder_that_is_a_pattern_is_not_called_damaged(tmp_path):
    _save(tmp_path / "run", 5)
    (tmp_path / "run").rename(tmp_path / "run [1]")
    with pytest.raises(ValueError, match="rename the folder"):
        runs.newest_intact(tmp_path / "run [1]")


def test_run_with_damaged_checkpoints_only_is_refused(tmp_path):
    _save(tmp_path, 5, 10)
    for step in (5, 10):
        _truncate(_data_file(tmp_path, step))
    with pytest.raises(
        runs.RunError, match="None of the 2 checkpoints .* remove that folder"
    ):
        runs.newest_intact(tmp_path)


def test_a_checkpoint_that_is_replaced_while_it_is_read_is_not_needed(
    tmp_path, monkeypatch
):
    _save(tmp_path, 5)
    read = tf.train.load_checkpoint

    def replaced(path):
        if path.endswith("-5"):
            _save(tmp_path, 6)
            for file in tmp_path.glob("checkpoint-5.*"):
                file.unlink()
        return read(path)

    monkeypatch.setattr(tf.train, "load_checkpoint", replaced)
    assert runs.newest_intact(tmp_path)[0] == 6


def test_damaged_best_weights_leave_the_newest(tmp_path):
    best = tmp_path / runs.BEST
    _save(best, 5)
    _truncate(_data_file(best, 5))
    with pytest.raises(runs.RunError, match="to use the newest weights in pla"):
        runs.newest_intact(best)


class _Model(keras.Model):
    """Two weights, one of them in a list."""

    def __init__(self, size=3, value=0.0):
        super().__init__()
        fill = keras.initializers.Constant(value)
        self.own = self.add_weight(shape=[size], initializer=fill)
        self.parts = [keras.layers.Dense(2, bias_initializer=fill)]
        self.parts[0].build([None, 2])
        self.built = True


def _save_model(model, folder, step, **more):
    trackables = {"model": runs.variables(model), **more}
    checkpoints.Checkpoints(trackables, folder).save(step)


def test_restores_all_variables_of_a_model_and_nothing_else(tmp_path):
    model = _Model(value=4.0)
    _save_model(model, tmp_path, 7, optimizer=tf.Variable(1.0))
    fresh = _Model()
    assert runs.restore_model(fresh, tmp_path) == 7
    assert len(fresh.variables) == 3
    for new, old in zip(fresh.variables, model.variables, strict=True):
        np.testing.assert_array_equal(new, old)


def test_a_checkpoint_that_training_replaces_meanwhile_is_not_needed(
    tmp_path, monkeypatch
):
    _save_model(_Model(value=7.0), tmp_path, 5)
    newest, calls = runs.newest_intact, []

    def replaced(folder):
        found = newest(folder)
        calls.append(found)
        if len(calls) == 1:
            _save_model(_Model(value=8.0), tmp_path, 6)
            for path in tmp_path.glob("checkpoint-5.*"):
                path.unlink()
        return found

    monkeypatch.setattr(runs, "newest_intact", replaced)
    model = _Model()
    assert runs.restore_model(model, tmp_path) == 6
    assert len(calls) == 2
    np.testing.assert_array_equal(model.variables[0], 8.0)


def test_a_model_of_another_shape_is_refused(tmp_path):
    _save_model(_Model(), tmp_path, 7)
    with pytest.raises(runs.RunError, match="does not fit the model"):
        runs.restore_model(_Model(size=4), tmp_path)


def test_a_model_with_more_variables_is_refused(tmp_path):
    checkpoints.Checkpoints(
        {"model": runs.variables(_Model())[:1]}, tmp_path
    ).save(7)
    with pytest.raises(runs.RunError, match="does not fit the model"):
        runs.restore_model(_Model(), tmp_path)


def test_a_run_without_a_checkpoint_is_refused(tmp_path):
    with pytest.raises(runs.RunError, match="no checkpoint .* train for long"):
        runs.restore_model(_Model(), tmp_path)
