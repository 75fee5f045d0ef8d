"""The page in Chromium, with a small model."""

import functools
import http.server
import json
import shutil
import threading
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from demo import build
from tfdood.saved import litert

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright")

_FIVE = [
    [(0.7, 0.2), (0.35, 0.2), (0.3, 0.45)],
    [(0.3, 0.45), (0.6, 0.45), (0.7, 0.6), (0.55, 0.8), (0.3, 0.75)],
]
_LISTEN = """
window.answers = [];
document.addEventListener("answer", ({ detail }) => {
  const lists = (arrays) => Object.fromEntries(
    Object.entries(arrays).map(([name, x]) => [name, Array.from(x)]));
  const { signature, image, outputs } = detail;
  window.answers.push(
    { signature, image: image && Array.from(image), outputs: lists(outputs) });
});
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(converted_model, tmp_path_factory):
    """Where the page is served."""
    folder = tmp_path_factory.mktemp("demo") / "site"
    if not shutil.which("npm"):
        pytest.skip("no npm, which gets the runtime of the page")
    build.write_page(folder)
    shutil.copytree(converted_model, folder / "model")
    handler = functools.partial(_Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium")
    if not path:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(browser, address):
    """The page, and all addresses that it has asked."""
    page, asked = browser.new_page(), []
    page.set_default_timeout(60_000)
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(_LISTEN)
    page.goto(address)
    page.wait_for_function("!document.getElementById('generate').disabled")
    yield page, asked
    page.close()


@pytest.fixture
def page(opened):
    page, _ = opened
    page.click("#clear")
    page.evaluate("window.answers = []")
    return page


@pytest.fixture(scope="module")
def model(converted_model):
    return litert.LiteRTModel(converted_model)


def _draw(page, lines):
    box = page.locator("#pad").bounding_box()
    for line in lines:
        points = [
            (box["x"] + x * box["width"], box["y"] + y * box["height"])
            for x, y in line
        ]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=4)
        page.mouse.up()


def _open(page, tmp_path, pixels):
    """Opens a picture; gives what the model sees of it."""
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    page.set_input_files("#file", tmp_path / "picture.png")
    return np.reshape(_answers(page)[0]["image"], [20, 20])


def _answers(page, count=1):
    page.wait_for_function(f"window.answers.length >= {count}")
    return page.evaluate("window.answers")


def _check(page, answer, model):
    """The page shows the strokes that the model finds in Python."""
    image = np.reshape(np.float32(answer["image"]), [1, 20, 20, 1])
    expected = model.run(answer["signature"], {"images": image})
    for name, values in expected.items():
        found = np.reshape(answer["outputs"][name], values.shape)
        np.testing.assert_allclose(found, values, atol=2e-3, err_msg=name)
    count = int(expected["num_strokes"][0])
    assert count > 0
    assert page.locator("#answer path").count() == count
    assert page.locator("#strokes li").count() == count


def test_a_five_becomes_the_strokes_of_the_model(page, model):
    _draw(page, _FIVE)
    first, second = _answers(page, 2)
    assert np.sum(first["image"]) < np.sum(second["image"])
    image = np.reshape(second["image"], [20, 20])
    assert image.max() == 1.0
    assert image[10, :3].max() < 0.2  # left of the bend of the five
    assert image[2:6, 5:15].max(0).min() > 0.2  # its upper line
    _check(page, second, model)
    assert "stroke" in page.inner_text("#status")


def test_a_click_is_a_dot(page, model):
    _draw(page, [[(0.4, 0.6)]])
    [answer] = _answers(page)
    image = np.reshape(answer["image"], [20, 20])
    ink = np.argwhere(image > 0.5)
    np.testing.assert_allclose(ink.mean(0), 9.5, atol=1.0)
    _check(page, answer, model)


def test_refined_strokes_are_those_of_python(page, model):
    _draw(page, _FIVE[:1])
    _answers(page)
    page.click("#reconstruct_refined")
    _check(page, _answers(page, 2)[1], model)


@pytest.mark.parametrize("signature", ["complete", "exemplars", "generate"])
def test_each_press_samples_another_drawing(page, signature):
    if signature != "generate":
        assert page.is_disabled(f"#{signature}")
        _draw(page, _FIVE)
        _answers(page, 2)
        page.evaluate("window.answers = []")
    page.click(f"#{signature}")
    _answers(page, 1)
    page.click(f"#{signature}")
    one, other = (a["outputs"] for a in _answers(page, 2))
    assert one["control_points"] != other["control_points"]
    shown = page.locator("#answer path").count()
    assert shown == other["num_strokes"][0]


def test_nothing_leaves_the_machine(opened, address):
    page, asked = opened
    _draw(page, _FIVE)
    _answers(page)
    assert len(asked) > 10
    assert {url for url in asked if not url.startswith(address)} == set()


@pytest.mark.parametrize("kind", ["pointerup", "pointercancel"])
def test_a_second_finger_does_not_end_the_line(page, kind):
    line = [(0.2, 0.5), (0.5, 0.5), (0.8, 0.5)]
    box = page.locator("#pad").bounding_box()
    for number, (x, y) in enumerate(line):
        page.mouse.move(
            box["x"] + x * box["width"], box["y"] + y * box["height"]
        )
        if number == 0:
            page.mouse.down()
        page.evaluate(
            """kind => document.getElementById("pad").dispatchEvent(
                 new PointerEvent(kind, { isPrimary: false }))""",
            kind,
        )
    page.mouse.up()
    image = np.reshape(_answers(page)[0]["image"], [20, 20])
    assert np.flatnonzero(image.max(0) > 0.5).size > 12


def test_keys_draw_undo_and_clear(page):
    page.focus("#pad")
    for key in ["Space", *["Shift+ArrowRight"] * 3, "ArrowDown", "Space"]:
        page.keyboard.press(key)
    image = np.reshape(_answers(page)[0]["image"], [20, 20])
    assert image.max(0).sum() > 2.0 * image.max(1).sum()  # a flat line
    page.keyboard.press("Control+z")
    page.wait_for_function("!document.querySelector('#answer path')")
    assert page.is_disabled("#svg")


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((240, 240, 240), (90, 20, 20)),
        ((0, 0, 0, 0), (255, 255, 255, 255)),
        ((0, 0, 0, 0), (10, 10, 40, 255)),
    ],
)
def test_pictures_are_read(page, tmp_path, model, paper, ink):
    pixels = np.full([60, 90, len(paper)], paper, np.uint8)
    pixels[10:50, 40:45] = ink
    image = _open(page, tmp_path, pixels)
    assert np.flatnonzero(image.max(0) > 0.5).size in (2, 3)
    assert np.flatnonzero(image.max(1) > 0.5).size > 12
    _check(page, _answers(page)[0], model)
    _draw(page, [[(0.2, 0.5), (0.8, 0.5)]])  # across the line of the picture
    image = np.reshape(_answers(page, 2)[1]["image"], [20, 20])
    assert np.flatnonzero(image.max(0) > 0.2).size > 12


def test_thin_lines_of_large_pictures_are_kept(page, tmp_path):
    pixels = np.full([4000, 4000], 255, np.uint8)
    pixels[400:3600, 1999:2001] = 0
    along = _open(page, tmp_path, pixels).max(1)
    assert np.flatnonzero(along > 0.5).size > 12
    inside = along[along > 0.5][1:-1]
    assert inside.min() > 0.8 * inside.max()


def test_transparent_corners_are_paper(page, tmp_path):
    pixels = np.full([300, 300, 4], 255, np.uint8)
    for rows in (slice(0, 30), slice(270, 300)):
        pixels[rows, :30, 3] = pixels[rows, 270:, 3] = 0
    pixels[100:200, 145:155, :3] = 0
    image = _open(page, tmp_path, pixels)
    assert np.flatnonzero(image.max(0) > 0.5).size in (2, 3)
    assert np.flatnonzero(image.max(1) > 0.5).size > 12


def test_paper_ends_at_the_sides_of_pictures(page, tmp_path):
    """The height of this picture is no whole number of the sheet's pixels."""
    pixels = np.full([500, 600], 255, np.uint8)
    pixels[200:300, 280:300] = 0
    image = _open(page, tmp_path, pixels)
    assert np.flatnonzero(image.max(0) > 0.2).size < 6
    assert np.flatnonzero(image.max(1) > 0.5).size > 12


def test_blank_and_broken_pictures_are_refused(page, tmp_path):
    Image.new("L", (40, 40), 200).save(tmp_path / "blank.png")
    page.set_input_files("#file", tmp_path / "blank.png")
    page.wait_for_selector("text=no ink")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page.set_input_files("#file", tmp_path / "broken.png")
    page.wait_for_selector("text=broken.png is no picture")
    Image.new("L", (3_000, 1), 200).save(tmp_path / "thin.png")
    page.set_input_files("#file", tmp_path / "thin.png")
    page.wait_for_selector("text=no ink")


def test_drawings_are_downloaded(page):
    _draw(page, _FIVE)
    outputs = _answers(page, 2)[1]["outputs"]
    count = outputs["num_strokes"][0]
    with page.expect_download() as download:
        page.click("#svg")
    root = ElementTree.parse(download.value.path()).getroot()
    paths = root.findall(".//{http://www.w3.org/2000/svg}path")
    assert [path.get("id") for path in paths] == [
        f"stroke-{i + 1}" for i in range(count)
    ]
    with page.expect_download() as download:
        page.click("#ndjson")
    drawing = json.loads(download.value.path().read_text())["drawing"]
    assert [len(x) == len(y) > 1 for x, y in drawing] == [True] * count
    numbers = np.concatenate([np.ravel(stroke) for stroke in drawing])
    assert numbers.min() == 0
    assert numbers.max() == 255


def test_paths_are_the_curves(page):
    controls = [[0.0, 0.1], [0.9, 0.0], [0.2, 1.0], [0.8, 0.6], [1.0, 0.9]]
    distance = page.evaluate(
        """async (controls) => {
          const { pathData, sample } = await import("./bezier.js");
          const element = document.createElementNS(
            "http://www.w3.org/2000/svg", "path");
          element.setAttribute("d", pathData(controls));
          const length = element.getTotalLength();
          const along = Array.from({ length: 2001 }, (_, i) =>
            element.getPointAtLength(length * i / 2000));
          return Math.max(...sample(controls, 50).map(([x, y]) =>
            Math.min(...along.map((p) => Math.hypot(p.x - x, p.y - y)))));
        }""",
        controls,
    )
    assert distance < 2e-3


def test_random_numbers_have_their_distributions(page):
    uniform, normal, again, other = (
        np.array(
            page.evaluate(
                """async ([kind, seed]) => {
                  const { numbers } = await import("./random.js");
                  return Array.from(numbers(kind, 20000, seed));
                }""",
                [kind, seed],
            )
        )
        for kind, seed in [
            *(("uniform", 1), ("normal", 1), ("normal", 1), ("normal", 2))
        ]
    )
    assert 0.0 <= uniform.min() < 0.001 < 0.999 < uniform.max() < 1.0
    assert abs(uniform.mean() - 0.5) < 0.01
    assert abs(normal.mean()) < 0.03
    assert abs(normal.std() - 1.0) < 0.02
    assert np.array_equal(normal, again)
    assert abs(np.corrcoef(normal, other)[0, 1]) < 0.03


def test_a_line_that_leaves_the_sheet_ends_at_its_rim(page):
    _draw(page, [[(0.5, 0.5), (2.5, 0.5)]])
    [beyond] = [a["image"] for a in _answers(page)]
    page.click("#clear")
    page.evaluate("window.answers = []")
    _draw(page, [[(0.5, 0.5), (1.0, 0.5)]])
    [until] = [a["image"] for a in _answers(page)]
    np.testing.assert_allclose(beyond, until, atol=0.1)


def test_keys_do_not_disturb_a_line_of_the_mouse(page):
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.keyboard.press("ArrowRight")
    page.mouse.move(box["x"] + 20, box["y"] + 90, steps=4)
    page.mouse.up()
    [image] = [a["image"] for a in _answers(page)]
    columns = np.reshape(image, [20, 20]).any(0)
    assert columns.sum() < 5


def test_a_server_can_run_the_model(browser, address, model):
    page, sent = browser.new_page(), []

    def answer(route):
        sent.append(json.loads(route.request.post_data))
        inputs = {
            name: np.array(value, np.float32)
            for name, value in sent[-1]["inputs"].items()
        }
        outputs = model.run(sent[-1]["signature_name"], inputs)
        columns = {name: value.tolist() for name, value in outputs.items()}
        route.fulfill(
            json={"outputs": columns},
            headers={"Access-Control-Allow-Origin": "*"},
        )

    page.route("http://models.example:8501/v1/models/mine:predict", answer)
    page.add_init_script(_LISTEN)
    page.goto(f"{address}?server=models.example:8501&served_name=mine")
    page.wait_for_function("!document.getElementById('generate').disabled")
    _draw(page, _FIVE)
    _check(page, _answers(page, 2)[1], model)
    assert sent[-1]["signature_name"] == "reconstruct"
    assert np.shape(sent[-1]["inputs"]["images"]) == (1, 20, 20, 1)
    page.click("#reconstruct_refined")
    _check(page, _answers(page, 3)[2], model)
    assert sent[-1]["signature_name"] == "reconstruct_refined"
    assert set(sent[-1]["inputs"]) == {"images"}
    page.close()


def test_a_failed_button_leaves_no_strokes_of_an_older_drawing(
    browser, address, model
):
    page, answered = browser.new_page(), []

    def answer(route):
        request = json.loads(route.request.post_data)
        name, images = request["signature_name"], request["inputs"]["images"]
        if answered and name == "reconstruct":
            return  # The next drawing is never answered.
        if name != "reconstruct":
            route.abort()
            return
        answered.append(name)
        outputs = model.run(name, {"images": np.array(images, np.float32)})
        columns = {key: value.tolist() for key, value in outputs.items()}
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(json={"outputs": columns}, headers=headers)

    page.route("http://models.example:8501/v1/models/mine:predict", answer)
    page.goto(f"{address}?server=models.example:8501&served_name=mine")
    page.wait_for_function("!document.getElementById('generate').disabled")
    _draw(page, _FIVE[:1])
    page.wait_for_selector("#answer path", state="attached")
    _draw(page, _FIVE[1:])
    page.click("#reconstruct_refined")
    page.wait_for_selector("#status.error")
    assert page.locator("#answer path").count() == 0
    assert page.is_disabled("#svg")
    page.close()


def test_the_browser_keeps_its_keys_and_loses_no_page(page):
    prevented = """([target, event]) => {
      const sent = new (event.key ? KeyboardEvent : Event)(
        event.type, { bubbles: true, cancelable: true, ...event });
      document.querySelector(target).dispatchEvent(sent);
      return sent.defaultPrevented;
    }"""
    key = {"type": "keydown", "key": "ArrowLeft"}
    assert page.evaluate(prevented, ["#pad", key])
    for name in ("altKey", "ctrlKey", "metaKey"):
        assert not page.evaluate(prevented, ["#pad", {**key, name: True}])
    for kind in ("dragover", "drop"):
        assert page.evaluate(prevented, ["#answer", {"type": kind}])


def test_a_server_that_answers_without_json_is_named(browser, address):
    page = browser.new_page()
    page.route(
        "http://models.example:8501/v1/models/mine:predict",
        lambda route: route.fulfill(
            status=502,
            body="<html>Bad gateway</html>",
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )
    page.goto(f"{address}?server=models.example:8501&served_name=mine")
    page.wait_for_function("!document.getElementById('generate').disabled")
    page.click("#generate")
    page.get_by_text("answered with the code 502 and not with JSON").wait_for()
    page.close()


def test_page_fits_phones_and_is_labelled(browser, address):
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(address)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    for button in page.get_by_role("button").all():
        assert button.inner_text()
        assert button.bounding_box()["height"] >= 32
    assert page.get_by_role("application", name="Drawing area").count() == 1
    page.close()
