"""A document that looks meant is read or is an error: passing one over could bring an older version back to life."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from medpol.library import SHIPPED, load

ARCHIVE = "2.01.100/2020-03-01.md"


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, folder / "library"))


def rules(root: Path) -> set[str]:
    return {each.rule for each in load(root).errors}


@pytest.mark.parametrize(
    "name",
    [
        "2020-03-01.MD",
        "20200301.md",
        "2020_03_01.md",
        "2020-03-01.markdown",
        "2020\u201103\u201101.md",
        "2020-3-1.md",
        "2020-03-01 copy.md",
    ],
)
def test_a_version_under_a_name_that_is_not_read_is_an_error(tmp_path: Path, name: str) -> None:
    root = copied(tmp_path)
    (root / ARCHIVE).rename(root / "2.01.100" / name)
    assert rules(root) & {"misplaced-file", "bad-file-name"}


@pytest.mark.parametrize("place", ["2020-03-01.md", "2.01.100/old/2020-03-01.md"])
def test_a_version_where_nobody_looks_is_an_error(tmp_path: Path, place: str) -> None:
    root = copied(tmp_path)
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / ARCHIVE).rename(root / place)
    assert rules(root) == {"misplaced-file"}


def test_a_broken_link_and_a_folder_in_place_of_a_version_are_errors(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / ARCHIVE).unlink()
    (root / ARCHIVE).symlink_to(root / "nowhere")
    assert rules(root) == {"not-a-file"}
    (root / ARCHIVE).unlink()
    (root / ARCHIVE).mkdir()
    assert rules(root) == {"not-a-file"}


@pytest.mark.parametrize("place", ["Contracts/x.md", "contracts/inner/x.md", "contracts/x.MD"])
def test_a_contract_where_nobody_looks_is_an_error(tmp_path: Path, place: str) -> None:
    root = copied(tmp_path)
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(root / "contracts" / "example-rider-needling.md", root / place)
    assert rules(root) == {"misplaced-file"}


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "2.01.100").rename(tmp_path / "elsewhere")
    (root / "2.01.100").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root)
    library = load(root)
    assert not library.errors
    assert len(library.versions) == 6


def test_notes_beside_policies_are_let_be(tmp_path: Path) -> None:
    root = copied(tmp_path)
    for place in ("README.md", "2.01.100/notes.md", "2.01.100/evidence/README.md", ".git/2024-01-01.md"):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text("for people\n")
    assert not load(root).errors


def test_a_withdrawal_of_a_day_that_no_version_has_is_an_error(tmp_path: Path) -> None:
    root = copied(tmp_path)
    newest = root / "2.01.100" / "2024-07-01.md"
    text = newest.read_text(encoding="utf-8")
    for day, expected in (("2023-12-08", {"withdraws-nothing"}), ("2023-12-07", set())):
        newest.write_text(text.replace("\npolicy:", f"\nwithdraws: [{day}]\npolicy:", 1), encoding="utf-8")
        assert rules(root) == expected
