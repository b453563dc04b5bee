"""A packet as one HTML file: nothing loaded, no script, one paper to read, print and sign."""

from __future__ import annotations

from collections.abc import Iterator

from medpol.renewal.tables import Part, headline, parts
from medpol.renewal.values import Packet
from medpol.text.markup import harmless

_STYLE = """
:root { color-scheme: light dark; --ink: #1b2229; --paper: #fff; --soft: #4d5965; --line: #c9d0d7; --warn: #fff3d6; --warn-ink: #5c3b00; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --paper: #14191e; --soft: #a9b4bf; --line: #3a444e;
  --warn: #3a2c08; --warn-ink: #f6d896; } }
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
main { max-width: 62rem; margin: 0 auto; padding: 1.25rem 1.25rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 1.8rem 0 .5rem; border-bottom: 1px solid var(--line); }
p { margin: 0 0 .6rem; max-width: 46rem; } .lead { font-size: 1.1rem; font-weight: 600; } .soft { color: var(--soft); font-size: .9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .5rem 0; } dt { color: var(--soft); } dd { margin: 0; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 3px solid currentColor; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); min-width: 5rem; }
thead th { color: var(--soft); font-size: .8125rem; vertical-align: bottom; }
.sign td { height: 2.6rem; } .hash { font-family: ui-monospace, monospace; font-size: .8125rem; overflow-wrap: anywhere; }
nav ul { columns: 2; padding-left: 1.2rem; margin: .5rem 0; }
@media (max-width: 640px) { main { padding: .9rem .75rem 2rem; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } nav ul { columns: 1; } }
@media print { main { max-width: none; padding: 0; } nav { display: none; } tr { break-inside: avoid; } h2 { break-after: avoid; } .scroll { overflow: visible; } table { font-size: 8.5pt; } }
"""


def packet_page(packet: Packet) -> str:
    """The page, whole."""
    standing = packet.standing
    title = f"Review of {standing.policy} {standing.title}"
    held = parts(packet)
    lines = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{harmless(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        f'<h1 id="top">{harmless(title)}</h1>',
        f'<p class="lead">{harmless(headline(packet))}</p>',
        *_dates(packet),
        '<nav aria-label="Contents">\n<ul>',
        *(f'<li><a href="#{_anchor(each)}">{harmless(each.title)}</a></li>' for each in held),
        "</ul>\n</nav>",
        *(line for each in held for line in _part(each)),
        "</main>\n</body>\n</html>",
        "",
    ]
    return "\n".join(lines)


def _dates(packet: Packet) -> Iterator[str]:
    standing = packet.standing
    rows = [
        ("Prepared", str(packet.today)),
        ("Publisher", standing.publisher),
        ("Positions", ", ".join(standing.positions)),
        ("Approved", standing.approved or "not stated"),
        ("Literature through", standing.literature_through or "not stated"),
        ("File", standing.file),
    ]
    yield "<dl>"
    yield from (f"<dt>{harmless(name)}</dt><dd>{harmless(value)}</dd>" for name, value in rows if value)
    yield f'<dt>sha256</dt><dd class="hash">{harmless(standing.content_hash)}</dd>\n</dl>'


def _part(part: Part) -> Iterator[str]:
    yield f'<h2 id="{_anchor(part)}">{harmless(part.title)}</h2>'
    yield from (f"<p>{harmless(each)}</p>" for each in part.says)
    if part.rows:
        kind = ' class="sign"' if part.title == "Sign-off" else ""
        label = harmless(part.title)
        yield f'<div class="scroll" role="region" tabindex="0" aria-label="{label}, table">\n<table{kind}>\n<thead><tr>'
        yield "".join(f'<th scope="col">{harmless(each)}</th>' for each in part.columns) + "</tr></thead>\n<tbody>"
        for row in part.rows:
            first, *rest = row
            yield (
                f'<tr><th scope="row">{harmless(first)}</th>'
                + "".join(f"<td>{harmless(each)}</td>" for each in rest)
                + "</tr>"
            )
        yield "</tbody>\n</table>\n</div>"


def _anchor(part: Part) -> str:
    return part.title.casefold().replace(" ", "-")
