import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from absl import flags
from absl.testing import flagsaver

from tfdood.saved import runs
from train import loop, main, step

_NUM_STEPS = 60
_TINY = [
    "--dataset=mnist",
    f"--num_steps={_NUM_STEPS}",
    "--batch_size=5",
    "--set=objective.presence_warmup_steps=10",
    "--set=training.scale_hold_steps=10",
    "--set=training.scale_anneal_steps=20",
    "--set=model.width=8",
    "--set=model.num_strokes=3",
    "--set=model.num_mixtures=2",
    "--set=training.num_evaluation_images=2",
    "--set=training.num_evaluation_particles=1",
    "--set=training.evaluate_every=100",
    "--set=training.checkpoint_every=5",
    "--set=training.log_every=3",
]


@pytest.fixture
def command(monkeypatch):
    """Runs the command in this process; gives its exit code."""
    monkeypatch.setattr(main, "_set_up_process", lambda: None)

    def run(*arguments):
        with flagsaver.flagsaver():
            return main.main(flags.FLAGS(["main", *arguments]))

    return run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["quickdraw"], "Error: Flags start with --, got 'quickdraw'."),
        (["--num_steps=0"], "training.num_steps must be in [1, inf], got 0"),
        (["--set=model.strokes=1"], "Did you mean 'model.num_strokes'"),
        (["--set=training.dataset=mnist"], "training.dataset; give --dataset."),
        (["--data_dir=/nowhere"], "No quickdraw in /nowhere"),
        (["--learning_rate=nan"], "training.learning_rate must be finite"),
    ],
)
def test_a_mistake_is_answered_by_a_sentence(
    command, capsys, arguments, message
):
    assert command(*arguments) == 2
    answer = capsys.readouterr().err
    assert message in answer
    assert answer.count("\n") == 1


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--dataset=quikdraw", "mnist"),
        ("--preset=paper", "dood_paper"),
        ("--strategy=tpu", "mirrored"),
        ("--num_steps=many", "num_steps"),
    ],
)
def test_flags_list_their_choices(command, argument, message):
    with pytest.raises(flags.IllegalFlagValueError, match=message):
        command(argument)


def test_the_run_that_the_flags_ask_for(command, monkeypatch):
    asked = []
    monkeypatch.setattr(loop, "run", lambda *args: asked.append(args) or 130)
    code = command(
        "--dataset=omniglot",
        "--preset=dood_paper",
        "--num_steps=7",
        "--beta=3",
        "--jit_compile",
        "--set=model.width=8",
        "--set=model.image_size=28",
    )
    config, run_dir, drawings, make_trainer, _ = asked[0]
    assert code == 130
    assert config.training.num_steps == 7
    assert config.training.jit_compile
    assert config.objective.beta == 3.0
    assert config.model.width == 8
    assert config.model.presence_bias == 10.0
    assert config.training.source == drawings[0].source
    assert drawings[1].images.shape[1:] == (28, 28, 1)
    assert run_dir == "runs/dood_paper_omniglot"
    assert make_trainer is step.Trainer


def test_a_run_that_starts_from_trained_weights(command, monkeypatch):
    asked = []
    monkeypatch.setattr(loop, "run", lambda *args: asked.append(args[0]) or 0)
    command(
        "--dataset=omniglot",
        "--num_steps=100",
        "--set=training.start_from=pretrained:mnist",
        "--set=objective.presence_warmup_steps=50",
    )
    (config,) = asked
    assert config.objective.presence_warmup_steps == 50
    assert config.training.scale_hold_steps == 0
    assert config.training.scale_anneal_steps == 1
    assert config.training.smoothing == 0.0


def test_a_run_too_short_for_its_schedule_is_named(
    command, monkeypatch, caplog
):
    monkeypatch.setattr(loop, "run", lambda *_: 0)
    command("--dataset=mnist", "--num_steps=3500")
    assert "Lines become crisp" not in caplog.text
    assert "All strokes are drawn" not in caplog.text
    command("--dataset=mnist", "--num_steps=1000")
    assert (
        "crisp at step 3500, after the end of this run at 1000" in caplog.text
    )
    assert "drawn until step 1000" in caplog.text


def test_the_run_folder_may_be_at_home(command, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(loop, "run", lambda *args: asked.append(args) or 0)
    monkeypatch.setenv("HOME", str(tmp_path))
    command("--dataset=mnist", "--run_dir=~/run")
    assert asked[0][1] == str(tmp_path / "run")


def test_ctrl_c_before_the_first_step_is_no_traceback(command, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "run", interrupt)
    assert command("--dataset=mnist") == 130


def _numbers(folder):
    """All numbers in the last checkpoint but the count of saves."""
    path = folder / "checkpoints" / f"checkpoint-{_NUM_STEPS}"
    reader = tf.train.load_checkpoint(str(path))
    return {
        name: reader.get_tensor(name)
        for name in reader.get_variable_to_shape_map()
        if not name.startswith(("save_counter", "_CHECKPOINTABLE"))
    }


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param([], id="dood"),
        pytest.param(
            ["--preset=dood_paper", "--set=training.smoothing=2"],
            id="dood_paper",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_kill_9_and_resume_equals_never_stopped(tmp_path, settings):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    log = tmp_path / "log"

    def start(folder):
        flags = [f"--run_dir={folder}", *_TINY, *settings]
        with log.open("a") as stderr:
            return subprocess.Popen(
                [sys.executable, "-m", "train.main", *flags],
                cwd=pathlib.Path(main.__file__).parents[1],
                stderr=stderr,
            )

    process = start(killed)
    saved = []
    while not saved and process.poll() is None:
        time.sleep(0.05)
        saved = runs.saved_steps(killed / "checkpoints")
    process.kill()
    assert process.wait() == -signal.SIGKILL, log.read_text()
    assert saved[0] < _NUM_STEPS
    processes = [start(folder) for folder in (whole, killed)]
    codes = [process.wait() for process in processes]
    assert codes == [0, 0], log.read_text()
    theirs, ours = _numbers(whole), _numbers(killed)
    assert theirs.keys() == ours.keys()
    # The same route, repeated: exact.
    for name in theirs:
        np.testing.assert_array_equal(ours[name], theirs[name], name)
    records = (killed / "metrics.jsonl").read_bytes()
    assert records == (whole / "metrics.jsonl").read_bytes()
    assert len(records.splitlines()) == _NUM_STEPS // 3 + 1
