import numpy as np
import pytest

from tfdood.evaluate.measures import code_parses, code_scores


@pytest.fixture(name="drawings")
def _drawings(model_of_codes):
    """Four drawings by the model."""
    found = model_of_codes.run(
        "generate", seeds=np.arange(8, dtype=np.int32).reshape(4, 2)
    )
    return np.clip(found["canvas"].numpy(), 0.0, 1.0)


def test_scores_are_those_of_the_definition(
    model_of_codes, drawings, monkeypatch
):
    monkeypatch.setattr(code_scores, "_SCREENING_STEPS", 0)
    monkeypatch.setattr(code_scores, "_REFINING_STEPS", 0)
    supports, queries = drawings[:3], drawings[2:]
    classifier = code_scores.Classifier(model_of_codes, 2, 2)
    found = classifier.scores(queries, supports, ((0, 0), (0, 1)))
    of_supports, of_queries = (
        code_parses.sample(model_of_codes, images, 2, 2, (0, stream))
        for stream, images in enumerate((supports, queries))
    )
    fit = classifier._fitter.fit

    def fitted(types, images):
        """Of all parses to all images, `[M, N, K]`."""
        shape = (len(images), *types.log_joint.shape)
        m, n, k = np.indices(shape).reshape(3, -1)
        return fit(types.rows((n, k)), images[m], 0).score.reshape(shape)

    def close(x):
        return np.logaddexp.reduce(x, -1)

    there = close(of_supports.log_weights + fitted(of_supports, queries))
    back = close(of_queries.log_weights + fitted(of_queries, supports))
    own = fitted(of_supports, supports)[np.arange(3), np.arange(3)]
    evidence = close(of_supports.log_prior + own)
    # With three classes, all pairs are among the best three.
    np.testing.assert_allclose(found["one_way"], there, rtol=1e-4)
    np.testing.assert_allclose(
        found["two_way"], there + back.T - evidence, rtol=1e-4
    )


def test_fits_raise_the_scores_of_the_best_pairs_alone(
    model_of_codes, drawings, monkeypatch
):
    monkeypatch.setattr(code_scores, "_SCREENING_STEPS", 0)
    monkeypatch.setattr(code_scores, "_NUM_REFINED", 1)
    found = []
    for num_steps in (0, 5):
        monkeypatch.setattr(code_scores, "_REFINING_STEPS", num_steps)
        classifier = code_scores.Classifier(model_of_codes, 1, 2)
        found.append(
            classifier.scores(drawings, drawings[::-1], ((0, 0), (0, 1)))
        )
    start, refined = (x["one_way"] for x in found)
    gain = refined - start
    assert np.all(gain >= -1e-2)
    assert gain.max() > 0.1
    # At most two classes of a query, and two queries of a class, are refined.
    assert np.mean(np.abs(gain) < 1e-2) >= 0.5
