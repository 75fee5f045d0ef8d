import numpy as np
import pytest

from tests.models.gns import drawings
from tfdood.models.gns import measuring


def test_measures_are_ratios_of_sums():
    strokes = drawings.strokes()
    log_probs = drawings.type_prior().log_probs(strokes)
    found = measuring.measures(log_probs, strokes)
    totals = {k: float(sum(v.total) / sum(v.count)) for k, v in found.items()}
    numbers = drawings.NUMBERS
    num_strokes, num_points = (numbers > 0).sum(), numbers.sum()
    sums = {k: -np.sum(v) for k, v in log_probs._asdict().items()}
    expected = {
        "start": sums["starts"] / num_strokes,
        "end": sums["ends"] / num_points,
        "offset": (sums["offsets"] + sums["ends"]) / (num_points - num_strokes),
        "stop": sums["stops"] / (num_strokes + len(numbers)),
        "drawing": sum(sums.values()) / len(numbers),
    }
    assert totals == pytest.approx(expected, rel=1e-5)


def test_images_without_strokes_are_refused():
    with pytest.raises(ValueError, match="strokes of people.*omniglot_strokes"):
        measuring.checked(drawings.batch()._replace(strokes=None))
