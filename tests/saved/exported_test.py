import json
import shutil

import numpy as np
import pytest

from tfdood.parsing import seeds
from tfdood.saved import exported


@pytest.mark.parametrize("is_there", [True, False])
def test_error_of_folder_without_model_says_what_to_do(tmp_path, is_there):
    folder = tmp_path / "models"
    if is_there:
        folder.mkdir()
    with pytest.raises(FileNotFoundError, match=r"python -m export\.main"):
        exported.ExportedModel(folder)


@pytest.mark.parametrize("file", ["config.json", "export.json"])
@pytest.mark.parametrize("text", [None, "{", "{}", "[]"])
def test_error_names_the_incomplete_folder(short_export, tmp_path, file, text):
    version = tmp_path / "1"
    shutil.copytree(short_export.path, version)
    (version / file).unlink()
    if text is not None:
        (version / file).write_text(text)
    with pytest.raises(ValueError, match=r"cannot be used .* Export it again"):
        exported.ExportedModel(version)


def test_error_names_the_missing_fact(short_export, tmp_path):
    version = tmp_path / "1"
    shutil.copytree(short_export.path, version)
    facts = short_export.facts | {"step": 7}
    del facts["fingerprint"]
    (version / "export.json").write_text(json.dumps(facts))
    with pytest.raises(ValueError, match=r"lacks \['fingerprint'\].* Export"):
        exported.ExportedModel(version)


@pytest.mark.parametrize(
    "file", ["saved_model.pb", "variables/variables.data-00000-of-00001"]
)
def test_error_names_the_damaged_model(short_export, tmp_path, file):
    version = tmp_path / "1"
    shutil.copytree(short_export.path, version)
    whole = (version / file).read_bytes()
    (version / file).write_bytes(whole[: len(whole) // 2])
    model = exported.ExportedModel(version)
    with pytest.raises(ValueError, match=r"cannot be used .* Export it again"):
        model.run("reconstruct", images=np.zeros([1, 20, 20, 1]))


def test_facts_are_those_of_the_export(short_export):
    facts = json.loads((short_export.path / "export.json").read_text())
    assert short_export.facts == facts
    assert short_export.name == "tiny"
    assert short_export.image_size == 20
    assert short_export.fingerprint == facts["fingerprint"]


def test_model_has_the_name_of_its_folder(short_export, tmp_path):
    shutil.copytree(short_export.path, tmp_path / "renamed" / "3")
    shutil.copytree(short_export.path, tmp_path / "alone")
    assert exported.ExportedModel(tmp_path / "renamed").name == "renamed"
    assert exported.ExportedModel(tmp_path / "alone").name == "alone"


def test_folder_that_is_a_pattern_is_refused(short_export, tmp_path):
    shutil.copytree(short_export.path, tmp_path / "a[1]")
    with pytest.raises(ValueError, match="rename the folder"):
        exported.ExportedModel(tmp_path / "a[1]")


def test_error_names_the_unknown_signature(short_export):
    with pytest.raises(ValueError, match=r"no signature 'paint'.*reconstruct"):
        short_export.run("paint", images=np.zeros([1, 20, 20, 1]))


@pytest.mark.parametrize("names", [(), ("image",), ("images", "seed")])
def test_error_names_the_inputs(short_export, names):
    inputs = dict.fromkeys(names, np.zeros([1, 50, 50, 1]))
    got = ", ".join(names) or "none"
    with pytest.raises(ValueError, match=rf"reconstruct are images, got {got}"):
        short_export.run("reconstruct", **inputs)


def test_many_rows_equal_single_rows(short_export):
    images = np.random.default_rng(0).random([7, 20, 20, 1], np.float32)
    row_seeds = seeds.of_rows(7, 0)
    result = short_export.run_all(
        "parse",
        rows_a_call=3,
        outputs=("log_likelihood", "control_points"),
        images=images,
        seeds=row_seeds,
    )
    assert set(result) == {"log_likelihood", "control_points"}
    for i in range(7):
        row = short_export.run(
            "parse", images=images[i : i + 1], seeds=row_seeds[i : i + 1]
        )
        for name, values in result.items():
            np.testing.assert_allclose(
                values[i], row[name][0], rtol=1e-4, atol=1e-4
            )
