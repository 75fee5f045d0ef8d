import numpy as np
from PIL import Image

from tfdood.evaluate.measures import stroke_sheet
from tfdood.evaluate.records.job import Explainer


def test_rows_are_spread_over_the_drawings():
    assert stroke_sheet.rows(3).tolist() == [0, 1, 2]
    rows = stroke_sheet.rows(400)
    assert (len(rows), rows[0], rows[-1]) == (40, 0, 399)
    assert np.ptp(np.diff(rows)) <= 1


def test_sheet_has_a_row_for_each_parser(make_job):
    images = np.zeros([2, 20, 20, 1], np.float32)
    images[:, 9:11, 4:16] = 1.0
    line = [np.array([[0.2, 0.5], [0.8, 0.5]])]
    heights = []
    for explainer in (None, Explainer("parser", "refined", 1, 0.01)):
        job = make_job("reconstruction", explainer=explainer)
        stroke_sheet.draw(job, images, [line, line], {"others": [line, line]})
        with Image.open(job.figure("orders")) as figure:
            heights.append(figure.height)
    # Drawing, others, traced and inferred; then the recognition network, too.
    assert heights[1] > heights[0]
