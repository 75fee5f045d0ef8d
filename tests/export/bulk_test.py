import sys

import pytest

from export import bulk
from tfdood import console


def _call(*arguments):
    return console.call(bulk.define, bulk.main, arguments)


def test_without_beam_the_command_names_the_extra(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    monkeypatch.delitem(sys.modules, "export.bulk_pipeline", raising=False)
    monkeypatch.delattr("export.bulk_pipeline", raising=False)
    assert _call("--input=*.png", "--output=all") == console.USAGE_ERROR
    assert "pip install '.[beam]'" in capsys.readouterr().err


def test_flags_that_are_missing_or_wrong_are_named(capsys):
    assert _call("--output=all") == console.USAGE_ERROR
    assert "--input" in capsys.readouterr().err
    wrong = "--formats=svg"
    assert _call("--input=a", "--output=b", wrong) == console.USAGE_ERROR
    assert "expected some of ndjson, json" in capsys.readouterr().err
    wrong = "--beam_options=--x='two words"
    assert _call("--input=a", "--output=b", wrong) == console.USAGE_ERROR
    assert "with closed quotation marks" in capsys.readouterr().err
    assert _call("--input=a", "--output=b[1]") == console.USAGE_ERROR
    assert "a prefix without *, ?, [ and ]" in capsys.readouterr().err


def test_flags_become_a_job_and_options(monkeypatch, capsys):
    pytest.importorskip(
        "apache_beam",
        reason="Apache Beam is not installed: pip install '.[beam,dev]'.",
    )
    from export import bulk_pipeline

    calls = []

    def run(job, options):
        calls.append((job, options))
        return {"drawn": 3, "empty": 1, "skipped": len(calls) - 1}

    monkeypatch.setattr(bulk_pipeline, "run", run)
    arguments = (
        *(
            "--input=a/*",
            "--output=b/c",
            "--formats=json,json",
            "--num_shards=4",
        ),
        *("--model=m", "--parser=amortised"),
        "--beam_options=--runner=FlinkRunner --x='two words'",
    )
    assert _call(*arguments) == 0
    output = capsys.readouterr()
    assert output.out == "Drew 3 of 3 pictures; without a stroke: 1.\n"
    assert output.err == ""
    job = bulk_pipeline.Job("a/*", "b/c", "m", "amortised", ("json",), 4)
    assert calls == [(job, ["--runner=FlinkRunner", "--x=two words"])]
    assert _call(*arguments) == console.USAGE_ERROR
    output = capsys.readouterr()
    assert output.out.startswith("Drew 3 of 4 pictures")
    assert "b/c-skipped-*.ndjson names the 1 " in output.err
