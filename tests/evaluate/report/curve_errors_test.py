import numpy as np
from PIL import Image

from tfdood.evaluate.report import curve_errors


def _records(errors, dataset="mnist", blank=0.1, seed=0, **more):
    metrics = {
        curve_errors.metric(n): value for n, value in enumerate(errors, 1)
    }
    metrics["mean_absolute_error_of_blank_canvas"] = blank
    job = {"dataset": dataset, "seed": seed, **more}
    return [
        {
            **{"metric": name, "value": value, "dataset": dataset, "job": job},
            **{"model": "a", "fingerprint": "1", **more},
        }
        for name, value in metrics.items()
    ]


def test_each_parser_has_a_line_that_starts_at_the_blank_canvas():
    records = [
        *_records([0.05, 0.02], "omniglot"),
        *_records([0.06, 0.03, 0.01]),
        *_records([0.04], parser="traced", refinement_steps=0),
        *_records([0.03], parser="traced", refinement_steps=60),
    ]
    lines = curve_errors.lines(records)
    assert list(lines) == ["mnist", "omniglot"]
    assert list(lines["mnist"]) == [
        *("a 1", "a 1, traced", "a 1, traced, 60 steps")
    ]
    np.testing.assert_array_equal(
        lines["mnist"]["a 1"], [0.1, 0.06, 0.03, 0.01]
    )
    np.testing.assert_array_equal(lines["mnist"]["a 1, traced"], [0.1, 0.04])


def test_the_last_job_counts():
    records = [*_records([0.5, 0.4]), *_records([0.3], seed=1)]
    [line] = curve_errors.lines(records)["mnist"].values()
    np.testing.assert_array_equal(line, [0.1, 0.3])


def test_chart_has_a_panel_for_each_dataset(tmp_path):
    records = _records([0.05, 0.02])
    assert curve_errors.draw(records, tmp_path / "one.png")
    records += _records([0.05, 0.02], "omniglot")
    assert curve_errors.draw(records, tmp_path / "two.png")
    widths = [
        Image.open(tmp_path / name).width for name in ("one.png", "two.png")
    ]
    assert widths[1] == 2 * widths[0]


def test_colours_tell_models_apart_and_dashes_tell_parsers_apart():
    names = ["a 1", "a 1, traced", "b 2", "b 2, traced"]
    plain, traced, other, other_traced = curve_errors._styles(names).values()
    assert plain["color"] == traced["color"] != other["color"]
    assert plain["linestyle"] == other["linestyle"] != traced["linestyle"]
    assert other_traced == other | {"linestyle": traced["linestyle"]}


def test_other_records_give_no_chart(tmp_path):
    records = _records([])
    assert curve_errors.lines(records) == {}
    assert not curve_errors.draw(records, tmp_path / "none.png")
