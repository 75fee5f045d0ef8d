"""Makes the page that shows drawings as strokes in a browser.

    python -m demo.build --model=pretrained:quickdraw --out=site

The folder `site` then holds all that the page needs; any host of static files
serves it. The runtime of the page comes from npm.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import pathlib
import shutil
import subprocess
import sys
import tempfile

from absl import flags

from tfdood import console, models
from tfdood.saved import converting, exporting

_HERE = pathlib.Path(__file__).parent
_NPM_FILES = ("package.json", "package-lock.json", ".npmrc")
_LIBRARY = {
    "@litertjs/core/dist/index.js": "core.js",
    "@litertjs/wasm-utils/dist/index.js": "wasm-utils.js",
    # The browser loads the second pair if it lacks relaxed SIMD.
    **{
        f"@litertjs/core/wasm/{name}{suffix}": f"wasm/{name}{suffix}"
        for name in ("litert_wasm_internal", "litert_wasm_compat_internal")
        for suffix in (".js", ".wasm")
    },
}


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "model",
        "pretrained:quickdraw",
        "Folder of a run, or pretrained:NAME.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "out",
        None,
        "Folder to write; it must not exist, or be empty.",
        flag_values=values,
        required=True,
    )


def main(options: flags.FlagValues) -> None:
    """Writes the folder of the page.

    Args:
        options: the values of the flags.

    Raises:
        ValueError: If the model cannot be used, or its strokes are codes.
        OSError: If npm fails, or the folder cannot be written.
    """
    out = pathlib.Path(options.out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(
            f"{out} is not empty; give a new folder with --out, or remove it."
        )
    trained = exporting.read(options.model, [])
    if not isinstance(trained.model, models.StrokeModel):
        raise ValueError(
            f"The page draws curves, and {options.model} has none; choose a "
            "model of the family dood, such as pretrained:quickdraw."
        )
    try:
        write_page(out)
        converting.write(out / "model", trained.model, trained.config)
    except BaseException:  # The same command can be given again.
        for path in out.glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
    sys.stdout.write(
        f"Wrote {out}. To look at it: python -m http.server --directory {out}\n"
    )


def write_page(out: pathlib.Path) -> None:
    """Writes the page and its runtime, without a model.

    Args:
        out: the folder, which must not have these files; created if it does
            not exist.

    Raises:
        OSError: If npm fails, or the folder cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in _NPM_FILES:
            shutil.copy(_HERE / name, folder)
        _install(folder)
        shutil.copytree(_HERE / "page", out, dirs_exist_ok=True)
        for source, target in _LIBRARY.items():
            path = out / "litert" / target
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(pathlib.Path(folder) / "node_modules" / source, path)


def _install(folder: str) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        found = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise OSError(
            "npm is missing, which gets the runtime of the page; install "
            "Node.js 20 or newer."
        ) from error
    if found.returncode:
        reason = found.stderr.strip().partition("\n")[0]
        raise OSError(f"{' '.join(command)} failed: {reason}")


def run() -> None:
    """Runs the command on the arguments of this process."""
    console.run(define, main)


if __name__ == "__main__":
    run()
