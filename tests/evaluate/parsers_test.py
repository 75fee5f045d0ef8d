"""The parser of the tasks, against the signatures of a model."""

import numpy as np
import pytest

from tests.evaluate import drawing_models
from tfdood.evaluate import parsers
from tfdood.evaluate.records.job import Explainer
from tfdood.parsing import best_of, refined, seeds, traced


@pytest.fixture(name="images")
def _images():
    return np.random.default_rng(0).random([3, 20, 20, 1], np.float32)


def test_parses_render_to_images_of_their_likelihood(exported_model, images):
    found = parsers.build(exported_model, 2, 1).parse(images, seeds.Seed(0, 0))
    repeated = images.repeat(2, 0)
    flat = found.rows((np.repeat(range(3), 2), np.tile(range(2), 3)))
    canvas = exported_model.run(
        "render", **flat.strokes._asdict(), **flat.pen._asdict()
    )["canvas"]
    log_likelihood = exported_model.run(
        "likelihood", images=repeated, canvas=canvas
    )["log_likelihood"]
    np.testing.assert_allclose(log_likelihood, flat.log_likelihood, rtol=1e-4)


def test_parses_are_the_samples_of_the_signature(exported_model, images):
    found = parsers.build(exported_model, 4, 1).parse(images, seeds.Seed(5, 1))
    result = exported_model.run(
        "parse", images=images.repeat(4, 0), seeds=seeds.of_rows(12, 5, 1)
    )
    log_joint = np.asarray(result["log_prior"] + result["log_likelihood"])
    np.testing.assert_allclose(
        found.log_joint, log_joint.reshape(3, 4), rtol=1e-5
    )


def test_models_of_codes_are_refused(model_of_codes):
    with pytest.raises(ValueError, match="are codes that a network draws"):
        parsers.build(model_of_codes, 1, 1)


@pytest.mark.parametrize("kind", ["exported_model", "model_of_codes"])
def test_curves_are_told_from_codes(kind, images, request):
    model = request.getfixturevalue(kind)
    outputs = model.run("parse", images=images, seeds=seeds.of_rows(3, 0))
    assert parsers.has_curves(outputs) == (kind == "exported_model")
    assert parsers.shapes(outputs).shape[:2] == outputs["presence"].shape


def test_shapes_are_control_points_or_codes():
    points, code = np.zeros([1, 2, 5, 2]), np.zeros([1, 2, 7])
    assert parsers.shapes({"control_points": points}) is points
    assert parsers.shapes({"code": code}) is code


def test_a_refinement_makes_parses_more_probable(exported_model, images):
    explainer = Explainer("parser", "refined", 3, 0.01)
    for build in (
        lambda *args: parsers.build(exported_model, 2, 1, *args),
        lambda *args: parsers.build_center(exported_model, *args),
    ):
        plain, better = (
            build(*args).parse(images, seeds.Seed(0, 0))
            for args in ((), (explainer,))
        )
        assert np.mean(better.log_joint - plain.log_joint) > 0.0


@pytest.mark.parametrize(
    ("name", "num_steps", "kind"),
    [
        ("refined", 3, refined.Refined),
        ("traced", 0, traced.Traced),
        ("traced", 3, refined.Refined),
        ("best_of", 3, best_of.BestOf),
    ],
)
def test_each_parser_can_be_chosen(
    exported_model, images, name, num_steps, kind
):
    explainer = Explainer("parser", name, num_steps, 0.01)
    chosen = (
        parsers.build(exported_model, 1, 2, explainer),
        parsers.build_center(exported_model, explainer),
    )
    for made in chosen:
        found = made.parse(images, seeds.Seed(0, 0))
        assert isinstance(made, kind)
        assert found.log_joint.shape == (len(images), 1)
        assert np.all(np.isfinite(found.log_joint))


def test_a_search_needs_a_prior_of_strokes(exported_model, drawing_model):
    explainer = Explainer("parser", "searched", 3, 0.2)
    for build in (
        lambda model: parsers.build(model, 2, 1, explainer),
        lambda model: parsers.build_center(model, explainer),
    ):
        with pytest.raises(ValueError, match="needs a model that learned from"):
            build(exported_model)
    made = parsers.build(drawing_model, 2, 1, explainer)
    assert (made.num_parses, made.num_steps) == (2, 3)
    assert made.learning_rate == 0.2
    with pytest.raises(ValueError, match="Choose another parser"):
        parsers.build_center(drawing_model, explainer)


@pytest.mark.parametrize(
    ("task", "dataset", "split", "is_refused"),
    [
        ("exemplars", "omniglot", "validation", True),
        ("exemplars", "omniglot", "test", False),
        ("exemplars", "omniglot_strokes", "validation", False),
        ("parsing", "omniglot", "test", True),
        ("parsing", "omniglot_strokes", "test", False),
    ],
)
def test_models_of_strokes_see_no_alphabets_that_they_learned_from(
    make_job, drawing_model, task, dataset, split, is_refused
):
    job = make_job(task, model=drawing_model, dataset=dataset, split=split)
    if is_refused:
        with pytest.raises(ValueError, match="give --dataset=omniglot_strokes"):
            parsers.check_unseen(job)
    else:
        parsers.check_unseen(job)


def test_models_of_images_see_all_alphabets(make_job):
    parsers.check_unseen(
        make_job("exemplars", dataset="omniglot", split="validation")
    )
    parsers.check_unseen(make_job("exemplars", dataset="omniglot_strokes"))


@pytest.mark.parametrize("learned_from", ["omniglot", "all"])
def test_drawings_with_strokes_are_images_that_models_learned_from(
    make_job, learned_from
):
    model = drawing_models.DrawingModel(learned_from)
    for task in ("marginal_likelihood", "parsing"):
        job = make_job(task, model=model, dataset="omniglot_strokes")
        if task == "parsing":
            parsers.check_unseen(job)
            continue
        with pytest.raises(ValueError, match="give --dataset=omniglot"):
            parsers.check_unseen(job)
