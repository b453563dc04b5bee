"""Publishers' plug-ins, and writing the drafts."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from tests.ingest.documents import NOTICE_PENDING

from medpol.ingest import Account, HoldsOther, Pages, Published, ingest, plugins, publishers, write_drafts

DOCUMENT = NOTICE_PENDING.replace("⇥", "\t").encode()


def test_our_reader_is_one_of_the_plug_ins() -> None:
    assert "premera" in publishers()
    assert ingest(DOCUMENT, "x.md", "premera").drafts == ingest(DOCUMENT, "x.md").drafts != ()


def test_an_unknown_publisher_is_named_with_the_nearest_known() -> None:
    result = ingest(DOCUMENT, "x.md", "premira")
    assert [each.rule for each in result.diagnostics] == ["unknown-publisher"]
    assert result.diagnostics[0].near == "premera"


def test_a_document_of_nobodys_layout_is_refused_with_its_lines_reported() -> None:
    result = ingest(b"# A letter\n\nDear all.\n", "letter.md")
    assert [each.rule for each in result.diagnostics] == ["publisher-not-recognised"]
    assert len(result.report.lines) == 2


def other_reader(pages: Pages, account: Account) -> Published | None:
    """A reader of documents that begin with a bell."""
    if not pages.blocks or not pages.blocks[0].text.startswith("Bell"):
        return None
    account.taken((1,), "policy")
    return Published("Bell Health", "B-1", "Bells", problems=("nothing more is read",))


def test_another_publishers_reader_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("bell", f"{__name__}:other_reader", "medpol.publishers")
    monkeypatch.setattr(EntryPoint, "load", lambda self: other_reader)
    monkeypatch.setattr(plugins, "_installed", lambda: (entry,))
    assert list(publishers()) == ["anthem", "bell", "paramount", "premera", "general"]
    result = ingest(b"Bell 1\n", "x.md")
    assert result.report.publisher == "bell"
    assert [each.found for each in result.diagnostics] == ["nothing more is read"]


def test_drafts_are_written_below_a_library_root(tmp_path: Path) -> None:
    written = write_drafts(ingest(DOCUMENT, "x.md"), tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "facts.md",
        "2.05.010/2025-01-01.md",
        "2.05.010/2025-07-03.md",
    ]
    assert written == write_drafts(ingest(DOCUMENT, "x.md"), tmp_path)


def test_a_folder_that_holds_other_versions_is_left_alone(tmp_path: Path) -> None:
    result = ingest(DOCUMENT, "x.md")
    write_drafts(result, tmp_path)
    changed = tmp_path / "2.05.010" / "2025-01-01.md"
    changed.write_text("mine", encoding="utf-8")
    (tmp_path / "2.05.010" / "2020-01-01.md").write_text("mine too", encoding="utf-8")
    with pytest.raises(HoldsOther) as caught:
        write_drafts(result, tmp_path)
    assert caught.value.paths == ("2.05.010/2020-01-01.md", "2.05.010/2025-01-01.md")
    assert changed.read_text(encoding="utf-8") == "mine"


def test_facts_that_are_there_stay(tmp_path: Path) -> None:
    (tmp_path / "facts.md").write_text("# Mine\n", encoding="utf-8")
    write_drafts(ingest(DOCUMENT, "x.md"), tmp_path)
    assert (tmp_path / "facts.md").read_text(encoding="utf-8") == "# Mine\n"


def test_nothing_is_written_outside_the_root(tmp_path: Path) -> None:
    text = DOCUMENT.replace(b"2.05.010", b"a/../../b.1")
    for path, _ in ingest(text, "x.md").drafts:
        assert ".." not in Path(path).parts and not Path(path).is_absolute()


def written_below(folder: Path) -> list[str]:
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())


@pytest.mark.parametrize(
    ("link", "dangling"),
    [
        ("2.05.010", False),
        ("2.05.010", True),
        ("2.05.010/2025-07-03.md", False),
        ("2.05.010/2025-07-03.md", True),
        ("facts.md", True),
    ],
)
def test_a_link_that_leads_outside_is_refused_before_anything_is_written(
    tmp_path: Path, link: str, dangling: bool
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    (out / link).parent.mkdir(parents=True)
    if not dangling and link == "2.05.010":
        other.mkdir()
    if not dangling and link.endswith("03.md"):
        other.write_text("", encoding="utf-8")
    (out / link).symlink_to(other)
    with pytest.raises(HoldsOther, match="outside") as caught:
        write_drafts(ingest(DOCUMENT, "x.md"), out)
    assert all(path.startswith(link) for path in caught.value.paths)
    assert [each for each in written_below(out) if not (out / each).is_symlink()] == []
    assert not other.exists() or other.is_file() or written_below(other) == []


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "2.05.010").symlink_to(tmp_path / "2.05.010")
    with pytest.raises(HoldsOther, match=r"2\.05\.010"):
        write_drafts(ingest(DOCUMENT, "x.md"), tmp_path)
    assert written_below(tmp_path) == []


@pytest.mark.parametrize("path", ["../x.md", "/x.md", "a/../../x.md", "."])
def test_a_path_that_leads_outside_is_refused(tmp_path: Path, path: str) -> None:
    result = replace(ingest(DOCUMENT, "x.md"), drafts=(("a/2020-01-01.md", "text"), (path, "text")))
    with pytest.raises(HoldsOther) as caught:
        write_drafts(result, tmp_path / "out")
    assert caught.value.paths == (path,)
    assert written_below(tmp_path) == []


@pytest.mark.parametrize("at", ["2.05.010/2025-07-03.md", "facts.md"])
def test_a_folder_where_a_file_belongs_is_refused(tmp_path: Path, at: str) -> None:
    (tmp_path / at).mkdir(parents=True)
    with pytest.raises(HoldsOther) as caught:
        write_drafts(ingest(DOCUMENT, "x.md"), tmp_path)
    assert caught.value.paths == (at,)
    assert written_below(tmp_path) == []


def test_a_file_where_a_folder_belongs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "2.05.010").write_text("mine", encoding="utf-8")
    with pytest.raises(HoldsOther, match=r"2\.05\.010"):
        write_drafts(ingest(DOCUMENT, "x.md"), tmp_path)
    assert written_below(tmp_path) == ["2.05.010"]


@pytest.mark.parametrize("out", ["", "  "])
def test_an_empty_folder_to_write_to_is_refused(out: str) -> None:
    with pytest.raises(HoldsOther, match="empty"):
        write_drafts(ingest(DOCUMENT, "x.md"), out)


@pytest.mark.parametrize("folder", ["spoons", "policies/spoons", "policies/2.05.010"])
@pytest.mark.parametrize("number", ["2.05.010", '"2.05.010"'])
def test_a_policy_that_another_folder_holds_is_refused(tmp_path: Path, folder: str, number: str) -> None:
    held = tmp_path / folder / "2020-01-01.md"
    held.parent.mkdir(parents=True)
    held.write_text(f"---\npolicy: {number}\ntitle: Spoons\n---\n", encoding="utf-8")
    with pytest.raises(HoldsOther) as caught:
        write_drafts(ingest(DOCUMENT, "x.md"), tmp_path)
    assert caught.value.paths == (f"{folder}/2020-01-01.md",)
    held.write_text("---\npolicy: 9.99.999\n---\npolicy: 2.05.010\n", encoding="utf-8")
    assert write_drafts(ingest(DOCUMENT, "x.md"), str(tmp_path))
