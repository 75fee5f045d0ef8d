import numpy as np

from tfdood.evaluate.measures import code_pictures
from tfdood.parsing import seeds


def test_pictures_add_up_to_the_canvas_of_codes_that_fill_it(model_of_codes):
    images = np.random.default_rng(0).random([6, 20, 20, 1], np.float32)
    outputs = model_of_codes.run(
        "parse", images=images, seeds=seeds.of_rows(6, 0)
    )
    outputs = {name: np.asarray(x) for name, x in outputs.items()}
    found = code_pictures.of_present(model_of_codes, outputs)
    counts = outputs["presence"].sum(1).astype(int)
    assert len(found) == counts.sum() > 0
    whole = np.zeros_like(outputs["layout"])
    whole[..., 2] = 1.0
    canvas = model_of_codes.run(
        "render",
        presence=outputs["presence"],
        layout=whole,
        code=outputs["code"],
    )["canvas"].numpy()
    ends = np.cumsum(counts)
    for i, (count, end) in enumerate(zip(counts, ends, strict=True)):
        parts = found[end - count : end]
        assert parts.max(initial=0.0) < 1.0  # nothing is cut off
        np.testing.assert_allclose(parts.sum(0), canvas[i], atol=1e-5)


def test_rows_keep_their_order_and_contrast():
    class Model:
        def run(self, signature, presence, layout, code, canvas_contrast):
            assert signature == "render"
            np.testing.assert_array_equal(
                layout[:, 0], [[0, 0, 1, 0]] * len(layout)
            )
            np.testing.assert_array_equal(presence, 1.0)
            ink = code[:, 0, 0] * canvas_contrast
            return {"canvas": ink[:, None, None, None]}

    outputs = {
        "presence": np.array([[1, 1], [0, 0], [1, 0]], np.float32),
        "code": np.array([[[0.1], [0.2]], [[9], [9]], [[3], [9]]]),
        "canvas_contrast": np.array([1.0, 1.0, 0.5]),
    }
    found = code_pictures.of_present(Model(), outputs)
    np.testing.assert_allclose(found.reshape(-1), [0.1, 0.2, 1.0])
