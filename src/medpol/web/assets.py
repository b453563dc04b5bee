"""The style sheet, the scripts and the fonts: held in memory, named by their content, so that a browser keeps them for good."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files

from medpol.web import chips

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}
_FONTS = ("public-sans-latin-400-normal", "public-sans-latin-700-normal", "source-serif-4-latin-400-normal")


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    media_type: str
    body: bytes
    zipped: bytes | None


class Assets:
    """What is served below ``/static``. ``named`` gives the address for a file's plain name."""

    def __init__(self) -> None:
        folder = files("medpol.web") / "assets"
        self._by_name: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        for font in _FONTS:
            self._add(f"{font}.woff2", (folder / "fonts" / f"{font}.woff2").read_bytes())
        sheet = (folder / "style.css").read_text(encoding="utf-8") + chips.style()
        for font in _FONTS:
            sheet = sheet.replace(f"fonts/{font}.woff2", self._names[f"{font}.woff2"])
        self._add("style.css", sheet.encode())
        self._add("htmx.js", (folder / "htmx" / "htmx.min.js").read_bytes())
        self._add("portal.js", (folder / "portal.js").read_bytes())
        self._add("mark.svg", (folder / "mark.svg").read_bytes())
        self.hash = hashlib.sha256("".join(sorted(self._by_name)).encode()).hexdigest()

    def _add(self, name: str, body: bytes) -> None:
        stem, dot, kind = name.rpartition(".")
        own = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}{dot}{kind}"
        zipped = None if kind == "woff2" else gzip.compress(body, 9, mtime=0)
        self._by_name[own], self._names[name] = Asset(own, _TYPES[dot + kind], body, zipped), own

    def named(self, name: str) -> str:
        return f"/static/{self._names[name]}"

    def get(self, own: str) -> Asset | None:
        return self._by_name.get(own)
