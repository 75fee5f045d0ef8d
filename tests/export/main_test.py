import json

import numpy as np
import pytest
import tensorflow as tf

from export import main
from tests.saved import tiny_runs
from tests.serving import warm_ups
from tfdood import console
from tfdood.saved import converting, exporting
from tfdood.saved import session as session_lib
from tfdood.settings import presets
from tfdood.settings import text as settings_lib

_FEW = ("reconstruct", "generate")


def _call(run_dir, export_dir, *more):
    arguments = [f"--run_dir={run_dir}", f"--export_dir={export_dir}", *more]
    return console.call(main.define, main.main, arguments)


@pytest.fixture(scope="module")
def version(tiny_run, tmp_path_factory):
    """Version 1 of a model, with few signatures."""
    folder = tmp_path_factory.mktemp("models") / "dood_mnist"
    with tiny_runs.few_signatures(*_FEW):
        assert _call(tiny_run.path, folder, "--num_particles=3") == 0
    return folder / "1"


def test_versions_are_numbered(tiny_run, version, capsys):
    folder = version.parent
    flags = "--num_strokes=4", "--refinement_steps=2"
    with tiny_runs.few_signatures(*_FEW):
        assert _call(tiny_run.path, folder, *flags) == 0
    assert capsys.readouterr().out == f"Exported {folder / '2'}\n"
    image = np.full([1, 20, 20, 1], 0.5, np.float32)
    for path, num_strokes in ((folder / "1", 2), (folder / "2", 4)):
        with session_lib.Session(path) as session:
            drawing = session.run("reconstruct", {"images": image})
        assert drawing["presence"].shape == (1, num_strokes)
    card = (folder / "2" / "model_card.md").read_text()
    assert "before model.num_strokes=4" in card
    assert "`model.refinement_steps`: 2" in card
    assert "before" not in (version / "model_card.md").read_text()


@pytest.fixture(scope="module")
def other_version(tiny_run, tmp_path_factory):
    """The same run, exported again with LiteRT files, which are stand-ins."""

    def write(folder, model, config):
        size = config.model.image_size, model.settings.image_size
        folder.mkdir()
        (folder / "sizes").write_text(repr(size))

    folder = tmp_path_factory.mktemp("other")
    flags = "--litert", "--num_particles=3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converting, "write", write)
        with tiny_runs.few_signatures(*_FEW):
            assert _call(tiny_run.path, folder, *flags) == 0
    return folder / "1"


def test_litert_files_lie_in_the_version(other_version):
    assert (other_version / "saved_model.pb").exists()
    sizes = other_version / "litert" / "sizes"
    assert sizes.read_text() == "(20, 20)"


@pytest.mark.slow
def test_models_of_codes_are_exported_with_all_signatures(make_run, tmp_path):
    sizes = ("model.image_size=20", "model.width=8")
    run = make_run("vae", "vae", *sizes)
    assert _call(run.path, tmp_path / "models", "--num_particles=2") == 0
    version = tmp_path / "models" / "1"
    warmed = warm_ups.read(version)
    with session_lib.Session(version) as session:
        assert set(warmed) == set(session.signatures)
        for name, inputs in warmed.items():
            session.run(name, inputs)


def test_exports_of_one_run_have_equal_fingerprints(version, other_version):
    facts, again = (
        json.loads((path / "export.json").read_text())
        for path in (version, other_version)
    )
    assert facts == again


def test_export_has_the_weights_of_the_checkpoint(tiny_run, version):
    seeds = tf.constant([[3, 4]])
    expected = tiny_run.model.generate(1, seed=seeds).canvases[:, -1]
    with session_lib.Session(version) as session:
        canvas = session.run("generate", {"seeds": seeds.numpy()})["canvas"]
    np.testing.assert_allclose(canvas, expected, atol=1e-5)


def test_card_has_data_steps_settings_metrics_and_licence(version):
    card = (version / "model_card.md").read_text()
    for fact in (
        "CC BY-SA 3.0",
        "| 7 of 64",
        "`model.encoder`: patches",
        "1234.5",
    ):
        assert fact in card
    record = json.loads((version / "export.json").read_text())
    assert record["step"] == 7
    assert record["num_particles"] == 3
    assert record["metrics"] == {"iwae": 1234.5, "num_strokes": 1.5}
    assert record["signatures"]["generate"] == ["seeds"]


def test_failed_export_leaves_no_version(tiny_run, tmp_path, monkeypatch):
    def fail(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left")

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with (
        tiny_runs.few_signatures("generate"),
        pytest.raises(OSError, match="cannot be written: No space left"),
    ):
        exporting.export(str(tiny_run.path), str(tmp_path / "models"))
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("run", ["missing", "empty"])
def test_error_of_bad_run_folder_is_one_sentence(run, tmp_path, capsys):
    (tmp_path / "empty" / "checkpoints").mkdir(parents=True)
    config = settings_lib.to_json(presets.get("dood", "mnist"))
    (tmp_path / "empty" / "config.json").write_text(config)
    assert _call(tmp_path / run, tmp_path / "models") == 2
    expected = {"missing": "not a run folder", "empty": "no checkpoint"}
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert expected[run] in error
    assert error.count("\n") == 1


def test_particles_of_a_model_without_a_bound_are_refused(tmp_path, capsys):
    assert _call("pretrained:gns", tmp_path / "gns", "--num_particles=3") == 2
    error = capsys.readouterr().err
    assert "has no signature log_likelihood, got num_particles=3" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "gns").exists()


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--num_particles=0", "0 is not a positive integer"),
        ("--num_strokes=0", "0 is not a positive integer"),
        ("--num_stroke=2", "Did you mean: num_strokes"),
    ],
)
def test_bad_flag_is_refused(tmp_path, capsys, flag, message):
    assert _call("pretrained:mnist", tmp_path, flag) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
