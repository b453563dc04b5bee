"""One browser and one server of each library for a module's tests; without a browser they are left out, in CI they fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.browsing import AXE, axe, browsing, chromium, serving


def _missing(words: str) -> None:
    (pytest.fail if os.environ.get("CI") else pytest.skip)(words)


# Not for the session: while it lives, the driver's event loop would stand in the way of other tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not chromium():
        _missing("needs Chromium: apt install chromium")
    with browsing() as opened:
        yield opened


@pytest.fixture(scope="module")
def address_of() -> Iterator[Callable[[Path], str]]:
    """Where a library is served; the first that asks for one starts its server."""
    with ExitStack() as served:
        started: dict[Path, str] = {}

        def address(library: Path) -> str:
            if library not in started:
                started[library] = served.enter_context(serving(library))
            return started[library]

        yield address


@pytest.fixture(scope="module")
def axe_script() -> str:
    found = axe()
    if found is None:
        _missing(f"needs axe-core: npm pack {AXE}, and MEDPOL_AXE=package/axe.min.js of what it fetches")
    return found.read_text("utf-8")
