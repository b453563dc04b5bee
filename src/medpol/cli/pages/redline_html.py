"""A redline as one HTML page: no script, nothing loaded, readable without colour, aloud and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from medpol.cli.output import counted, plain
from medpol.library.redline import Block, Change, Item, Mark, Redline, Run, Said, SectionWords, Words
from medpol.library.redline.phrases import (
    SIGNS,
    between_words,
    block_places,
    gap_words,
    grouped,
    places_words,
    section_title,
    version_words,
)
from medpol.model.criteria import UNNAMED_RULE

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --soft: #595959; --line: #c9c9c9;
  --out: #8a1c1c; --out-tint: #fdecec; --in: #0b5a35; --in-tint: #e6f4ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --paper: #161616; --soft: #b4b4b4; --line: #4a4a4a;
  --out: #ffb4b4; --out-tint: #3a1416; --in: #8fd9b0; --in-tint: #10291c; } }
body { margin: 0 auto; max-width: 52rem; padding: 1rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.2rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1rem; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem 1rem; }
.verdict { font-weight: 600; }
.place { color: var(--soft); font-size: .85rem; }
.sign { font-family: ui-monospace, monospace; font-weight: 600; }
ul.items { list-style: none; padding: 0; } ul.items > li { margin: .35rem 0; }
blockquote { margin: .2rem 0 .2rem 1rem; padding-left: .6rem; border-left: 3px solid var(--line); }
del { color: var(--out); background: var(--out-tint); text-decoration: line-through; }
ins { color: var(--in); background: var(--in-tint); text-decoration: underline; }
.passage { margin: .4rem 0; padding-left: .6rem; border-left: 3px solid transparent; }
.passage.changed, .passage.inserted, .passage.deleted, .passage.moved { border-left-color: var(--line); }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print { body { max-width: none; } .passage, li { break-inside: avoid; } }
"""


def redline_page(found: Redline) -> str:
    """The page, whole."""
    title = f"Redline of {found.policy}: {_day(found.before.version)} and {_day(found.after.version)}"
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>{_text(found.policy)} {_text(found.title)}</h1>\n<dl>",
    ]
    for name, version in (("From", found.before), ("To", found.after)):
        parts.append(
            f"<dt>{name}</dt><dd>{_text(version_words(version))} "
            f'<span class="place">{_text(version.file)}, sha256 {_text(version.content_hash[:12])}</span></dd>'
        )
    parts.append(f'</dl>\n<p class="verdict">{_text(found.verdict)}.</p>')
    if found.meaning is not None:
        parts += _meaning(found, found.meaning)
    if found.words is not None:
        parts += _words(found.words)
    return "\n".join((*parts, "</main>\n</body>\n</html>", ""))


def _text(words: str) -> str:
    """Words of others with no markup in them, and nothing that would turn the reading round."""
    return escape(plain(words))


def _day(day: object) -> str:
    return "draft" if day is None else str(day)


def _meaning(found: Redline, items: tuple[Item, ...]) -> Iterator[str]:
    yield "<section>\n<h2>What it means</h2>"
    if found.versions_between:
        yield f"<p>{_text(between_words(found.versions_between))}</p>"
    if found.days_without_policy:
        yield f"<p>{_text(gap_words(found.gaps, found.days_without_policy))}</p>"
    if not items:
        yield "<p>Nothing differs.</p>"
    for name, inside in grouped(items):
        yield f'<h3>{_text(name)}</h3>\n<ul class="items">'
        yield from map(_item, inside)
        yield "</ul>"
    yield "</section>"


def _item(each: Item) -> str:
    sign = f'<span class="sign" aria-hidden="true">{escape(SIGNS[each.kind])}</span>'
    spoken = f'<span class="spoken">{each.kind.value}: </span>'
    is_named = each.rule is not None and each.rule != UNNAMED_RULE
    rule = f'<span class="place">{_text(each.rule or "")}</span> ' if is_named else ""
    quotes = "".join(_quote(name, saids) for name, saids in (("from", each.before), ("to", each.after)))
    return f"<li>{sign} {spoken}{rule}{_text(each.says)}{quotes}</li>"


def _quote(name: str, saids: Iterable[Said]) -> str:
    return "".join(
        f'<blockquote><span class="place">{name}</span> {_text(each.text)} '
        f'<span class="place">{_text(places_words((each,)))}</span></blockquote>'
        for each in saids
    )


# ---------------------------------------------------------------------------- words


def _words(words: Words) -> Iterator[str]:
    yield "<section>\n<h2>The words</h2>"
    if not words.is_changed:
        yield "<p>Nothing differs.</p>"
    yield from map(_section, words.sections)
    yield "</section>"


def _section(section: SectionWords) -> str:
    inside = "\n".join(map(_block, section.blocks))
    title = _text(section_title(section))
    if section.change is Change.EQUAL and not section.is_moved:
        folded = f"{title}: {counted(len(section.blocks), 'passage')} unchanged"
        return f"<details><summary>{folded}</summary>\n{inside}\n</details>"
    what = {Change.INSERTED: " (inserted)", Change.DELETED: " (deleted)"}.get(section.change, "")
    moved = " (⇄ moved)" if section.is_moved else ""
    return f"<h3>{title}{what}{moved}</h3>\n{inside}"


def _block(block: Block) -> str:
    kind = "moved" if block.is_moved else block.change.value
    moved = ""
    if block.is_moved:
        where = f" from “{_text(block.moved_from)}”" if block.moved_from else ""
        moved = f'<span class="sign">⇄</span> <span class="place">moved{where}</span> '
    lead = f"{_text(block.marker)} " if block.marker else ""
    runs = "".join(map(_run, block.runs))
    place = "" if block.change is Change.EQUAL and not block.is_moved else block_places(block)
    where = f' <span class="place">line {_text(place)}</span>' if place else ""
    return f'<div class="passage {kind}">{moved}{lead}{runs}{where}</div>'


def _run(run: Run) -> str:
    text = _text(run.text)
    match run.mark:
        case Mark.DELETED:
            return f'<del><span class="spoken">deleted: </span>{text}<span class="spoken"> end deleted </span></del>'
        case Mark.INSERTED:
            return f'<ins><span class="spoken">inserted: </span>{text}<span class="spoken"> end inserted </span></ins>'
        case Mark.EQUAL:
            return text
