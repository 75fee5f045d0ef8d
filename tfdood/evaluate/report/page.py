"""Sections of tables and pictures, as Markdown and as an HTML page."""

import html
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

MISSING = "–"
"""Shown in place of a value that is not known."""

_UNFOLD = "<details>\n<summary>Each model on each dataset</summary>"
_FOLD = "</details>"
_STYLE = """
:root { color-scheme: light dark; --ink: #1c1c22; --paper: #fcfcfb;
  --faint: #6a6a74; --line: #d9d9de; --band: #f1f1f3; --link: #2457c5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8ec;
  --paper: #18181c; --faint: #a0a0aa; --line: #3a3a42; --band: #232329;
  --link: #8fb3ff; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); max-width: 72rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.3rem; margin-top: 3rem;
  border-bottom: 1px solid var(--line); } h3 { font-size: 1.05rem; }
p { max-width: 46rem; } a { color: var(--link); }
nav a { margin-right: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; } tbody tr:nth-child(even) { background: var(--band); }
td { white-space: pre-line; }
figure { margin: 1.5rem 0; } img { max-width: 100%; height: auto; }
figcaption, .note { color: var(--faint); font-size: .85rem; }
"""


class Table(NamedTuple):
    """A table of texts.

    Attributes:
        title: above it.
        header: of the columns.
        rows: a text for each column; a line break separates lines of a cell.
        note: below it; may be empty.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


class Picture(NamedTuple):
    """A picture.

    Attributes:
        path: relative to the page.
        caption: below it.
    """

    path: str
    caption: str


class Section(NamedTuple):
    """A part of the page.

    Attributes:
        title: its heading.
        text: a paragraph.
        tables: in order.
        pictures: after the tables.
        details: tables that are hidden until the reader opens them.
        detail_pictures: likewise.
    """

    title: str
    text: str
    tables: Sequence[Table]
    pictures: Sequence[Picture]
    details: Sequence[Table] = ()
    detail_pictures: Sequence[Picture] = ()


def markdown(title: str, text: str, sections: Iterable[Section]) -> str:
    """The sections as Markdown.

    Args:
        title: of the page.
        text: below the title.
        sections: in order.
    """
    blocks = [f"# {_plain(title)}", _plain(text)]
    for section in sections:
        blocks += [f"## {_plain(section.title)}", _plain(section.text)]
        blocks += _markdown_blocks(section.tables, section.pictures)
        details = _markdown_blocks(section.details, section.detail_pictures)
        if details:
            blocks += [_UNFOLD, *details, _FOLD]
    return "\n\n".join(block for block in blocks if block) + "\n"


def document(title: str, text: str, sections: Sequence[Section]) -> str:
    """The sections as an HTML page that needs nothing but its pictures.

    Args:
        title: of the page.
        text: below the title.
        sections: in order.
    """
    links = "".join(
        f'<a href="#{_anchor(section.title)}">{html.escape(section.title)}</a>'
        for section in sections
    )
    body = "\n".join(_html_section(section) for section in sections)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f"</head>\n<body>\n<h1>{html.escape(title)}</h1>\n"
        f"<p>{html.escape(text)}</p>\n<nav>{links}</nav>\n{body}\n"
        "</body>\n</html>\n"
    )


def _markdown_blocks(
    tables: Iterable[Table], pictures: Iterable[Picture]
) -> list[str]:
    blocks = []
    for table in tables:
        blocks += [f"### {_plain(table.title)}", _markdown_table(table)]
        blocks += [_plain(table.note)]
    for path, caption in pictures:
        blocks += [f"![{_plain(caption)}]({_link(path)})", _plain(caption)]
    return blocks


def _markdown_table(table: Table) -> str:
    rows = [table.header, ["---"] * len(table.header), *table.rows]
    return "\n".join(
        f"| {' | '.join(_plain(cell) for cell in row)} |" for row in rows
    )


def _html_section(section: Section) -> str:
    title = html.escape(section.title)
    parts = [f'<section id="{_anchor(section.title)}">', f"<h2>{title}</h2>"]
    if section.text:
        parts.append(f"<p>{html.escape(section.text)}</p>")
    parts += _html_blocks(section.tables, section.pictures)
    details = _html_blocks(section.details, section.detail_pictures)
    if details:
        parts += [_UNFOLD, *details, _FOLD]
    return "\n".join([*parts, "</section>"])


def _html_blocks(
    tables: Iterable[Table], pictures: Iterable[Picture]
) -> list[str]:
    blocks = [_html_table(table) for table in tables]
    for path, caption in pictures:
        caption = html.escape(caption)
        blocks.append(
            f'<figure><img src="{_link(path)}" alt="{caption}" '
            f'loading="lazy"><figcaption>{caption}</figcaption></figure>'
        )
    return blocks


def _html_table(table: Table) -> str:
    header = "".join(f"<th>{html.escape(cell)}</th>" for cell in table.header)
    rows = "\n".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
        for row in table.rows
    )
    note = f'<p class="note">{html.escape(table.note)}</p>'
    return (
        f'<h3>{html.escape(table.title)}</h3>\n<div class="scroll"><table>\n'
        f"<thead><tr>{header}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n"
        f"</table></div>{note if table.note else ''}"
    )


def _link(path: str) -> str:
    return urllib.parse.quote(path)


def _anchor(title: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in title.lower())


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", "<br>")


def number(value: Any, form: str) -> str:
    """A number as text; other values are shown unchanged.

    Args:
        value: of a record.
        form: of numbers, as in format strings.
    """
    if value is None or value == "":
        return MISSING
    return f"{value:{form}}" if isinstance(value, int | float) else str(value)
