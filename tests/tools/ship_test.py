from tests.saved import rounding
from tfdood import console
from tfdood.saved import pretrained
from tools import ship


def test_folder_without_run_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path / "weights")
    arguments = [f"--run_dir={tmp_path}", "--name=nothing"]
    assert console.call(ship.define, ship.main, arguments) == 2
    assert "is not a run folder" in capsys.readouterr().err
    assert not pretrained.FOLDER.exists()


def test_a_name_is_no_path(tiny_run, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path / "weights")
    arguments = [f"--run_dir={tiny_run.path}", "--name=../x"]
    assert console.call(ship.define, ship.main, arguments) == 2
    assert "underscores, got '../x'" in capsys.readouterr().err
    assert not list(tmp_path.glob("*"))


def test_shipped_weights_are_those_of_the_run_up_to_rounding(
    tiny_run, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path / "weights")
    arguments = [f"--run_dir={tiny_run.path}", "--name=tiny"]
    assert console.call(ship.define, ship.main, arguments) == 0
    assert "tiny.npz, 0." in capsys.readouterr().out
    shipped = pretrained.read("tiny")
    assert shipped.facts["step"] == 7
    assert shipped.facts["metrics"] == {"iwae": 1234.5, "num_strokes": 1.5}
    for new, old in zip(
        shipped.build().variables, tiny_run.model.variables, strict=True
    ):
        rounding.assert_rounded(new, old)
