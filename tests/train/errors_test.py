import pytest
from absl import flags
from absl.testing import flagsaver

from train import errors, loop, main


@pytest.fixture
def train(monkeypatch):
    """Runs the command on a loop that raises an error; gives its exit code."""

    def run(error):
        def raise_it(*_):
            raise error

        monkeypatch.setattr(main, "_set_up_process", lambda: None)
        monkeypatch.setattr(loop, "run", raise_it)
        with flagsaver.flagsaver():
            return main.main(flags.FLAGS(["main", "--dataset=mnist"]))

    return run


def test_what_a_user_can_mend_is_one_sentence(train, capsys):
    assert train(errors.RunError("Give another --run_dir.")) == 2
    assert capsys.readouterr().err == "Error: Give another --run_dir.\n"


def test_what_only_a_programmer_can_mend_keeps_its_traceback(train):
    with pytest.raises(ValueError, match="shapes do not match"):
        train(ValueError("shapes do not match"))
