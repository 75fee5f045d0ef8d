import numpy as np
import pytest

from tfdood import data
from tfdood.data import embedded

pytestmark = pytest.mark.usefixtures("no_prepared_data")


def test_one_shot_runs_are_read_from_the_sample():
    runs = data.read_oneshot(image_size=30)
    stored = embedded.read_one_shot()
    assert runs.is_sample
    assert runs.support.shape == runs.query.shape == (20, 20, 30, 30, 1)
    np.testing.assert_array_equal(runs.answers, stored.answers)
    for ours, theirs in (
        (runs.support, stored.support),
        (runs.query, stored.query),
    ):
        np.testing.assert_allclose(
            ours.mean(axis=(2, 3)), theirs.mean(axis=(2, 3)), atol=1.0
        )


def test_one_shot_runs_have_no_training_split():
    with pytest.raises(ValueError, match="'train' of one-shot runs; choose"):
        data.read_oneshot("train")


@pytest.mark.parametrize("split", ["test", "validation"])
def test_one_shot_runs_are_of_omniglot(split):
    with pytest.raises(ValueError, match="Omniglot, got 'emnist'; choose from"):
        data.read_oneshot(split, name="emnist")
