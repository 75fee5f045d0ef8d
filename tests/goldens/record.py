"""Records what the commands of a checkout answer, to compare two versions.

    python tests/goldens/record.py --root=. --out=goldens.npz --data_dir=DIR
    python tests/goldens/record.py --compare=before.npz --with=after.npz

Everything goes through the commands (`export.main`, `train.main` and
`tfdood.evaluate`), so that the same script runs on any version: all signatures
of the shipped models on 16 fixed drawings and seeds, the metrics of the first
12 training steps of every preset, and three tasks on 20 drawings. Of each
output of a signature, at most 48 evenly spaced values a drawing are kept.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

MODELS = ("mnist", "emnist", "kmnist", "quickdraw", "omniglot")
PRESETS = (
    *("dood", "dood_paper", "dood_sp", "dood_eg", "dood_dr", "dood_glimpse"),
    *("air", "difference_air", "vae"),
)
TASKS = {
    "reconstruction": ("mnist", ()),
    "marginal_likelihood": ("mnist", ("--num_particles=20",)),
    "parsing": ("omniglot", ("--num_particles=10",)),
}
_NUM_DRAWINGS, _NUM_KEPT, _NUM_STEPS = 16, 48, 12


def main() -> None:
    """Records, or compares two records."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", type=pathlib.Path, default=".")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--data_dir", type=pathlib.Path)
    parser.add_argument(
        "--only", default="", help="start of the keys to record"
    )
    parser.add_argument("--compare", type=pathlib.Path)
    parser.add_argument("--with", type=pathlib.Path, dest="other")
    options = parser.parse_args()
    if options.compare:
        compare(options.compare, options.other)
        return
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        recorders = {
            "signatures": (_signatures, MODELS),
            "training": (_training, PRESETS),
            "tasks": (_task, TASKS),
        }
        for kind, (recorder, names) in recorders.items():
            for name in names:
                key = f"{kind}/{name}"
                if key.startswith(options.only):
                    values = recorder(name, options, pathlib.Path(folder))
                    found |= {f"{key}/{k}": v for k, v in values.items()}
                    sys.stderr.write(f"{key}: {len(values)} values\n")
    np.savez_compressed(options.out, **found)


def compare(before: pathlib.Path, after: pathlib.Path) -> None:
    """Prints a line a group: the largest difference over the largest value."""
    old, new = np.load(before), np.load(after)
    groups: dict[str, list[float]] = {}
    missing = sorted(set(old.files) - set(new.files))
    for key in sorted(set(old.files) & set(new.files)):
        a, b = (np.asarray(x[key], np.float64) for x in (old, new))
        if a.shape != b.shape:
            missing.append(f"{key} {a.shape} {b.shape}")
            continue
        scale = max(np.abs(a).max(), 1e-3)
        groups.setdefault(key.rpartition("/")[0], []).append(
            float(np.abs(a - b).max() / scale)
        )
    for group, values in groups.items():
        sys.stdout.write(f"{group}: {len(values)} arrays, {max(values):.1e}\n")
    for key in missing:
        sys.stdout.write(f"only before, or of another shape: {key}\n")
    for key in sorted(set(new.files) - set(old.files)):
        sys.stdout.write(f"only after: {key}\n")


def _run(options, *command) -> None:
    subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=options.root,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _signatures(name, options, folder) -> dict[str, np.ndarray]:
    import tensorflow as tf

    path = folder / name
    _run(
        options,
        "export.main",
        f"--run_dir=pretrained:{name}",
        f"--export_dir={path}",
    )
    model = tf.saved_model.load(str(path / "1"))
    known = _inputs(options.root, name)
    signatures = dict(sorted(model.signatures.items()))
    # Signatures with inputs that others answer come last.
    order = ("parse", *(n for n in signatures if n not in ("parse", "render")))
    found = {}
    for signature in (*order, "render"):
        function = signatures[signature]
        inputs = function.structured_input_signature[1]
        outputs = function(**{k: tf.constant(known[k]) for k in inputs})
        for key, value in outputs.items():
            if signature == "parse":
                known.setdefault(key, value.numpy())
            found[f"{signature}/{key}"] = _thinned(value.numpy())
    return found


def _inputs(root: pathlib.Path, name: str) -> dict[str, np.ndarray]:
    """Drawings of the embedded sample, in the middle of 50 x 50 pixels."""
    import tensorflow as tf

    path = root / "tfdood" / "data" / "sample" / f"{name}.npz"
    with np.load(path) as arrays:
        images = arrays["test_images"]
    rows = np.linspace(0, len(images) - 1, _NUM_DRAWINGS).astype(int)
    images = images[rows]
    if name == "omniglot":  # a bit a pixel
        bits = np.unpackbits(images, axis=1)[:, : 105 * 105]
        images = 255 * bits.reshape(-1, 105, 105)
    images = images.astype(np.float32)[..., np.newaxis]
    images = tf.image.resize(images, [50, 50], antialias=True) / 255.0
    images = np.clip(images, 0.0, 1.0)
    seeds = np.arange(2 * _NUM_DRAWINGS, dtype=np.int32).reshape(-1, 2)
    encoded = [
        tf.io.encode_png(np.uint8(255 * image)).numpy() for image in images
    ]
    return {
        "images": images,
        "canvas": images[::-1].copy(),
        "seeds": seeds,
        "temperature": np.linspace(0.1, 1.0, _NUM_DRAWINGS, dtype=np.float32),
        "image_bytes": np.array(encoded, object),
    }


def _thinned(values: np.ndarray) -> np.ndarray:
    values = values.reshape(len(values), -1)
    step = max(1, -(-values.shape[1] // _NUM_KEPT))
    return values[:, ::step]


def _training(name, options, folder) -> dict[str, np.ndarray]:
    run = folder / f"run_{name}"
    _run(
        options,
        "train.main",
        f"--preset={name}",
        "--dataset=mnist",
        f"--run_dir={run}",
        f"--num_steps={_NUM_STEPS}",
        "--set=training.log_every=1",
        "--set=training.num_evaluation_images=1",
        "--set=training.num_evaluation_particles=1",
    )
    lines = (run / "metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    names = [key for key in records[0] if key != "step"]
    records = [record for record in records if names[0] in record]
    return {key: np.array([r[key] for r in records]) for key in names}


def _task(name, options, folder) -> dict[str, np.ndarray]:
    dataset, flags = TASKS[name]
    results = folder / f"results_{name}"
    _run(
        options,
        "tfdood.evaluate",
        f"--task={name}",
        f"--model=pretrained:{dataset}",
        f"--dataset={dataset}",
        "--num_images=20",
        f"--results={results}",
        f"--data_dir={options.data_dir}",
        *flags,
    )
    lines = (results / "results.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return {r["metric"]: np.array(r["value"]) for r in records}


if __name__ == "__main__":
    main()
