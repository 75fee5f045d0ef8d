import errno
import json
import os

import pytest

from tfdood.saved import runs
from tfdood.settings import presets, text
from train import run_folder


def _config(*assignments):
    return text.override(presets.get("dood", "quickdraw"), assignments)


def _lines(folder):
    return (folder.path / "metrics.jsonl").read_text().splitlines()


def _save(path, name="checkpoints"):
    (path / name).mkdir(exist_ok=True)
    (path / name / "checkpoint-3.index").touch()


@pytest.fixture
def folder(tmp_path):
    with run_folder.RunFolder(tmp_path / "runs" / "one", _config()) as folder:
        yield folder


def test_configuration_of_a_new_folder_is_read_back(folder):
    assert runs.read_config(folder.path) == _config()
    for path in (folder.checkpoints, folder.figures, folder.events):
        assert path.is_dir()


def test_record_is_one_line_with_seven_digits(folder):
    folder.write_metrics(3, {"elbo": -1234.56789})
    folder.write_metrics(4, {"elbo": 1e-12 / 3, "validation/iwae": 2})
    assert [json.loads(line) for line in _lines(folder)] == [
        {"step": 3, "elbo": -1234.568},
        {"step": 4, "elbo": 3.333333e-13, "validation/iwae": 2.0},
    ]


def test_keep_metrics_removes_records_of_later_steps(folder):
    for step in (5, 10, 15):
        folder.write_metrics(step, {"elbo": step})
    before = _lines(folder)
    folder.keep_metrics(15)
    assert _lines(folder) == before
    folder.keep_metrics(10)
    assert _lines(folder) == before[:2]
    folder.keep_metrics(0)
    assert _lines(folder) == []


@pytest.mark.parametrize(
    "broken",
    [
        b'{"step": 2, "el',
        b'{"elbo": 1.0}\n',
        b'{"step": null}\n',
        b'{"step": "1"}\n',
        b"3\n",
        b"[1]\n",
        b"\n",
        b"\x00" * 40,
        b'{"step": 2, "\xff\xfe',
    ],
)
def test_keep_metrics_removes_broken_records(folder, broken):
    folder.write_metrics(1, {"elbo": 1.0})
    whole = _lines(folder)
    with (folder.path / "metrics.jsonl").open("ab") as file:
        file.write(broken)
    folder.keep_metrics(9)
    assert _lines(folder) == whole


def test_record_without_newline_is_not_joined_to_the_next(folder):
    (folder.path / "metrics.jsonl").write_text('{"step": 1, "elbo": 1.0}')
    folder.keep_metrics(1)
    folder.write_metrics(2, {"elbo": 2.0})
    assert [json.loads(line)["step"] for line in _lines(folder)] == [1, 2]


def test_only_the_number_of_steps_may_change(tmp_path):
    def claim(*assignments):
        with run_folder.RunFolder(tmp_path, _config(*assignments)):
            return runs.read_config(tmp_path)

    claim("training.num_steps=10")
    assert claim("training.num_steps=20").training.num_steps == 20
    # A number that was a mistake can be taken back, before it is reached.
    (tmp_path / "checkpoints" / "checkpoint-12.index").touch()
    claim("training.num_steps=2000")
    assert claim("training.num_steps=20").training.num_steps == 20
    for assignments, message in (
        (["training.num_steps=11"], r"num_steps \(20 there, 11 now\)\."),
        (
            ["training.num_steps=30", "model.encoder=paper"],
            r": model.encoder \('patches' there, 'paper' now\)\.",
        ),
    ):
        with pytest.raises(runs.RunError, match=message):
            claim(*assignments)
    assert claim("training.num_steps=20").training.num_steps == 20


@pytest.mark.parametrize("name", ["checkpoints", "best", "metrics"])
def test_a_configuration_may_change_until_something_is_saved(tmp_path, name):
    for seed in (1, 2):
        config = _config(f"training.seed={seed}")
        with run_folder.RunFolder(tmp_path, config):
            assert runs.read_config(tmp_path) == config
    if name == "metrics":
        with run_folder.RunFolder(tmp_path, config) as folder:
            folder.write_metrics(1, {"elbo": 1.0})
    else:
        _save(tmp_path, name)
    with pytest.raises(runs.RunError, match=r"seed \(2 there, 3 now\)"):
        run_folder.RunFolder(tmp_path, _config("training.seed=3"))


def test_a_folder_of_drawings_may_move(tmp_path):
    def claim(path, source):
        assignments = (
            f"training.dataset=folder:{path}",
            f"training.source={source}",
        )
        with run_folder.RunFolder(tmp_path, _config(*assignments)):
            _save(tmp_path)
            return runs.read_config(tmp_path).training.dataset

    assert claim("/a/cats", "of 62 pictures") == "folder:/a/cats"
    assert claim("/b/cats", "of 62 pictures") == "folder:/b/cats"
    for path, source in (("/c/cats", "of 63"), ("/c/dogs", "of 62 pictures")):
        with pytest.raises(runs.RunError, match=r"training.dataset \("):
            claim(path, source)


def test_error_of_another_family_names_the_settings_of_the_family(tmp_path):
    with run_folder.RunFolder(tmp_path, _config()):
        _save(tmp_path)
    vae = presets.get("vae", "quickdraw")
    with pytest.raises(runs.RunError) as refused:
        run_folder.RunFolder(tmp_path, vae)
    assert "model.name ('dood' there, 'vae' now)" in str(refused.value)
    assert "model.num_strokes (6 there, None now)" in str(refused.value)
    assert runs.read_config(tmp_path) == _config()


def test_what_is_kept_may_change_until_something_is_kept(tmp_path):
    for name in ("mae", "mean_absolute_error"):
        config = _config(f"training.keep_best={name}")
        with run_folder.RunFolder(tmp_path, config):
            assert runs.read_config(tmp_path) == config
    _save(tmp_path, "best")
    with pytest.raises(runs.RunError, match="training.keep_best"):
        run_folder.RunFolder(tmp_path, _config("training.keep_best=iwae"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "checkpoints/checkpoint-3.index",
            "has checkpoints but no config.json",
        ),
        ("saved_model.pb", "is an exported model; choose another --run_dir"),
        ("1/saved_model.pb", "is an exported model; choose another --run_dir"),
    ],
)
def test_folder_of_something_else_is_left_alone(tmp_path, name, message):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(runs.RunError, match=message):
        run_folder.RunFolder(tmp_path, _config())
    assert sorted(tmp_path.rglob("*")) == before


def test_folder_that_tensorflow_takes_for_a_pattern_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"has \[ in its path"):
        run_folder.RunFolder(tmp_path / "cats [2020]", _config())
    assert list(tmp_path.iterdir()) == []


def test_refused_run_does_not_lock_the_folder(tmp_path):
    with run_folder.RunFolder(tmp_path, _config()):
        _save(tmp_path)
    # The exception holds the frame of the constructor, and all it refers to.
    with pytest.raises(runs.RunError) as refused:
        run_folder.RunFolder(tmp_path, _config("training.seed=1"))
    with run_folder.RunFolder(tmp_path, _config()):
        assert "training.seed" in str(refused.value)


def test_a_broken_configuration_is_left_alone(tmp_path):
    file = tmp_path / "config.json"
    file.write_bytes(b"\x00\x00\x00")
    with pytest.raises(runs.RunError, match="not JSON"):
        run_folder.RunFolder(tmp_path, _config())
    assert file.read_bytes() == b"\x00\x00\x00"


@pytest.mark.parametrize("name", ["checkpoints", "config.json", "."])
def test_error_of_a_file_in_place_of_a_folder_is_one_sentence(tmp_path, name):
    path = tmp_path / "run"
    if name == "config.json":
        (path / name).mkdir(parents=True)
    else:
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).touch()
    with pytest.raises(OSError, match=r"Cannot write to the run .*--run_dir\."):
        run_folder.RunFolder(path, _config())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_error_of_read_only_folder_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="Permission denied. Make it writable"):
        run_folder.RunFolder(tmp_path / "run", _config())


def test_full_disk_does_not_change_existing_files(folder, monkeypatch):
    folder.write_metrics(1, {"elbo": 1.0})
    folder.write_metrics(2, {"elbo": 2.0})
    before = _lines(folder)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device. Make it"):
        folder.keep_metrics(1)
    assert _lines(folder) == before


def test_the_lock_of_a_folder_is_exclusive_until_it_is_closed(tmp_path):
    message = "Another process is training in"
    with run_folder.RunFolder(tmp_path, _config()) as folder:
        with pytest.raises(BlockingIOError, match=message):
            run_folder.RunFolder(folder.path, _config())
    with run_folder.RunFolder(tmp_path, _config()):
        pass
