"""Prepares TFDS folders, of local files without a network, or of downloads.

    python -m tfdood.data.prepare --source=DIR [--data_dir=DIR] [--dataset=NAME]
    python -m tfdood.data.prepare --download [--data_dir=DIR] [--dataset=NAME]

`DIR` holds npz files, the published idx files, or folders of PNG files. What
is there is imported; `--dataset`, which may be repeated, picks. The folders are
complete or not there at all: they are written under another name first.
"""

import sys

import tensorflow_datasets as tfds
import tqdm
from absl import app, flags, logging

from tfdood.data import downloading
from tfdood.data.importers import importing


def _define_flags() -> None:
    flags.DEFINE_string("source", None, "Folder of npz, idx or PNG files.")
    flags.DEFINE_bool(
        "download", default=False, help="Let TFDS download in place of that."
    )
    flags.DEFINE_string(
        "data_dir", None, "Folder to prepare in; TFDS's own by default."
    )
    flags.DEFINE_multi_enum(
        "dataset",
        None,
        importing.IMPORTABLE,
        "What to prepare; may be repeated.",
    )


def main(argv: list[str]) -> None:
    """Prepares what the flags ask for and says what was done."""
    if len(argv) > 1:
        raise app.UsageError(f"Unknown arguments: {' '.join(argv[1:])}.")
    options = flags.FLAGS
    logging.set_verbosity(logging.WARNING)
    try:
        if options.download == bool(options.source):
            raise ValueError("Give either --source=DIR or --download.")
        if options.download:
            for name in options.dataset or importing.IMPORTABLE:
                downloading.download(name, options.data_dir)
                tqdm.tqdm.write(f"{name}: downloaded.")
            return
        tfds.disable_progress_bar()  # The import has its own.
        for sentence in importing.import_all(
            options.source, options.data_dir, options.dataset
        ):
            tqdm.tqdm.write(sentence)
    except (ValueError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _define_flags()
    app.run(main)
