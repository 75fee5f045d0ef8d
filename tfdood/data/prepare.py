"""Prepares datasets as TFDS folders, from local files or by download.

    python -m tfdood.data.prepare --source=DIR [--data_dir=DIR] [--dataset=NAME]
    python -m tfdood.data.prepare --download [--data_dir=DIR] [--dataset=NAME]
    python -m tfdood.data.prepare --scenes=NAME [--data_dir=DIR]

`--source` is a folder of the files that were published, of npz files, or of
folders of pictures. The command imports every dataset that it finds there.
`--dataset` limits it to one dataset and may be repeated. A dataset is written
under a temporary name first, so that an interrupted command leaves no
incomplete one. `--scenes` writes a folder of scenes for other programs, made of
the prepared MNIST; tfdood itself needs none.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import tensorflow_datasets as tfds
import tqdm
from absl import flags

from tfdood import console
from tfdood.data import datasets, downloading
from tfdood.data.builders import mnist_scenes
from tfdood.data.importers import importing


def define(values: flags.FlagValues) -> None:
    """Declares the flags."""
    flags.DEFINE_string(
        "source",
        None,
        "Folder of local files, as they were published, or npz files or "
        "pictures; docs/data.md lists them.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "download",
        default=False,
        help="Download with TFDS instead of importing local files.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "data_dir",
        None,
        "Folder of prepared datasets; TFDS's own folder by default.",
        flag_values=values,
    )
    flags.DEFINE_multi_enum(
        "dataset",
        None,
        importing.IMPORTABLE,
        "Dataset to prepare; may be repeated; all datasets by default.",
        flag_values=values,
    )
    flags.DEFINE_multi_enum(
        "scenes",
        None,
        tuple(datasets.SCENES),
        "Scenes to write as a TFDS folder for other programs; may be repeated.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Prepares the datasets and prints one sentence about each."""
    ways = (options.source, options.download, options.scenes)
    if sum(map(bool, ways)) != 1:
        raise ValueError(
            "Give either --source=DIR, or --download, or --scenes=NAME."
        )
    if options.scenes and options.dataset:
        raise ValueError(
            "--scenes takes the names itself; leave --dataset out."
        )
    for name in options.scenes or ():
        _write_scenes(name, options.data_dir)
    if options.scenes:
        return
    if options.download:
        for name in options.dataset or importing.IMPORTABLE:
            downloading.download(name, options.data_dir)
            tqdm.tqdm.write(f"{name}: downloaded.")
        return
    tfds.disable_progress_bar()  # The import shows a progress bar of its own.
    for sentence in importing.import_all(
        options.source, options.data_dir, options.dataset
    ):
        tqdm.tqdm.write(sentence)


def _write_scenes(name: str, data_dir: str | None) -> None:
    builder = mnist_scenes.MnistScenes(config=name, data_dir=data_dir)
    if builder.data_path.exists():
        tqdm.tqdm.write(
            f"{name}: already in {builder.data_path}. To write it again, "
            "delete that folder first."
        )
        return
    builder.download_and_prepare()
    tqdm.tqdm.write(f"{name}: now in {builder.data_path}.")


def run() -> None:
    """Runs the command."""
    console.run(define, main)


if __name__ == "__main__":
    run()
