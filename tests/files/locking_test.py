import threading

import pytest

from tfdood.files import locking


def test_the_second_waits_for_the_first(tmp_path):
    seen, entered = [], threading.Event()

    def second():
        entered.set()
        with locking.locked(tmp_path / "a" / "b"):
            seen.append("second")

    with locking.locked(tmp_path / "a" / "b"):
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(10)
        thread.join(0.2)
        seen.append("first")
    thread.join(10)
    assert seen == ["first", "second"]


def test_an_error_lets_go(tmp_path):
    with pytest.raises(KeyError), locking.locked(tmp_path):
        raise KeyError
    with locking.locked(tmp_path):
        pass


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError), locking.locked(tmp_path / "file"):
        pass
