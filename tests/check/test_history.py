"""What the rules about the History find, and what real histories do that they leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.check.example import found
from tests.check.examples.history import ADAMS, CHEN, CITING, NEWER, OLDER, ONE_CODE, SAME, TWO_CODES
from tests.support import SEED, archive, library, policy

import medpol
from medpol.check import check_library
from medpol.ingest import ingest, write_drafts
from medpol.library import load

SHIPPED = Path(medpol.__file__).parent / "policies_data"
HEADER = "\n## History\n\n| Date | Event | Approved | Effective | Published | Says | Comment |\n|---|---|---|---|---|---|---|\n"
OWN = {"row-without-version", "version-without-row", "change-without-row"}


def rows(*each: str) -> str:
    """History rows: ``date | event | effective | says | comment``."""
    lines = []
    for row in each:
        day, event, effective, says, comment = (*(part.strip() for part in row.split("|")), "", "", "", "")[:5]
        lines.append(f"| {day} | {event} | | {effective} | | {says} | {comment} |\n")
    return HEADER + "".join(lines)


def names(files: Mapping[str, str]) -> list[str]:
    return [each.rule for each in found(files)]


FIRST, OWN_ROW = "2024-05-01 | new policy", "2025-01-01 | annual review"


# ---------------------------------------------------------------------------- rows and files


@pytest.mark.parametrize(
    "files",
    [
        {NEWER: SAME + rows("2009-04-01 | new policy", "2019-04-01 | annual review", OWN_ROW)},
        {OLDER: policy(), NEWER: SAME + rows(FIRST, "2024-08 | annual review", OWN_ROW)},
        {OLDER: policy(), NEWER: SAME + rows(FIRST, "2024-08-01 | notification", OWN_ROW)},
        {
            OLDER: policy(),
            NEWER: SAME + rows(FIRST, "2024-08-01 | notification | 2024-12-01", "2024-09-01 | withdrawn", OWN_ROW),
        },
        {OLDER: policy(), NEWER: SAME + rows(FIRST, OWN_ROW, "2025-11-01 | annual review | | statement unchanged")},
        {
            OLDER: policy(),
            NEWER: policy("2025-01-01", "2024-06-01", head="row date: 2024-06-01")
            + rows(FIRST, "2024-06-01 | annual review"),
        },
        {OLDER: policy(), NEWER: SAME + rows(FIRST, "2024-06-01 | annual review | 2025-01-01")},
        {
            OLDER: policy() + rows(FIRST),
            "EX-1/2024-08-01.md": archive("2024-08-01", "2024-06-01"),
            NEWER: SAME + rows(FIRST, "2024-08-01 | archived", "2025-01-01 | reinstated"),
        },
    ],
    ids=[
        "before the library's memory",
        "a month",
        "a notification without effect",
        "a change withdrawn before its day",
        "a review that left the text as it is",
        "the row is that of the publication",
        "the row names the first day",
        "archived and reinstated",
    ],
)
def test_rows_that_need_no_file_of_their_own_are_left_alone(files: Mapping[str, str]) -> None:
    assert names(files) == []


def test_a_row_whose_file_has_errors_is_not_said_to_have_none() -> None:
    broken = policy("2024-08-01", "2024-06-01").replace("title:", "titel:")
    held = library(
        {
            OLDER: policy(),
            "EX-1/2024-08-01.md": broken,
            NEWER: SAME + rows(FIRST, "2024-08-01 | annual review", OWN_ROW),
        }
    )
    assert OWN & {each.rule for each in check_library(held).found} == set()


def test_a_row_with_another_first_day_than_its_file_is_told_which_day() -> None:
    (only,) = found({OLDER: policy(), NEWER: SAME + rows(FIRST, "2024-06-01 | annual review | 2025-01-02")})
    assert only.rule == "row-without-version"
    assert only.found == "annual review from 2025-01-02: no version of EX-1 has that first day"


@pytest.mark.parametrize(
    "files",
    [
        {"EX-1/2020-01-01.md": policy("2020-01-01", "2019-06-01"), OLDER: policy(), NEWER: SAME + rows(FIRST, OWN_ROW)},
        {OLDER: policy(), NEWER: SAME + rows(FIRST, OWN_ROW), "EX-1/2026-01-01.md": policy("2026-01-01", "2025-06-01")},
        {OLDER: policy(), NEWER: SAME},
        {
            OLDER: policy(),
            "EX-1/2024-08-01.md": policy("2024-08-01", "2024-06-01"),
            NEWER: policy("2025-01-01", "2024-06-02", head="withdraws: [2024-08-01]") + rows(FIRST, OWN_ROW),
        },
        {
            OLDER: policy(),
            "EX-1/2024-08-01.md": policy("2024-08-01", None, head="approved: 2024-06-01"),
            NEWER: SAME + rows(FIRST, OWN_ROW),
        },
    ],
    ids=["the History begins later", "a version after the document", "no History", "a version withdrawn", "a draft"],
)
def test_versions_that_need_no_row_are_left_alone(files: Mapping[str, str]) -> None:
    assert [each for each in names(files) if each != "draft-governs-nothing"] == []


# ---------------------------------------------------------------------------- claims


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            policy(),
            policy("2025-01-01", "2024-06-01", head="literature through: 2024-02-08")
            + rows(OWN_ROW + " | | literature through February 2024"),
        ),
        (
            policy(),
            policy("2025-01-01", "2024-06-01", head="literature through: 2024-02-08")
            + rows(OWN_ROW + " | | literature through last winter"),
        ),
        (policy(), SAME + CITING + ADAMS + rows(OWN_ROW + " | | references added")),
        (policy() + CITING + ADAMS, SAME + rows(OWN_ROW + " | | references added")),
        (
            policy() + CITING + ADAMS,
            SAME
            + CITING
            + ADAMS.replace(" PMID 11111111", "").replace("1-9.", "1-10.")
            + rows(OWN_ROW + " | | no references added"),
        ),
        (policy() + CITING + ADAMS, SAME + CITING + CHEN + rows(OWN_ROW + " | | references added")),
        (
            policy(codes=TWO_CODES),
            SAME.replace(ONE_CODE, TWO_CODES.replace("20561 | governed | |", "20561 | governed | | 2025-06-30"))
            + rows("2025-01-01 | coding update | | codes deleted 20561"),
        ),
        (policy(codes=TWO_CODES), SAME + rows("2025-01-01 | coding update | | codes deleted 20561")),
    ],
    ids=[
        "a month that holds the day",
        "no date that can be read",
        "the version before carries no references",
        "this version carries no references",
        "the same paper written otherwise",
        "a paper that is new",
        "deleted from a day on",
        "deleted",
    ],
)
def test_claims_that_the_files_bear_out_are_left_alone(before: str, after: str) -> None:
    assert [each for each in names({OLDER: before, NEWER: after}) if not each.startswith("reference-")] == []


def test_a_code_said_to_be_deleted_must_have_been_there() -> None:
    (only,) = found({OLDER: policy(), NEWER: SAME + rows("2025-01-01 | coding update | | codes deleted 20999")})
    assert only.found == "20999 is said to be deleted, and was not in that of the version before"


# ---------------------------------------------------------------------------- a change that no row tells of

CHANGED = policy("2025-01-01", "2024-06-01", criteria="Needling is **not medically necessary**.")
NARROWED = policy("2025-01-01", "2024-06-01", criteria="Needling for tension headache is **investigational**.")


@pytest.mark.parametrize(
    "row",
    [
        "2025-01-01 | position change",
        "2025-01-01 | criteria change",
        "2025-01-01 | annual review | | | Policy statement revised: now not medically necessary.",
        "2025-01-01 | annual review | | | Literature reviewed. Position changed from investigational.",
        "2025-01-01 | interim review | | statement changed",
        "2025-01-01 | annual review | | | Statement revised, not medically necessary for tension headache.",
        "2025-01-01 | annual review | | | Statement limited to tension headache",
        "2025-01-01 | annual review | | | Other uses are no longer covered.",
    ],
)
@pytest.mark.parametrize("text", [CHANGED, NARROWED], ids=["position", "patients"])
def test_a_row_that_speaks_of_a_change_is_believed(row: str, text: str) -> None:
    assert "change-without-row" not in names({OLDER: policy(), NEWER: text + rows(row)})


@pytest.mark.parametrize(
    "row",
    [
        "2025-01-01 | annual review",
        "2025-01-01 | literature update | | | Policy updated with literature review through May 2024; references added.",
        "2025-01-01 | annual review | | | No changes to the policy statement.",
        "2025-01-01 | other | | | Annual review; codes updated.",
        "2025-01-01 | coding update | | codes added 20560",
    ],
)
def test_a_row_that_speaks_of_something_else_is_not_taken_for_one(row: str) -> None:
    held = names(
        {OLDER: policy(codes="| needling | CPT | 20999 | governed | | |\n" + ONE_CODE), NEWER: CHANGED + rows(row)}
    )
    assert "change-without-row" in held


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            policy(),
            policy("2025-01-01", "2024-06-01", criteria="Needling of any muscle is considered **investigational**."),
        ),
        (policy(), policy("2025-01-01", "2024-06-01", criteria="Needling is **experimental/investigational**.")),
        (policy(), policy("2025-01-01", "2024-06-01", codes="| dry-needling | CPT | 20560 | governed | | |")),
        (
            policy(codes="| needling | CPT | | governed | | |"),
            policy("2025-01-01", "2024-06-01", codes="| dry-needling | CPT | | governed | | |"),
        ),
        (
            policy(codes=ONE_CODE + "\n| needling | CPT | 20561 | governed | | 2024-12-31 |"),
            SAME,
        ),
        (
            policy(criteria="Needling for the treatment of neck pain is **investigational**."),
            policy(
                "2025-01-01", "2024-06-01", criteria="Needling in patients who have neck pain is **investigational**."
            ),
        ),
        (
            policy(head="lines of business: {out: [medicaid]}"),
            policy(
                "2025-01-01",
                "2024-06-01",
                head='doubtful: ["lines of business, carried on from the text of 2024-05-01"]\nrights: own',
            ),
        ),
        (
            policy(codes=ONE_CODE + "\n| needling | CPT | 20561 | governed | | |"),
            policy(
                "2025-01-01", "2024-06-01", head='doubtful: ["codes 20561 left out: no row says when they were added"]'
            ),
        ),
        (
            policy(criteria="Needling is **medically necessary** when all of these are met:\n\n- It is the arm."),
            policy(
                "2025-01-01",
                "2024-06-01",
                criteria="Needling is **medically necessary** when all of these are met:\n\n- It is the arm.\n\nOtherwise **not medically necessary**.",
            ),
        ),
    ],
    ids=[
        "words alone",
        "another label of one position",
        "a group by another name",
        "a service by another name",
        "a code that ended",
        "patients in other words",
        "lines that are doubtful",
        "codes that are doubtful",
        "an Otherwise written out",
    ],
)
def test_texts_that_mean_the_same_need_no_row(before: str, after: str) -> None:
    assert "change-without-row" not in names({OLDER: before, NEWER: after + rows(OWN_ROW)})


def test_a_comment_that_names_the_new_position_tells_of_it_and_one_that_quotes_a_narrower_statement_does_not() -> None:
    row = "2025-01-01 | annual review | | | {} is considered {}."
    assert names({OLDER: policy(), NEWER: CHANGED + rows(row.format("Needling", "not medically necessary"))}) == []
    held = names(
        {OLDER: policy(), NEWER: NARROWED + rows(row.format("Needling for tension headache", "investigational"))}
    )
    assert "change-without-row" in held


def test_a_version_without_a_row_of_its_own_is_asked_for_that_row_alone() -> None:
    assert names({OLDER: policy(), NEWER: CHANGED + rows(FIRST)}) == ["version-without-row"]


def test_a_row_of_the_notice_before_tells_of_the_change() -> None:
    notice = "2024-06-01 | notification | | | Coverage will change on January 1."
    assert names({OLDER: policy(), NEWER: CHANGED + rows(FIRST, notice, OWN_ROW)}) == []


# ---------------------------------------------------------------------------- the seed


def of_ours(folder: Path) -> list[tuple[str, str]]:
    """The findings about the History and about Medicare in a library, with their places."""
    held = load(folder)
    assert not held.errors
    rules = OWN | {"medicare-statement-contradicted", "dates-out-of-order", "notice-too-short", "rights-not-stated"}
    rules |= {"statement-not-unchanged", "codes-not-added", "codes-not-deleted", "references-not-added"}
    rules |= {
        "references-added-unsaid",
        "literature-days-differ",
        "literature-old-at-approval",
        "code-outside-validity",
    }
    return [(each.rule, str(each.source)) for each in check_library(held).found if each.rule in rules]


def test_the_shipped_library_reinstated_a_narrower_statement_and_denies_a_national_determination() -> None:
    assert of_ours(SHIPPED) == [
        ("change-without-row", "2.01.100/2023-12-07.md:42:16"),
        ("medicare-statement-contradicted", "2.01.100/2024-07-01.md:156:12"),
    ]


@pytest.mark.skipif(not SEED.exists(), reason="the published document is not beside this repository")
def test_the_imported_seed_reinstated_a_narrower_statement_too_and_carries_no_dated_source(tmp_path: Path) -> None:
    write_drafts(ingest(SEED.read_bytes(), SEED.name), tmp_path)
    assert of_ours(tmp_path) == [("change-without-row", "2.01.100/2023-12-07.md:44:16")]


@pytest.mark.parametrize(
    ("later", "is_found"),
    [
        ("At least 6 weeks of rest. `age >= 6 weeks`", False),
        ("AT LEAST 6 weeks of rest. `age >= 8 weeks`", False),
        ("Six weeks of rest, or more. `age >= 6 weeks`", False),
        ("At least 6 weeks of rest.", False),
        ("At least 8 weeks of rest. `age >= 8 weeks`", True),
        ("At least 8 weeks of rest.", True),
        ("At least 6 weeks of rest. `age >= 6 weeks`\n- It hurts.", True),
    ],
)
def test_a_statement_is_unchanged_where_its_criteria_are(later: str, is_found: bool) -> None:
    criteria = (
        "Needling is **medically necessary** when all of these are met:\n\n- {}\n\nOtherwise **investigational**."
    )
    row = "2025-01-01 | annual review | 2025-01-01 | statement unchanged"
    files = {
        OLDER: policy(criteria=criteria.format("At least 6 weeks of rest. `age >= 6 weeks`")),
        NEWER: policy("2025-01-01", "2024-06-01", criteria=criteria.format(later)) + rows(FIRST, row),
    }
    assert ("statement-not-unchanged" in names(files)) is is_found


@pytest.mark.parametrize("otherwise", ["not medically necessary", "not covered"])
def test_another_position_otherwise_is_no_unchanged_statement(otherwise: str) -> None:
    criteria = "Needling is **medically necessary** when all of these are met:\n\n- It hurts.\n\nOtherwise **{}**."
    row = "2025-01-01 | annual review | 2025-01-01 | statement unchanged"
    files = {
        OLDER: policy(criteria=criteria.format("investigational")),
        NEWER: policy("2025-01-01", "2024-06-01", criteria=criteria.format(otherwise)) + rows(FIRST, row),
    }
    assert "statement-not-unchanged" in names(files)


# ---------------------------------------------------------------------------- days of rows


@pytest.mark.parametrize(
    ("row", "differs"),
    [
        ("| 2025-01-01 | annual review | 2024-05-02 | | 2024-06-01 | | |", []),
        ("| 2025-01-01 | annual review | 2024-05 | | 2024-06 | | |", []),
        ("| 2025-01-01 | annual review | | | 2024-06-02 | | |", ["published 2024-06-02"]),
        ("| 2024-12-01 | annual review | | 2025-01-01 | 2024-07 | | |", ["published 2024-07"]),
        (
            "| 2025-01-01 | annual review | 2024-05-03 | | 2024-06-02 | | |",
            ["approved 2024-05-03", "published 2024-06-02"],
        ),
    ],
)
def test_the_days_of_a_row_are_those_of_its_version(row: str, differs: list[str]) -> None:
    text = policy("2025-01-01", "2024-06-01", head="approved: 2024-05-02") + HEADER + row + "\n"
    told = [each.found for each in found({NEWER: text}) if each.rule == "row-days-differ"]
    assert [each.split(" in the History")[0] for each in told] == differs


@pytest.mark.parametrize(
    ("days", "line"),
    [
        (("2022-01-01", "2023-01-01", "2025-01-01"), None),
        (("2025-01-01", "2023-01-01", "2022-01-01"), None),
        (("2023-01", "2023-01-15", "2023-01", "2025-01-01"), None),
        (("2025-01-01", "2025-01-01"), None),
        (("2022-01-01", "2025-01-01", "2023-01-01"), 26),
        (("2025-01-01", "2020-03-01", "2023-01-01", "2022-01-01"), 26),
        (("2021-01-01", "2022-01-01", "2012-06", "2024-01-01", "2025-01-01"), 26),
    ],
)
def test_a_row_that_turns_back_is_out_of_order(days: tuple[str, ...], line: int | None) -> None:
    text = policy("2025-01-01", "2024-06-01") + rows(*(f"{day} | annual review" for day in days))
    told = [each.source.line for each in found({NEWER: text}) if each.rule == "history-out-of-order"]
    assert told == ([] if line is None else [line])
