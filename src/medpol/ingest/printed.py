"""Rules as the criteria section of a draft prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from medpol.ingest.escape import prose
from medpol.ingest.published import CriteriaText, Item
from medpol.model.policy import CodeRole, CodeRow


def criteria_text(text: CriteriaText, rows: Sequence[CodeRow]) -> str:
    """The criteria section in the notation. One rule alone has no heading and speaks of every governed group."""
    parts = [f"> {note}" for note in text.notes]
    governed = {row.group for row in rows if row.role is CodeRole.GOVERNED}
    for one in text.rulings:
        if len(text.rulings) > 1:
            services = tuple(service for service in one.services if service in governed) or tuple(sorted(governed))
            parts += [f"### {one.heading}", "Services: " + ", ".join(f"`{service}`" for service in services)]
        if one.dates:
            parts.append(f"Dates of service: {one.dates}")
        if one.approved_for:
            parts.append(f"Approved for: {one.approved_for}")
        parts.append(one.statement)
        if one.items:
            parts.append("\n".join(_items(one.items)))
        if one.otherwise:
            parts.append(one.otherwise)
        parts += [f"> {prose(note)}" if "\\" not in note else f"> {note}" for note in one.notes]
    return "\n\n".join(parts)


def _items(items: Sequence[Item], depth: int = 0) -> Iterable[str]:
    for item in items:
        yield f"{'  ' * depth}- {item.text}"
        yield from _items(item.parts, depth + 1)
