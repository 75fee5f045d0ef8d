import os
import signal

import pytest

from tfdood.files import atomic


def test_the_file_is_replaced_when_it_is_complete(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with atomic.replacing(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_the_file_of_before_stays_after_an_error(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(error), atomic.replacing(path) as file:
        file.write(b"half of it")
        raise error
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_file_of_before_stays_when_the_process_is_killed(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    child = os.fork()
    if not child:
        with atomic.replacing(path) as file:
            file.write(b"half of it")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert path.read_text() == "old"
    with atomic.replacing(path) as file:
        file.write(b"whole")
    assert path.read_text() == "whole"


def test_the_name_may_be_as_long_as_names_can_be(tmp_path):
    path = tmp_path / ("a" * 255)
    with atomic.replacing(path) as file:
        file.write(b"new")
    assert path.read_text() == "new"


def test_an_error_names_the_file_that_was_asked_for(tmp_path):
    path = tmp_path / "missing" / "a.txt"
    with pytest.raises(FileNotFoundError) as error, atomic.replacing(path):
        pass
    assert error.value.filename == str(path)


def test_an_error_of_the_replacement_names_the_file(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(IsADirectoryError) as error, atomic.replacing(path):
        pass
    assert str(error.value).endswith(f"'{path}'")
    assert os.listdir(tmp_path) == ["folder"]


def test_of_two_writers_the_last_one_wins(tmp_path):
    path = tmp_path / "a.txt"
    with atomic.replacing(path) as first:
        first.write(b"AAAA")
        with atomic.replacing(path) as second:
            second.write(b"B")
        assert path.read_text() == "B"
    assert path.read_text() == "AAAA"
    assert os.listdir(tmp_path) == ["a.txt"]
