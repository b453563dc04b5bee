"""Sheets to a reading: what repeats on every page set aside, headings known by their type, paragraphs, items and tables.

First every page is taken apart into pieces, which may go on over the page; only then are they written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from medpol.ingest.answer import Reading, Refused
from medpol.ingest.flow import Flow, Run
from medpol.ingest.reading.columns import stretches
from medpol.ingest.reading.grids import Table, tables_of
from medpol.ingest.reading.joining import Joiner, is_broken, words_in
from medpol.ingest.reading.pieces import Piece, Pieces
from medpol.ingest.reading.running import margin_lines, running_lines
from medpol.ingest.reading.sheets import Line, Sheet, lines_of
from medpol.ingest.reading.styles import Styles, styles_of

_UNREADABLE_SHARE = 0.1
_LONGEST = 2_000


@dataclass(slots=True)
class _Page:
    """A page taken apart: the lines outside tables, the tables, the lines that run on every page."""

    sheet: Sheet
    lines: list[Line]
    tables: list[Table]
    running: set[Line] = field(default_factory=set)
    doubtful: set[Line] = field(default_factory=set)


def read_sheets(sheets: Sequence[Sheet]) -> Reading:
    """The reading of a whole document. Raises Refused where its pages hold no text, or signs without letters."""
    if not sheets:
        mend = "save it again from the program that made it"
        raise Refused("unreadable-document", "it is damaged: no page was found", "a whole PDF", mend)
    signs = sum(len(sheet.glyphs) for sheet in sheets)
    if not signs:
        raise Refused(
            "no-text-layer",
            "it has no text layer: its pages are pictures, or empty",
            "a PDF whose pages hold text; pictures of words are not read",
            "use the publisher's web page or DOCX, or put text on its pages by character recognition first",
        )
    unread = sum(glyph.text == "�" for sheet in sheets for glyph in sheet.glyphs)
    if unread > _UNREADABLE_SHARE * signs:
        raise Refused(
            "no-text-layer",
            f"its fonts do not say which letters {unread:,} of its {signs:,} signs are",
            "a PDF whose text can be copied",
            "use the publisher's web page or DOCX, or another PDF of it",
        )
    return _Document(sheets).read()


@dataclass(slots=True)
class _Document:
    sheets: Sequence[Sheet]
    pages: list[_Page] = field(default_factory=list)
    pieces: Pieces = field(default_factory=lambda: Pieces(Styles(), 1.2))
    joiner: Joiner = field(default_factory=lambda: Joiner(frozenset()))

    def read(self) -> Reading:
        for sheet in self.sheets:
            _address(sheet)
            tables, rest = tables_of(sheet)
            self.pages.append(_Page(sheet, lines_of(rest), tables))
        found = running_lines([(page.sheet.height, page.lines) for page in self.pages])
        for page, running in zip(self.pages, found, strict=True):
            page.running = running
        if len(self.pages) == 1:
            only = self.pages[0]
            only.doubtful = margin_lines(only.sheet.height, only.lines) - only.running
            only.running |= only.doubtful
        for page in self.pages:
            page.lines = [line for line in page.lines if line not in page.running]
        lines = [line for page in self.pages for line in page.lines]
        cells = [
            line for page in self.pages for table in page.tables for row in table.rows for c in row for line in c.lines
        ]
        styles = styles_of(lines, cells)
        edge = max((line.x1 for line in lines if line.size <= styles.body * 1.2), default=0.0)
        self.pieces = Pieces(styles, _leading(lines, styles.body, edge))
        self.joiner = Joiner(words_in(line.text for line in (*lines, *cells)))
        for number, page in enumerate(self.pages):
            self._page(number, page, edge)
        return self._written()

    # ------------------------------------------------------------------ taking apart

    def _page(self, number: int, page: _Page, edge: float) -> None:
        top = [line for line in page.running if line.y > page.sheet.height / 2]
        self._running(number, page, top)
        found = stretches(page.lines, page.tables, page.sheet.rules, edge, self._is_heading)
        for at, stretch in enumerate(found):
            self.pieces.stretch(number, stretch, is_first=at == 0)
        self._running(number, page, page.running - set(top))
        self.pieces.found += _asides(number, page.sheet)

    def _is_heading(self, line: Line) -> bool:
        return self.pieces.styles.level(line) is not None

    def _running(self, number: int, page: _Page, lines: Iterable[Line]) -> None:
        doubt = "this line stands small in the margin of the only page: is it no part of the text?"
        for line in sorted(lines, key=lambda each: (-each.y, each.x0)):
            doubts = [doubt] if line in page.doubtful else []
            self.pieces.found.append(Piece("running", number, text=line.text, doubts=doubts))

    # ------------------------------------------------------------------ writing down

    def _written(self) -> Reading:
        flow = Flow()
        for piece in self.pieces.found:
            flow.page = piece.page + 1
            lines = self._write(piece, flow)
            for doubt in dict.fromkeys((*piece.doubts, *self.joiner.doubts)):
                flow.doubt(lines, doubt)
            self.joiner.doubts.clear()
        return flow.finish("pdf")

    def _write(self, piece: Piece, flow: Flow) -> tuple[int, ...]:
        match piece.kind:
            case "running":
                what = "head of the table, printed again" if piece.mark else "a line that runs on the pages"
                return flow.layout(piece.text, what)
            case "asked":
                return (flow.add(piece.text),)
            case "dropped":
                flow.dropped(piece.text, piece.mark)
                return ()
            case "table":
                rows = [[self.joiner.cell(cell) for cell in row] for row in piece.table]
                return flow.table(rows, [page + 1 for page in piece.row_pages])
        texts = self.joiner.joined(piece.lines, piece.edge)
        runs = [run for at, text in enumerate(texts) for run in ((Run("\n"), *text) if at else text)]
        if piece.kind == "heading":
            return flow.heading(runs, piece.level)
        if piece.kind == "item":
            return flow.item(_without_mark(runs, piece.mark), round(piece.indent), piece.mark, piece.number)
        return flow.paragraph(runs)


def _asides(number: int, sheet: Sheet) -> list[Piece]:
    """What a page holds beside its text: words set sideways or not shown, annotations, pictures, or nothing at all."""
    page = f"[page {number + 1}]"
    asked, dropped = [], [("", note) for note in dict.fromkeys(sheet.notes)]
    if sheet.sideways:
        asked.append((sheet.sideways[:_LONGEST], "these words stand sideways on their page: are they needed?"))
    if sheet.unseen:
        dropped.insert(0, (sheet.unseen[:_LONGEST], "words that the page does not show"))
    if sheet.is_recognised:
        where = "the words of this page lie unseen over a picture, as character recognition puts them"
        asked.append((page, f"{where}: are they right?"))
    if sheet.glyphs and sheet.pictures:
        dropped.append(("", "a picture"))
    elif sheet.pictures:
        asked.append((page, "this page is a picture without text: what does it say?"))
    elif not sheet.glyphs:
        asked.append((page, "no text was found on this page: is it empty?"))
    return [
        *(Piece("asked", number, text=text, doubts=[question]) for text, question in asked),
        *(Piece("dropped", number, text=text, mark=what) for text, what in dropped),
    ]


def _address(sheet: Sheet) -> None:
    """Give the glyphs that lie in a link's area its address."""
    for link in sheet.links[:2000]:
        for glyph in sheet.glyphs:
            if link.x0 - 1 <= (glyph.x0 + glyph.x1) / 2 <= link.x1 + 1 and link.y0 - 2 <= glyph.y <= link.y1:
                glyph.address = link.address


def _leading(lines: Sequence[Line], body: float, edge: float) -> float:
    """How far apart the lines of running text stand, in sizes of its type: best told by those that are full."""
    full, gaps = [], []
    for above, below in pairwise(lines):
        if abs(above.size - body) > 0.5 or abs(below.size - body) > 0.5 or abs(above.x0 - below.x0) > 2:
            continue
        gap = (above.y - below.y) / body
        if 0.9 <= gap <= 2.2:
            gaps.append(gap)
            if not is_broken(above, below, edge):
                full.append(gap)
    return median(full) if len(full) > 2 else min(gaps, default=1.2)


def _without_mark(runs: Sequence[Run], mark: str) -> list[Run]:
    found = []
    left = len(mark)
    for run in runs:
        text = run.text[left:]
        left = max(0, left - len(run.text))
        if text:
            found.append(replace(run, text=text))
    return found
