import numpy as np
import pytest

from tfdood import data
from tfdood.evaluate.measures import discrimination


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(discrimination, "MOST_STEPS", 120)


@pytest.fixture(scope="module", name="digits")
def _digits():
    images = data.read("mnist", "train", image_size=28).images
    return images[:600:2], images[1:600:2]


def test_equal_images_are_never_told_apart(digits, monkeypatch):
    monkeypatch.setattr(discrimination, "MOST_STEPS", 40)
    assert discrimination.steps(*digits, seed=0) == 40


def test_near_images_need_more_steps_than_crude_fakes(digits):
    real, other = digits
    crude = discrimination.steps(real, np.full_like(other, 200), seed=0)
    dimmed = discrimination.steps(real, other // 2, seed=0)
    assert crude <= 40
    assert crude < dimmed <= 120
    assert crude % 20 == dimmed % 20 == 0


def test_seed_decides_the_number(digits):
    real, other = digits
    first, second = (
        discrimination.steps(real, 255 - other // 4, seed=1) for _ in range(2)
    )
    assert first == second < 120
