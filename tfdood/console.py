"""Flags, error messages and exit codes of all commands.

A command is two functions: `define` declares its absl flags, and `main` does
the work and returns an exit code, or None for 0.

    def define(values: flags.FlagValues) -> None:
        flags.DEFINE_integer("seed", 0, "Seed.", flag_values=values)

    def main(options: flags.FlagValues) -> int | None:
        ...

    if __name__ == "__main__":
        console.run(define, main)

A command that needs TensorFlow imports `tfdood.quiet` first.
"""

import errno
import logging as stdlib_logging
import os
import re
import sys
from collections.abc import Callable, Sequence

from absl import app, flags, logging

USAGE_ERROR, INTERRUPTED = 2, 130
"""The exit code of errors that the user can fix, and that of Ctrl-C."""

Define = Callable[[flags.FlagValues], None]
Main = Callable[..., int | None]

_MISSING = re.compile(r"Flag --(\w+) must have a value other than None")
FULL = (errno.ENOSPC, errno.EDQUOT)
"""The errors of a full disk."""
_BEFORE_REASON = ("Graph execution error", "Detected at", "<stack", " ")


def run(define: Define, main: Main, *, takes_paths: bool = False) -> None:
    """Runs a command on the arguments of this process, and exits.

    Args:
        define: the function that declares the flags.
        main: the function that does the work.
        takes_paths: whether `main` takes the list of arguments that are no
            flags as its second argument; else there may be none.
    """
    before = set(flags.FLAGS)
    define(flags.FLAGS)
    for name in set(flags.FLAGS) - before:  # so that --help lists them
        flags.FLAGS.register_key_flag_for_module(sys.argv[0], flags.FLAGS[name])
    script = sys.modules["__main__"]
    script.__doc__ = script.__doc__ or sys.modules[main.__module__].__doc__
    _show_own_messages_only()
    app.run(
        lambda argv: _guarded(main, flags.FLAGS, argv, takes_paths),
        flags_parser=_parse_or_exit,
    )


def call(
    define: Define,
    main: Main,
    arguments: Sequence[str],
    *,
    takes_paths: bool = False,
) -> int:
    """Runs a command in this process, apart from the flags of the process.

    Args:
        define: the function that declares the flags.
        main: the function that does the work.
        arguments: the arguments of the command, such as `["--seed=1"]`.
        takes_paths: as in `run`.

    Returns:
        The exit code.
    """
    values = flags.FlagValues()
    define(values)
    try:
        rest = values(["command", *map(_expanded, arguments)])
    except flags.Error as error:
        return _fail(error)
    return _guarded(main, values, rest, takes_paths)


def _parse_or_exit(argv: list[str]) -> list[str]:
    """Parses the flags of this process; returns the other arguments."""
    try:
        return flags.FLAGS([argv[0], *map(_expanded, argv[1:])])
    except flags.Error as error:
        sys.exit(_fail(error))
    except SystemExit:  # absl exits with a failure after --help.
        sys.exit(0)


def _expanded(argument: str) -> str:
    """Puts the home folder for `~` in `--flag=~/path`; shells do not."""
    name, is_flag, value = argument.partition("=")
    if not (is_flag and name.startswith("--") and value.startswith("~")):
        return argument
    return f"{name}={os.path.expanduser(value)}"


def _guarded(
    main: Main, values: flags.FlagValues, argv: list[str], takes_paths: bool
) -> int:
    """Runs `main`; reports errors that a user can fix in one sentence."""
    try:
        if takes_paths:
            return main(values, argv[1:]) or 0
        if len(argv) > 1:
            raise ValueError(f"Flags start with --, got {argv[1]!r}.")
        return main(values) or 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except (ValueError, OSError, *_errors_of_tensorflow()) as error:
        return _fail(error)


def _errors_of_tensorflow() -> tuple[type[Exception], ...]:
    """The errors of operations; none if TensorFlow is not imported."""
    tensorflow = sys.modules.get("tensorflow")
    return (tensorflow.errors.OpError,) if tensorflow else ()


def _fail(error: Exception) -> int:
    sys.stderr.write(f"Error: {sentence(error)}\n")
    return USAGE_ERROR


def sentence(error: Exception) -> str:
    """Says what is wrong, without traces.

    Args:
        error: of Python, of a flag, or of an operation of TensorFlow.
    """
    if isinstance(error, OSError) and error.errno in FULL:
        place = f"{error.filename}: " if error.filename else ""
        return (
            f"{place}{error.strerror}; what was finished is kept. Free some "
            "disk space, and run the same command again."
        )
    if isinstance(error, OSError) and error.filename is not None:
        return _of_file(error)
    if isinstance(error, _errors_of_tensorflow()):
        return _of_operation(error.message)
    if isinstance(error, flags.Error):
        missing = [f"--{name}" for name in _MISSING.findall(str(error))]
        if missing:
            return f"Give {' and '.join(missing)}; --help explains the flags."
        return str(error).replace("\n", " ").removeprefix("ERROR:: ")
    return str(error)


def _of_file(error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return (
            f"{error.filename} is a file where a folder was expected; give "
            "another folder."
        )
    return f"{error.filename}: {error.strerror}."


def _of_operation(message: str) -> str:
    """The line with the reason; lines about the graph stand before it."""
    lines = message.partition(" [Op:")[0].splitlines()
    reasons = [ln for ln in lines if ln and not ln.startswith(_BEFORE_REASON)]
    reason = (reasons or lines)[0].removeprefix("assertion failed: ")
    return reason.replace("] [", " ").strip("[]")


def _show_own_messages_only() -> None:
    """Shows the log messages of tfdood, but only TensorFlow's warnings."""
    handler = logging.get_absl_handler()
    handler.setFormatter(stdlib_logging.Formatter("%(levelname)s: %(message)s"))
    handler.addFilter(
        lambda record: (
            record.levelno > stdlib_logging.INFO
            or "-packages/tensorflow" not in record.pathname
        )
    )
    stdlib_logging.getLogger("tensorflow").setLevel(stdlib_logging.WARNING)
    logging.set_verbosity(logging.INFO)
