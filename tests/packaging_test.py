"""The package as pip installs it: requirements, commands, files."""

import ast
import importlib
import importlib.metadata
import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = pathlib.Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, SETUPTOOLS = PYPROJECT["project"], PYPROJECT["tool"]["setuptools"]
EXTRAS = PROJECT["optional-dependencies"]
FOLDERS = ("tfdood", "train", "export")
# Not among the pins, and so perhaps not installed.
UNPINNED = {"apache_beam": ["apache-beam"]}
# Declared for other packages, which import them.
INDIRECT = {"tf-keras", "importlib-resources", "tensorboard"}


def _by_name(lines: list[str]) -> dict[str, Requirement]:
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): r for r in requirements}


def _pins() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    lines = [line.partition("#")[0].strip() for line in lines]
    return _by_name([line for line in lines if line])


def _ranges() -> dict[str, Requirement]:
    lines = [*PROJECT["dependencies"], *EXTRAS["serving"], *EXTRAS["dev"]]
    ranges = _by_name(lines)
    del ranges["tfdood"]  # [dev] includes [serving]
    return ranges


def _folder(package: str) -> pathlib.Path:
    """The folder of a package of the wheel."""
    directories = SETUPTOOLS["package-dir"]
    return ROOT / directories.get(package, package.replace(".", "/"))


def _files() -> dict[str, pathlib.Path]:
    """All files of the package's folders, by their name in the wheel."""
    files = {}
    for name in FOLDERS:
        inside = name if name == "tfdood" else f"tfdood/{name}"
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                relative = path.relative_to(ROOT / name).as_posix()
                files[f"{inside}/{relative}"] = path
    return files


def _imported(path: pathlib.Path) -> set[str]:
    """Top-level names of the absolute imports of a file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def test_ranges_admit_the_pins():
    pins, ranges = _pins(), _ranges()
    assert pins.keys() == ranges.keys()
    for name, pin in pins.items():
        (exact,) = pin.specifier
        assert exact.operator == "=="
        assert ranges[name].specifier.contains(exact.version), name


def test_requirements_of_users_are_ranges():
    for requirement in _ranges().values():
        operators = {specifier.operator for specifier in requirement.specifier}
        assert not operators & {"==", "==="}, requirement


def test_python_versions_are_those_of_the_classifiers():
    allowed = SpecifierSet(PROJECT["requires-python"])
    prefix = "Programming Language :: Python :: "
    named = {
        line.removeprefix(prefix)
        for line in PROJECT["classifiers"]
        if line.startswith(prefix)
    }
    versions = {f"3.{minor}" for minor in range(30)}
    assert named == {v for v in versions if allowed.contains(v)}


def test_every_import_is_declared():
    distributions = UNPINNED | importlib.metadata.packages_distributions()
    declared = set(_by_name(PROJECT["dependencies"]))
    optional = set(_by_name([*EXTRAS["serving"], *EXTRAS["beam"]]))
    own = {"tfdood", "__future__"} | sys.stdlib_module_names
    used = set()
    for inside, path in _files().items():
        if path.suffix != ".py":
            continue
        for name in _imported(path) - own:
            found = set(map(canonicalize_name, distributions.get(name, ())))
            found &= declared | optional
            assert found, f"{inside} imports {name}, which is not declared"
            used |= found
    assert used == (declared | optional) - INDIRECT


@pytest.mark.parametrize("name", sorted(PROJECT["scripts"]))
def test_command_calls_a_function(name):
    module, _, function = PROJECT["scripts"][name].partition(":")
    for package, folder in SETUPTOOLS["package-dir"].items():
        module = re.sub(rf"^{re.escape(package)}\b", folder, module)
    assert callable(getattr(importlib.import_module(module), function))


def test_wheel_has_one_top_level_name():
    packages = SETUPTOOLS["packages"]
    assert {package.split(".")[0] for package in packages} == {"tfdood"}
    assert SETUPTOOLS["package-dir"] == {
        "tfdood.train": "train",
        "tfdood.export": "export",
    }


def test_wheel_has_every_package():
    files = _files()
    folders = {
        name.removesuffix("/__init__.py").replace("/", ".")
        for name in files
        if name.endswith("/__init__.py")
    }
    assert set(SETUPTOOLS["packages"]) == folders
    modules = {n.rpartition("/")[0] for n in files if n.endswith(".py")}
    assert {module.replace("/", ".") for module in modules} == folders


def test_wheel_has_every_data_file():
    matched = set()
    for package, patterns in SETUPTOOLS["package-data"].items():
        for pattern in patterns:
            found = set(_folder(package).glob(pattern))
            assert found, f"{package}: {pattern} matches no file"
            matched |= found
    data = {path for path in _files().values() if path.suffix != ".py"}
    assert matched == data


def test_license_files_exist():
    for name in PROJECT["license-files"]:
        assert (ROOT / name).is_file(), name
    assert set(ROOT.glob("tfdood/**/LICENSES.md")) == {
        ROOT / name for name in PROJECT["license-files"] if "/" in name
    }


def test_version_is_the_same_everywhere():
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {PROJECT['version']}\n" in citation
    changes = (ROOT / "CHANGELOG.md").read_text()
    newest = re.search(r"^## ([\d.]+)", changes, re.MULTILINE)
    assert newest[1] == Version(PROJECT["version"]).base_version


@pytest.fixture
def _without_serving(monkeypatch):
    """Hides the packages of the extra `serving`."""
    for name in ("tensorflow_serving", "tensorflow_serving.apis"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("_without_serving")
def test_no_warm_up_requests_without_the_extra(tmp_path, caplog):
    from tfdood.saved import warmup

    caplog.set_level("INFO", logger="absl")
    assert warmup.write(tmp_path, {"generate": {}}) is None
    assert not list(tmp_path.iterdir())
    assert "pip install '.[serving]'" in caplog.text


@pytest.mark.usefixtures("_without_serving")
def test_grpc_without_the_extra_names_it():
    from tfdood.saved import session

    spec = importlib.util.spec_from_file_location(
        "export.clients_without_serving", ROOT / "export" / "clients.py"
    )
    clients = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(clients)
    clients.RestClient("127.0.0.1:1", "model").close()
    with pytest.raises(session.Error, match=r"'\.\[serving\]'"):
        clients.GrpcClient("127.0.0.1:1", "model")


@pytest.mark.slow
def test_wheel_has_the_files(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", PROJECT["readme"], "LICENSE"):
        shutil.copy(ROOT / name, source)
    # A folder of this name must not get into the wheel.
    (source / "tests").mkdir()
    (source / "tests" / "__init__.py").touch()
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run(
        [*command, "--wheel-dir", str(tmp_path), str(source)], check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    metadata = {name for name in names if ".dist-info/" in name}
    assert names - metadata == set(_files())
    licenses = [n for n in metadata if "/licenses/" in n]
    assert len(licenses) == len(PROJECT["license-files"])
