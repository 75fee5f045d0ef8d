import pytest

from tfdood.evaluate.report import page

_SECTIONS = [
    page.Section(
        "First | part",
        "A text.",
        [page.Table("Cells", ["a", "b"], [["1", "two\nlines"]], "A note.")],
        [page.Picture("figures/a b.png", "A caption")],
    ),
    page.Section("Second", "", [], []),
]


def test_markdown_of_sections():
    assert page.markdown("Title", "Below it.", _SECTIONS) == (
        "# Title\n\nBelow it.\n\n## First \\| part\n\nA text.\n\n### Cells\n\n"
        "| a | b |\n| --- | --- |\n| 1 | two<br>lines |\n\nA note.\n\n"
        "![A caption](figures/a%20b.png)\n\nA caption\n\n## Second\n"
    )


def test_a_page_links_to_its_sections():
    text = page.document("A < B", "Below it.", _SECTIONS)
    assert "<title>A &lt; B</title>" in text
    for anchor in ("First---part".lower(), "second"):
        assert text.count(f'href="#{anchor}"') == 1
        assert text.count(f'<section id="{anchor}">') == 1
    assert "<td>two\nlines</td>" in text
    assert text.count("<figure>") == text.count("A note.") == 1


def test_details_are_folded_away():
    table, picture = _SECTIONS[0].tables[0], _SECTIONS[0].pictures[0]
    section = page.Section("A", "", [], [], [table], [picture])
    for text in (
        page.markdown("Title", "", [section]),
        page.document("Title", "", [section]),
    ):
        start, end = text.index("<details>"), text.index("</details>")
        for shown in ("A note.", "figures/a%20b.png"):
            assert start < text.index(shown) < end
    assert "<details>" not in page.document("Title", "", _SECTIONS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5, "1,234.50"),
        (7, "7.00"),
        (None, page.MISSING),
        ("", page.MISSING),
        ("many", "many"),
    ],
)
def test_numbers_as_texts(value, text):
    assert page.number(value, ",.2f") == text
