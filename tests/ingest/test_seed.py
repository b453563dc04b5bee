"""The published document in ``../shared/seed``: every fact exactly, none of its sentences here."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from medpol.ingest import Ingested, Kind, ingest, report_text, report_value
from medpol.model.evidence import Conclusion, Direction, GuidelineKind, Issuer, Stated, StudyBody
from medpol.model.policy import Addressed, CodeRole, PolicyVersion, SectionName
from medpol.model.positions import CoveragePosition
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed" / "dry-needling-2.01.100-as-published.md"
pytestmark = pytest.mark.skipif(not SEED.exists(), reason="the published document is not beside this repository")

DAYS = ("2019-01-01", "2019-07-01", "2020-01-01", "2020-03-01", "2023-12-07", "2024-07-01")


@lru_cache(maxsize=1)
def imported() -> Ingested:
    return ingest(SEED.read_bytes(), SEED.name)


@lru_cache(maxsize=1)
def versions() -> dict[str, PolicyVersion]:
    found = {}
    for path, text in imported().drafts[1:]:
        findings = Findings(path)
        version = read_policy(text, findings, Vocabulary())
        assert findings.found == []
        assert version is not None
        found[path.rsplit("/", 1)[1].removesuffix(".md")] = version
    return found


def newest() -> PolicyVersion:
    return versions()["2024-07-01"]


def text_of(day: object) -> str | None:
    return None if day is None else getattr(day, "text")  # noqa: B009


def words(text: str) -> list[str]:
    return text.split()


def source_lines() -> list[str]:
    return SEED.read_text(encoding="utf-8").split("\n")


# ---------------------------------------------------------------------------- versions and dates


def test_it_makes_one_draft_for_each_first_day_that_the_history_states() -> None:
    assert [path for path, _ in imported().drafts] == ["facts.md", *(f"2.01.100/{day}.md" for day in DAYS)]
    assert imported().diagnostics == ()


@pytest.mark.parametrize(
    ("first", "archived", "approved", "row", "published", "known"),
    [
        ("2019-01-01", False, "2018-12-13", "2019-01-01", None, date(2019, 1, 1)),
        ("2019-07-01", False, "2019-06-04", "2019-07-01", None, date(2019, 7, 1)),
        ("2020-01-01", False, None, "2020-01-01", None, date(2020, 1, 1)),
        ("2020-03-01", True, "2020-02-26", "2020-03-01", None, date(2020, 3, 1)),
        ("2023-12-07", False, "2023-08-08", "2023-09-01", "2023-09-01", date(2023, 9, 1)),
        ("2024-07-01", False, "2024-06-10", "2024-07-01", None, date(2024, 7, 1)),
    ],
)
def test_each_version_has_the_dates_of_its_row(
    first: str, archived: bool, approved: str | None, row: str, published: str | None, known: date
) -> None:
    version = versions()[first]
    assert (str(version.first_day), version.is_archived) == (first, archived)
    assert (text_of(version.approved), text_of(version.row_date)) == (approved, row)
    assert (text_of(version.published), version.known_from) == (published, known)
    assert not version.is_draft


def test_the_notice_is_taken_from_its_row_and_nothing_is_computed() -> None:
    notice = versions()["2023-12-07"].notice
    assert (notice.days, notice.audience, notice.sent) == (90, "providers", None)
    assert all(version.notice.days is None for day, version in versions().items() if day != "2023-12-07")


def test_literature_is_dated_as_far_as_its_row_says() -> None:
    stated = {day: text_of(version.literature_through) for day, version in versions().items()}
    assert stated == dict(zip(DAYS, ("2018-02", "2019-02", None, None, "2023-02-10", "2024-02-08"), strict=True))


def test_the_identity_is_taken_from_the_header() -> None:
    version = newest()
    assert (version.policy, version.reference_policy, version.publisher) == ("2.01.100", "2.01.100", "Premera")
    assert version.title == source_lines()[4].removeprefix("## ")
    assert (version.replaces, version.related, text_of(version.last_revised)) == ("", (), "2024-06-10")


def test_imported_prose_says_whose_it_is() -> None:
    for version in versions().values():
        assert "may be" not in version.rights and "publisher" in version.rights
        assert version.origin.startswith("Premera medical policy 2.01.100")


# ---------------------------------------------------------------------------- positions and codes


def test_every_version_in_force_is_unconditionally_investigational() -> None:
    for day, version in versions().items():
        if day == "2020-03-01":
            assert version.rules == ()
            continue
        (rule,) = version.rules
        assert rule.statement.position.canonical is CoveragePosition.INVESTIGATIONAL
        assert rule.statement.position.label == "investigational"
        assert rule.criteria is None


def test_the_statement_narrows_with_the_row_that_restates_it() -> None:
    sentences = {day: version.rules[0].statement.sentence for day, version in versions().items() if version.rules}
    assert sentences["2019-01-01"] == sentences["2019-07-01"] == sentences["2020-01-01"]
    assert sentences["2023-12-07"] == sentences["2024-07-01"] != sentences["2020-01-01"]
    assert "injections" in sentences["2020-01-01"] and "injections" not in sentences["2023-12-07"]


def coded(version: PolicyVersion) -> list[tuple[str, str, str, str]]:
    assert all(row.role is CodeRole.GOVERNED and row.period.end is None for row in version.code_rows)
    return [
        (row.group, row.system, row.pattern.text if row.pattern else "", str(row.period.start or ""))
        for row in version.code_rows
    ]


NEEDLING = [("dry-needling", "CPT", "20560", "2020-01-01"), ("dry-needling", "CPT", "20561", "2020-01-01")]


def test_services_stand_without_codes_until_a_row_adds_them() -> None:
    bare = [("dry-needling", "", "", ""), ("trigger-point-injection", "", "", "")]
    assert coded(versions()["2019-01-01"]) == coded(versions()["2019-07-01"]) == bare
    assert coded(versions()["2020-01-01"]) == [*NEEDLING, bare[1]]
    assert coded(versions()["2023-12-07"]) == coded(newest()) == NEEDLING


def test_no_code_descriptor_is_carried() -> None:
    descriptors = [source_lines()[at].split("\t")[1] for at in (42, 43)]
    assert not any(words in text for words in descriptors for _, text in imported().drafts)
    kept = [line for line in imported().report.lines if line.number in (43, 44)]
    assert all("descriptor left out (AMA)" in line.what[0] and line.kind is Kind.TAKEN for line in kept)


def test_medicare_advantage_is_out_and_what_is_carried_back_is_doubtful() -> None:
    for day, version in versions().items():
        if day == "2020-03-01":
            assert [section.name for section in version.sections] == [SectionName.HISTORY]
            continue
        assert version.lines_of_business.outside == ("medicare_advantage",)
        assert version.lines_of_business.inside is None
        wanted = ["title", "lines of business", "scope", "disclaimer"]
        assert [doubt.split(",")[0] for doubt in version.doubtful] == ([] if day == "2024-07-01" else wanted)


def test_evidence_stands_in_the_newest_text_only() -> None:
    for day, version in versions().items():
        assert bool(version.populations or version.trials or version.references) is (day == "2024-07-01")


# ---------------------------------------------------------------------------- evidence


def test_three_populations_with_their_studies_outcomes_and_conclusions() -> None:
    neck, heel, jaw = newest().populations
    assert [each.name for each in (neck, heel, jaw)] == ["Neck/shoulder", "Plantar heel", "Temporomandibular"]
    assert neck.studies == (
        StudyBody("randomized controlled trial"),
        StudyBody("systematic review", 15),
        StudyBody("systematic review with meta-analysis"),
    )
    assert heel.studies == (StudyBody("systematic review", 6, 395),)
    assert jaw.studies == (StudyBody("randomized controlled trial", 2),)
    outcomes = ("symptoms", "functional outcomes", "quality of life", "treatment-related morbidity")
    assert all(each.outcomes == outcomes for each in (neck, heel, jaw))
    assert all(each.conclusion is Conclusion.INSUFFICIENT for each in (neck, heel, jaw))


TRIALS = """\
NCT06023264 Temporomandibular 50 May 2024
NCT04726683 Temporomandibular 64 Dec 2024
NCT06074640 Plantar heel 42 Apr 2024
NCT05915091 Plantar heel 60 Aug 2023
NCT05810818 Plantar heel 54 Aug 2023
NCT05868512 Neck/shoulder 31 Aug 2023
NCT05532098 Temporomandibular 78 Mar 2023
NCT04851067 Neck/shoulder 75 Mar 2022
NCT03844802 Neck/shoulder 58 Jul 2023
NCT05624515 Neck/shoulder 80 Jan 2023"""


def test_ten_trials_with_all_their_columns_and_their_population() -> None:
    trials = newest().trials
    shown = [f"{each.nct} {each.population} {each.enrolment} {each.completion.text}" for each in trials]
    assert shown == TRIALS.split("\n")
    assert [each.is_published for each in trials] == [None] * 7 + [False] * 3
    assert [each.nct for each in trials if each.status] == ["NCT04851067"]
    assert trials[7].status == "status unknown"
    printed = {
        re.sub("<[^>]*>", "", line.split("\t")[0]): line.split("\t")[1]
        for line in source_lines()[93:104]
        if "NCT" in line
    }
    assert {each.nct: each.title for each in trials} == printed


def test_two_guidelines_and_the_rule_by_which_they_were_included() -> None:
    guidelines = newest().guidelines
    assert guidelines.inclusion_rule == source_lines()[109]
    academy, association = guidelines.guidelines
    assert (academy.body.split()[2], association.body.split()[1]) == ("of", "Physical")
    assert [each.issuer for each in (academy, association)] == [Issuer.US_SOCIETY] * 2
    assert [(each.year, each.kind) for each in (academy, association)] == [
        (2009, GuidelineKind.POSITION_STATEMENT),
        (2023, GuidelineKind.GUIDELINE),
    ]
    assert [each.recommends for each in (academy, association)] == [Direction.FOR] * 2
    assert [each.systematic_review for each in (academy, association)] == [Stated.NOT_STATED, Stated.YES]
    for each in (academy, association):
        assert (each.strength_ratings, each.conflict_handling) == (Stated.NOT_STATED, Stated.NOT_STATED)
    assert "[17]" in academy.prose and "[18]" in association.prose


def test_medicare_and_regulatory_are_as_the_document_says() -> None:
    assert newest().medicare.statement == source_lines()[121]
    assert newest().regulatory.approval_needed is False
    assert newest().regulatory.prose == source_lines()[125]


PMIDS = words(
    """- 11871683 31563367 33066556 33340405 36078676 33760098 32340838 24700136 27683642 - 29119296 30850099 37763182
23220812 25125935 - 38037331"""
)
FIRST_AUTHORS = words(
    """Bernstein Alvarez Charles Navarro-Santana Navarro-Santana Para-García Llurda-Almuzara Bagcier Cotchett
Eftekharsadat Rahbar Rastegar Uygun García-de Dıraçoğlu Brady American Koc"""
)
YEARS = words("2002 2019 2020 2021 2022 2021 2020 2014 2016 2018 2018 2019 2023 2012 2014 2009 2023")
JOURNALS = """Am Fam Physician|J Bodyw Mov Ther|J Clin Med|Phys Ther|Int J Environ Res Public Health|Pain Med|
J Foot Ankle Surg|Phys Ther|Med J Islam Repub Iran|J Mazandaran Univ Med Sci|Int Orthop|J Foot Ankle Surg|J Pers Med|
J Back Musculoskelet Rehabil|J Man Manip Ther||J Orthop Sports Phys Ther""".replace("\n", "").split("|")


def test_eighteen_references_taken_apart() -> None:
    references = newest().references
    assert [each.number for each in references] == list(range(1, 19))
    assert [each.pmid or "-" for each in references] == PMIDS
    assert [each.authors.split()[0] for each in references] == FIRST_AUTHORS
    assert [each.date.split()[-1] for each in references[1:]] == YEARS
    assert [each.journal for each in references[1:]] == JOURNALS
    chapter = references[0]
    assert (chapter.title, chapter.date) == ("Fibromyalgia and Myofascial Pain Syndromes", "2022")
    assert chapter.journal.startswith("Hazzard's Geriatric Medicine")
    raw = {int(line.split(".")[0]): line for line in source_lines()[129:151] if re.match(r"\d+\. ", line)}
    for each in references[1:]:  # the first is a chapter of a book
        assert each.title and each.title in raw[each.number]
    for each in references:
        assert "*" not in each.text and "<" not in each.text


def test_an_address_over_two_source_lines_is_one_reference() -> None:
    text = newest().references[16].text
    assert text.count("http") == 1 and text.endswith("Accessed May 9, 2024.")
    assert "\\" not in text and "](" not in text


# ---------------------------------------------------------------------------- history, audiences


def test_six_events_with_every_date_and_claim() -> None:
    rows = newest().history
    assert [(row.day.text, row.event) for row in rows] == [
        ("2019-01-01", "new policy"),
        ("2019-07-01", "annual review"),
        ("2020-01-01", "coding update"),
        ("2020-03-01", "archived"),
        ("2023-09-01", "reinstated"),
        ("2024-07-01", "annual review"),
    ]
    assert [text_of(row.approved) for row in rows] == [
        "2018-12-13",
        "2019-06-04",
        None,
        "2020-02-26",
        "2023-08-08",
        "2024-06-10",
    ]
    assert [text_of(row.effective) for row in rows] == [None, None, None, "2020-03-01", "2023-12-07", None]
    assert [text_of(row.published) for row in rows] == [None, None, None, None, "2023-09-01", None]
    assert [row.says for row in rows] == [
        ("literature through 2018-02",),
        ("literature through 2019-02", "no references added", "statement unchanged"),
        ("codes added 20560, 20561",),
        (),
        ("literature through 2023-02-10", "references added"),
        ("literature through 2024-02-08", "references added", "statement unchanged"),
    ]


def test_each_version_holds_the_rows_known_with_it() -> None:
    assert [len(versions()[day].history) for day in DAYS] == [1, 2, 3, 4, 5, 6]


def test_the_introduction_is_for_the_public() -> None:
    section = newest().section(SectionName.INTRODUCTION)
    assert section is not None and isinstance(section.body, Addressed)
    assert section.body.audience == ("public",)


def test_every_section_of_the_document_stands_in_the_newest_version() -> None:
    assert [section.name for section in newest().sections] == [
        name
        for name in SectionName
        if name not in (SectionName.DOCUMENTATION, SectionName.DEFINITIONS, SectionName.RELATED)
    ]


# ---------------------------------------------------------------------------- the account


def test_every_non_blank_line_appears_exactly_once() -> None:
    numbers = [line.number for line in imported().report.lines]
    assert numbers == [at for at, line in enumerate(source_lines(), 1) if line.strip()]


def test_nothing_was_left_unread_or_dropped() -> None:
    report = imported().report
    assert not any("not read" in said for line in report.lines for said in line.what)
    assert report.count(Kind.DROPPED) == 0
    assert [line.number for line in report.lines if line.kind is Kind.DOUBTFUL] == [163]
    assert {line.number for line in report.lines if line.kind is Kind.LAYOUT} >= {19, 21, 22, 26}


def test_the_report_reads_and_is_plain_json() -> None:
    import json

    value = json.loads(json.dumps(report_value(imported().report)))
    assert value["line_count"] == len(SEED.read_bytes().splitlines())
    assert sum(value["counts"].values()) == len(value["lines"])
    shown = report_text(imported().report)
    assert all(title in shown for title in ("Taken", "Kept as text", "Layout", "Doubtful", "Questions"))


def test_with_any_one_line_deleted_the_report_or_the_drafts_differ() -> None:
    lines = source_lines()
    digests = [line.digest for line in imported().report.lines]
    for at in range(len(lines) - 1):
        other = ingest("\n".join(lines[:at] + lines[at + 1 :]).encode(), SEED.name)
        assert other.report != imported().report
        if lines[at].strip():  # and not only by the numbers of lines
            assert other.drafts != imported().drafts or [line.digest for line in other.report.lines] != digests


# ---------------------------------------------------------------------------- HTML


def as_html(markdown: str) -> str:
    return MarkdownIt("commonmark").render(markdown)


def as_page_with_tables(markdown: str) -> str:
    """The rendered document with each paragraph of tabbed lines as a table, inside a whole page."""

    def table(match: re.Match[str]) -> str:
        rows = [line.split("\t") for line in match[1].split("\n")]
        cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
        return "<table><tbody>" + "\n".join(f"<tr>{each}</tr>" for each in cells) + "</tbody></table>"

    body = re.sub(r"<p>([^\n]*\t.*?)</p>", table, as_html(markdown), flags=re.DOTALL)
    return f"<!doctype html>\n<html><head><title>A policy</title>\n</head>\n<body><div class='main'>\n{body}</div></body></html>\n"


@pytest.mark.parametrize("convert", [as_html, as_page_with_tables])
def test_the_same_document_as_html_gives_the_same_drafts(convert: object) -> None:
    assert callable(convert)
    page = convert(SEED.read_text(encoding="utf-8"))
    other = ingest(page.encode(), "policy.html")
    assert other.drafts == imported().drafts
    assert [line.number for line in other.report.lines] == [
        at for at, line in enumerate(page.split("\n"), 1) if line.strip()
    ]
    assert not any("not read" in said for line in other.report.lines for said in line.what)


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    data = SEED.read_bytes()
    assert ingest(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"), SEED.name).drafts == imported().drafts


def test_numbers_and_dates_are_read_not_known() -> None:
    """The same document under another number, with other codes and all its years one later."""
    text = (
        SEED.read_text(encoding="utf-8")
        .replace("2.01.100", "9.07.321")
        .replace("20560", "29991")
        .replace("20561", "29992")
    )
    head, tail = text.split("## History", 1)
    tail = re.sub(r"(?<=/)(\d\d)(?=\t|\))", lambda match: f"{int(match[1]) + 1}", tail)
    tail = re.sub(r"\b20(1\d|2\d)\b(?! Premera)", lambda match: str(int(match[0]) + 1), tail)
    head = head.replace("July 1, 2024", "July 1, 2025").replace("June 10, 2024", "June 10, 2025")
    moved = ingest((head + "## History" + tail).encode(), "x.md")
    assert [path for path, _ in moved.drafts[1:]] == [f"9.07.321/{int(day[:4]) + 1}{day[4:]}.md" for day in DAYS]
    assert moved.drafts[3][1].count("29991") >= 1
