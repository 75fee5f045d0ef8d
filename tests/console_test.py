import os
import pathlib
import subprocess
import sys

import pytest
import tensorflow as tf
from absl import flags

from tfdood import console

_ROOT = pathlib.Path(__file__).parents[1]

_COMMAND = '''
"""Says a number."""
from tfdood import quiet
import sys
import tensorflow as tf
from absl import flags, logging
from tfdood import console

def define(values):
    flags.DEFINE_integer(
        "number", None, "Number to say.", flag_values=values, required=True
    )

def main(options):
    if options.number == 0:
        raise ValueError("There is no 0.")
    if options.number == 1:
        raise KeyboardInterrupt
    logging.info("About to say it.")
    tf.get_logger().info("Hidden.")
    print(options.number)

def run():
    console.run(define, main)

if __name__ == "__main__":
    run()
'''.lstrip()

_CONSOLE_SCRIPT = """
import sys
from command import run
sys.exit(run())
"""

_STAND_IN = """
from unittest import mock

config, get_logger = mock.Mock(), mock.Mock()

class errors:
    OpError = type("OpError", (Exception,), {})
"""


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """A folder with a module in place of TensorFlow, which takes seconds."""
    folder = tmp_path_factory.mktemp("stand_in")
    (folder / "tensorflow.py").write_text(_STAND_IN)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A command and its console script."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "command.py").write_text(_COMMAND)
    (folder / "script").write_text(_CONSOLE_SCRIPT)
    return folder


def _run(*arguments, paths=(), **variables):
    paths = [*map(str, paths), str(_ROOT)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _define(values):
    flags.DEFINE_integer(
        "seed", 0, "Seed.", lower_bound=0, upper_bound=9, flag_values=values
    )
    for name in ("first", "second"):
        flags.DEFINE_string(
            name, None, "Text.", flag_values=values, required=True
        )


def _call(main, *arguments):
    given = ("--first=a", "--second=b", *arguments)
    return console.call(_define, main, given)


@pytest.mark.parametrize(("answer", "code"), [(None, 0), (0, 0), (3, 3)])
def test_main_gives_the_exit_code(answer, code):
    assert _call(lambda _: answer) == code


def test_main_gets_the_values():
    got = []
    _call(lambda options: got.append((options.seed, options.first)), "--seed=3")
    assert got == [(3, "a")]


def test_tilde_is_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    got = []
    console.call(
        _define,
        lambda options: got.append((options.first, options.second)),
        ("--first=~/runs", "--second=a~/b"),
    )
    assert got == [("/home/somebody/runs", "a~/b")]


def test_calls_do_not_share_values():
    got = []
    for arguments in (["--seed=3"], []):
        _call(lambda options: got.append(options.seed), *arguments)
    assert got == [3, 0]
    assert "first" not in flags.FLAGS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sead=1"], "line flag 'sead'. Did you mean: seed ?"),
        (["--seed=10"], "--seed=10: 10 is not an integer in the range [0, 9]"),
        (["--seed=x"], "flag --seed=x: invalid literal"),
        (["seed=1"], "Flags start with --, got 'seed=1'."),
        (["--flagfile=/no/file"], "Error: Unable to open flagfile: "),
    ],
)
def test_wrong_flag_is_one_sentence(capsys, arguments, message):
    assert _call(lambda _: 0, *arguments) == console.USAGE_ERROR == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Give --first and --second; --help explains the flags."),
        (["--first=a"], "Give --second; --help explains the flags."),
    ],
)
def test_missing_flags_are_named(capsys, arguments, message):
    assert console.call(_define, lambda _: 0, arguments) == 2
    assert capsys.readouterr().err == f"Error: {message}\n"


_TRACE = """Graph execution error:

Detected at node Assert defined at (most recent call last):
  File "somewhere.py", line 1, in somebody
<stack traces unavailable>
assertion failed: [images must have shape] [-1 5 5 1] [got] [2 4]
\t [[{{node Assert}}]] [Op:__inference_1]"""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("No such model."), "No such model."),
        (OSError("The folder is full."), "The folder is full."),
        (FileNotFoundError(2, "No such file", "a.png"), "a.png: No such file."),
        (
            OSError(28, "No space left on device"),
            "No space left on device; what was finished is kept. Free some "
            "disk space, and run the same command again.",
        ),
        (tf.errors.DataLossError(None, None, "Damaged"), "Damaged"),
        (
            tf.errors.InvalidArgumentError(None, None, _TRACE),
            "images must have shape -1 5 5 1 got 2 4",
        ),
        (
            tf.errors.InternalError(None, None, "Graph execution error:"),
            "Graph execution error:",
        ),
        (
            FileExistsError(17, "File exists", "a.png"),
            "a.png is a file where a folder was expected; give another folder.",
        ),
    ],
)
def test_error_of_the_user_is_one_sentence(capsys, error, message):
    def main(_):
        raise error

    assert _call(main) == 2
    assert capsys.readouterr().err == f"Error: {message}\n"


def test_interruption_has_the_code_of_shells():
    def main(_):
        raise KeyboardInterrupt

    assert _call(main) == console.INTERRUPTED == 130


def test_error_of_the_program_is_not_hidden():
    def main(_):
        raise TypeError("A bug.")

    with pytest.raises(TypeError, match="A bug"):
        _call(main)


def test_paths_are_given_to_commands_that_take_them():
    got = []
    arguments = ["a.png", "--seed=3", "--first=a", "--second=b", "b/c.png"]
    code = console.call(
        _define,
        lambda options, paths: got.append((options.seed, paths)),
        arguments,
        takes_paths=True,
    )
    assert code == 0
    assert got == [(3, ["a.png", "b/c.png"])]


def test_tensorflow_is_not_imported():
    code = "import sys, tfdood.console; sys.exit('tensorflow' in sys.modules)"
    assert _run("-c", code).returncode == 0


@pytest.mark.parametrize("file", ["command.py", "script"])
def test_help_lists_the_flags(folder, stand_in, file):
    result = _run(folder / file, "--help", paths=[folder, stand_in])
    assert (result.returncode, result.stderr) == (0, "")
    assert "Says a number." in result.stdout
    assert "--number: Number to say." in result.stdout


@pytest.mark.parametrize("file", ["command.py", "script"])
def test_start_is_quiet(folder, stand_in, file):
    # A script takes seconds less with the module in place of TensorFlow.
    paths = [folder, stand_in] if file == "script" else [folder]
    result = _run(folder / file, "--number=5", paths=paths)
    assert result.returncode == 0
    assert result.stdout == "5\n"
    assert result.stderr == "INFO: About to say it.\n"


@pytest.mark.parametrize(
    ("argument", "code", "message"),
    [
        ("--number=0", 2, "Error: There is no 0.\n"),
        ("--number=1", 130, ""),
        ("--numbr=2", 2, "Error: Unknown command line flag 'numbr'. Did you "),
        ("--", 2, "Error: Give --number; "),
    ],
)
def test_process_exits_with_the_code(folder, stand_in, argument, code, message):
    result = _run(folder / "command.py", argument, paths=[stand_in])
    assert result.returncode == code
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == (1 if message else 0)
