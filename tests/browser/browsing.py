"""A real browser and a real server: what the browser tests and the gallery of screenshots drive, and what they need."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright

import medpol
from medpol.ledger import Ledger
from medpol.web import Log, Site, make_app
from medpol.web.recording import Recording

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
AXE = "axe-core@4.14.1"

_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_MS = 15_000
_COMPLAINTS = ("error", "warning")
expect.set_options(timeout=_PATIENCE_MS)


def chromium() -> str | None:
    """The browser of this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def axe() -> Path | None:
    """axe-core's script: ``MEDPOL_AXE``, or where ``.ci/run`` puts it."""
    path = Path(os.environ.get("MEDPOL_AXE") or Path(__file__).parents[2] / "build" / "axe" / "axe.min.js")
    return path if path.is_file() else None


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser without a window; its pages are asked for in contexts of their own."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=list(_FLAGS), chromium_sandbox=False)
        yield browser
        browser.close()


@contextmanager
def serving(library: Path) -> Iterator[str]:
    """A server over a library, on a free port, its clock stopped at ``NOW``; the address that it answers at.

    It serves what is for the plan's own staff too, so that those pages are looked at as well.
    """
    with (
        TemporaryDirectory() as folder,
        Ledger.open(f"{folder}/ledger.db") as ledger,
        socket.create_server(("127.0.0.1", 0)) as listening,
        Path(folder, "log").open("wb") as written,
    ):
        log = Log(written, lambda: NOW)
        site = Site(library, medpol.read(library), log)
        app = make_app(site, today=lambda: TODAY, log=log, recording=Recording(ledger, lambda: NOW), for_staff=True)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            # A request that comes before the server answers waits in the socket's queue: nothing has to be polled.
            yield f"http://localhost:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@dataclass
class Visit:
    """One person's browser at one server, and everything that the browser complained of meanwhile."""

    context: BrowserContext
    page: Page
    address: str
    has_scripts: bool = True
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str, status: int = 200) -> None:
        answer = self.page.goto(self.address + path)
        if status >= 400:  # the console tells it as an error too: here it is the answer
            self.complaints[:] = [each for each in self.complaints if f"status of {status}" not in each]
        assert isinstance(answer, Response) and answer.status == status, (path, answer and answer.status)

    @property
    def text(self) -> str:
        """What the page says, each run of white space as one blank."""
        return " ".join(self.page.locator("body").inner_text().split())


@contextmanager
def visiting(browser: Browser, address: str, *, scripts: bool = True, size: dict[str, int] = WIDE) -> Iterator[Visit]:
    """A visit, during which the browser found nothing to complain of: no error on its console, none of the policy of
    what may load, and no request to anywhere else."""
    context = browser.new_context(java_script_enabled=scripts, viewport=size, reduced_motion="reduce", locale="en-US")
    context.set_default_timeout(_PATIENCE_MS)
    visit = Visit(context, context.new_page(), address, scripts)
    visit.page.on("console", lambda said: visit.complaints.append(said.text) if said.type in _COMPLAINTS else None)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on(
        "request", lambda made: None if made.url.startswith(address) else visit.complaints.append(f"asked {made.url}")
    )
    try:
        yield visit
    finally:
        context.close()
    assert visit.complaints == []
