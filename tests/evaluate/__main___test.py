import dataclasses
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfdood import console
from tfdood.evaluate import __main__ as evaluate
from tfdood.evaluate import options
from tfdood.evaluate.records import results, values
from tfdood.evaluate.tasks import marginal_likelihood
from tfdood.saved import cached, exported, versions


def _call(*flags):
    return console.call(options.define, evaluate.main, flags)


@pytest.fixture(name="command")
def _command(exported_model, tmp_path, monkeypatch):
    """Runs the command on the tiny model, with a results folder."""

    def load(folder):
        assert versions.newest(folder) == exported_model.path
        return exported_model  # Loading takes seconds.

    monkeypatch.setattr(exported, "ExportedModel", load)
    monkeypatch.setitem(marginal_likelihood.DEFAULTS, "num_particles", 2)

    def command(*flags, model=exported_model.path.parent):
        return _call(
            f"--model={model}",
            f"--results={tmp_path / 'results'}",
            "--num_images=6",
            *flags,
        )

    return command


def _records(tmp_path):
    return results.read(tmp_path / "results")


def test_does_a_task_and_writes_its_records(command, tmp_path, capsys):
    assert command("--task=marginal_likelihood") == 0
    records = _records(tmp_path)
    assert {"iwae", "effective_sample_size"} <= {r["metric"] for r in records}
    assert all(r["num_images"] == 6 for r in records)
    output = capsys.readouterr().out
    iwae = next(r["value"] for r in records if r["metric"] == "iwae")
    assert f"iwae = {iwae:.6g}" in output
    assert not list((tmp_path / "results" / "unfinished").iterdir())


def test_an_unknown_dataset_is_refused_before_a_model_is_read(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(cached, "folder", lambda name: pytest.fail(name))
    flags = ["--task=reconstruction", "--model=any", "--dataset=cats"]
    assert _call(*flags, f"--results={tmp_path}") == console.USAGE_ERROR
    assert "'cats'; choose from mnist" in capsys.readouterr().err


def test_a_finished_job_is_not_done_again(command, tmp_path, monkeypatch):
    assert command("--task=marginal_likelihood") == 0
    before = (tmp_path / "results" / results.FILE).read_text()

    def fail(job):
        raise AssertionError(job)

    monkeypatch.setattr(marginal_likelihood, "run", fail)
    assert command("--task=marginal_likelihood") == 0
    assert (tmp_path / "results" / results.FILE).read_text() == before
    with pytest.raises(AssertionError):
        command("--task=marginal_likelihood", "--seed=1")


def test_drawings_that_change_meanwhile_are_not_recorded(
    command, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "cats"
    folder.mkdir()
    for number in range(4):
        image = np.random.default_rng(number).integers(255, size=(20, 20))
        Image.fromarray(image.astype(np.uint8)).save(folder / f"{number}.png")

    def run(job):
        job.in_parts(1, lambda number: {"found": np.zeros(3)})
        shutil.copy(folder / "0.png", folder / "4.png")
        return {}, "the cats"

    monkeypatch.setattr(marginal_likelihood, "run", run)
    cats = f"--dataset=folder:{folder}"
    assert command("--task=marginal_likelihood", cats) != 0
    error = capsys.readouterr().err
    assert "from folder cats (4 picture files" in error
    assert "to folder cats (5 picture files" in error
    assert not (tmp_path / "results" / results.FILE).exists()
    # Nor are parts of the old drawings kept for the next run.
    assert not [*(tmp_path / "results").rglob("*.npz")]


def test_what_a_task_reads_beside_its_dataset_must_not_change_either(
    command, tmp_path, monkeypatch, capsys
):
    found = iter(["old ones", "new ones"])
    monkeypatch.setattr(
        marginal_likelihood,
        "inputs",
        lambda data_dir: {"strokes": next(found)},
        raising=False,
    )
    monkeypatch.setattr(marginal_likelihood, "run", lambda job: ({}, "cats"))
    assert command("--task=marginal_likelihood") != 0
    error = capsys.readouterr().err
    assert "The strokes changed" in error
    assert "from old ones to new ones; nothing was recorded" in error
    assert not (tmp_path / "results" / results.FILE).exists()


def test_giving_a_default_value_does_not_make_another_job(command, tmp_path):
    for flags in ([], ["--num_particles=2"], ["--num_particles=4"]):
        assert command("--task=marginal_likelihood", *flags) == 0
    iwae = [r for r in _records(tmp_path) if r["metric"] == "iwae"]
    assert [r["num_particles"] for r in iwae] == [2, 4]


def test_a_model_is_evaluated_on_another_dataset(command, tmp_path):
    assert command("--task=reconstruction", "--dataset=kmnist") == 0
    assert {r["dataset"] for r in _records(tmp_path)} == {"kmnist"}
    assert {r["trained_on"] for r in _records(tmp_path)} == {"mnist"}


def test_the_matrix_takes_every_dataset(command, tmp_path, monkeypatch):
    seen = []

    def run(job):
        seen.append((job.model.name, job.dataset))
        return {}, "nothing"

    monkeypatch.setattr(marginal_likelihood, "run", run)
    assert command("--task=marginal_likelihood", "--matrix") == 0
    assert seen == [
        ("tiny", name)
        for name in ("mnist", "emnist", "kmnist", "quickdraw", "omniglot")
    ]


def test_a_job_that_fails_does_not_stop_the_others(
    command, capsys, monkeypatch
):
    seen = []

    def run(job):
        seen.append(job.dataset)
        if job.dataset == "emnist":
            raise ValueError("It cannot be.")
        return {}, "nothing"

    monkeypatch.setattr(marginal_likelihood, "run", run)
    assert command("--task=marginal_likelihood", "--matrix") == 2
    assert len(seen) == 5
    assert capsys.readouterr().err.splitlines() == [
        "Error: marginal_likelihood tiny on emnist: It cannot be."
    ]


def test_errors_of_tensorflow_are_one_sentence(command, monkeypatch, capsys):
    def run(_):
        raise tf.errors.ResourceExhaustedError(None, None, "No room.\nTrace")

    monkeypatch.setattr(marginal_likelihood, "run", run)
    assert command("--task=marginal_likelihood") == 2
    assert capsys.readouterr().err.splitlines() == [
        "Error: marginal_likelihood tiny on mnist: No room."
    ]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--task=marginal_likelihood", "--num_particles=3"], "a multiple"),
        (["--task=probe", "--num_particles=3"], "does not use --num_particles"),
        (["--task=reconstruction", "--temperature=1"], "only --num_images"),
        (["--task=reconstruction", "--data_dir=nowhere"], "No mnist in"),
        (["--task=reconstruction", "--model=other"], "need --matrix"),
        (
            ["--task=reconstruction", "--matrix", "--dataset=mnist"],
            "leave --dataset out",
        ),
        (["--task=clusters", "--split=validation"], "on train drawings; leave"),
        ([], "Give --task and --model"),
    ],
)
def test_wrong_use_gets_one_sentence(command, capsys, flags, sentence):
    assert command(*flags) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("Error: ")
    assert sentence in error


def test_results_of_the_sample_are_not_those_of_a_data_folder(command, capsys):
    assert command("--task=reconstruction") == 0
    assert command("--task=reconstruction", "--data_dir=nowhere") == 2
    assert "No mnist in nowhere" in capsys.readouterr().err


def test_ctrl_c_ends_with_one_sentence(command, monkeypatch, capsys):
    def run(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(marginal_likelihood, "run", run)
    assert command("--task=marginal_likelihood") == 130
    assert capsys.readouterr().err.splitlines() == [
        "Interrupted; what was finished is kept. Run the same command for "
        "the rest."
    ]


def test_equal_weights_are_refused(command, capsys, exported_model):
    again = f"--model={exported_model.path.parent}"
    assert command("--task=reconstruction", "--matrix", again) == 2
    error = capsys.readouterr().err
    path = exported_model.path
    assert f"have the same weights: {path}, {path}. Give only" in error


def test_validation_drawings_are_another_job(command, tmp_path, capsys):
    for split in ("test", "validation"):
        flag = f"--split={split}"
        assert command("--task=reconstruction", flag) == 0
        assert f"on mnist ({split}): " in capsys.readouterr().out
    found = {r["split"]: r["source"] for r in _records(tmp_path)}
    assert "test drawings" in found["test"]
    assert found["validation"].endswith(
        "400 of 4,000 training drawings for validation"
    )


def test_the_matrix_of_other_parsers_has_no_sheet(
    command, tmp_path, monkeypatch
):
    monkeypatch.setattr(evaluate, "_do", lambda job: None)
    flags = "--task=reconstruction", "--matrix", "--parser=refined"
    assert command(*flags) == 0
    assert not list(tmp_path.rglob("reconstruction_side_by_side_*.png"))


def test_the_matrix_of_reconstructions_has_a_sheet(command, tmp_path):
    assert command("--task=reconstruction", "--matrix") == 0
    folder = tmp_path / "results" / "figures"
    assert len(list(folder.glob("reconstruction_side_by_side_*.png"))) == 1


def test_a_folder_without_a_model_gets_one_sentence(command, capsys, tmp_path):
    assert command("--task=reconstruction", model=tmp_path) == 2
    assert "There is no model in" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flag",
    [
        *("--task=cooking", "--num_images=0", "--num_particles=-1"),
        *("--temperature=nan", "--temperature=-1", "--temperature=inf"),
        *("--dataset=cifar", "--seed=-1", "--seed=2147483648"),
    ],
)
def test_wrong_flags_are_refused(command, capsys, flag):
    assert command("--task=reconstruction", flag) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert flag[2:].partition("=")[0] in error


def test_a_folder_is_resolved_before_it_is_loaded(
    command, monkeypatch, exported_model
):
    """Run folders and pretrained models are exported to such a folder."""
    asked = []

    def folder(model):
        asked.append(model)
        return str(exported_model.path.parent)

    monkeypatch.setattr(cached, "folder", folder)
    assert command("--task=marginal_likelihood", model="runs/any") == 0
    assert asked == ["runs/any"]


def test_reports_what_was_measured(command, tmp_path, capsys):
    folder = tmp_path / "results"
    assert _call(f"--report={folder}") == 2
    assert "There are no results in" in capsys.readouterr().err
    assert _call(f"--report={folder}", "--num_images=3") == 2
    assert "leave --num_images out, or --report" in capsys.readouterr().err
    assert command("--task=reconstruction") == 0
    assert _call(f"--report={folder}") == 0
    (path,) = [
        word for word in capsys.readouterr().out.split() if ".html" in word
    ]
    error = next(
        r["value"]
        for r in _records(tmp_path)
        if r["metric"] == "mean_absolute_error"
    )
    with open(path) as file:
        assert f"{error:.6g}" in file.read()


def test_a_reference_must_be_among_the_results(command, tmp_path, capsys):
    assert command("--task=reconstruction", "--reference=tiny") == 2
    assert "--reference needs --report" in capsys.readouterr().err
    assert command("--task=reconstruction") == 0
    folder = f"--report={tmp_path / 'results'}"
    assert _call(folder, "--reference=tiny") == 0
    assert _call(folder, "--reference=tinny") == 2
    error = capsys.readouterr().err
    assert "No result is of the reference 'tinny'; choose from tiny " in error


@pytest.mark.parametrize(
    ("task", "metric"),
    [
        ("reconstruction", "mean_absolute_error"),
        ("marginal_likelihood", "iwae"),
    ],
)
def test_values_of_single_drawings_are_kept(command, tmp_path, task, metric):
    assert command(f"--task={task}") == 0
    record = next(r for r in _records(tmp_path) if r["metric"] == metric)
    found = values.read(tmp_path / "results", record["job"])[metric]
    assert found.shape == (6,)
    assert found.mean() == pytest.approx(record["value"], rel=1e-5)
    error = found.std(ddof=1) / np.sqrt(6)
    assert error == pytest.approx(record["standard_error"], rel=1e-4)


def test_records_are_plain_json(command, tmp_path):
    assert command("--task=reconstruction") == 0
    text = (tmp_path / "results" / results.FILE).read_text()
    for line in text.splitlines():
        record = json.loads(line, parse_constant=pytest.fail)
        assert str(tmp_path) not in line
        assert record["job"]["task"] == "reconstruction"


def test_a_refined_parser_makes_another_job(command, tmp_path):
    task = "--task=reconstruction"
    assert command(task) == 0
    assert command(task, "--parser=amortised") == 0
    refined = "--parser=refined", "--refinement_steps=2"
    assert command(task, *refined) == 0
    assert command(task, *refined, "--refinement_rate=0.02") == 0
    records = [
        r for r in _records(tmp_path) if r["metric"] == "mean_absolute_error"
    ]
    assert [r["job"].get("parser") for r in records] == [
        *(None, "refined", "refined")
    ]
    assert [r.get("refinement_rate") for r in records] == [None, 0.005, 0.02]
    assert records[1]["refinement_steps"] == 2
    assert records[1]["value"] < records[0]["value"]


def test_a_search_has_default_settings_of_its_own(command, monkeypatch):
    jobs = []

    def run(job):
        jobs.append(job)
        raise ValueError("enough")

    monkeypatch.setattr(marginal_likelihood, "run", run)
    task = "--task=marginal_likelihood"
    for flags in ([], ["--parser=searched"], ["--parser=searched"]):
        particles = ["--num_particles=3"] if len(jobs) == 2 else []
        assert command(task, *flags, *particles) == 2
    assert [job.num_particles for job in jobs] == [2, 5, 3]
    assert jobs[1].explainer[:4] == ("parser", "searched", 100, 0.3)


def test_the_tracer_takes_no_steps_by_default(command, tmp_path):
    traced = "--task=reconstruction", "--parser=traced"
    assert command(*traced) == 0
    assert command(*traced, "--refinement_steps=2") == 0
    of_metric = {
        name: [r for r in _records(tmp_path) if r["metric"] == name]
        for name in ("mean_absolute_error", "num_curves")
    }
    plain, refined = of_metric["mean_absolute_error"]
    assert (plain["refinement_steps"], refined["refinement_steps"]) == (0, 2)
    assert refined["value"] != plain["value"]
    assert len({r["value"] for r in of_metric["num_curves"]}) == 1


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (("--task=probe", "--parser=refined"), "does not use --parser"),
        (("--task=parsing", "--proposal=refined"), "does not use --proposal"),
        (
            ("--task=reconstruction", "--refinement_steps=3"),
            "need another --parser or --proposal",
        ),
        (
            (
                *("--task=reconstruction", "--parser=traced"),
                "--refinement_rate=0.1",
            ),
            "--refinement_rate has no effect with --parser=traced and no",
        ),
        (
            (
                *("--task=parsing", "--parser=refined"),
                *("--refinement_steps=0", "--refinement_rate=0.1"),
            ),
            "--refinement_rate has no effect with --parser=refined and no",
        ),
        (
            (
                *("--task=marginal_likelihood", "--parser=searched"),
                "--proposal=refined",
            ),
            "Give --parser or --proposal, not both",
        ),
    ],
)
def test_refinements_that_a_task_does_not_have_are_refused(
    command, flags, reason, capsys
):
    assert command(*flags) != 0
    assert reason in capsys.readouterr().err


@pytest.fixture(name="learned_from")
def _learned_from(exported_model, monkeypatch):
    """Makes the tiny model one of another dataset."""

    def set_training(dataset, start_from=""):
        config = exported_model.config
        training = dataclasses.replace(
            config.training,
            dataset=dataset,
            source="other drawings",
            start_from=start_from,
        )
        config = dataclasses.replace(config, training=training)
        monkeypatch.setattr(exported_model, "config", config)

    return set_training


def test_drawings_that_a_model_may_have_learned_from_are_refused(
    command, capsys, learned_from
):
    learned_from("mnist")
    assert command("--task=reconstruction", "--split=validation") == 2
    assert "may have learned from some of them" in capsys.readouterr().err
    assert command("--task=reconstruction") == 0


def test_drawings_of_an_earlier_training_are_refused(
    command, capsys, learned_from
):
    learned_from("mnist", start_from="pretrained:omniglot")
    assert command("--task=reconstruction", "--dataset=omniglot_strokes") == 2
    assert "learned from images of omniglot" in capsys.readouterr().err
    flags = ("--task=reconstruction", "--dataset=omniglot")
    assert command(*flags, "--split=validation") == 2
    assert "may have learned from some of them" in capsys.readouterr().err


def test_an_earlier_training_that_cannot_be_read_is_named(
    command, capsys, learned_from, tmp_path
):
    learned_from("mnist")
    assert command("--task=reconstruction") == 0
    assert "is not checked" not in capsys.readouterr().err
    learned_from("mnist", start_from=str(tmp_path / "gone"))
    assert command("--task=reconstruction") == 0
    assert f"started from {tmp_path / 'gone'}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("dataset", "flags", "message"),
    [
        (
            "mnist_4",
            ("--task=detection", "--dataset=mnist_4", "--split=validation"),
            "may have learned from some of them",
        ),
        (
            "omniglot_strokes",
            ("--task=generation", "--dataset=omniglot", "--split=validation"),
            "give --dataset=omniglot_strokes",
        ),
        (
            "omniglot",
            ("--task=reconstruction", "--dataset=omniglot_strokes"),
            "give --dataset=omniglot.",
        ),
    ],
)
def test_drawings_of_the_models_training_are_refused(
    command, capsys, learned_from, dataset, flags, message
):
    learned_from(dataset)
    assert command(*flags) == 2
    assert message in capsys.readouterr().err
