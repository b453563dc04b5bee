"""Pages as PDF: the page's own HTML laid out by WeasyPrint, which may read our own style sheet and fonts and nothing else."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from functools import cached_property
from importlib.resources import files
from logging import getLogger
from threading import BoundedSemaphore, Lock
from typing import Any

from medpol.web.assets import Assets
from medpol.web.problems import Problem, Refused

try:
    from weasyprint import CSS, HTML  # type: ignore[import-untyped]
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # type: ignore[import-untyped]
except (ImportError, OSError):  # the extra is not installed, or the machine lacks Pango, which it draws letters with
    CAN_PRINT = False
    URLFetcher = object
else:
    CAN_PRINT = True

PDF = ".pdf"
LARGEST_PAGE = 400_000
"""Bytes of HTML. Laying out takes about 30 ms a kilobyte, in the same interpreter as every other answer."""
SECONDS = 60.0
MOST_WAITING = 8
_KEPT, _LARGEST_KEPT = 32, 1_048_576
_OURS = "https://medpol.invalid/static/"
"""Where our own files seem to stand for the one that lays out. RFC 2606 keeps the name from ever being a host."""


class _OurFiles(URLFetcher):  # type: ignore[misc]
    """Hands out the files of the package, from memory; for everything else there is no disk and no network."""

    def __init__(self, assets: Assets) -> None:
        super().__init__()
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> Any:
        asset = self._assets.get(url.removeprefix(_OURS)) if url.startswith(_OURS) else None
        if asset is None:
            raise ValueError("only our own style sheet and fonts are read")
        return URLFetcherResponse(url, asset.body, {"Content-Type": asset.media_type})


class Press:
    """Makes PDFs one after the other, in a thread of its own; those of pages without facts are kept for who asks next.

    ``site`` is the address under which links stand; without one a link within the portal is words alone.
    """

    def __init__(self, assets: Assets, site: str = "", *, can_print: bool = CAN_PRINT) -> None:
        self.can_print = can_print
        self._assets, self._site = assets, site
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="press")
        self._places, self._lock = BoundedSemaphore(MOST_WAITING), Lock()
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        for name in ("weasyprint", "weasyprint.progress", "fontTools"):
            getLogger(name).disabled = True  # their warnings quote what they lay out

    def pdf(self, html: str, *, is_private: bool) -> bytes:
        """The page as PDF/UA; the same page gives the same bytes. ``is_private``: nothing of it is kept.

        Raises:
            Refused: The extra is not installed (501), the page is too long (413), too much waits or it took too long (503).
        """
        if not self.can_print:
            raise Refused(_missing())
        if len(html) > LARGEST_PAGE:
            raise Refused(_too_long())
        key = hashlib.sha256(html.encode()).digest()
        if not is_private and (held := self._held(key)) is not None:
            return held
        if not self._places.acquire(blocking=False):
            raise Refused(_busy())
        waiting: Future[bytes] = self._worker.submit(self._made, html)
        waiting.add_done_callback(lambda _: self._places.release())
        try:
            made = waiting.result(timeout=SECONDS)
        except TooLong:
            waiting.cancel()
            raise Refused(_busy()) from None
        if not is_private and len(made) <= _LARGEST_KEPT:
            self._keep(key, made)
        return made

    def _made(self, html: str) -> bytes:
        sheet, fonts = self._sheet
        html = html if self._site else _WITHIN.sub(r"\1", html)
        page = HTML(string=html, base_url=self._site or None, url_fetcher=_OurFiles(self._assets))
        made: bytes = page.write_pdf(pdf_variant="pdf/ua-1", stylesheets=[sheet], font_config=fonts)
        return made

    @cached_property
    def _sheet(self) -> tuple[Any, Any]:
        """The style sheet of the pages and what paper needs besides, with the fonts that it names."""
        fonts = FontConfiguration()
        pages = self._assets.get(self._assets.named("style.css").rpartition("/")[2])
        assert pages is not None
        paper = (files("medpol.web") / "assets" / "pdf.css").read_text(encoding="utf-8")
        text = pages.body.decode() + paper
        return CSS(string=text, base_url=_OURS, url_fetcher=_OurFiles(self._assets), font_config=fonts), fonts

    def _held(self, key: bytes) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: bytes, made: bytes) -> None:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


_WITHIN = re.compile(r'(<a\b[^<>]*?)\shref="(?!https?:|#)[^"]*"')
"""A link within the portal, which from a file on somebody's disk would lead into that disk."""


def _missing() -> Problem:
    return Problem(
        501,
        "no PDF can be made here: what makes them is not installed",
        "the extra pdf of medpol, and Pango",
        "print the page from a browser; who runs this service installs medpol[pdf]",
    )


def _too_long() -> Problem:
    return Problem(
        413,
        "this page is too long to be made a PDF here",
        f"a page of at most {LARGEST_PAGE:,} bytes",
        "print the page from a browser, or narrow it",
    )


def _busy() -> Problem:
    return Problem(
        503,
        "too many PDFs are being made just now",
        "",
        "try again shortly, or print the page from a browser",
        headers={"Retry-After": "10"},
    )
