import io
import pathlib
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from export import client, uploads
from tfdood import console
from tfdood.drawing import svg

_ROOT = pathlib.Path(__file__).parents[2]
_SVG = "{http://www.w3.org/2000/svg}"


def _arguments(ports, png, tmp_path, *more, protocol="grpc"):
    return [
        f"--image={png}",
        f"--svg={tmp_path / 'out.svg'}",
        f"--server=127.0.0.1:{getattr(ports, protocol)}",
        f"--protocol={protocol}",
        "--served_name=tiny",
        *more,
    ]


def _call(arguments):
    return console.call(client.define, client.main, arguments)


def _paths(tmp_path):
    root = ElementTree.parse(tmp_path / "out.svg").getroot()
    return root, list(root.iter(f"{_SVG}path"))


def _outputs(control_points, presence):
    shape = np.shape(presence)
    return {
        "control_points": np.float32(control_points),
        "presence": np.float32(presence),
        "blur": np.full(shape, 0.02, np.float32),
        "stroke_contrast": np.full(shape, 0.6, np.float32),
        "canvas_contrast": np.full(shape[:1], 0.5, np.float32),
        "canvas": np.zeros([*shape[:1], 50, 50, 1], np.float32),
    }


@pytest.mark.parametrize("protocol", ["grpc", "rest"])
def test_svg_has_the_strokes_of_the_model(
    ports, png, tmp_path, protocol, control_points
):
    arguments = _arguments(ports, png, tmp_path, protocol=protocol)
    assert _call(arguments) == 0
    root, paths = _paths(tmp_path)
    size = float(root.get("width"))
    assert {path.get("stroke") for path in paths} == {"white"}
    for path, points in zip(paths, control_points, strict=True):
        numbers = re.findall(r"-?[\d.]+(?:e-?\d+)?", path.get("d"))
        drawn = np.float64(numbers).reshape(-1, 2)
        # A curve starts and ends at its first and last control point.
        np.testing.assert_allclose(drawn[0], size * points[0], rtol=1e-5)
        np.testing.assert_allclose(drawn[-1], size * points[-1], rtol=1e-5)


def test_svg_of_cubic_strokes_is_exact():
    points = np.random.default_rng(0).uniform(size=(1, 1, 4, 2))
    text = client.to_svg(_outputs(points, [[1.0]]))
    path = ElementTree.fromstring(text).find(f".//{_SVG}path")
    drawn = np.float64(re.findall(r"[\d.]+", path.get("d"))).reshape(4, 2)
    np.testing.assert_allclose(drawn, 200.0 * points[0, 0], rtol=1e-4)


def test_only_present_strokes_of_the_first_row_are_drawn():
    points = np.random.default_rng(0).uniform(size=(2, 3, 5, 2))
    text = client.to_svg(_outputs(points, [[1, 1, 0], [1, 1, 1]]))
    assert text.count("<path") == 2


def test_colors_follow_the_order(ports, png, tmp_path):
    assert _call(_arguments(ports, png, tmp_path, "--colors")) == 0
    _, paths = _paths(tmp_path)
    colors = [path.get("stroke") for path in paths]
    assert colors == list(svg.ORDER_COLORS[:2])


@pytest.mark.parametrize("protocol", ["grpc", "rest"])
def test_signature_complete_writes_a_drawing(ports, png, tmp_path, protocol):
    more = "--signature=complete", "--seed=3"
    arguments = _arguments(ports, png, tmp_path, *more, protocol=protocol)
    assert _call(arguments) == 0
    assert len(_paths(tmp_path)[1]) == 2


def _blank():
    buffer = io.BytesIO()
    Image.new("L", (60, 40), 250).save(buffer, "PNG")
    return buffer.getvalue()


def _replaced(flag, value):
    def change(arguments, _):
        kept = [a for a in arguments if not a.startswith(f"--{flag}=")]
        return [*kept, f"--{flag}={value}"]

    return change


def _with_image(data):
    def change(arguments, tmp_path):
        path = tmp_path / "wrong.png"
        path.write_bytes(data)
        return _replaced("image", path)(arguments, tmp_path)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_replaced("server", "127.0.0.1:9"), "127.0.0.1:9 cannot be reached"),
        (
            _replaced("served_name", "a cat"),
            "the model 'a cat', got: Servable not",
        ),
        (_replaced("image", "nowhere.png"), "nowhere.png: No such file"),
        (_replaced("svg", "/nowhere/out.svg"), "/nowhere/out.svg: No such"),
        (_replaced("signature", "exemplars"), '"exemplars" not found'),
        (_with_image(b"text"), "not a picture of a known format"),
        (_with_image(b"\x89PNG\r\n\x1a\n" + b"0" * 50), "PNG"),
        (_with_image(_blank()), "wrong.png has no ink: nothing stands out"),
    ],
)
@pytest.mark.parametrize("protocol", ["grpc", "rest"])
def test_error_is_one_sentence(
    ports, png, tmp_path, capsys, protocol, change, message
):
    arguments = _arguments(ports, png, tmp_path, protocol=protocol)
    assert _call(change(arguments, tmp_path)) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out.svg").exists()


def _local(png, tmp_path, *more):
    return [f"--image={png}", f"--svg={tmp_path / 'own.svg'}", *more]


def test_drawing_of_local_model_equals_drawing_of_server(
    ports, model_dir, png, tmp_path
):
    assert _call(_arguments(ports, png, tmp_path)) == 0
    served = (tmp_path / "out.svg").read_text()
    assert _call(_local(png, tmp_path, f"--model={model_dir}")) == 0
    assert (tmp_path / "own.svg").read_text() == served


def test_error_names_the_folder_without_model(png, tmp_path, capsys):
    assert _call(_local(png, tmp_path, f"--model={tmp_path}")) == 2
    error = capsys.readouterr().err
    assert f"There is no model in {tmp_path}" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "flag", ["--server=127.0.0.1:8500", "--served_name=a", "--protocol=rest"]
)
def test_local_model_with_server_flags_is_refused(png, tmp_path, capsys, flag):
    arguments = _local(png, tmp_path, "--model=models/some", flag)
    assert _call(arguments) == 2
    error = capsys.readouterr().err
    assert f"remove --model, or {flag.partition('=')[0]}." in error


def test_reconstruction_without_picture_is_refused(tmp_path, capsys):
    assert _call([f"--svg={tmp_path / 'out.svg'}"]) == 2
    assert "--image=FILE" in capsys.readouterr().err


def test_signature_generate_needs_no_picture(short_export, tmp_path):
    texts = []
    for seed in (1, 1, 2):
        arguments = [f"--svg={tmp_path / 'own.svg'}", "--signature=generate"]
        arguments += [f"--model={short_export.path}", f"--seed={seed}"]
        assert _call(arguments) == 0
        texts.append((tmp_path / "own.svg").read_text())
    assert texts[0] == texts[1] != texts[2]


def test_picture_is_cropped_if_a_margin_is_given(
    ports, png, tmp_path, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        uploads, "prepare", lambda data, margin: asked.append(margin) or data
    )
    assert _call(_arguments(ports, png, tmp_path)) == 0
    assert _call(_arguments(ports, png, tmp_path, "--margin=0.1")) == 0
    assert asked == [None, 0.1]


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--margin=-0.1", "-0.1 is not a number in the range [0.0, 1.0]"),
        ("--margin=nan", "--margin=nan: expected a number in [0, 1]"),
        ("--margin=wide", "--margin=wide: could not convert"),
        ("--server=localhost", "--server=localhost: expected HOST:PORT"),
        ("--seed=-1", "integer in the range [0, 2147483647]"),
        ("--seed=2147483648", "integer in the range [0, 2147483647]"),
        ("--signature=paint", "<reconstruct_bytes|complete|exemplars|generate"),
    ],
)
def test_flag_out_of_range_is_refused(tmp_path, capsys, flag, message):
    assert _call([f"--svg={tmp_path / 'out.svg'}", flag]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_share_that_is_missing():
    image = np.zeros([1, 4, 4, 1])
    image[0, 1] = 1.0
    for canvas, expected in [(0.0, 1.0), (0.25 * image, 0.75), (image, 0.0)]:
        outputs = {"image": image, "canvas": canvas + 0.0 * image}
        assert client.share_missing(outputs) == expected
    assert client.share_missing({"image": 0 * image, "canvas": image}) == 0.0


def test_drawing_that_is_mostly_missing_is_reported(
    ports, png, tmp_path, capsys, monkeypatch
):
    assert _call(_arguments(ports, png, tmp_path)) == 0
    assert not capsys.readouterr().err
    monkeypatch.setattr(client, "_MOST_MISSING", 0.4)
    assert _call(_arguments(ports, png, tmp_path)) == 0
    assert "error is 50% of that of a blank page." in capsys.readouterr().err


def test_error_names_missing_outputs():
    with pytest.raises(ValueError, match="lacks blur, canvas_contrast"):
        outputs = _outputs(np.zeros([1, 1, 4, 2]), [[1.0]])
        client.to_svg(
            {k: outputs[k] for k in outputs if k[:5] not in ("blur", "canva")}
        )


def test_strokes_that_are_codes_are_refused():
    outputs = _outputs(np.zeros([1, 1, 5, 2]), [[1.0]])
    outputs["code"] = outputs.pop("control_points")
    with pytest.raises(ValueError, match="are codes .* not curves"):
        client.to_svg(outputs)


def test_client_runs_as_a_command(ports, png, tmp_path):
    command = [sys.executable, "-m", "export.client"]
    result = subprocess.run(
        [*command, *_arguments(ports, png, tmp_path)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, "")
    assert not result.stderr
    assert len(_paths(tmp_path)[1]) == 2
