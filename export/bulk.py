r"""Turns many pictures into strokes, on one machine or on a cluster.

    python -m export.bulk --input='photos/*.png' --output=drawings/photos

The command is a pipeline of Apache Beam: `--beam_options` chooses its runner.
It writes `drawings/photos-drawings-00000-of-00004.ndjson` and so on, and names
the pictures that cannot be drawn in `drawings/photos-skipped-...`.
"""

import logging
import shlex
import sys

from absl import flags

from tfdood import console

from . import options as options_lib

FORMATS = ("ndjson", "json")
"""Quick, Draw!, and polygonal lines in pixels; one drawing on each line."""


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    _define_files(values)
    options_lib.define_model(values)
    flags.DEFINE_string(
        "beam_options",
        "",
        "Options of Beam and of its runner, such as '--runner=FlinkRunner "
        "--flink_master=HOST:8081'; by default, one process of this machine.",
        flag_values=values,
    )
    flags.register_validator(
        "beam_options",
        _is_split,
        "expected options as in a shell, with closed quotation marks",
        flag_values=values,
    )


def _is_split(options: str) -> bool:
    try:
        shlex.split(options)
    except ValueError:
        return False
    return True


def _define_files(values: flags.FlagValues) -> None:
    flags.DEFINE_string(
        "input",
        None,
        "Glob of the pictures, in quotes; ** also matches folders.",
        flag_values=values,
        required=True,
    )
    flags.DEFINE_string(
        "output",
        None,
        "Prefix of the names of all files, such as drawings/photos.",
        flag_values=values,
        required=True,
    )
    flags.register_validator(
        "output",
        lambda prefix: not set(prefix) & set("*?[]"),
        "expected a prefix without *, ?, [ and ]",
        flag_values=values,
    )
    flags.DEFINE_list(
        "formats",
        "ndjson",
        "What to write, some of ndjson (as of Quick, Draw!) and json "
        "(polygonal lines in pixels), a drawing a line.",
        flag_values=values,
    )
    flags.register_validator(
        "formats",
        lambda names: names and set(names) <= set(FORMATS),
        f"expected some of {', '.join(FORMATS)}",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_shards",
        0,
        "Number of files of each format; 0 lets the runner decide.",
        lower_bound=0,
        flag_values=values,
    )


def main(options: flags.FlagValues) -> int:
    """Draws all pictures, and prints how many.

    Args:
        options: the values of the flags.

    Returns:
        0, or 2 if a picture was skipped.

    Raises:
        ValueError: If Beam is not installed, or the options are not valid.
        OSError: If there are no pictures, or a file cannot be written.
    """
    _show_warnings_only()
    try:
        from . import bulk_pipeline
    except ModuleNotFoundError as error:
        if error.name != "apache_beam":
            raise
        raise ValueError(
            "This command needs Apache Beam, which is not installed. Run "
            "pip install '.[beam]' in the repository, in an environment of its "
            "own."
        ) from error

    job = bulk_pipeline.Job(
        options.input,
        options.output,
        options.model,
        options.parser,
        tuple(dict.fromkeys(options.formats)),
        options.num_shards,
    )
    counts = bulk_pipeline.run(job, shlex.split(options.beam_options))
    drawn, skipped = counts["drawn"], counts["skipped"]
    sys.stdout.write(
        f"Drew {drawn} of {drawn + skipped} pictures; without a stroke: "
        f"{counts['empty']}.\n"
    )
    if not skipped:
        return 0
    sys.stderr.write(
        f"{options.output}-skipped-*.ndjson names the {skipped} that were not "
        "drawn, with the reasons.\n"
    )
    return console.USAGE_ERROR


def run() -> None:
    """Runs the command on the arguments of this process."""
    console.run(define, main)


def _show_warnings_only() -> None:
    """Hides what Beam says of each step, but not the address of a job."""
    logging.getLogger("apache_beam").setLevel(logging.WARNING)
    logging.getLogger("apache_beam.runners.dataflow").setLevel(logging.INFO)


if __name__ == "__main__":
    run()
