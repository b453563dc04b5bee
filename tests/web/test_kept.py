"""Pages that were made are kept: as long as they are what would be made again, and for as much memory as they may take."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.support import policy, put
from tests.web.portal import looked_twice, portal_of

from medpol.web.replies import Kept, Reply

FILES = {"facts.md": "", "EX-1/2024-05-01.md": policy(), "EX-2/2024-05-01.md": policy(number="EX-2")}
PAGES = ("/", "/policies", "/policies/EX-1", "/policies/EX-1/history", "/calendar", "/changes", "/search?q=needles")


def reply(size: int, sign: bytes = b"x") -> Reply:
    return Reply(200, "text/html", sign * size, {})


def test_what_was_longest_unasked_makes_room() -> None:
    kept = Kept(100_000)
    for number in range(60):
        kept.put((number,), reply(1_000))
        assert kept.get((0,)) is not None, "it is asked for again and again"
    held = [number for number in range(60) if kept.get((number,)) is not None]
    assert held == [0, *range(60 - len(held) + 1, 60)] and 40 <= len(held) <= 50


def test_a_reply_that_would_push_out_many_is_not_kept() -> None:
    kept = Kept(64_000)
    kept.put(("large",), reply(1_001))
    kept.put(("small",), reply(1_000))
    assert kept.get(("large",)) is None and kept.get(("small",)) is not None


def test_a_page_asked_again_is_the_same_reply_and_another_day_another_library_or_another_form_of_it_is_not(
    tmp_path: Path,
) -> None:
    with portal_of(tmp_path, FILES) as held:
        first = {address: held.get(address) for address in PAGES}
        for address, before in first.items():
            again = held.get(address)
            assert (again.content, again.headers["etag"]) == (before.content, before.headers["etag"]), address
            assert held.get(address, accept_encoding="identity").content == before.content
            assert held.get(address, if_none_match=before.headers["etag"]).status_code == 304
        hints = [
            held.get("/search/hints?q=ne", HX_Request="true", HX_Target=target) for target in ("q-hints", "", "main")
        ]
        assert "<html" not in hints[0].text and "<html" in hints[1].text and hints[1].content == hints[2].content
        held.today += timedelta(days=1)
        assert "24 November 2026" in held.get("/policies/EX-1").text
        put(tmp_path, {"EX-1/2024-05-01.md": policy(criteria="Needling is **cosmetic**.").encode()})
        assert looked_twice(held.site)
        assert "cosmetic" in held.get("/policies/EX-1").text
        put(tmp_path, {"EX-1/2024-05-01.md": policy(effective="2024-13-01").encode()})
        assert looked_twice(held.site)
        assert all("A change to the library is not shown" in held.get(address).text for address in PAGES)
        put(tmp_path, {"EX-1/2024-05-01.md": policy(criteria="Needling is **cosmetic**.").encode()})
        assert looked_twice(held.site)
        assert not any("A change to the library is not shown" in held.get(address).text for address in PAGES)


def test_what_went_wrong_is_said_anew_with_an_id_of_its_own(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        once, again = (held.get("/policies/EX-7", accept="text/html").text for _ in range(2))
        assert once != again
        put(tmp_path, {"EX-7/2024-05-01.md": policy(number="EX-7").encode()})
        assert looked_twice(held.site)
        assert held.get("/policies/EX-7").status_code == 200
