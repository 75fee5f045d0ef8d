import numpy as np
import pytest

from benchmarks import subjects


@pytest.mark.slow
def test_each_parser_draws_each_picture(exported_model, monkeypatch):
    monkeypatch.setattr(subjects, "_SIDE", 20)
    monkeypatch.setattr(
        subjects.subjects, "ALL", {"smiley": subjects.subjects.smiley}
    )
    page = np.asarray(subjects.sheet(str(exported_model.path)))
    # The pictures, and a column for each of the four parsers.
    assert page.shape[1] == 5 * (20 + 12)
    of_tracer = page[20:40, 32:52]
    assert np.ptp(of_tracer) > 100
