"""Six documents of the publisher's shape, each imported exactly as said here."""

from __future__ import annotations

import pytest
from tests.ingest.documents import SIX

from medpol.ingest import Ingested, Kind, ingest
from medpol.model.criteria import Criterion, Group, Leaf
from medpol.model.evidence import Conclusion, Direction, GuidelineKind, Issuer, Stated, StudyBody
from medpol.model.policy import PolicyVersion
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings


def imported(name: str) -> tuple[Ingested, dict[str, PolicyVersion]]:
    result = ingest(SIX[name].encode(), f"{name}.md")
    assert result.diagnostics == ()
    versions = {}
    for path, text in result.drafts[1:]:
        findings = Findings(path)
        version = read_policy(text, findings, Vocabulary())
        assert not findings.has_errors, findings.found
        assert version is not None
        versions[path.rsplit("/", 1)[1].removesuffix(".md")] = version
    return result, versions


def ruled(version: PolicyVersion) -> list[tuple[str, str, tuple[str, ...], str]]:
    """Each rule as heading, label, services and otherwise."""
    return [
        (
            rule.heading or "",
            rule.statement.position.label,
            rule.services,
            rule.otherwise.position.label if rule.otherwise else "",
        )
        for rule in version.rules
    ]


def shown(criterion: Criterion | None) -> object:
    """A tree as nested lists: a leaf's sentence, or structure, number and parts."""
    match criterion:
        case None:
            return None
        case Leaf(sentence=sentence, expression=None):
            return sentence
        case Group(structure=structure, needed=needed, parts=parts):
            return [structure.value, needed, *map(shown, parts)]
    raise AssertionError(criterion)


def coded(version: PolicyVersion) -> list[str]:
    return [
        " ".join(
            filter(
                None,
                (
                    row.group,
                    row.system,
                    (row.pattern.text + "*" * row.pattern.is_prefix) if row.pattern else "",
                    row.role.value,
                    str(row.period.start or ""),
                ),
            )
        )
        for row in version.code_rows
    ]


@pytest.mark.parametrize("name", SIX)
def test_every_line_is_accounted_for_once_and_none_is_unread(name: str) -> None:
    result, _ = imported(name)
    lines = SIX[name].split("\n")
    assert [line.number for line in result.report.lines] == [at for at, line in enumerate(lines, 1) if line.strip()]
    assert not any("not read" in said for line in result.report.lines for said in line.what)


@pytest.mark.parametrize("name", SIX)
def test_with_any_line_deleted_something_differs(name: str) -> None:
    result, _ = imported(name)
    lines = SIX[name].split("\n")
    for at in range(len(lines) - 1):
        other = ingest("\n".join(lines[:at] + lines[at + 1 :]).encode(), f"{name}.md")
        assert other.report != result.report or other.drafts != result.drafts


# ---------------------------------------------------------------------------- one by one


def test_three_codes_of_three_systems_under_three_rules() -> None:
    _, versions = imported("three codes")
    assert list(versions) == ["2024-02-01", "2024-07-01", "2025-02-01"]
    text = versions["2025-02-01"]
    assert (text.policy, text.title, text.reference_policy) == ("7.03.512", "Magnetic Gut Capsules", "7.03.99")
    assert (text.replaces, text.related, text.publisher) == ("7.03.511", ("7.03.100", "2.09.20"), "Example Plan")
    assert text.lines_of_business.outside == ("medicaid", "medicare_advantage")
    assert ruled(text) == [
        ("Magnetic gut capsule", "medically necessary", ("magnetic-gut-capsule",), "investigational"),
        ("Capsule tether", "investigational", ("capsule-tether",), ""),
        ("Singing capsule", "not medically necessary", ("singing-capsule",), ""),
    ]
    assert shown(text.rules[0].criteria) == [
        "all of",
        None,
        "Iron is low",
        ["any of", None, "a hidden bleed", "nothing at all"],
    ]
    assert coded(text) == [
        "magnetic-gut-capsule HCPCS C9901 governed 2024-07-01",
        "capsule-tether CDT D9912 governed",
        "singing-capsule CPT 0999T governed",
    ]
    assert text.regulatory.approval_needed is True


def test_codes_come_with_the_row_that_adds_them_and_go_with_the_one_that_takes_them_out() -> None:
    _, versions = imported("three codes")
    first = versions["2024-02-01"]
    assert "magnetic-gut-capsule HCPCS C9900 governed" in coded(first)
    assert not any("C9901" in row for row in coded(first))
    assert coded(versions["2024-07-01"])[0] == "magnetic-gut-capsule HCPCS C9901 governed 2024-07-01"
    assert not any("C9900" in row for row in coded(versions["2024-07-01"]))
    assert any(doubt.startswith("codes ") and "C9900" in doubt for doubt in first.doubtful)
    assert [(row.event, row.says) for row in versions["2025-02-01"].history] == [
        ("new policy", ()),
        ("coding update", ("codes added C9901",)),
        ("annual review", ("literature through 2024-11-04", "references added")),
    ]


def test_two_criteria_tables_with_bullets_on_their_own_lines() -> None:
    result, versions = imported("two tables")
    (text,) = versions.values()
    assert ruled(text) == [
        ("Warm boots", "medically necessary", ("warm-boot",), "not medically necessary"),
        ("Boot lamps", "experimental, investigational, or unproven", ("boot-lamp",), ""),
        ("Boot song", "not considered medically necessary", ("boot-song",), ""),
    ]
    assert shown(text.rules[0].criteria) == [
        "at least",
        2,
        "The feet stay below 20 degrees for an hour",
        "Two pairs of socks failed",
        ["any of", None, "toes are white", "toes are blue"],
    ]
    assert [label for label, _ in text.positions] == ["not considered medically necessary"]
    assert coded(text) == [
        "warm-boot HCPCS L9998 governed",
        "boot-lamp governed",
        "boot-song governed",
        "supporting-diagnoses ICD-10-CM R209 supports",
        "supporting-diagnoses ICD-10-CM M791* supports",
    ]
    assert text.lines_of_business.outside == ("federal_employee",)
    doubtful = [line for line in result.report.lines if "R21-R23" in line.text]
    assert [line.kind for line in doubtful] == [Kind.DOUBTFUL]
    assert any("'R21-R23'" in doubt for doubt in text.doubtful)


def test_no_trials_and_conditions_in_prose() -> None:
    _, versions = imported("no trials")
    (text,) = versions.values()
    assert text.trials == ()
    assert ruled(text) == [
        ("Moon lamp", "investigational", ("moon-lamp",), ""),
        ("Third lamp", "not medically necessary", ("third-lamp",), ""),
    ]
    assert shown(text.rules[0].criteria) == ["none of", None, "adults who sleep under two hours"]
    assert shown(text.rules[1].criteria) == ["all of", None, "two lamps failed"]
    assert sum("was made a question" in doubt or "made a question" in doubt for doubt in text.doubtful) == 2


def test_unknown_sections_are_kept_whole_under_their_heading() -> None:
    result, _ = imported("no trials")
    text = result.drafts[-1][1]
    kept = text.split("## Policy Guidelines")[1].split("\n## ")[0]
    assert "Lamps are counted by the pair." in kept
    assert "| small | 5 lux |" in kept


def test_evidence_in_other_words() -> None:
    _, versions = imported("no trials")
    (text,) = versions.values()
    lamps, music = text.populations
    assert [lamps.name, music.name] == ["Restless sleep, moon lamps", "Restless sleep, moon music"]
    assert lamps.studies == (StudyBody("randomized controlled trial", 3), StudyBody("case series"))
    assert (lamps.outcomes, lamps.conclusion) == (("sleep", "mood"), Conclusion.SUFFICIENT)
    assert (music.studies, music.conclusion) == ((), Conclusion.NOT_STATED)
    league, naps = text.guidelines.guidelines
    assert (league.issuer, league.year, league.kind, league.recommends) == (
        Issuer.OTHER,
        2020,
        GuidelineKind.GUIDELINE,
        Direction.AGAINST,
    )
    assert (league.strength_ratings, league.conflict_handling) == (Stated.YES, Stated.YES)
    assert (naps.issuer, naps.year, naps.kind, naps.recommends) == (
        None,
        2019,
        GuidelineKind.POSITION_STATEMENT,
        Direction.NEITHER,
    )
    assert text.medicare.statement == "A lamp determination was withdrawn in 2015."
    assert [(each.number, each.pmid) for each in text.references] == [(1, "99000001"), (2, None), (3, "99000003")]
    assert "reference 2 is not printed: what is it?" in text.doubtful


def test_twelve_rows_with_other_verbs() -> None:
    _, versions = imported("twelve rows")
    assert list(versions) == [
        "1997-02-01",
        "1998-03-01",
        "2019-07-01",
        "2022-02-15",
        "2022-03-10",
        "2022-04-01",
        "2022-10-01",
        "2023-06-01.2023-06-01",
        "2023-06-01",
        "2024-12-01",
    ]
    text = versions["2024-12-01"]
    assert [(row.day.text, row.event) for row in text.history] == [
        ("1997-02-01", "new policy"),
        ("1998-03-01", "annual review"),
        ("2011-05", "interim review"),
        ("2019-07-01", "interim review"),
        ("", "literature update"),
        ("2021-12-01", "notification"),
        ("2022-02-15", "withdrawn"),
        ("2022-04-01", "coding update"),
        ("2022-10-01", "retired"),
        ("2023-03-01", "reinstated"),
        ("2023-06-01", "renumbered"),
        ("2024-12-01", "title change"),
    ]
    positions = {day: version.rules[0].statement.position.label for day, version in versions.items() if version.rules}
    assert positions == {
        "1997-02-01": "medically necessary",
        "1998-03-01": "medically necessary",
        "2019-07-01": "not medically necessary",  # changed to words that no row states: carried back, doubtful
        "2022-02-15": "not medically necessary",
        "2022-03-10": "investigational",
        "2022-04-01": "not medically necessary",
        "2023-06-01": "not medically necessary",
        "2023-06-01.2023-06-01": "not medically necessary",
        "2024-12-01": "not medically necessary",
    }
    assert any("the row says that it changed" in doubt for doubt in versions["2019-07-01"].doubtful)


def test_broken_and_partial_dates_are_asked_about_never_repaired() -> None:
    _, versions = imported("twelve rows")
    history = versions["2024-12-01"].history
    assert history[4].comment.startswith("Date as printed: 10/20201.")
    assert history[3].approved is None
    assert any("'Febuary 31, 2019'" in doubt for doubt in versions["2019-07-01"].doubtful)


def test_a_withdrawn_notice_takes_out_the_version_it_announced() -> None:
    _, versions = imported("twelve rows")
    assert [str(day) for day in versions["2022-02-15"].withdraws] == ["2022-03-10"]
    announced = versions["2022-03-10"]
    assert (announced.notice.days, announced.notice.audience, str(announced.known_from)) == (
        60,
        "members",
        "2021-12-01",
    )
    assert versions["2022-10-01"].is_archived
    assert coded(versions["2022-04-01"])[1] == "paper-splint CPT 29999 governed 2022-01-01"


def test_a_notice_still_running_makes_a_version_of_its_own() -> None:
    _, versions = imported("notice pending")
    now, then = versions["2025-01-01"], versions["2025-07-03"]
    assert now.section is not None and any(section.heading == "Description" for section in now.sections)
    assert not any(section.heading == "Description" for section in then.sections)
    assert (str(then.known_from), then.notice.days, then.notice.audience) == ("2025-04-01", 90, "providers")
    assert ruled(then) == [("", "cosmetic", (), "")]
    assert coded(now) == coded(then) == ["copper-bracelet HCPCS A9997 governed"]
    assert "title, carried on from the text of 2025-01-01" in then.doubtful
    assert len(now.history) == 1 and len(then.history) == 2


def test_codes_find_their_service_by_words_and_trials_their_population() -> None:
    _, versions = imported("two services")
    (text,) = versions.values()
    assert coded(text) == ["ear-candle CPT 69998 governed", "ear-bell CPT 69997 governed"]
    assert [(each.name, each.studies) for each in text.populations] == [
        ("Hay", (StudyBody("nonrandomized trial", 2),)),
        ("Wax", (StudyBody("systematic review", 7),)),
    ]
    first, second = text.trials
    assert (first.nct, first.population, first.enrolment, first.completion.text) == (
        "NCT09000001",
        "Wax",
        1200,
        "Jan 2026",
    )
    assert (second.population, second.enrolment, second.status) == ("", None, "suspended")
    assert sum(doubt.startswith("NCT09000002") for doubt in text.doubtful) == 3
