import json
import pathlib
import re
import types

import pytest

from demo import build
from tfdood import console
from tfdood.sketching import drawers

_HERE = pathlib.Path(build.__file__).parent


def _call(model, out):
    arguments = [f"--model={model}", f"--out={out}"]
    return console.call(build.define, build.main, arguments)


def test_folder_with_files_is_refused(tmp_path, capsys):
    (tmp_path / "notes.txt").touch()
    assert _call("pretrained:mnist", tmp_path) == 2
    assert "is not empty; give a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_model_of_codes_is_refused(run_of_codes, tmp_path, capsys):
    assert _call(run_of_codes.path, tmp_path / "site") == 2
    assert "draws curves" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_missing_npm_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OSError, match=r"npm is missing.*install Node\.js"):
        build.write_page(tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failed_build_leaves_nothing(tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    def write_page(out):
        (out / "litert").mkdir(parents=True)
        (out / "index.html").touch()

    monkeypatch.setattr(build, "write_page", write_page)
    monkeypatch.setattr(build.converting, "write", fail)
    options = types.SimpleNamespace(model="pretrained:quickdraw", out="site")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(type(error)):
        build.main(options)
    assert list((tmp_path / "site").iterdir()) == []


def test_framings_have_the_margins_of_python():
    text = (_HERE / "page" / "framing.js").read_text()
    found = re.findall(r"(\w+)(?: =|:) { margin: ([\d.]+), line", text)
    margins = {name: float(margin) for name, margin in found}
    assert margins.pop("OTHER") == drawers._MARGIN
    assert margins == drawers.MARGINS


def test_runtime_is_pinned_by_digests_and_names_no_host():
    wanted = json.loads((_HERE / "package.json").read_text())["dependencies"]
    lock = (_HERE / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    del packages[""]
    for name, version in wanted.items():
        found = packages.pop(f"node_modules/{name}")
        assert found["version"] == version
        assert found["integrity"].startswith("sha512-")
    assert not packages
    assert "://" not in lock


def test_page_names_only_files_of_its_own():
    page, named = _HERE / "page", set()
    for path in page.iterdir():
        text = path.read_text().replace('"http://www.w3.org/2000/svg"', "")
        assert not re.search(r"//\w", text), path  # An address, no comment.
        named |= set(re.findall(r"""(?:src|href)="([^"]+)\"""", text))
        named |= set(re.findall(r"""(?:from|import) ?\(?"(\.[^"]+)\"""", text))
    assert len(named) > 10
    assert all((page / name).is_file() for name in named)
