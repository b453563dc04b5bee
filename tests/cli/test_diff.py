"""``medpol diff``: two versions compared at the terminal, for a program, and as a page."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from tests.cli.running import copied, edited, run
from tests.support import archive, policy, put

from medpol.cli.output import Page
from medpol.cli.pages import print_redline
from medpol.decide.holdings import redline_of
from medpol.library import SHIPPED, load
from medpol.library.redline import Redline
from medpol.model.dates import parse_day

GOLDEN = Path(__file__).parent / "golden"
SEED = ("diff", "2.01.100", "2019-07-01", "2023-12-07")
UNCHANGED = "No change in wording or meaning"


def small(folder: Path) -> Path:
    """A policy with a correction, an archive, a version in notice and two drafts."""
    return put(
        folder,
        {
            "EX-1/2024-05-01.md": policy().encode(),
            "EX-1/2024-05-01.2024-06-15.md": policy(
                published="2024-06-15", criteria="Needling is **covered**."
            ).encode(),
            "EX-1/2025-01-01.md": archive("2025-01-01", "2024-09-01").encode(),
            "EX-1/2026-01-01.md": policy("2026-01-01", "2025-10-01").encode(),
            "EX-1/2027-01-01.md": policy("2027-01-01", None, criteria="Needling is **cosmetic**.").encode(),
            "EX-1/2028-01-01.md": policy("2028-01", None, criteria="Needling is **not covered**.").encode(),
        },
    )


# ---------------------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("diff-2019-2023.txt", SEED),
        ("diff-2019-2023.json", (*SEED, "--semantic", "--format", "json")),
        ("diff-2019-2023.html", (*SEED, "--format", "html")),
    ],
)
def test_the_seed_reads_well(name: str, arguments: tuple[str, ...], update_golden: bool) -> None:
    """2019-07-01 against 2023-12-07. ``--update-golden`` rewrites the files; review the difference like prose."""
    found = run(*arguments, "--known-on", "2026-01-01")
    assert (found.code, found.talk) == (0, "")
    if update_golden:
        (GOLDEN / name).write_bytes(found.data)
    assert found.data == (GOLDEN / name).read_bytes()


def test_the_seed_says_the_five_things() -> None:
    text = " ".join(run(*SEED).text.split())
    for words in (
        "trigger point injection left the services",
        "left the statement: “injections”; entered it: “treatment of myofascial pain”",
        "two codes joined on 2020-01-01: CPT 20560, 20561",
        "the position is unchanged: investigational",
        "No policy was in force on 1,376 of the days between: 2020-03-01 through 2023-12-06.",
    ):
        assert words in text
    assert text.index("What it means") < text.index("The words")


def test_the_json_is_the_redline() -> None:
    found = msgspec.json.decode(run(*SEED, "--format", "json").data, type=Redline)
    assert found.days_without_policy == 1376
    assert found.words is not None
    assert found.words.is_changed


# ---------------------------------------------------------------------------- one part, exit codes


def test_one_part_alone() -> None:
    semantic, text = run(*SEED, "--semantic"), run(*SEED, "--text")
    assert "The words" not in semantic.text
    assert "What it means" not in text.text
    assert run(*SEED, "--semantic", "--format", "json").json["words"] is None
    assert run(*SEED, "--text", "--format", "json").json["meaning"] is None
    both = run(*SEED, "--semantic", "--text")
    assert both.code == 2
    assert "expected one of them" in both.talk


def test_the_exit_code_is_of_the_part_asked_for(tmp_path: Path) -> None:
    root = edited(
        copied(tmp_path), "2.01.100/2024-07-01.md", "A trigger point is a small,", "A trigger point is a tiny,"
    )
    assert "is a tiny" in (root / "2.01.100/2024-07-01.md").read_text(encoding="utf-8")
    assert run(*SEED, "--exit-code").code == 1
    assert run(*SEED).code == 0
    same = ("diff", "2.01.100", "2019-07-01", "2019-12-31", "--exit-code")
    assert (run(*same).code, UNCHANGED in run(*same).text) == (0, True)
    files = {
        "EX-1/2024-05-01.md": policy().encode(),
        "EX-1/2025-05-01.md": (policy("2025-05-01", "2025-01-29") + "\n## Background\n\nMore is known.\n").encode(),
    }
    words = ("diff", "EX-1", "2024-05-01", "2025-05-01", "--policies", put(tmp_path / "words", files), "--exit-code")
    assert [run(*words, *part).code for part in ((), ("--text",), ("--semantic",))] == [1, 1, 0]


# ---------------------------------------------------------------------------- which versions


def named(root: Path, day: str, known_on: str = "2026-06-01") -> str:
    found = run("diff", "ex-1", day, "2024-05-01", "--policies", root, "--known-on", known_on, "--format", "json")
    return found.json["from"]["file"] if found.code == 0 else found.talk


def test_a_day_names_the_version_of_that_first_day_else_the_one_that_stands_on_it(tmp_path: Path) -> None:
    root = small(tmp_path)
    assert named(root, "2024-05-01") == "EX-1/2024-05-01.2024-06-15.md"
    assert named(root, "2024-08-02") == "EX-1/2024-05-01.2024-06-15.md"
    assert named(root, "2024-08-02", "2024-06-14") == "EX-1/2024-05-01.md"
    assert named(root, "2025-06-01") == "EX-1/2025-01-01.md"
    assert named(root, "2030-01-01") == "EX-1/2026-01-01.md"


def test_what_is_coming_can_be_compared_too(tmp_path: Path) -> None:
    """A version in notice, a draft with its day, and one whose file alone names a day."""
    root = small(tmp_path)
    assert named(root, "2026-01-01", "2025-11-01") == "EX-1/2026-01-01.md"
    assert named(root, "2027-01-01") == "EX-1/2027-01-01.md"
    assert named(root, "2028-01-01") == "EX-1/2028-01-01.md"
    text = run("diff", "EX-1", "2026-01-01", "2027-01-01", "--policies", root).text
    assert "draft of 2027-01-01" in text
    assert "position: investigational → cosmetic" in text


def test_a_day_without_a_version_is_answered_with_the_nearest(tmp_path: Path) -> None:
    root = small(tmp_path)
    found = run("diff", "EX-1", "2020-01-01", "2024-05-01", "--policies", root, "--known-on", "2026-06-01")
    assert (found.code, found.data) == (3, b"")
    assert "no version of EX-1 stands on 2020-01-01, as known on 2026-06-01" in found.talk
    assert "near: 2024-05-01, 2025-01-01, 2026-01-01" in found.talk
    assert run("diff", "EX-1", "2024-05-01", "2026-01-01", "--policies", root, "--known-on", "2024-02-01").code == 0
    assert "near: 2.01.100" in run("diff", "2.01.10", "2019-07-01", "2023-12-07").talk
    assert run("diff", "2.01.100", "yesterday", "2023-12-07").code == 2


def test_a_library_with_errors_is_refused(tmp_path: Path) -> None:
    root = edited(copied(tmp_path), "2.01.100/2024-07-01.md", "row date: 2024-07-01", "row date: soon")
    assert run(*SEED, "--policies", root).code == 4


# ---------------------------------------------------------------------------- how it looks


def test_a_terminal_without_the_signs_gets_ascii() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    days = [parse_day(day) for day in ("2019-07-01", "2023-12-07", "2026-01-01")]
    first, second, known_on = (day for day in days if day is not None)
    held = load(SHIPPED)
    print_redline(Page(stream, width=80), redline_of(held, held.of("2.01.100"), first, second, known_on))
    stream.flush()
    text = stream.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]
    assert "effective: 2019-07-01 -> 2023-12-07" in text
    assert 'left the statement: "injections"' in text


def test_a_pipe_gets_no_colour_and_a_narrow_page_wraps() -> None:
    found = run(*SEED, columns=44)
    assert b"\x1b" not in found.data
    assert max(map(len, found.text.split("\n"))) <= 60  # a file's name is never broken


class Reading(HTMLParser):
    """What a page says, which elements it has, and whether each one is closed."""

    VOID = ("meta",)

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def test_the_page_is_whole_needs_no_script_and_loads_nothing() -> None:
    page = run(*SEED, "--format", "html").text
    found = Reading(page)
    assert not found.open
    assert {"main", "h1", "h2", "del", "ins", "details", "summary"} <= found.seen
    assert not found.seen & {"script", "link", "img", "iframe"}
    assert not found.attributes & {"style", "src", "onclick"}
    assert "@import" not in page
    assert "url(" not in page
    assert "prefers-color-scheme: dark" in page


def test_the_page_is_readable_without_colour_and_aloud() -> None:
    found = Reading(run(*SEED, "--format", "html").text)
    assert "deleted: Trigger end deleted inserted: Dry needling of a trigger end inserted point" in found.text
    assert "title and opening" in found.text.casefold()


HOSTILE = '<script>alert(1)</script> & "quotes" <b>bold'


def test_no_text_of_a_document_becomes_markup(tmp_path: Path) -> None:
    more = "\n## Background\n\n{}\n"
    files = {
        "EX-1/2024-05-01.md": (policy(head="rights: '<img src=x>'") + more.format("Nothing yet.")).encode(),
        "EX-1/2025-05-01.md": (policy("2025-05-01", "2025-01-29") + more.format(f"It says {HOSTILE}.")).encode(),
    }
    root = put(tmp_path, files)
    page = run("diff", "EX-1", "2024-05-01", "2025-05-01", "--policies", root, "--format", "html")
    assert page.code == 0
    found = Reading(page.text)
    assert not found.seen & {"script", "img", "b"}
    assert f"It says {HOSTILE}." in found.text
    text = run("diff", "EX-1", "2024-05-01", "2025-05-01", "--policies", root).text
    assert f"It says {HOSTILE}." in " ".join(text.split())


def test_moved_passages_and_folded_sections_are_marked(tmp_path: Path) -> None:
    one, other = "The first of two passages.", "The second, which is about something else."
    more = "\n## Background\n\n{}\n\n{}\n\n## Description\n\nIt stays.\n"
    files = {
        "EX-1/2024-05-01.md": (policy() + more.format(one, other)).encode(),
        "EX-1/2025-05-01.md": (policy("2025-05-01", "2025-01-29") + more.format(other, one)).encode(),
    }
    words = ("diff", "EX-1", "2024-05-01", "2025-05-01", "--policies", put(tmp_path, files))
    text = run(*words).text
    assert "⇄ moved: " in text
    assert "4 sections unchanged: title and opening, Policy coverage criteria, Coding, Description" in text
    assert "The meaning is unchanged; the words changed in: Background." in text
    assert "⇄ moved" in Reading(run(*words, "--format", "html").text).text
