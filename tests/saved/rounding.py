"""How much shipped weights may differ from those that were trained."""

import numpy as np


def assert_rounded(new, old):
    """Asserts that an array is another one, as `pretrained.write` rounds it."""
    step = np.std(old) / 16 + 1e-6
    np.testing.assert_allclose(new, old, rtol=1e-3, atol=step / 2)
