import copy

import numpy as np
from PIL import Image

from tfdood.evaluate.report import side_by_side
from tfdood.figures import overlays


def test_a_column_a_drawing_and_a_row_a_model(make_job, tmp_path):
    model = make_job("reconstruction").model
    other = copy.copy(model)
    jobs = [
        make_job("reconstruction", model=m, dataset=dataset)
        for m in (model, other)
        for dataset in ("mnist", "omniglot")
    ]
    path = side_by_side.draw(jobs, tmp_path / "figures")
    sheet = np.asarray(Image.open(path)) / 255.0
    tile = overlays.TILE
    columns, rows = (sheet.shape[1] // tile, sheet.shape[0] // tile)
    assert (rows, columns) == (3, 6)
    # Both rows of reconstructions are of the same model, here: exact.
    height = (sheet.shape[0] - 6) // 3
    first, second, third = (
        sheet[6 + i * height + 18 : 6 + (i + 1) * height] for i in range(3)
    )
    np.testing.assert_array_equal(second, third)
    assert np.abs(first - second).max() > 0.1
    assert side_by_side.draw(jobs[:2], path.parent) != path
