import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tests.models.dood import variants
from tfdood.models.dood import refining
from tfdood.saved import session as session_lib
from tfdood.saved import signatures
from tfdood.types import Pen, Strokes

_STEPS = 8
_RANGES = Pen((0.005, 0.04), (0.1, 0.9), (0.1, 1.5))


@pytest.fixture(
    scope="module",
    name="model",
    params=[
        "dood",
        pytest.param("dood_eg", marks=pytest.mark.slow),
        "dood_glimpse",
    ],
)
def _model(request, dood):
    if request.param == "dood":
        return dood
    return variants.build(request.param)


def _log_joint(model, images, strokes, pen):
    canvas = model.render(strokes, pen)[:, -1]
    log_prior = model.log_prior(model.read_strokes(strokes._asdict()), pen)
    return log_prior + model.log_likelihood(images, canvas)


def _refine(model, images, steps=_STEPS, **rates):
    start = model.reconstruct(images)
    return start, model.refine(images, start.strokes, start.pen, steps, **rates)


def test_every_drawing_becomes_more_probable(model, images):
    start, found = _refine(model, images)
    before = _log_joint(model, images, start.strokes, start.pen)
    after = found.log_prior + found.log_likelihood
    has_strokes = np.sum(start.strokes.presence, -1) > 0.0
    assert np.all(after >= before)
    assert np.all((after > before + 1.0)[has_strokes])
    more = _refine(model, images, 2 * _STEPS)[1]
    assert np.mean(more.log_prior + more.log_likelihood - after) > 0.0


def test_densities_are_those_of_the_refined_strokes(model, images):
    _, found = _refine(model, images)
    strokes = Strokes(*found.latents)
    np.testing.assert_allclose(
        found.log_prior + found.log_likelihood,
        _log_joint(model, images, strokes, found.pen),
        rtol=1e-4,
    )


def test_presence_stays_and_pens_keep_their_ranges(dood, images):
    start, found = _refine(dood, images, learning_rate=0.5, pen_rate=5.0)
    # Copies: exact.
    np.testing.assert_array_equal(
        found.latents.presence, start.strokes.presence
    )
    for values, (low, high) in zip(found.pen, _RANGES, strict=True):
        assert np.all((values >= low - 1e-6) & (values <= high + 1e-6))


def test_the_pen_moves_only_if_its_rate_is_positive(dood, images):
    start, still = _refine(dood, images, pen_rate=0.0)
    _, moved = _refine(dood, images)
    for x, y, z in zip(start.pen, still.pen, moved.pen, strict=True):
        np.testing.assert_array_equal(y, x)  # Copies: exact.
        assert np.max(np.abs(z - x)) > 1e-3 * np.max(x)


@pytest.mark.parametrize("still", [{"num_steps": 0}, {"pen_rate": 0.0}])
def test_a_pen_out_of_the_ranges_stays_unless_it_moves(dood, images, still):
    start = dood.reconstruct(images)
    wide = start.pen._replace(blur=tf.fill(start.pen.blur.shape, 0.08))

    settings = {"num_steps": _STEPS, **still}
    found = dood.refine(images, start.strokes, wide, **settings)
    # Copies: exact.
    np.testing.assert_array_equal(found.pen.blur, wide.blur)


def test_without_steps_or_rates_nothing_moves(dood, images):
    for arguments in ({"steps": 0}, {"learning_rate": 0.0, "pen_rate": 0.0}):
        start, found = _refine(dood, images, **arguments)
        np.testing.assert_allclose(
            found.latents.layout, start.strokes.layout, rtol=1e-6
        )


def test_an_ascent_too_fast_never_ends_below_its_start(dood, images):
    start, found = _refine(dood, images, learning_rate=3.0, pen_rate=30.0)
    before = _log_joint(dood, images, start.strokes, start.pen)
    after = found.log_prior + found.log_likelihood
    assert np.all(after >= before - 0.05)


def test_rows_do_not_depend_on_each_other(dood, images):
    _, together = _refine(dood, images)
    copies = tf.repeat(images[1:2], len(images), 0)
    start = dood.reconstruct(copies)
    equal = dood.refine(copies, start.strokes, start.pen, _STEPS)
    np.testing.assert_allclose(
        equal.log_likelihood, tf.repeat(together.log_likelihood[1:2], 4), 1e-3
    )


def test_a_start_with_another_number_of_strokes_is_refused(dood, images):
    start = dood.reconstruct(images)
    few = type(start.strokes)(*(x[:, :1] for x in start.strokes))
    with pytest.raises(ValueError, match="strokes each, .* got 1"):
        dood.refine(images, few, start.pen, _STEPS)
    with pytest.raises(ValueError, match="one drawing for each image"):
        dood.refine(images[:1], start.strokes, start.pen, _STEPS)
    # Nothing of the refused calls is kept.
    dood.refine(images, start.strokes, start.pen, _STEPS)


def test_steps_are_smaller_for_lower_rates(dood, images):
    start, slow = _refine(dood, images, 1, learning_rate=1e-3, pen_rate=0.0)
    present = start.strokes.presence.numpy() > 0.0
    change = np.abs(slow.latents.layout - start.strokes.layout)[present]
    assert 0.0 < change.max() < 1.1e-3


def test_reconstruct_refined_takes_the_steps_of_the_settings(exported):
    model, _ = exported
    images = tiny_models.images()
    start = model.reconstruct(images)
    expected = model.refine(images, start.strokes, start.pen, 5)
    drawing = model.reconstruct_refined(images)
    np.testing.assert_allclose(
        drawing.strokes.control_points, expected.latents.stroke, atol=1e-5
    )
    np.testing.assert_allclose(
        model.log_likelihood(images, drawing.canvas),
        expected.log_likelihood,
        rtol=1e-5,
    )


@pytest.fixture(scope="module", name="exported")
def _exported(tmp_path_factory):
    """A model and a session of its signatures that refine."""
    model = tiny_models.build("dood", "model.refinement_steps=5")
    listed = model.signatures(2)
    names = ("reconstruct_refined", "refine", "parse_center")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            type(model), "signatures", lambda *_: {k: listed[k] for k in names}
        )
        module, functions = signatures.build(model, 2)
    path = tmp_path_factory.mktemp("refined") / "1"
    tf.saved_model.save(module, str(path), functions)
    with session_lib.Session(path) as session:
        yield model, session


@pytest.mark.parametrize("count", [1, 16])
def test_a_session_refines_as_the_live_model(exported, count):
    model, session = exported
    images = tf.tile(tiny_models.images(), [4, 1, 1, 1])[:count]
    served = session.run("reconstruct_refined", {"images": images.numpy()})
    live = model.outputs(model.reconstruct_refined(images))
    assert set(served) == set(live)
    for name, value in live.items():
        np.testing.assert_allclose(
            served[name], value, rtol=1e-3, atol=1e-3, err_msg=name
        )
    unrefined = model.reconstruct(images).canvases[:, -1]
    error, before = (
        np.abs(x - images).mean() for x in (served["canvas"], unrefined)
    )
    assert error < before


def test_a_session_refines_rows_with_settings_of_their_own(exported):
    model, session = exported
    images = tiny_models.images().numpy()
    center = session.run("parse_center", {"images": images})
    start = {k: center[k] for k in (*Strokes._fields, *Pen._fields)}
    moves = np.float32([1.0, 1.0, 1.0, 0.0])
    settings = {
        "num_steps": np.int32([0, 3, 5, 5]),
        "learning_rate": refining.LEARNING_RATE * moves,
        "pen_rate": refining.PEN_FACTOR * refining.LEARNING_RATE * moves,
    }
    served = session.run("refine", {"images": images, **start, **settings})
    for row in (0, 3):
        np.testing.assert_allclose(
            served["layout"][row], center["layout"][row], rtol=1e-6
        )
    for row, steps in ((1, 3), (2, 5)):
        at = slice(row, row + 1)
        strokes, pen = (
            kind(*(start[name][at] for name in kind._fields))
            for kind in (Strokes, Pen)
        )
        live = model.refine(tf.constant(images[at]), strokes, pen, steps)
        np.testing.assert_allclose(
            served["log_likelihood"][at], live.log_likelihood, rtol=1e-3
        )


def test_a_session_refuses_too_many_steps(exported):
    _, session = exported
    images = tiny_models.images(4).numpy()
    center = session.run("parse_center", {"images": images})
    inputs = {
        "images": images,
        **{k: center[k] for k in (*Strokes._fields, *Pen._fields)},
        "num_steps": np.int32([1, 1, 1, 1001]),
        "learning_rate": np.full([4], 0.01, np.float32),
        "pen_rate": np.full([4], 0.01, np.float32),
    }
    with pytest.raises(session_lib.Error, match="num_steps must be at least 0"):
        session.run("refine", inputs)


def test_rates_of_the_pen_are_a_multiple(dood, images):
    default = _refine(dood, images)[1]
    same = _refine(
        dood,
        images,
        learning_rate=refining.LEARNING_RATE,
        pen_rate=refining.PEN_FACTOR * refining.LEARNING_RATE,
    )[1]
    np.testing.assert_allclose(
        same.log_likelihood, default.log_likelihood, rtol=1e-5
    )
