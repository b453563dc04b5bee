"""``make screenshots``: every kind of page in every state, at two sizes, light and dark, as pictures in a folder."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

from tests.browser.browsing import PHONE, WIDE, browsing, chromium, serving, visiting
from tests.browser.pages import KINDS


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with browsing() as browser, ExitStack() as served:
        addresses = {
            library: served.enter_context(serving(library))
            for library in dict.fromkeys(each.library for each in KINDS.values())
        }
        for name, kind in KINDS.items():
            with visiting(browser, addresses[kind.library]) as visit:
                kind.open(visit)
                for size, width in ((WIDE, "wide"), (PHONE, "phone")):
                    visit.page.set_viewport_size(size)
                    for scheme in ("light", "dark"):
                        visit.page.emulate_media(color_scheme=scheme)
                        file = folder / f"{name.replace(' ', '-')}.{width}.{scheme}.png"
                        visit.page.screenshot(path=file, full_page=True)
    print(f"{4 * len(KINDS)} pictures in {folder}")


if __name__ == "__main__":
    if not chromium():
        sys.exit("needs Chromium: apt install chromium")
    main(Path(sys.argv[1]))
