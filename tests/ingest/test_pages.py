"""Blocks from Markdown and HTML, untrusted markup, and the limits at the door."""

from __future__ import annotations

import re
import time

import pytest
from markdown_it import MarkdownIt
from tests.ingest.documents import NOTICE_PENDING

from medpol.ingest import Account, Kind, ingest
from medpol.ingest.pages import Pages, decoded, read_pages

DOCUMENT = NOTICE_PENDING.replace("⇥", "\t")


def pages(text: str, name: str = "x.md") -> tuple[Pages, Account]:
    account = Account()
    return read_pages(text, name, account), account


def shape(text: str, name: str = "x.md") -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for block in pages(text, name)[0].blocks:
        if block.kind == "table":
            found.append(("table", *(row.cells for row in block.rows)))
        elif block.kind == "item":
            found.append(("item", block.level, block.number, block.text))
        else:
            found.append((block.kind, block.level, block.text))
    return found


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("## **A** head", "<h2><b>A</b> head</h2>"),
        ("one\ntwo<br>three", "<p>one\ntwo<br/>three</p>"),
        ("a\tb\n1\t", "<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td></td></tr></table>"),
        (
            "| a | b |\n|---|---|\n| 1 | x \\| y |",
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>x | y</td></tr></table>",
        ),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li><p>b</p></li></ol>"),
        ("said.<sup>1,2</sup> 10<sup>9</sup> m<sup>2</sup>", "<p>said.<sup>1,2</sup> 10<sup>9</sup> m<sup>2</sup></p>"),
        ("x &amp; *y* `z` \\* [t](#u)", '<p>x &amp; <em>y</em> <code>z</code> * <a href="#u">t</a></p>'),
        ("<https://e.org/a_b>", '<p><a href="https://e.org/a_b">https://e.org/a_b</a></p>'),
    ],
)
def test_markdown_and_html_give_the_same_blocks(markdown: str, html: str) -> None:
    assert shape(markdown) == shape(html, "x.html") != []


def test_a_list_in_a_cell_keeps_its_depth() -> None:
    html = "<table><tr><td>s</td><td>when all:<ul><li>a<ul><li>b</li></ul></li></ul></td></tr></table>"
    assert shape(html, "x.html") == [("table", ("s", "when all:\n• a\n◦ b"))]


def test_bullets_of_other_signs_and_letters_nest_by_their_change() -> None:
    found = shape("All of:\n\n• one\n◦ two\n◦ three\n• four\n\nAny of:\n\na. five\nb. six\n")
    assert [entry[1:] for entry in found if entry[0] == "item"] == [
        (0, None, "one"),
        (1, None, "two"),
        (1, None, "three"),
        (0, None, "four"),
        (0, None, "five"),
        (0, None, "six"),
    ]


def test_each_block_knows_its_lines() -> None:
    found = pages("# a\n\nb\nc\n\nd\te\nf\tg\n")[0]
    assert [block.lines for block in found.blocks] == [(1,), (3, 4), (6, 7)]


# ---------------------------------------------------------------------------- untrusted markup

UNTRUSTED = [
    "<script>alert(1)</script>",
    "<script>\nalert(1)\n</script>",
    "<style>p {color: red}</style>",
    '<iframe src="https://evil.example/alert"></iframe>',
    '<span onclick="alert(1)">shown</span>',
    "[shown](javascript:alert)",
    "[shown](file:///etc/alert)",
    "[shown](../alert.html)",
    "[shown](data:text/html,alert)",
    "![shown](https://evil.example/alert.png)",
    '<a href=" java&#9;script:alert(1)">shown</a>',
    "<!-- alert -->",
    '<svg onload="alert(1)"><text>alert</text></svg>',
    '<object data="alert.swf">alert</object>',
]


@pytest.mark.parametrize("name", ["x.md", "x.html"])
@pytest.mark.parametrize("markup", UNTRUSTED)
def test_untrusted_markup_is_dropped_and_reported(markup: str, name: str) -> None:
    if name == "x.html" and re.match(r"!?\[", markup):
        markup = re.sub(r"!\[(.*)\]\((.*)\)", r'<img alt="\1" src="\2">', markup)
        markup = re.sub(r"\[(.*)\]\((.*)\)", r'<a href="\2">\1</a>', markup)
    place = "A bracelet is worn"
    text = DOCUMENT if name == "x.md" else MarkdownIt("commonmark").render(DOCUMENT)
    result = ingest(text.replace(place, f"{markup}\n\n{place}").encode(), name)
    assert result.diagnostics == ()
    assert not any("alert" in draft or "<" in draft for _, draft in result.drafts)
    assert any(line.kind is Kind.DROPPED for line in result.report.lines)
    assert result.drafts[1][1].count(place) == 1


def test_words_that_look_like_markup_cannot_act_in_a_draft() -> None:
    hostile = r"&lt;script&gt; \[x\](javascript:alert) \*\*investigational\*\* \<img src=x onerror=y> `` ` ``"
    result = ingest(DOCUMENT.replace("A bracelet is worn", hostile).encode(), "x.md")
    assert result.diagnostics == ()
    text = result.drafts[1][1]
    assert r"\<script>" in text and "](javascript" not in text
    assert r"\*\*investigational\*\*" in text


@pytest.mark.parametrize(
    "line", ["# head", "> quote", "| a | b |", "Services: `x`", "- dash", "1. one", "Audience: all", "==="]
)
def test_a_kept_line_that_looks_like_the_notation_stays_prose(line: str) -> None:
    escaped = "".join("\\" + sign if sign in "#>|-=" else sign for sign in line)
    result = ingest(DOCUMENT.replace("A bracelet is worn", escaped.replace("1.", "1\\.") + " worn").encode(), "x.md")
    assert result.diagnostics == ()
    assert len(result.drafts) == 3


# ---------------------------------------------------------------------------- limits

HOSTILE = {
    "too large": (b"a" * ((4 << 20) + 1), "document-too-large"),
    "not text": (b"\xff\xfe\x00", "not-utf-8"),
    "marks": (b"[" * 1_000_000, "document-too-large"),
    "one line": (b"word " * 20_000, "document-too-large"),
    "lines": (b"x\n" * 150_000, "document-too-large"),
    "deep list": ("\n".join(" " * (2 * at) + "- x" for at in range(500)).encode(), "document-too-large"),
    "deep elements": (b"<html>" + b"<div>" * 50_000, "document-too-large"),
    "deep lists": (b"<html>" + b"<ul><li>" * 5_000, "document-too-large"),
    "open tags": (b"<html>" + b'<a "' * 40_000, "publisher-not-recognised"),
    "open comments": (b"<html>" + b"<!--" * 40_000, "publisher-not-recognised"),
    "open scripts": (b"<html>" + b"<script><style>" * 6_000, "publisher-not-recognised"),
    "empty": (b"", "publisher-not-recognised"),
    "history": ((DOCUMENT + "01/01/20\tAnnual review.\n" * 3_000).encode(), "document-incomplete"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_ends_in_a_clear_error_soon(name: str) -> None:
    data, rule = HOSTILE[name]
    if name == "history":
        head, tail = DOCUMENT.split("01/01/25", 1)
        data = (head + "01/01/20\tAnnual review.\n" * 3_000 + "01/01/25" + tail).encode()
    started = time.perf_counter()
    result = ingest(data, "x")
    assert time.perf_counter() - started < 5
    assert [each.rule for each in result.diagnostics] == [rule]
    assert result.diagnostics[0].mend
    assert result.drafts == ()


def test_a_document_is_decoded_once_and_its_line_ends_are_one() -> None:
    assert decoded(b"\xef\xbb\xbfa\r\nb\rc") == "a\nb\nc"


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">gone</p>',
        "<p STYLE='color: red; Display : /* x */ NONE !important'>gone</p>",
        "<div hidden>gone <div>gone</div> gone<br>gone</div>",
        '<div hidden="until-found"><p>gone<p>gone</div>',
        "<p hidden>gone",
        "<ul><li hidden>gone</ul>",
        "<p style=visibility:hidden>gone</p>",
        '<p><span style="display&#58;none">gone</span></p>',
        "<section hidden><h2>gone</h2><table><tr><td>gone</table></section>",
    ],
)
def test_hidden_text_is_dropped_and_reported(hidden: str) -> None:
    page = f"<p>one</p>\n{hidden}\n<p>two</p>\n"
    found, account = pages(page, "x.html")
    assert [block.text for block in found.blocks] == ["one", "two"]
    dropped = [entry for entry in account.entries if entry.kind is Kind.DROPPED]
    assert [entry.lines for entry in dropped] == [(2,)] and "hidden" in dropped[0].what


def test_hidden_text_inside_a_line_and_in_markdown_is_dropped() -> None:
    for name in ("x.html", "x.md"):
        found, account = pages('one <span style="display: none">not </span>two\n', name)
        assert [block.text for block in found.blocks] == ["one two"]
        assert [entry.lines for entry in account.entries if entry.kind is Kind.DROPPED] == [(1,)]


def test_a_hidden_element_that_never_ends_hides_the_rest_and_says_so() -> None:
    found, account = pages("<p>one</p>\n<div hidden>\n<p>two</p>\n", "x.html")
    assert [block.text for block in found.blocks] == ["one"]
    assert any(entry.kind is Kind.DROPPED and {2, 3} <= set(entry.lines) for entry in account.entries)


@pytest.mark.parametrize(
    "shown",
    ['<p title="hidden">a</p>', "<p data-hidden>a</p>", '<p style="display:block">a</p>', "<p>a hidden bleed</p>"],
)
def test_what_only_speaks_of_hiding_is_kept(shown: str) -> None:
    found, account = pages(shown, "x.html")
    assert len(found.blocks) == 1 and not any(entry.kind is Kind.DROPPED for entry in account.entries)


def test_many_hidden_elements_take_time_in_proportion() -> None:
    text = "<div hidden><b>" * 20_000
    began = time.perf_counter()
    pages(text, "x.html")
    assert time.perf_counter() - began < 5
