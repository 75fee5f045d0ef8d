import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood.models.common import noise, sequence_model, token
from tfdood.saved import converting, litert

_SEEDS = np.array([[3, 4]], np.int32)


@pytest.fixture(scope="module")
def model(converted_model):
    return litert.LiteRTModel(converted_model)


@pytest.fixture(scope="module")
def images():
    return tiny_models.images(1).numpy()


def _numbers(model, seeds):
    """The random numbers of one drawing for each seed, `[1, n]` each."""
    shape, found = model.noise_shape, ([], [])
    for seed, count in seeds:
        uniform, normal = noise.streams(seed, 2)
        found[0].append(noise.uniform(uniform, 1, [count, shape.num_uniform]))
        found[1].append(noise.normal(normal, 1, [count, shape.num_normal]))
    return [[np.reshape(x, [1, -1]) for x in part] for part in found]


def _noise(model, signature):
    """The random numbers that a signature with seeds samples."""
    seeds = tf.constant(_SEEDS)
    if signature == "generate":
        uniform, normal = _numbers(model, [(seeds, 1)])
    elif signature == "complete":
        streams = noise.streams(seeds, 2)
        uniform, normal = _numbers(model, [(seed, 1) for seed in streams])
    else:
        types, points, affine = noise.streams(seeds, 3)
        parses = sequence_model.NUM_PARSES
        uniform, normal = _numbers(model, [(types, parses)])
        normal += [
            noise.normal(points, 1, [1, model.stroke_size])[0],
            noise.normal(affine, 1, [1, token.NUM_PARAMETERS])[0],
        ]
    return {
        "uniform": np.concatenate(uniform, -1),
        "normal": np.concatenate(normal, -1),
    }


def _check(found, expected):
    assert set(found) == set(expected) - {"canvases"}
    for name, value in found.items():
        assert value.dtype == expected[name].numpy().dtype
        np.testing.assert_allclose(
            value, expected[name], atol=2e-4, err_msg=name
        )


@pytest.mark.parametrize("signature", ["reconstruct", "reconstruct_refined"])
def test_explanations_are_those_of_the_saved_model(
    model, exported_model, images, signature
):
    found = model.run(signature, {"images": images})
    _check(found, exported_model.run(signature, images=images))


@pytest.mark.parametrize("signature", ["generate", "complete", "exemplars"])
def test_noise_gives_the_drawings_of_seeds(
    model, exported_model, tiny_run, images, signature
):
    given = {} if signature == "generate" else {"images": images}
    found = model.run(signature, given | _noise(tiny_run.model, signature))
    expected = exported_model.run(signature, **given, seeds=_SEEDS)
    _check(found, expected)


def test_refinement_improves_the_canvas(model, images):
    before, after = (
        model.run(signature, {"images": images})["canvas"]
        for signature in ("reconstruct", "reconstruct_refined")
    )
    assert np.abs(after - before).max() > 1e-3


def test_description_lists_what_a_runtime_needs(converted_model):
    description = json.loads((converted_model / "model.json").read_text())
    assert description["image_size"] == 20
    files = {s["file"] for s in description["signatures"].values()}
    assert files == {path.name for path in converted_model.glob("*.tflite")}
    generate = description["signatures"]["generate"]
    assert {i["name"]: i["distribution"] for i in generate["inputs"]} == {
        "uniform": "uniform",
        "normal": "normal",
    }
    shapes = {o["name"]: o["shape"] for o in generate["outputs"]}
    assert shapes["control_points"] == [1, 2, 5, 2]
    assert shapes["canvas"] == [1, 20, 20, 1]


def test_description_has_no_path_of_own_drawings(tmp_path):
    config = tiny_models.config("mean_image")
    dataset = "folder:/home/someone/drawings"
    training = dataclasses.replace(config.training, dataset=dataset)
    model = tiny_models.build("mean_image")
    converting.write(
        tmp_path, model, dataclasses.replace(config, training=training)
    )
    description = json.loads((tmp_path / "model.json").read_text())
    assert description["dataset"] == "folder"


def test_models_that_search_are_refused(tmp_path):
    config, model = tiny_models.config("gns"), tiny_models.build("gns")
    with pytest.raises(ValueError, match="search only; leave --litert out"):
        converting.write(tmp_path / "litert", model, config)
    assert not (tmp_path / "litert").exists()


def test_weights_are_as_before(tmp_path):
    model = tiny_models.build("mean_image")
    before = [np.array(v) for v in model.variables]
    converting.write(tmp_path, model, tiny_models.config("mean_image"))
    for old, new in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, new)


def test_weights_that_are_too_large_are_refused(tmp_path):
    model = tiny_models.build("mean_image")
    model.variables[0].assign(tf.fill(model.variables[0].shape, 1e6))
    with pytest.raises(ValueError, match="half precision"):
        converting.write(tmp_path, model, tiny_models.config("mean_image"))


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["dood_glimpse", "dood_dr", "air", "vae"])
def test_other_families_are_converted(preset, tmp_path):
    model = tiny_models.build(preset)
    tiny_models.round_weights(model)
    converting.write(tmp_path, model, tiny_models.config(preset))
    images = tiny_models.images(1)
    found = litert.LiteRTModel(tmp_path).run(
        "reconstruct", {"images": images.numpy()}
    )
    _check(found, model.outputs(model.reconstruct(images)))
