import multiprocessing
import signal
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfdood import console
from tfdood.data import sources
from tfdood.saved import runs
from train import loop, main, step

_NUM_STEPS = 60
_SMALL = [
    "--dataset=mnist",
    f"--num_steps={_NUM_STEPS}",
    "--batch_size=5",
    "--set=model.width=8",
    "--set=training.num_evaluation_images=2",
    "--set=training.num_evaluation_particles=1",
    "--set=training.evaluate_every=100",
    "--set=training.checkpoint_every=5",
    "--set=training.log_every=3",
]
# Only models with a running pixel scale take these.
_RUNNING_SCALE = [
    "--set=objective.scale_hold_steps=10",
    "--set=objective.scale_anneal_steps=20",
]
# Only models of strokes take these.
_STROKES = [
    "--set=objective.presence_warmup_steps=10",
    "--set=model.num_strokes=3",
    "--set=model.num_mixtures=2",
]


@pytest.fixture
def command(monkeypatch):
    """Runs the command in this process; gives its exit code."""
    # What it sets holds for the whole process, so for other tests as well.
    monkeypatch.setattr(main, "_make_repeatable", lambda: None)
    return lambda *arguments: console.call(main.define, main.main, arguments)


@pytest.fixture
def asked(monkeypatch):
    """The arguments of each run, which does not train."""
    calls = []
    monkeypatch.setattr(loop, "run", lambda *args: calls.append(args) or 0)
    return calls


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["quickdraw"], "Error: Flags start with --, got 'quickdraw'."),
        (["--batch_size=65537"], "batch_size must be in [1, 65536], got"),
        (["--num_steps=0"], "training.num_steps must be in [1, inf], got 0"),
        (["--set=model.strokes=1"], "Did you mean 'model.num_strokes'"),
        (["--set=training.dataset=mnist"], "training.dataset; use --dataset."),
        (["--set= preset =air"], "cannot change preset; use --preset."),
        (["--set=training.source=mine"], "writes training.source itself; l"),
        (["--data_dir=/nowhere"], "No quickdraw in /nowhere"),
        (["--learning_rate=nan"], "training.learning_rate must be finite"),
        (["--preset=vae", "--beta=2"], "no setting objective.beta; leave"),
        (
            ["--set=objective.nvil_decay=0.5"],
            "set objective.presence_gradient=nvil, or set",
        ),
        (["--dataset=quikdraw"], "mnist"),
        (["--preset=paper"], "dood_paper"),
        (["--strategy=tpu"], "mirrored"),
        (["--num_steps=many"], "num_steps"),
        (["--num_step=3"], "Did you mean: num_steps"),
    ],
)
def test_error_of_wrong_flags_is_one_line(
    command, asked, capsys, arguments, message
):
    assert command(*arguments) == 2
    answer = capsys.readouterr().err
    assert message in answer
    assert answer.count("\n") == 1
    assert not asked


def _configured(*arguments):
    """The configuration that these flags ask for."""
    found = []
    assert not console.call(
        main.define,
        lambda options: found.append(main.configure(options)) or 0,
        arguments,
    )
    return found[0]


def test_shortcut_flags_change_settings():
    config = _configured(
        *("--num_steps=7", "--batch_size=5", "--learning_rate=0.25"),
        *("--beta=3", "--seed=11", "--jit_compile"),
    )
    training = config.training
    assert (training.num_steps, training.batch_size) == (7, 5)
    assert (training.learning_rate, training.seed) == (0.25, 11)
    assert training.jit_compile is True
    assert config.objective.beta == 3.0


def test_set_overrides_shortcuts_and_earlier_sets():
    config = _configured(
        *("--set=training.num_steps=9", "--num_steps=7"),
        *("--set=model.width=8", "--set=model.width=16"),
    )
    assert config.training.num_steps == 9
    assert config.model.width == 16


def test_run_uses_drawings_and_folder_of_its_dataset(command, asked):
    code = command(
        "--dataset=omniglot",
        "--preset=dood_paper",
        "--set=model.image_size=28",
    )
    ((config, run_dir, drawings, make_trainer, strategy),) = asked
    assert code == 0
    assert config.preset == "dood_paper"
    assert config.model.presence_bias == 10.0  # the preset's, for Omniglot
    assert config.training.source == drawings[0].source
    assert [len(part.labels) for part in drawings] == [2_700, 300]
    assert drawings[1].images.shape[1:] == (28, 28, 1)
    assert run_dir == "runs/dood_paper_omniglot"
    assert make_trainer is step.Trainer
    assert strategy.num_replicas_in_sync == 1


@pytest.mark.parametrize(
    ("preset", "dataset"),
    [("dood", "quickdraw"), ("gnm", "mnist_4"), ("gns", "omniglot_strokes")],
)
def test_a_preset_has_a_dataset_of_its_own(command, asked, preset, dataset):
    assert command(f"--preset={preset}") == 0
    ((config, run_dir, *_),) = asked
    assert config.training.dataset == dataset
    assert run_dir == f"runs/{preset}_{dataset}"


def test_run_of_own_drawings_says_what_they_are(
    command, asked, tmp_path, monkeypatch
):
    folder = tmp_path / "my cats"
    folder.mkdir()
    for number in range(5):
        picture = Image.new("L", (60, 60), 255)
        picture.paste(0, (10, 10, 20 + number, 50))
        picture.save(folder / f"{number}.PNG")
    monkeypatch.chdir(tmp_path)
    for path in ("my cats", str(folder)):
        assert command(f"--dataset=folder:{path}") == 0
    (config, run_dir, drawings, *_), (again, *_) = asked
    assert config == again
    assert config.training.dataset == f"folder:{folder}"
    assert config.training.source == drawings[0].source
    assert config.training.source.startswith(
        "folder my cats (5 picture files, "
    )
    assert run_dir == "runs/dood_folder_my cats"
    assert [len(part.labels) for part in drawings] == [3, 1]


def test_missing_own_drawings_are_an_error(command, asked, capsys):
    assert command("--dataset=folder:/nowhere") == 2
    answer = capsys.readouterr().err
    assert answer.startswith("Error: The folder /nowhere does not exist; give")
    assert not asked


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--preset=dood", "--dataset=arrow_like"],
            "The model takes grey images, and arrow_like has images in colours",
        ),
        (
            ["--preset=gnm", "--dataset=mnist_4", "--set=model.colours=rgb"],
            "The model takes images in colours, and mnist_4 has grey images",
        ),
        (
            ["--preset=gns", "--dataset=mnist"],
            "pen strokes, which mnist does not have; give --dataset=omniglot_",
        ),
    ],
)
def test_drawings_that_a_model_cannot_learn_from_are_refused_at_once(
    command, asked, capsys, arguments, message
):
    assert command(*arguments) == 2
    assert not asked
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("Error: ") and error.count("\n") == 1


def test_exit_code_is_that_of_the_run(command, monkeypatch):
    monkeypatch.setattr(loop, "run", lambda *_: 143)
    assert command("--dataset=mnist") == 143


def test_training_on_the_sample_logs_a_warning(command, asked, caplog):
    sources.warn_of_sample.cache_clear()
    command("--dataset=mnist")
    assert caplog.text.count("sample is for trials, not for results") == 1
    assert "embedded sample" in asked[0][0].training.source


@pytest.mark.parametrize("preset", ["dood", "vae"])
def test_warm_start_has_no_schedules_of_the_start(preset):
    config = _configured(
        *(f"--preset={preset}", "--dataset=omniglot", "--num_steps=100"),
        "--set=training.start_from=pretrained:mnist",
        "--set=objective.scale_anneal_steps=50",
    )
    assert config.training.start_from == "pretrained:mnist"
    assert config.objective.scale_anneal_steps == 50  # said explicitly
    assert config.objective.scale_hold_steps == 0
    assert config.objective.smoothing == 0.0
    assert getattr(config.objective, "presence_warmup_steps", 0) == 0


def test_a_part_of_a_model_does_not_learn_beside_random_weights(
    command, asked, capsys
):
    flags = ("--preset=gnm", "--dataset=mnist_4")
    part = "--set=objective.learns=scene_code"
    assert command(*flags, part) == 2
    assert "add --set=training.start_from=RUN_FOLDER" in capsys.readouterr().err
    assert not asked
    start = "--set=training.start_from=runs/scenes"
    config = _configured(*flags, part, start)
    assert config.objective.beta_steps == 0


def test_tilde_in_run_dir_is_the_home_folder(
    command, asked, monkeypatch, tmp_path
):
    monkeypatch.setenv("HOME", str(tmp_path))
    command("--dataset=mnist", "--run_dir=~/run")
    assert asked[0][1] == str(tmp_path / "run")


def test_ctrl_c_before_the_first_step_prints_no_traceback(command, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "run", interrupt)
    assert command("--dataset=mnist") == 130


def _run(flags):
    """The command, in a process of its own."""
    sys.exit(console.call(main.define, main.main, flags))


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
        pytest.param(["--preset=vae", *_RUNNING_SCALE], id="vae"),
        pytest.param(
            [*_STROKES, *_RUNNING_SCALE], id="dood", marks=pytest.mark.slow
        ),
        pytest.param(
            [*_STROKES, *_RUNNING_SCALE, "--jit_compile"],
            id="compiled",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["--preset=dood_paper", *_STROKES, "--set=objective.smoothing=2"],
            id="dood_paper",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_run_resumed_after_kill_9_equals_uninterrupted_run(tmp_path, settings):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    # New processes do not import TensorFlow again.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["train.main"])

    def start(folder):
        flags = f"--run_dir={folder}", *_SMALL, *settings
        process = processes.Process(target=_run, args=(flags,))
        process.start()
        return process

    process = start(killed)
    saved = []
    while not saved and process.is_alive():
        time.sleep(0.05)
        saved = runs.saved_steps(killed / "checkpoints")
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert saved[0] < _NUM_STEPS
    for process in [start(folder) for folder in (whole, killed)]:
        process.join()
        assert process.exitcode == 0
    theirs, ours = _numbers(whole), _numbers(killed)
    assert theirs.keys() == ours.keys()
    # The same route, repeated: exact.
    for name in theirs:
        np.testing.assert_array_equal(ours[name], theirs[name], name)
    records = (killed / "metrics.jsonl").read_bytes()
    assert records == (whole / "metrics.jsonl").read_bytes()
    assert len(records.splitlines()) == _NUM_STEPS // 3 + 1
