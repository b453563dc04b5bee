"""Pieces of the HTML of an impact: text made harmless, tables, a chart in its two widths, and the style of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from medpol.impact import charts
from medpol.impact.tables import counted
from medpol.text.markup import harmless

STYLE = """
:root { color-scheme: light dark; --ink: #1b2229; --paper: #fff; --page: #f7f8f9; --soft: #4d5965; --line: #d5dbe1;
  --strong: #7d8995; --accent: #0b4f8a; --tint: #e7f0fa; --warn: #fff3d6; --warn-ink: #5c3b00; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --paper: #161b20; --page: #101418; --soft: #a9b4bf;
  --line: #323b44; --strong: #6d7a87; --accent: #8ec4f7; --tint: #10243a; --warn: #3a2c08; --warn-ink: #f6d896; } }
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--page); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
main { max-width: 62rem; margin: 0 auto; padding: 1.25rem 1.25rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 0 0 .6rem; }
h3 { font-size: 1rem; margin: 1rem 0 .4rem; } p { margin: 0 0 .75rem; max-width: 46rem; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 1rem 1.1rem; margin: 1rem 0; }
.lead { font-size: 1.15rem; font-weight: 600; }
.soft { color: var(--soft); } .small { font-size: .875rem; }
.suppose { border-left: 4px solid var(--accent); padding-left: .7rem; }
.figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin: 1rem 0; padding: 0; }
.figures div { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; }
.figures dt { color: var(--soft); font-size: .875rem; } .figures dd { margin: 0; font-size: 1.45rem; font-weight: 700; font-variant-numeric: tabular-nums; }
.figures dd small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft); }
.limits { background: var(--warn); color: var(--warn-ink); border-color: currentColor; }
.limits ul { margin: 0; padding-left: 1.2rem; } .limits li { margin: .3rem 0; max-width: 52rem; }
.scroll { overflow-x: auto; } .scroll + p { margin-top: .75rem; } .scroll:focus-visible { outline: 3px solid var(--accent); }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
thead th { font-size: .8125rem; color: var(--soft); font-weight: 600; vertical-align: bottom; }
.n { text-align: right; white-space: nowrap; } tfoot th, tfoot td { border-top: 2px solid var(--strong); border-bottom: 0; font-weight: 600; }
.matrix td.stays { background: var(--tint); } .matrix .none { color: var(--soft); } .matrix small { display: block; color: var(--soft); }
details { margin-top: .6rem; } summary { cursor: pointer; color: var(--accent); padding: .2rem 0; }
svg { display: block; max-width: 100%; height: auto; margin: .4rem 0 .8rem; font-size: 13px; } .narrow { display: none; }
@media (max-width: 740px) { main { padding: .9rem .75rem 2rem; } section { padding: .8rem .75rem; } .wide { display: none; } .narrow { display: block; }
  h1 { font-size: 1.35rem; } tbody th { min-width: 9rem; } th, td { padding: .3rem .45rem; } .figures { grid-template-columns: 1fr 1fr; } .figures dd { font-size: 1.2rem; } }
@media screen and (prefers-color-scheme: dark) { svg .label { fill: #e4e9ee; } svg .soft-label { fill: #a9b4bf; }
  svg .leader { stroke: #6d7a87; } svg .was { fill: #10243a; stroke: #8ec4f7; } svg .would-be { fill: #8ec4f7; stroke: #8ec4f7; }
  svg .net { stroke: #8ec4f7; } }
.change { border-top: 1px solid var(--line); padding: .8rem 0; } .change:first-of-type { border-top: 0; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .4rem 1.5rem; } .sides h4 { margin: 0; font-size: .9375rem; }
@media (max-width: 740px) { .sides { grid-template-columns: 1fr; } }
.sides p { margin: .15rem 0; } blockquote { margin: .3rem 0; padding-left: .7rem; border-left: 3px solid var(--line); font-size: .9375rem; }
.hash { font-family: ui-monospace, monospace; font-size: .8125rem; overflow-wrap: anywhere; }
@media print { body { background: #fff; } main { max-width: none; padding: 0; } section, .figures div { border-color: #999; }
  .figures, .change, tr, svg { break-inside: avoid; } h2, h3 { break-after: avoid; } .scroll { overflow: visible; } table { font-size: 8.5pt; }
  details::details-content { content-visibility: visible; } }
"""


def both(draw: Callable[[int], str]) -> str:
    """A chart for a wide screen and one for a narrow one."""
    return f'<div class="wide">{draw(charts.WIDE)}</div>\n<div class="narrow">{draw(charts.NARROW)}</div>'


def table(caption: str, titles: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """A table whose first columns are words and whose others are figures."""
    look = [""] * texts + [' class="n"'] * (len(titles) - texts)
    head = "".join(
        f'<th scope="col"{each}>{harmless(title)}</th>' if title else "<td></td>"
        for title, each in zip(titles, look, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{harmless(cell)}</th>' if at == 0 else f"<td{look[at]}>{harmless(cell)}</td>"
            for at, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{harmless(caption)}"><table><caption>{harmless(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield f'<p class="small soft">and {counted(count, what)} more, in CSV and JSON</p>'


def signed(count: int) -> str:
    """A change with its sign, which is a minus and no hyphen."""
    return f"{count:+,}".replace("-", "\N{MINUS SIGN}") if count else "0"
