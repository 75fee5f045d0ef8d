import dataclasses
import fcntl
import os
import types

import numpy as np
import pytest
from PIL import Image

from tfdood import data
from tfdood.data.importers import importing
from tfdood.evaluate.records import job as job_lib
from tfdood.evaluate.records.job import Explainer


class _KilledError(Exception):
    """Stands for a signal."""


def _counting(calls, dies_at=None):
    def part(number):
        if number == dies_at:
            raise _KilledError
        calls.append(number)
        return {"x": np.full([2], 10 * number), "y": np.array(number)}

    return part


def test_the_mean_and_its_standard_error():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    measure = job_lib.mean(values)
    assert measure.value == 4.0
    assert measure.num_images == 4
    # Squared deviations 9 + 4 + 0 + 25, over 3, over 4.
    assert measure.standard_error == pytest.approx(np.sqrt(38 / 12))
    assert job_lib.mean(np.array([True, False])).value == 0.5
    assert job_lib.mean(np.array([3.0])) == (3.0, 0.0, 1)


def test_a_killed_computation_is_resumed(make_job):
    calls = []
    with pytest.raises(_KilledError):
        make_job("any").in_parts(4, _counting(calls, dies_at=2))
    assert calls == [0, 1]
    parts = make_job("any").in_parts(4, _counting(calls))
    assert calls == [0, 1, 2, 3]
    np.testing.assert_array_equal(
        [part["x"] for part in parts], [[0, 0], [10, 10], [20, 20], [30, 30]]
    )
    assert [int(part["y"]) for part in parts] == [0, 1, 2, 3]


def test_chunks_have_all_rows_in_order(make_job):
    found = make_job("any").in_chunks(
        5, 2, lambda rows: {"row": np.arange(5)[rows]}
    )
    assert found["row"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "damage", [lambda x: x[:-40], lambda x: b"", lambda x: b"not an archive"]
)
def test_a_corrupted_part_is_computed_again(make_job, damage):
    job = make_job("any")
    job.in_parts(3, _counting([]))
    (path,) = (job.folder / "unfinished").glob("*/part_1.npz")
    path.write_bytes(damage(path.read_bytes()))
    calls = []
    parts = job.in_parts(3, _counting(calls))
    assert calls == [1]
    np.testing.assert_array_equal(parts[1]["x"], [10, 10])


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"num_images": 13},
        {"num_particles": 6},
        {"temperature": 1.0},
        {"dataset": "kmnist"},
        {"task": "other"},
        {"split": "validation"},
        {"task_version": 2},
    ],
)
def test_parts_are_of_one_job_only(make_job, change):
    make_job("any").in_parts(1, _counting([]))
    calls = []
    make_job(**{"task": "any", **change}).in_parts(1, _counting(calls))
    assert calls == [0]


def test_computations_of_different_units_do_not_mix(make_job):
    job = make_job("any")
    job.in_parts(2, lambda i: {"x": np.array(i)}, unit="parse")
    fits = job.in_parts(2, lambda i: {"x": np.array(-i)}, unit="fit")
    assert [int(part["x"]) for part in fits] == [0, -1]


def test_forgotten_parts_are_computed_again(make_job):
    job, calls = make_job("any"), []
    job.in_parts(2, _counting([]))
    job.forget_parts()
    assert not list((job.folder / "unfinished").iterdir())
    job.in_parts(2, _counting(calls))
    assert calls == [0, 1]
    job.forget_parts()
    job.forget_parts()


def _another_model(job, **changes):
    """The job with another model, whose attributes are those of its own."""
    names = ("name", "path", "facts", "fingerprint", "config")
    own = {name: getattr(job.model, name) for name in names}
    model = types.SimpleNamespace(**(own | changes))
    return dataclasses.replace(job, model=model)


def test_another_model_of_the_same_name_is_another_job(make_job):
    job = make_job("any")
    assert _another_model(job, fingerprint="other").key() != job.key()


def test_the_same_weights_exported_again_are_the_same_job(make_job):
    job = make_job("any")
    again = _another_model(job, path=job.model.path.parent / "2")
    assert again.key() == job.key()
    assert _another_model(job, name="copy").key() == job.key()


def test_the_sample_and_a_prepared_dataset_have_different_keys(
    make_job, tmp_path
):
    job = make_job("any")
    assert job.key()["read_from"] == "sample"
    there = dataclasses.replace(job, data_dir=str(tmp_path))
    assert there.key()["read_from"] == "other files"
    image, label = np.zeros([3, 28, 28], np.uint8), np.zeros([3], np.uint8)
    np.savez(
        tmp_path / "mnist.npz",
        **{"x_train": image, "y_train": label},
        **{"x_test": image[:2], "y_test": label[:2]},
    )
    list(importing.import_all(str(tmp_path), str(tmp_path)))
    assert there.key()["read_from"] == "other files"  # As it was at first.
    assert dataclasses.replace(there).key()["read_from"] == (
        "imported TFDS folder imported_mnist/1.0.0 (3 train / 2 test)"
    )


def test_the_version_of_a_parser_counts_from_the_second_on(make_job):
    explainer = Explainer("parser", "searched", 30, 0.1)
    keys = [
        make_job("any", explainer=explainer._replace(version=version)).key()
        for version in (1, 2)
    ]
    assert "parser_version" not in keys[0]
    assert keys[1] == {**keys[0], "parser_version": 2}


def test_own_drawings_are_known_by_their_contents(make_job, tmp_path):
    keys = []
    for place in ("here", "there"):
        folder = tmp_path / place / "cats"
        folder.mkdir(parents=True)
        for number in range(4):
            values = np.full([20, 20], 255, np.uint8)
            values[5:9, 3 : 9 + number] = 0
            Image.fromarray(values).save(folder / f"{number}.png")
        job = dataclasses.replace(make_job("any"), dataset=f"folder:{folder}")
        keys.append(job.key())
        assert len(job.drawings().labels) == 1
        assert job.figure("name").name.startswith("any_tiny_folder_cats_name_")
    assert keys[0] == keys[1]
    assert keys[0]["dataset"] == "folder_cats"
    assert keys[0]["read_from"].startswith(
        "folder cats (4 picture files, digest "
    )
    (folder / "0.png").unlink()
    assert dataclasses.replace(job).key() != keys[0]


def test_drawings_are_spread_over_the_split(make_job):
    drawings = make_job("any", num_images=7).drawings()
    every = data.read("mnist", "test", image_size=20)
    rows = np.linspace(0, len(every.labels) - 1, 7).astype(int)
    np.testing.assert_allclose(
        drawings.images, every.images[rows].astype(np.float32) / 255, rtol=1e-5
    )
    np.testing.assert_array_equal(drawings.labels, every.labels[rows])
    assert "embedded sample of mnist" in drawings.source
    held_out = make_job("any", num_images=400, split="validation").drawings()
    expected = data.read("mnist", "validation", image_size=20)
    np.testing.assert_array_equal(held_out.labels, expected.labels)
    assert held_out.source == expected.source
    assert len(make_job("any").drawings(7, split="train").images) == 7


def test_a_split_is_read_once_for_jobs_of_the_same_files(make_job, monkeypatch):
    reads, read = [], data.read

    def counted(*arguments, **options):
        reads.append(arguments)
        return read(*arguments, **options)

    monkeypatch.setattr(data, "read", counted)
    job_lib._drawings.cache_clear()
    for count in (3, 5):
        assert len(make_job("any").drawings(count).images) == count
    make_job("any").drawings(split="train")
    assert reads == [("mnist", "test"), ("mnist", "train")]


def test_images_in_colours_are_refused_by_a_grey_model(make_job):
    job = make_job("any", dataset="arrow_like")
    with pytest.raises(ValueError, match="takes grey images, and arrow_like"):
        job.drawings()


def test_a_refused_job_leaves_no_folder(make_job):
    job = make_job("any")
    with pytest.raises(ValueError, match="No"), job.locked():
        raise ValueError("No")
    assert not list((job.folder / "unfinished").iterdir())
    with pytest.raises(ValueError, match="No"), job.locked():
        job.in_parts(1, lambda _: {"x": np.zeros(1)})
        raise ValueError("No")
    assert len(list((job.folder / "unfinished").glob("*/part_0.npz"))) == 1


def test_a_missing_dataset_is_named(make_job, tmp_path):
    job = make_job("any", data_dir=str(tmp_path))
    with pytest.raises(data.DatasetNotFoundError, match="No mnist in"):
        job.drawings()


def test_the_name_of_a_figure_says_what_it_shows(make_job):
    job = make_job("any")
    path = job.figure("sheet")
    assert path.parent.is_dir()
    digest = job_lib.digest(job.key())
    assert path.name == f"any_tiny_mnist_sheet_{digest}.png"
    assert make_job("any", seed=1).figure("sheet") != path


def test_the_same_job_waits_for_the_lock(make_job):
    with make_job("any").locked():
        with make_job("other").locked():
            pass
        folder = make_job("any")._unfinished()
        descriptor = os.open(folder, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)
