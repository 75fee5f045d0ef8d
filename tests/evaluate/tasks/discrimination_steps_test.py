import numpy as np
import pytest
from PIL import Image

from tfdood import data
from tfdood.evaluate.measures import discrimination
from tfdood.evaluate.tasks import discrimination_steps


def test_every_set_is_compared_with_the_same_real_images(make_job, monkeypatch):
    calls = []

    def steps(real, other, seed):
        calls.append((real, other, seed))
        return 20 * len(calls)

    monkeypatch.setattr(discrimination, "steps", steps)
    job = make_job("discrimination_steps", num_images=70, seed=5)
    measures, source = discrimination_steps.run(job)
    values = {name: measure.value for name, measure in measures.items()}
    assert values == {
        "discrimination_steps": 40.0,  # the mean of 20, 40 and 60
        "discrimination_steps_of_other_training_images": 80.0,
        "discrimination_steps_of_shuffled_pixels": 100.0,
        "discrimination_steps_of_blank_canvases": 120.0,
    }
    error = measures["discrimination_steps"].standard_error
    assert error == pytest.approx(20.0 / np.sqrt(3))
    assert [seed for _, _, seed in calls] == [15, 16, 17, 15, 15, 15]
    train = data.spread(data.read("mnist", "train", image_size=20), 140).images
    for real, other, _ in calls:
        np.testing.assert_array_equal(real, train[::2])
        assert other.shape == real.shape and other.dtype == np.uint8
    samples, _, _, training, shuffled, blank = (call[1] for call in calls)
    assert (samples != training).any()
    np.testing.assert_array_equal(training, train[1::2])
    np.testing.assert_array_equal(
        np.sort(shuffled.reshape(70, -1)), np.sort(training.reshape(70, -1))
    )
    assert not blank.any()
    assert "sample of mnist" in source
    with Image.open(job.figure("samples")) as figure:
        assert figure.height > 5 * 50  # Samples, and a row of real images.


@pytest.mark.slow
def test_samples_of_an_untrained_model_are_soon_told(make_job, monkeypatch):
    monkeypatch.setattr(discrimination, "MOST_STEPS", 100)
    job = make_job("discrimination_steps", num_images=100)
    measures, _ = discrimination_steps.run(job)
    values = {name: measure.value for name, measure in measures.items()}
    best = values["discrimination_steps_of_other_training_images"]
    assert best == 100
    assert values["discrimination_steps_of_blank_canvases"] < best
