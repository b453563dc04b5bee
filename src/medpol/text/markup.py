"""Words of others as HTML: no markup in them is read, and nothing in them turns the reading round."""

from __future__ import annotations

import re
from html import escape

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udfff]")


def harmless(said: str) -> str:
    """The words escaped, control characters and changes of direction made visible."""
    return escape(_UNSAFE.sub(lambda found: f"\\x{ord(found[0]):02x}", said))
