"""Feeds as Atom, parsed back and held against what RFC 4287 asks for."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from tests.support import archive, library, policy

from medpol.decide.holdings.changed import Chronicle
from medpol.decide.holdings.told import feed_of
from medpol.exchange.atom import atom
from medpol.exchange.values import Feed, FeedEntry, tag
from medpol.library import SHIPPED, load

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "https://policies.example.org"
DAY = date(2024, 5, 1)
SEED = Chronicle(load(SHIPPED))


def breaches(data: bytes) -> list[str]:
    """What RFC 4287 asks for and the feed has not."""
    feed = ElementTree.fromstring(data)
    found = [] if feed.tag == f"{ATOM}feed" else ["no feed"]
    found += [
        f"{name} stands {count} times" for name in ("id", "title", "updated") if (count := _count(feed, name)) != 1
    ]
    found += [] if _count(feed, "author") else ["no author (4.1.1)"]
    found += [
        f"no IRI: {each.text}" for each in feed.iter(f"{ATOM}id") if not re.fullmatch(r"[a-z]+:[!-~]+", each.text or "")
    ]
    moments = [each.text or "" for name in ("updated", "published") for each in feed.iter(ATOM + name)]
    found += [f"no RFC 3339: {each}" for each in moments if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", each)]
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    found += ["an id twice"] if len(set(ids)) != len(ids) else []
    for entry in feed.iter(f"{ATOM}entry"):
        found += [f"{name} stands not once" for name in ("id", "title", "updated") if _count(entry, name) != 1]
        alternates = [each for each in entry.iter(f"{ATOM}link") if each.get("rel") == "alternate"]
        if not alternates and not _count(entry, "content"):
            found.append("neither content nor a page (4.1.2)")
    return found + [f"a link without href: {each.attrib}" for each in feed.iter(f"{ATOM}link") if not each.get("href")]


def _count(element: ElementTree.Element, name: str) -> int:
    return len(element.findall(ATOM + name))


def test_the_feed_of_the_seed_is_sound_with_a_site_and_without() -> None:
    changes = SEED.changes(date(2026, 11, 23))
    for site in (SITE, None):
        assert breaches(atom(feed_of(changes, "Changes", site=site))) == []


def test_an_entry_tells_what_it_means_both_dates_and_where_the_redline_is() -> None:
    feed = ElementTree.fromstring(atom(feed_of(SEED.changes(date(2026, 11, 23)), "Changes", site=SITE)))
    entry = next(each for each in feed.iter(f"{ATOM}entry") if "reinstated" in (each.findtext(f"{ATOM}title") or ""))
    words = entry.findtext(f"{ATOM}summary") or ""
    assert "Trigger point injection left the services" in words
    assert "Known from 2023-09-01. Takes effect on 2023-12-07. Told 97 days ahead." in words
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"{SITE}/policies/2.01.100/compare?from=2020-01-01&to=2023-12-07&known_on=2023-09-01"
    assert entry.findtext(f"{ATOM}updated") == "2023-09-01T00:00:00Z"


def test_an_entry_never_changes_whatever_becomes_known_later() -> None:
    files = {
        "EX-1/2024-05-01.md": policy(),
        "EX-1/2024-05-01.2024-06-01.md": policy(published="2024-06-01", criteria="Needling is **cosmetic**."),
        "EX-1/2025-05-01.md": policy("2025-05-01", "2025-01-01", criteria="Needling is **not covered**."),
        "EX-1/2025-06-01.md": policy("2025-06-01", "2025-03-01", head="withdraws: [2025-05-01]"),
        "EX-1/2026-01-01.md": archive("2026-01-01", "2025-10-01"),
        "EX-1/2026-06-01.md": policy("2026-06-01", "2026-05-01"),
    }
    held = library(files)
    assert not held.errors
    chronicle = Chronicle(held)
    seen: dict[str, FeedEntry] = {}
    for month in range(1, 36):
        on = date(2024 + (month - 1) // 12, (month - 1) % 12 + 1, 15)
        entries = feed_of(chronicle.changes(on), "Changes", site=SITE).entries
        assert {each.id for each in entries} >= seen.keys(), "nothing that was told is taken back"
        assert all(seen.setdefault(each.id, each) == each for each in entries)
    assert len(seen) == 7


def test_the_same_changes_are_the_same_bytes() -> None:
    once, again = (atom(feed_of(SEED.changes(date(2026, 11, 23)), "Changes", site=SITE)) for _ in range(2))
    assert once == again == atom(feed_of(Chronicle(load(SHIPPED)).changes(date(2026, 11, 23)), "Changes", site=SITE))


def test_an_empty_feed_is_sound() -> None:
    assert breaches(atom(feed_of(SEED.changes(date(2000, 1, 1)), "Changes", site=SITE))) == []


@given(st.text(max_size=40), st.text(max_size=40))
def test_hostile_words_stay_words(title: str, words: str) -> None:
    entry = FeedEntry(tag("example.org", title, words), title, DAY, words, f"{SITE}/?q=<&\"'", (words,))
    data = atom(Feed(tag("example.org", "x"), title, "medpol", DAY, (entry,)))
    assert breaches(data) == []
    (read,) = ElementTree.fromstring(data).iter(f"{ATOM}entry")
    if words.isprintable():
        assert read.findtext(f"{ATOM}summary") == words
    assert len(list(read)) == 7


def test_markup_and_control_characters_of_a_title_are_inert() -> None:
    title = "]]><script>&\x00\x1b[31m\u202e\ud800"
    data = atom(Feed(tag("example.org", "x"), title, "medpol", DAY, ()))
    assert b"<script" not in data
    assert ElementTree.fromstring(data).findtext(f"{ATOM}title") == "]]><script>&\ufffd\ufffd[31m\ufffd\ufffd"


def test_different_parts_never_make_one_id() -> None:
    assert tag("example.org", "a/b", "c") != tag("example.org", "a", "b/c")
    assert tag("example.org", "Ä b") == "tag:example.org,2026:%C3%84%20b"
