import dataclasses
import json

from tfdood.saved import lineage
from tfdood.settings import schema


def _training(dataset, start_from=""):
    return schema.Training(dataset=dataset, start_from=start_from)


def _write(folder, training):
    folder.mkdir()
    config = {"training": dataclasses.asdict(training)}
    (folder / "config.json").write_text(json.dumps(config))
    return str(folder)


def _datasets(training):
    return [each.dataset for each in lineage.of(training)]


def test_shipped_models_and_runs_are_followed_to_the_first(tmp_path):
    sketches = _training("folder:cats", "pretrained:quickdraw")
    last = _training("mnist", _write(tmp_path / "a", sketches))
    found = lineage.of(last)
    assert [each.dataset for each in found] == [
        *("mnist", "folder:cats", "quickdraw", "emnist")
    ]
    assert "imported_emnist" in found[-1].source
    assert _datasets(_training("mnist")) == ["mnist"]


def test_models_that_cannot_be_read_end_the_list(tmp_path):
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "config.json").write_text("{")
    for start_from in (str(tmp_path / "gone"), str(damaged), "pretrained:no"):
        assert _datasets(_training("mnist", start_from)) == ["mnist"]


def test_a_run_that_names_itself_is_listed_once_more(tmp_path):
    itself = _training("mnist", str(tmp_path / "a"))
    _write(tmp_path / "a", itself)
    assert _datasets(itself) == ["mnist", "mnist"]
