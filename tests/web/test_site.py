"""The library behind the portal: a changed one is taken over whole, a broken one never, and drafts are not there at all."""

from __future__ import annotations

import gc
import os
import time
import weakref
from pathlib import Path

from tests.support import policy, put
from tests.web.portal import Tags, looked_twice, portal_of

FILES = {"facts.md": "", "EX-1/2024-05-01.md": policy(), "EX-2/2024-05-01.md": policy(number="EX-2")}
DRAFT = policy(number="EX-9", effective="2025-01-01", published=None).replace(
    "title: Needles", "title: Embargoed zeppelins"
)


PAGES_OF_ALL_KINDS = (
    *("/", "/policies", "/policies/EX-1", "/policies/EX-1/history", "/calendar", "/calendar.ics", "/changes"),
    *("/search?q=needles", "/search/hints?q=ne", "/codes/CPT/20560", "/policies/EX-1.atom", "/api/coverage?code=20560"),
    "/policies/EX-1/compare?from=2024-05-01&to=2024-05-01",
)


def test_a_changed_document_is_taken_over_once_it_rests(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        before = held.get("/policies/EX-1")
        put(tmp_path, {"EX-1/2024-05-01.md": policy(criteria="Needling is **medically necessary**.").encode()})
        assert not held.site.look(), "still being written, for all that is known"
        assert held.site.look()
        after = held.get("/policies/EX-1")
        assert "investigational" in before.text and "investigational" not in after.text
        assert before.headers["etag"] != after.headers["etag"]
        assert not held.site.look(), "nothing altered since"


def test_a_new_and_a_deleted_policy_are_noticed(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        assert held.get("/policies/EX-3").status_code == 404
        put(tmp_path, {"EX-3/2024-05-01.md": policy(number="EX-3").encode()})
        (tmp_path / "EX-2/2024-05-01.md").unlink()
        assert looked_twice(held.site)
        assert held.get("/policies/EX-3").status_code == 200
        assert held.get("/policies/EX-2").status_code == 404


def test_a_broken_file_keeps_the_last_good_library_and_every_page_says_so(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        put(tmp_path, {"EX-1/2024-05-01.md": policy(effective="2024-13-01").encode()})
        assert looked_twice(held.site)
        page = held.get("/policies/EX-1")
        assert page.status_code == 200 and "investigational" in page.text
        assert "A change to the library is not shown" in Tags(page.text).text
        assert "EX-1/2024-05-01.md:4" in page.text
        assert page.headers["cache-control"] == "no-cache"
        health = held.get("/health/details").json()
        assert (health["status"], health["policies"]) == ("last-good", 2)
        assert health["problems"][0]["source"]["file"] == "EX-1/2024-05-01.md"
        assert held.get("/api/coverage?code=20560").status_code == 200
        assert "medpol_library_errors 1.0" in held.get("/metrics").text
        assert {"library_refused"} <= {entry["event"] for entry in held.entries()}
        put(tmp_path, {"EX-1/2024-05-01.md": policy().encode()})
        assert looked_twice(held.site)
        assert held.get("/health").json()["status"] == "ok"
        assert "A change to the library" not in held.get("/policies/EX-1").text


def test_a_broken_new_document_is_counted_and_not_named(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        put(tmp_path, {"EX-9/2025-01-01.md": DRAFT.replace("effective: 2025-01-01", "effective: zeppelin").encode()})
        assert looked_twice(held.site)
        for address in ("/policies", "/health/details"):
            assert "1 error" in held.get(address).text or held.get(address).json()["errors"] >= 1
            assert "EX-9" not in held.get(address).text and "zeppelin" not in held.get(address).text.casefold()


def test_a_folder_that_goes_away_leaves_the_pages_standing(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with portal_of(folder, FILES) as held:
        folder.rename(tmp_path / "elsewhere")
        assert looked_twice(held.site)
        assert "cannot be read just now" in held.get("/policies/EX-1").text
        (tmp_path / "elsewhere").rename(folder)
        assert looked_twice(held.site)
        assert held.get("/health").json()["status"] == "ok"


def test_a_change_that_keeps_size_and_name_is_noticed_by_its_time(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        file = tmp_path / "EX-1/2024-05-01.md"
        file.write_text(file.read_text().replace("title: Needles", "title: Noodles"))
        os.utime(file, ns=(1, 1))
        assert looked_twice(held.site)
        assert "Noodles" in held.get("/policies/EX-1").text


def test_drafts_appear_nowhere(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        addresses = (
            "/policies", "/policies.json", "/policies.csv", "/index.json", "/health", "/health/details", "/search?q=zeppelins",
            "/search?q=zeppelins&known_on=2026-01-01", "/api/policies", "/codes/CPT/20560", "/api/codes/20560",
            "/api/coverage?code=20560", "/policies/EX-1", "/policies/EX-1.json", "/policies/EX",
        )  # fmt: skip

        def told() -> list[tuple[int, str, str | None]]:
            found = []
            for address in addresses:
                answer = held.get(address)
                words = answer.text if answer.status_code < 400 else "an error"
                found.append((answer.status_code, words, answer.headers.get("etag")))
            return found

        before, missing = told(), held.get("/policies/EX-9", accept="text/html")
        put(
            tmp_path,
            {
                "EX-9/2025-01-01.md": DRAFT.encode(),
                "EX-1/2027-01-01.md": policy(effective="2027-01-01", published=None).encode(),
            },
        )
        assert looked_twice(held.site)
        assert told() == before
        draft = held.get("/policies/EX-9", accept="text/html")
        assert draft.status_code == missing.status_code == 404
        assert "zeppelin" not in draft.text.casefold()
        assert (
            Tags(draft.text).text.split("Id of this request")[0]
            == Tags(missing.text).text.split("Id of this request")[0]
        )


def test_the_folder_is_watched_in_the_background(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held, held.site.watched(seconds=0.02):
        put(tmp_path, {"EX-3/2024-05-01.md": policy(number="EX-3").encode()})
        patience = time.monotonic() + 20
        while held.site.reloads == 0 and time.monotonic() < patience:
            time.sleep(0.02)
        assert held.get("/policies/EX-3").status_code == 200


def test_a_state_that_is_no_longer_served_is_let_go_without_the_collector(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        gc.collect()
        gc.disable()
        try:
            now = held.site.now
            kept = [weakref.ref(each) for each in (now, now.opened, now.searcher, now.searcher.stands, now.chronicle)]
            del now
            for address in PAGES_OF_ALL_KINDS:
                assert held.get(address).status_code == 200, address
            put(tmp_path, {"EX-3/2024-05-01.md": policy(number="EX-3").encode()})
            assert looked_twice(held.site)
            assert held.get("/api/coverage?code=20560").status_code == 200
            assert [each() for each in kept] == [None] * 5
        finally:
            gc.enable()
