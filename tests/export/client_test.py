import errno
import pathlib
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from export import client, clients, writing
from tests.drawing import pictures_of_drawings as kinds
from tfdood import console
from tfdood.vectors import svg

_ROOT = pathlib.Path(__file__).parents[2]
_SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture(tmp_path):
    """A ring in the middle of a picture of 200 x 200 pixels."""
    path = tmp_path / "pictures" / "ring.png"
    path.parent.mkdir()
    Image.fromarray(kinds.ring(255, 0)).save(path)
    return path


def _call(*arguments):
    return console.call(
        client.define, client.main, list(map(str, arguments)), takes_paths=True
    )


def _asking(ports, tmp_path, *more, protocol="grpc"):
    is_explained = not any(flag.startswith("--signature=") for flag in more)
    return (
        f"--out={tmp_path / 'out'}",
        f"--server=127.0.0.1:{getattr(ports, protocol)}",
        f"--protocol={protocol}",
        "--served_name=tiny",
        *(["--parser=amortised"] if is_explained else []),
        *more,
    )


def _paths(tmp_path, name="ring"):
    root = ElementTree.parse(tmp_path / "out" / f"{name}.svg").getroot()
    return list(root.iter(f"{_SVG}path"))


@pytest.mark.parametrize("protocol", ["grpc", "rest"])
def test_svg_has_the_strokes_of_the_server(
    ports, picture, tmp_path, protocol, control_points
):
    arguments = _asking(ports, tmp_path, "--margin=0.1", protocol=protocol)
    assert _call(picture, *arguments) == 0
    # The ring is 121 pixels wide, from (40, 40), and has a margin of 12.
    expected = 145 * control_points + 28
    for path, points in zip(_paths(tmp_path), expected, strict=True):
        numbers = re.findall(r"-?[\d.]+(?:e-?\d+)?", path.get("d"))
        drawn = np.float64(numbers).reshape(-1, 2)
        # A curve starts and ends at its first and last control point.
        np.testing.assert_allclose(drawn[0], points[0], rtol=1e-5)
        np.testing.assert_allclose(drawn[-1], points[-1], rtol=1e-5)


def test_without_a_crop_the_square_is_the_picture(
    ports, picture, tmp_path, control_points
):
    assert _call(picture, *_asking(ports, tmp_path, "--nocrop")) == 0
    start = _paths(tmp_path)[0].get("d").split()[1].split(",")
    np.testing.assert_allclose(np.float64(start), 200 * control_points[0, 0])


def test_style_of_svg_files(ports, picture, tmp_path):
    arguments = _asking(ports, tmp_path, "--colors", "--paper=none")
    assert _call(picture, *arguments, "--animate") == 0
    colors = [path.get("stroke") for path in _paths(tmp_path)]
    assert colors == list(svg.ORDER_COLORS[:2])
    text = (tmp_path / "out" / "ring.svg").read_text()
    assert "<rect" not in text
    assert "animation" in text


@pytest.mark.parametrize("protocol", ["grpc", "rest"])
def test_signature_complete_writes_a_drawing(
    ports, picture, tmp_path, protocol
):
    more = "--signature=complete", "--seed=3"
    arguments = _asking(ports, tmp_path, *more, protocol=protocol)
    assert _call(picture, *arguments) == 0
    assert len(_paths(tmp_path)) == 2


def test_bad_pictures_are_named_and_skipped(ports, picture, tmp_path, capsys):
    folder = picture.parent
    (folder / "damaged.png").write_bytes(picture.read_bytes()[:60])
    Image.fromarray(kinds.blank()).save(folder / "blank.jpg")
    Image.fromarray(kinds.ring(0, 255)).save(folder / "other.webp")
    arguments = _asking(ports, tmp_path, "--formats=svg,ndjson,json")
    assert _call(folder, *arguments) == 2
    error = capsys.readouterr().err
    assert f"Skipped {folder / 'damaged.png'}: the picture cannot be" in error
    assert f"Skipped {folder / 'blank.jpg'}: it has no ink" in error
    assert "Drew 2 of 4 pictures." in error
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("drawings.ndjson", "other.json", "other.svg", "ring.json"),
        "ring.svg",
    ]


def test_pictures_of_one_name_have_drawings_of_two_names(
    ports, picture, tmp_path, capsys
):
    other = tmp_path / "ring.webp"
    Image.fromarray(kinds.ring(0, 255)).save(other)
    assert _call(picture, other, *_asking(ports, tmp_path)) == 0
    error = capsys.readouterr().err
    assert f"{other}: its drawing is ring_2." in error
    assert str(picture) not in error
    for name in ("ring", "ring_2"):
        assert len(_paths(tmp_path, name)) == 2


def test_files_are_not_replaced_without_being_asked(
    ports, picture, tmp_path, capsys
):
    file = tmp_path / "out" / "ring.svg"
    file.parent.mkdir()
    file.write_text("my own drawing")
    assert _call(picture, *_asking(ports, tmp_path)) == 2
    assert f"{file} exists already; use --overwrite" in capsys.readouterr().err
    assert file.read_text() == "my own drawing"
    assert _call(picture, *_asking(ports, tmp_path, "--overwrite")) == 0
    assert len(_paths(tmp_path)) == 2


def test_a_picture_that_is_skipped_alone_is_an_error(
    ports, tmp_path, capsys, picture
):
    picture.write_bytes(b"text")
    assert _call(picture, *_asking(ports, tmp_path)) == 2
    error = capsys.readouterr().err
    assert "it is none of PNG, JPEG, WEBP, GIF, BMP, TIFF" in error
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("--server=127.0.0.1:9", "127.0.0.1:9 cannot be reached"),
        ("--served_name=a cat", "the model 'a cat', got: Servable not"),
        ("--signature=exemplars", '"exemplars" not found'),
        ("--parser=traced", "amortised and refined, got 'traced'"),
        ("--out=/dev/null/a", "/dev/null/a: Not a directory"),
    ],
)
@pytest.mark.parametrize("protocol", ["grpc", "rest"])
def test_error_is_one_sentence(
    ports, picture, tmp_path, capsys, protocol, change, message
):
    arguments = _asking(ports, tmp_path, change, protocol=protocol)
    assert _call(picture, *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert message in error
    assert error.count("\n") == 1


def test_a_missing_picture_is_found_before_the_model_is_loaded(
    tmp_path, capsys
):
    assert _call(tmp_path / "nowhere.png", f"--model={tmp_path}") == 2
    assert "nowhere.png: No such file or folder" in capsys.readouterr().err


def test_local_model_draws(short_export, picture, tmp_path):
    arguments = f"--model={short_export.path}", "--parser=amortised"
    assert _call(picture, *arguments, f"--out={tmp_path / 'out'}") == 0
    assert (tmp_path / "out" / "ring.svg").exists()


def test_a_full_disk_says_what_is_kept_and_how_to_go_on(
    picture, tmp_path, capsys, monkeypatch
):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "ring.svg")

    monkeypatch.setattr(writing.Writer, "write", fail)
    assert _call(picture, f"--out={tmp_path}") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"Error: {tmp_path}: No space left on device; the")
    assert "run the command again with --overwrite.\n" in error


def test_models_of_codes_are_refused(model_of_codes, picture, tmp_path, capsys):
    arguments = f"--model={model_of_codes.path}", f"--out={tmp_path}"
    assert _call(picture, *arguments, "--parser=amortised") == 2
    assert "are codes that a network paints" in capsys.readouterr().err


def test_error_names_the_folder_without_model(picture, tmp_path, capsys):
    assert _call(picture, f"--model={tmp_path}", f"--out={tmp_path}") == 2
    error = capsys.readouterr().err
    assert f"There is no model in {tmp_path}" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("more", [[], ["--signature=generate"]])
def test_drawings_of_before_are_kept_when_there_is_no_model(
    picture, tmp_path, more
):
    pictures = [] if more else [picture]
    kept = tmp_path / "drawings.ndjson"
    kept.write_text("a drawing of before\n")
    arguments = f"--model={tmp_path}", f"--out={tmp_path}", "--formats=ndjson"
    assert _call(*pictures, *arguments, *more) == 2
    assert kept.read_text() == "a drawing of before\n"


def test_drawings_of_before_are_kept_when_there_is_no_server(picture, tmp_path):
    kept = tmp_path / "drawings.ndjson"
    kept.write_text("a drawing of before\n")
    arguments = "--server=127.0.0.1:9", f"--out={tmp_path}", "--formats=ndjson"
    assert _call(picture, *arguments) == 2
    assert kept.read_text() == "a drawing of before\n"


def test_missing_packages_of_a_server_are_one_sentence(
    picture, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(clients, "grpc", None)
    assert _call(picture, "--server=127.0.0.1:9", f"--out={tmp_path}") == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: gRPC needs packages")
    assert error.count("\n") == 1


def test_signature_generate_needs_no_picture(short_export, tmp_path):
    texts = []
    for seed in (1, 2):
        choice = "--signature=generate", f"--seed={seed}"
        model = f"--model={short_export.path}"
        assert _call(*choice, model, f"--out={tmp_path}") == 0
        texts.append((tmp_path / f"generated_{seed}.svg").read_text())
    assert texts[0] != texts[1]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "Give pictures or folders of pictures"),
        (["--signature=generate", "a.png"], "needs no picture, got 'a.png'"),
        (["a.png", "--model=a", "--server=b:1"], "give one of them"),
        (["a.png", "--num_strokes=9", "--server=b:1"], "is of --model; a"),
        (["a.png", "--num_strokes=9"], "--num_strokes has no effect on traced"),
        (
            ["a.png", "--parser=traced", "--model=a"],
            "--model has no effect on traced lines; give another --parser",
        ),
        (["a.png", "--formats=ndjson", "--colors"], "--colors is of --formats"),
        (["a.png", "--formats=npz", "--paper=none"], "--paper is of --formats"),
        (["--signature=generate", "--nocrop"], "--crop is of pictures; --sig"),
        (["a.png", "--nocrop", "--margin=0.2"], "without --margin"),
        (["a.png", "--timeout=5"], "--timeout is of --server; give both"),
        (["--timeout=nan"], "--timeout=nan: must be a finite number"),
        (["--timeout=inf"], "number in the range [0.01, 86400.0]"),
        (["a.png", "--seed=5"], "--seed is of --signature; give both"),
        (
            ["a.png", "--parser=refined", "--signature=complete"],
            "give one of them",
        ),
        (["--num_strokes=0"], "0 is not a positive integer"),
        (["a.png", "--served_name=a"], "--served_name is of --server"),
        (["a.png", "--protocol=rest"], "--protocol is of --server"),
        (["--margin=-0.1"], "-0.1 is not a number in the range [0.0, 1.0]"),
        (["--margin=nan"], "--margin=nan: expected a number in [0, 1]"),
        (["--margin=wide"], "--margin=wide: could not convert"),
        *(
            ([f"--server={server}"], f"--server={server}: expected HOST:PORT")
            for server in ("localhost", "http://a:80", "a:99999", "[::1:80")
        ),
        (["--seed=-1"], "integer in the range [0, 2147483647]"),
        (["--seed=2147483648"], "integer in the range [0, 2147483647]"),
        (["--signature=paint"], "<complete|exemplars|generate>"),
        (["--parser=best"], "<traced|amortised|refined|best_of|searched>"),
        (["--paper=red"], "<white|black|none>"),
        (["--formats=svg,pdf"], "expected some of svg, ndjson, npz, inkml"),
        (["--formats="], "expected some of svg, ndjson, npz, inkml"),
    ],
)
def test_wrong_flags_are_refused(capsys, flags, message):
    assert _call(*flags) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_drawing_that_is_mostly_missing_is_reported(
    ports, picture, tmp_path, capsys, monkeypatch
):
    assert _call(picture, *_asking(ports, tmp_path)) == 0
    assert not capsys.readouterr().err
    monkeypatch.setattr(client, "_MOST_UNEXPLAINED", 0.4)
    assert _call(picture, *_asking(ports, tmp_path, "--overwrite")) == 0
    error = capsys.readouterr().err
    assert "ring.png: the strokes explain little" in error
    assert "error is 50% of that of a blank page" in error


@pytest.mark.slow
def test_client_runs_as_a_command(ports, picture, tmp_path):
    command = [sys.executable, "-m", "export.client", str(picture)]
    result = subprocess.run(
        [*command, *_asking(ports, tmp_path)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, "")
    assert not result.stderr
    assert len(_paths(tmp_path)) == 2
