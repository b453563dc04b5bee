"""A name as one part of an address, and back: whatever signs it holds, no server, proxy or browser takes it for another.

``%2F`` is a slash again before a server reads the path, and proxies alter it on the way. So the signs that mean something
in a path stand as ``~`` and two digits, which nobody touches: ``MED/205`` is at ``MED~2F205``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

ENDINGS = (".json", ".csv", ".md", ".ics", ".atom", ".svg", ".pdf")
"""What an address ends in that asks for another rendering of a page."""
_AWKWARD = re.compile(r"[/\\%~\x00-\x1f\x7f]")
_ESCAPED = re.compile(r"~([0-9A-F]{2})")
_DOTS = re.compile(r"\.{1,2}")


@lru_cache(maxsize=8_192)  # a page of a long list holds the same few names in many links
def segment(name: str) -> str:
    """One part of a path; ``named`` gives the name back. A name that ends like a twin of a page is not taken for one."""
    held = _AWKWARD.sub(_escape, name)
    for ending in ENDINGS:
        if held.endswith(ending):
            held = held.removesuffix(ending) + _escape_all(".") + ending[1:]
    if _DOTS.fullmatch(held):
        held = _escape_all(held)
    return quote(held, safe="~")


def named(part: str) -> str:
    """The name that a part of a path, percent signs already read, stands for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), part)


def _escape(match: re.Match[str]) -> str:
    return _escape_all(match[0])


def _escape_all(signs: str) -> str:
    return "".join(f"~{ord(sign):02X}" for sign in signs)
