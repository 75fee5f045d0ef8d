import os
import signal
import subprocess
import sys
import threading

import pytest

from tfdood.files import locking


def test_second_holder_waits_for_the_first_and_says_so(tmp_path, capsys):
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
    expected = f"Waiting for another process in {tmp_path / 'a' / 'b'}.\n"
    assert capsys.readouterr().err == expected


def test_a_folder_that_the_holder_removed_is_locked_anew(tmp_path, capsys):
    folder, seen = tmp_path / "a", []

    def second():
        with locking.locked(folder):
            seen.append(folder.exists())
            with pytest.raises(BlockingIOError):
                with locking.locked(folder, wait=False):
                    pass

    with locking.locked(folder):
        thread = threading.Thread(target=second)
        thread.start()
        while not capsys.readouterr().err:  # It waits.
            thread.join(0.01)
        folder.rmdir()
    thread.join(10)
    assert seen == [True]


def test_a_folder_that_vanishes_before_it_is_opened_is_made_anew(
    tmp_path, monkeypatch
):
    folder, opened = tmp_path / "a", os.open
    removed = []

    def vanish(path, *args):
        if not removed:
            folder.rmdir()
            removed.append(path)
        return opened(path, *args)

    monkeypatch.setattr(os, "open", vanish)
    with locking.locked(folder):
        assert folder.exists()
    assert removed == [folder]


def test_held_lock_is_refused_without_waiting(tmp_path):
    with locking.locked(tmp_path):
        with pytest.raises(BlockingIOError):
            with locking.locked(tmp_path, wait=False):
                pass
    with locking.locked(tmp_path, wait=False):
        pass


def test_other_folder_is_not_locked(tmp_path):
    with locking.locked(tmp_path / "a"), locking.locked(tmp_path / "b"):
        pass


def test_lock_released_on_exception(tmp_path):
    with pytest.raises(KeyError), locking.locked(tmp_path):
        raise KeyError
    assert _is_free(tmp_path)


# These programs run `locking.py` alone, without TensorFlow.
_HOLD = """
import pathlib, runpy, sys, time
locked = runpy.run_path(sys.argv[1])["locked"]
with locked(pathlib.Path(sys.argv[2])):
    print("locked", flush=True)
    time.sleep(60)
"""

_FORK = """
import os, pathlib, runpy, sys, time
locked = runpy.run_path(sys.argv[1])["locked"]
with locked(pathlib.Path(sys.argv[2])):
    child = os.fork()
    if not child:
        time.sleep(60)
        os._exit(0)
print(child, flush=True)
time.sleep(60)
"""


def _start(program, folder):
    command = [sys.executable, "-c", program, locking.__file__, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _is_free(folder):
    """Whether the lock is free within ten seconds."""

    def lock():
        with locking.locked(folder):
            pass

    thread = threading.Thread(target=lock, daemon=True)
    thread.start()
    thread.join(10)
    return not thread.is_alive()


def test_lock_released_when_the_process_is_killed(tmp_path):
    with _start(_HOLD, tmp_path) as process:
        assert process.stdout.readline() == "locked\n"
        waiting = threading.Event()

        def wait():
            with locking.locked(tmp_path):
                waiting.set()

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        assert not waiting.wait(0.3)
        process.send_signal(signal.SIGKILL)
        assert waiting.wait(10)
        thread.join(10)


def test_forked_child_does_not_keep_the_lock(tmp_path):
    with _start(_FORK, tmp_path) as process:
        child = int(process.stdout.readline())
        try:
            assert _is_free(tmp_path)
        finally:
            process.kill()
            os.kill(child, signal.SIGKILL)


def test_file_cannot_be_locked(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError), locking.locked(tmp_path / "file"):
        pass
