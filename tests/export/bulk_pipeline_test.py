import collections
import json
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest
from PIL import Image

from export import client
from tests.drawing import pictures_of_drawings as kinds
from tfdood import console
from tfdood.sketching import drawers, tracer

beam = pytest.importorskip(
    "apache_beam",
    reason="Apache Beam is not installed: pip install '.[beam,dev]'.",
)

from export import bulk_pipeline  # noqa: E402

_ROOT = pathlib.Path(__file__).parents[2]
_NUM_PICTURES = 5
_LOCAL = ("--runner=FnApiRunner",)
_RETRYING = ("--runner=BundleBasedDirectRunner",)


@pytest.fixture
def folder(tmp_path):
    """Five rings of which no two are equal, and a damaged picture."""
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    for number in range(_NUM_PICTURES):
        picture = Image.fromarray(kinds.ring(255, 0))
        size = 200 + 10 * number, 200
        picture.resize(size).save(folder / f"{number}.png")
    (folder / "more" / "damaged.png").write_bytes(b"text")
    return folder


def _job(folder, **changes):
    output = folder.parent / "out" / "all"
    return bulk_pipeline.Job(f"{folder}/**", str(output))._replace(**changes)


def _lines(job, content, ending="ndjson"):
    output = pathlib.Path(job.output)
    files = output.parent.glob(f"{output.name}-{content}-?????-of-*.{ending}")
    return [
        json.loads(line)
        for file in sorted(files)
        for line in file.read_text().splitlines()
    ]


def _assert_complete(job):
    names = [
        pathlib.Path(one["picture"]).name for one in _lines(job, "drawings")
    ]
    expected = [f"{number}.png" for number in range(_NUM_PICTURES)]
    assert sorted(names) == expected
    [skipped] = _lines(job, "skipped")
    assert skipped["picture"].endswith("more/damaged.png")
    assert "cannot be decoded" in skipped["reason"]


@pytest.mark.parametrize("num_shards", [1, 3])
def test_each_picture_comes_out_once_as_the_client_draws_it(folder, num_shards):
    formats = ("ndjson", "json")
    job = _job(folder, formats=formats, num_shards=num_shards)
    counts = bulk_pipeline.run(job, _LOCAL)
    assert counts == {"drawn": _NUM_PICTURES, "empty": 0, "skipped": 1}
    _assert_complete(job)
    out = folder.parent / "client"
    arguments = [str(folder), f"--out={out}", "--formats=ndjson,json"]
    code = console.call(client.define, client.main, arguments, takes_paths=True)
    assert code == console.USAGE_ERROR  # The damaged picture.
    expected = map(json.loads, (out / "drawings.ndjson").open())
    expected = {line["word"]: line for line in expected}
    for line in _lines(job, "drawings"):
        picture = pathlib.Path(line.pop("picture"))
        assert line == expected[picture.stem]
    for line in _lines(job, "drawings", "json"):
        picture = pathlib.Path(line.pop("picture"))
        assert line == json.loads((out / f"{picture.stem}.json").read_text())
    files = list(pathlib.Path(job.output).parent.glob("*.json"))
    assert len(files) == num_shards


def test_a_model_draws_what_the_client_draws(folder, short_export):
    model = str(short_export.path)
    job = _job(folder, model=model, parser="amortised")
    bulk_pipeline.run(job, _LOCAL)
    _assert_complete(job)
    out = folder.parent / "client"
    client_arguments = [
        *(str(folder), f"--out={out}", "--formats=ndjson"),
        *(f"--model={model}", "--parser=amortised"),
    ]
    console.call(client.define, client.main, client_arguments, takes_paths=True)
    expected = map(json.loads, (out / "drawings.ndjson").open())
    expected = {line["word"]: line for line in expected}
    for line in _lines(job, "drawings"):
        assert line["drawing"] == expected[line["word"]]["drawing"]


class _Exclusive(tracer.TracingDrawer):
    """Refuses a second thread; it is slow, so that threads would meet."""

    def __init__(self):
        self.lock = threading.Lock()

    def draw(self, prepared):
        assert self.lock.acquire(blocking=False)
        time.sleep(0.2)
        self.lock.release()
        return super().draw(prepared)


def test_threads_of_a_process_share_a_drawer_and_take_turns(
    folder, monkeypatch
):
    loads = collections.Counter()

    def load(model, parser):
        loads[model, parser] += 1
        return _Exclusive()

    monkeypatch.setattr(drawers, "load", load)
    monkeypatch.setattr(bulk_pipeline, "_BATCH", 1)
    job = _job(folder, model="some model", parser="refined")
    several = (
        "--direct_num_workers=3",
        "--direct_running_mode=multi_threading",
    )
    bulk_pipeline.run(job, (*_LOCAL, *several))
    _assert_complete(job)
    # Once before the pipeline starts, and once for all threads.
    assert loads == {("some model", "refined"): 2}


class _Failing(tracer.TracingDrawer):
    """Fails once, at the third batch."""

    def __init__(self):
        self.calls = 0

    def draw(self, prepared):
        self.calls += 1
        if self.calls == 3:
            raise RuntimeError("The worker is lost.")
        return super().draw(prepared)


def test_a_bundle_that_failed_is_repeated_and_comes_out_once(
    folder, monkeypatch
):
    drawer = _Failing()
    monkeypatch.setattr(drawers, "load", lambda *_: drawer)
    monkeypatch.setattr(bulk_pipeline, "_BATCH", 1)
    job = _job(folder)
    bulk_pipeline.run(job, _RETRYING)
    _assert_complete(job)
    assert drawer.calls == 2 + 1 + _NUM_PICTURES


_HANGING = """
import sys, time
from export import bulk_pipeline
from tfdood.sketching import drawers, tracer

class Hanging(tracer.TracingDrawer):
    calls = 0

    def draw(self, prepared):
        self.calls += 1
        if self.calls == 3:
            sys.stdout.write("half-way\\n")
            sys.stdout.flush()
            time.sleep(600)
        return super().draw(prepared)

drawers.load = lambda *_: Hanging()
bulk_pipeline._BATCH = 1
job = bulk_pipeline.Job(*sys.argv[1:])
bulk_pipeline.run(job, ["--runner=FnApiRunner"])
"""


def test_a_killed_run_leaves_no_shard_and_the_next_run_completes(folder):
    job = _job(folder)
    command = [sys.executable, "-c", _HANGING, job.pictures, job.output]
    with subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "half-way\n"
        process.send_signal(signal.SIGKILL)
    out = pathlib.Path(job.output).parent
    # What was written lies in folders of Beam.
    unfinished = list(out.iterdir())
    assert unfinished
    assert all(path.name.startswith("beam-temp-all-") for path in unfinished)
    assert any(list(path.iterdir()) for path in unfinished)
    bulk_pipeline.run(job, _LOCAL)
    _assert_complete(job)


def test_shards_of_an_earlier_run_are_removed(folder):
    job = _job(folder, num_shards=3, formats=("ndjson", "json"))
    bulk_pipeline.run(job, _LOCAL)
    other = pathlib.Path(f"{job.output}-drawings-notes.json")
    other.write_text("{}")
    job = _job(folder, num_shards=1)
    bulk_pipeline.run(job, _LOCAL)
    _assert_complete(job)
    assert _lines(job, "drawings", "json") == []
    assert other.exists()


def test_a_run_that_cannot_start_removes_nothing(folder):
    job = _job(folder)
    bulk_pipeline.run(job, _LOCAL)
    with pytest.raises(ValueError, match="Nowhere"):
        bulk_pipeline.run(job, ["--runner=Nowhere"])
    with pytest.raises(FileNotFoundError, match="No file matches .*none"):
        bulk_pipeline.run(job._replace(pictures=f"{folder}/none*"), _LOCAL)
    with pytest.raises(ValueError, match="quikdraw"):
        bulk_pipeline.run(job._replace(model="pretrained:quikdraw"), _LOCAL)
    _assert_complete(job)


def test_a_run_that_fails_keeps_the_earlier_drawings(folder, monkeypatch):
    class Broken(tracer.TracingDrawer):
        def draw(self, prepared):
            raise OSError(28, "No space left on device")

    job = _job(folder)
    bulk_pipeline.run(job, _LOCAL)
    monkeypatch.setattr(drawers, "load", lambda *_: Broken())
    with pytest.raises(OSError, match="The pipeline failed: .*No space left"):
        bulk_pipeline.run(job, _LOCAL)
    _assert_complete(job)


def test_options_that_beam_does_not_know_are_named(folder, caplog):
    job = _job(folder)
    bulk_pipeline.run(job, ["--runer=FlinkRunner"])
    assert "Beam does not know --runer, and passes it on" in caplog.text
    _assert_complete(job)


def test_drawings_without_strokes_are_counted(folder, monkeypatch):
    class Empty(tracer.TracingDrawer):
        def draw(self, prepared):
            return [
                tracer.VectorDrawing((), one.place.width, one.place.height)
                for one in prepared
            ]

    monkeypatch.setattr(drawers, "load", lambda *_: Empty())
    counts = bulk_pipeline.run(_job(folder), _LOCAL)
    assert counts == {"drawn": 5, "empty": 5, "skipped": 1}
