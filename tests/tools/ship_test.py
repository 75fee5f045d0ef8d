from tfdood.saved import pretrained
from tools import ship


def test_what_is_no_run_is_not_shipped(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path / "weights")
    assert ship.main([f"--run_dir={tmp_path}", "--name=nothing"]) == 2
    assert "is not a run folder" in capsys.readouterr().err
    assert not pretrained.FOLDER.exists()
