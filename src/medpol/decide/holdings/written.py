"""The bytes of what a library holds, for every door: one JSON value, indented for the person who looks at it too."""

from __future__ import annotations

from typing import Any

import msgspec


def written(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
