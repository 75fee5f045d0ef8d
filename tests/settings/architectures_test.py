import pytest

from tfdood.settings import architectures


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (architectures.Dood(num_control_points=7), (7, 2)),
        (architectures.DoodDr(code_size=12), (6, 2)),
    ],
)
def test_stroke_shape_has_the_size_of_points_or_code(kind, shape):
    assert kind.stroke_shape == shape


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (architectures.Dood(encoder="paper"), True),
        (architectures.Dood(encoder="paper", encoder_dropout=0.0), False),
        (architectures.Dood(encoder="patches"), False),
    ],
)
def test_only_the_encoder_of_the_paper_has_dropout(settings, expected):
    assert settings.has_dropout == expected
