"""A run of the watch: who is asked, what is proposed once, and what a refused answer leaves untouched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.metadata import EntryPoint
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.evidence.watching.shapes import (
    Services,
    answer,
    article,
    articles,
    hits,
    page,
    pubmed,
    registry,
    study,
    version,
    work,
)
from tests.support import library

from medpol.evidence.watching import (
    EvidenceSource,
    Fetch,
    Kind,
    Memory,
    PaperCited,
    Proposal,
    Refused,
    TrialListed,
    Watched,
    plugins,
    read_memory,
    watch,
    watched,
    written_memory,
)
from medpol.evidence.watching.plugins import sources
from medpol.library import SHIPPED, load
from medpol.model.studies import QuerySource, StoredQuery

DAY, LATER = date(2024, 2, 8), date(2024, 7, 1)
OURS = sources()
REGISTRY, PUBMED, CROSSREF = OURS["clinicaltrials.gov"], OURS["pubmed"], OURS["crossref"]
TABLE = OURS["retraction-watch"]
TRIAL = TrialListed("NCT00000001", "Plantar heel", completion="Dec 2024", enrolment=50, place="EX-1/a.md:9:1")
PAPER = PaperCited("reference 3", "111", "10.1000/abc", "Doe J. Needles. J Inv Res. 2019;7(2):100-9.", "Neck")
POLICY = Watched("EX-1", (TRIAL,), (PAPER,))


class Run:
    """What a run gave: proposals, refusals, and what was seen afterwards."""

    def __init__(
        self,
        fetch: Fetch,
        memory: Memory | None = None,
        *,
        policies: Sequence[Watched] = (POLICY,),
        today: date = DAY,
        asked: Sequence[EvidenceSource] = (REGISTRY, PUBMED, CROSSREF),
    ) -> None:
        self.proposals: list[Proposal] = []
        self.refused: list[Refused] = []
        self.memory = memory or Memory()
        for step in watch(policies, asked, self.memory, fetch, today):
            self.memory = step.memory
            self.proposals += step.proposals
            self.refused += [] if step.refused is None else [step.refused]

    @property
    def kinds(self) -> list[Kind]:
        return [each.kind for each in self.proposals]


def crossref(*updates: Mapping[str, object]):  # type: ignore[no-untyped-def]
    return lambda path, parameters: work("10.1000/abc", *updates) if path.startswith("/works/") else None


QUIET = (registry(study("NCT00000001", people=50, completion="2024-12")), pubmed(), crossref())


def test_the_seed_is_overdue_by_its_printed_table_alone() -> None:
    held = load(SHIPPED)
    listed = watched("2.01.100", held.of("2.01.100")[-1], None)
    assert (len(listed.trials), sum(each.is_ongoing for each in listed.trials)) == (10, 7)
    for today, count in ((date(2024, 2, 8), 4), (date(2024, 7, 1), 6)):
        run = Run(Services(), policies=[listed], today=today, asked=())
        assert run.kinds == [Kind.OVERDUE] * count
        assert {each.provenance.source for each in run.proposals} == {"the policy's table of trials"}
        assert Run(Services(), run.memory, policies=[listed], today=today, asked=()).kinds == []


def test_a_second_run_finds_nothing() -> None:
    services = Services(
        registry(study("NCT00000001", "COMPLETED", people=60, completion="2023-01", primary="2022-12")),
        pubmed(cited={111: article(111, notes=["RetractionIn|J Inv Res. 2023;9:1|222"])}),
        crossref({"type": "retraction", "DOI": "10.1000/notice"}),
    )
    run = Run(services)
    assert sorted(run.kinds, key=lambda each: each.value) == [
        Kind.RETRACTED,
        Kind.COMPLETED_WITHOUT_RESULTS,
        Kind.DESIGN_MOVED,
        Kind.STATUS_CHANGED,
    ]
    kept = read_memory(written_memory(run.memory))
    assert kept == run.memory
    again = Run(services, kept)
    assert (again.proposals, again.refused) == ([], [])


def test_a_changed_trial_raises_its_proposals_once() -> None:
    first = Run(Services(*QUIET))
    assert (first.proposals, first.refused) == ([], [])
    changed = Services(
        registry(study("NCT00000001", "TERMINATED", people=50, completion="2024-12", why="no money")), *QUIET[1:]
    )
    second = Run(changed, first.memory, today=LATER)
    assert second.kinds == [Kind.STATUS_CHANGED]
    told = second.proposals[0]
    assert (told.policy, told.population, told.listed_at, told.proposed_on) == (
        "EX-1",
        "Plantar heel",
        "EX-1/a.md:9:1",
        LATER,
    )
    assert told.provenance.hash.startswith("sha256:") and told.provenance.hash != told.before_hash
    assert told.before_hash.startswith("sha256:") and told.provenance.data_of == "2024-02-08T09:00:05"
    assert Run(changed, second.memory, today=LATER).proposals == []


def test_a_retraction_that_two_services_report_is_told_once() -> None:
    first = Run(Services(*QUIET))
    services = Services(
        QUIET[0],
        pubmed(
            cited={111: article(111, types=["Retracted Publication"], notes=["RetractionIn|J Inv Res. 2024;1:1|9"])}
        ),
        crossref({"type": "retraction", "DOI": "10.1000/n", "updated": {"date-parts": [[2024, 6, 2]]}}),
    )
    second = Run(services, first.memory, today=LATER)
    assert second.kinds == [Kind.RETRACTED]
    assert second.proposals[0].population == "Neck"


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        ("RetractionIn|J Inv Res. 2024;1:1|", Kind.RETRACTED),
        ("ExpressionOfConcernIn|J Inv Res. 2024;1:1|9", Kind.OF_CONCERN),
        ("ErratumIn|J Inv Res. 2024;1:1|9", Kind.CORRECTED),
        ("CorrectedandRepublishedIn|J Inv Res. 2024;1:1|9", Kind.CORRECTED),
        ("UpdateIn|J Inv Res. 2024;1:1|9", Kind.SUPERSEDED),
    ],
)
def test_the_health_of_a_citation_is_read_from_pubmed(note: str, kind: Kind) -> None:
    services = Services(QUIET[0], pubmed(cited={111: article(111, notes=[note])}), QUIET[2])
    assert Run(services).kinds == [kind]


def test_a_notice_of_a_retraction_is_no_retracted_paper() -> None:
    notice = article(111, types=["Retraction of Publication"], notes=["RetractionOf|J Other. 2018;1:1|999"])
    assert Run(Services(QUIET[0], pubmed(cited={111: notice}), QUIET[2])).kinds == []
    update = {"type": "retraction", "DOI": "10.1000/other"}

    def rule(path: str, parameters: Mapping[str, str]) -> bytes | None:
        return work("10.1000/abc", **{"update-to": [update]}) if path.startswith("/works/") else None

    assert Run(Services(*QUIET[:2], rule)).kinds == []


@pytest.mark.parametrize(
    ("note", "is_told"),
    [
        ("RetractionOf|Doe J. J Inv Res. 2019 Mar;7(2):100-9|111", True),
        ("RetractionOf|J Inv Res. 2019 Mar;7(2):100-109. doi: 10.1/x|", True),  # no number: the citation is matched
        ("RetractionOf|J Inv Res. 2019 Mar;7(2):101-109|", False),
        ("RetractionOf|Spine. 2019 Mar;7(2):100-109|", False),
        ("RetractionOf|J Inv Res. 2019 Mar;7(2):100-9|112", False),
    ],
)
def test_a_notice_names_the_cited_paper_by_number_or_by_citation(note: str, is_told: bool) -> None:
    query = StoredQuery("needles", QuerySource.PUBMED, term="needling", population="Neck")
    policy = Watched("EX-1", (), (PAPER,), (query,))
    found = article(900, types=["Retraction of Publication"], notes=[note])
    run = Run(Services(pubmed(found=[found]), QUIET[2]), policies=[policy], asked=[PUBMED])
    assert run.kinds == ([Kind.RETRACTED] if is_told else [])


def test_crossref_tells_of_corrections_and_of_nothing_else() -> None:
    kinds = ["correction", "erratum", "new_version", "expression_of_concern", "clarification", "interim"]
    updates = [{"type": each, "DOI": f"10.1000/{each}"} for each in kinds]
    assert Run(Services(*QUIET[:2], crossref(*updates))).kinds == [
        Kind.CORRECTED,
        Kind.CORRECTED,
        Kind.SUPERSEDED,
        Kind.OF_CONCERN,
    ]


def test_the_registry_tells_of_a_retracted_paper_of_a_trial() -> None:
    reference = {
        "pmid": "111",
        "type": "BACKGROUND",
        "citation": "Doe",
        "retractions": [{"pmid": "9", "source": "J Inv Res"}],
    }
    rule = registry(study("NCT00000001", people=50, completion="2024-12", references=[reference]))
    assert Run(Services(rule, *QUIET[1:])).kinds == [Kind.RETRACTED]


def test_a_paper_that_carries_the_number_of_a_trial_is_told_once_whoever_finds_it() -> None:
    reference = {"pmid": "500", "type": "RESULT", "citation": "Doe"}
    services = Services(
        registry(
            study(
                "NCT00000001", "COMPLETED", people=50, completion="2022-12", primary="2022-12", references=[reference]
            )
        ),
        pubmed(found=[article(500, registered="NCT00000001"), article(501, abstract="Registered as NCT00000001.")]),
        QUIET[2],
    )
    run = Run(services)
    assert sorted(run.kinds, key=lambda each: each.value) == [
        Kind.DESIGN_MOVED,
        Kind.PUBLISHED,
        Kind.PUBLISHED,
        Kind.STATUS_CHANGED,
    ]
    assert {each.after for each in run.proposals if each.kind is Kind.PUBLISHED} == {"PMID 500", "PMID 501"}
    assert Run(services, run.memory).kinds == []


def test_a_paper_found_in_pubmed_is_a_result_so_that_the_trial_is_not_without() -> None:
    done = study("NCT00000001", "COMPLETED", people=50, completion="2024-12", primary="2022-12")
    services = Services(registry(done), pubmed(found=[article(500, registered="NCT00000001")]), QUIET[2])
    assert set(Run(services).kinds) == {Kind.STATUS_CHANGED, Kind.PUBLISHED}


def test_stored_queries_find_trials_and_publications_that_nobody_lists() -> None:
    queries = (
        StoredQuery(
            "trials",
            QuerySource.CLINICAL_TRIALS,
            condition="heel pain",
            intervention="dry needling",
            population="Plantar heel",
        ),
        StoredQuery("papers", QuerySource.PUBMED, term="dry needling[tiab]", population="Neck"),
    )
    policy = Watched("EX-1", (TRIAL,), (PAPER,), queries, date(2024, 1, 1))
    services = Services(
        registry(study("NCT00000001", people=50, completion="2024-12"), study("NCT00000002")),
        pubmed(found=[article(111), article(700), article(700), article(701, types=["Published Erratum"])]),
        QUIET[2],
    )
    run = Run(services, policies=[policy])
    told = {(each.kind, each.subject, each.population) for each in run.proposals}
    assert told == {(Kind.NEW_TRIAL, "NCT00000002", "Plantar heel"), (Kind.NEWER_EVIDENCE, "PMID 700", "Neck")}
    assert len(run.proposals) == 2
    first = next(parse_qs(urlsplit(each).query) for each in services.asked if "tiab%5D&" in each and "NCT" not in each)
    assert (first["datetype"], first["mindate"], first["maxdate"]) == (["edat"], ["2023/12/25"], ["2024/02/08"])
    again = Services(*services.rules)
    assert Run(again, run.memory, policies=[policy], today=LATER).kinds == []
    assert any("mindate=2024%2F02%2F01&maxdate=2024%2F07%2F01" in each for each in again.asked)
    assert any("RANGE%5B2024-02-01%2CMAX%5D" in each for each in again.asked)


def test_two_thousand_trials_take_no_more_than_twenty_five_requests() -> None:
    trials = tuple(TrialListed(f"NCT{at:08d}", completion="Dec 2024") for at in range(1, 2001))
    policies = [Watched("EX-1", trials[:1500]), Watched("EX-2", trials[1000:])]
    services = Services(registry(*(study(each.nct, completion="2024-12") for each in trials)))
    run = Run(services, policies=policies, asked=[REGISTRY])
    assert (run.proposals, run.refused) == ([], [])
    assert len(services.asked) <= 25
    assert {policy: len(seen.trials) for policy, seen in run.memory.policies.items()} == {"EX-1": 1500, "EX-2": 1000}


def test_pages_follow_one_another_with_the_other_parameters_unchanged() -> None:
    queries = (StoredQuery("trials", QuerySource.CLINICAL_TRIALS, condition="heel pain"),)

    def rule(path: str, parameters: Mapping[str, str]) -> bytes:
        if path.endswith("/version"):
            return version()
        assert parameters["query.cond"] == "heel pain" and parameters["pageSize"] == "1000"
        match parameters.get("pageToken"):
            case None:
                return page([study("NCT00000011")], "two")
            case "two":
                return page([study("NCT00000012")], "three")
            case _:
                return page([study("NCT00000013")])

    run = Run(Services(rule), policies=[Watched("EX-1", queries=queries)], asked=[REGISTRY])
    assert [each.subject for each in run.proposals] == ["NCT00000011", "NCT00000012", "NCT00000013"]
    assert run.memory.of("EX-1").searched


def test_a_search_that_broke_off_keeps_what_it_learned_and_is_asked_again_whole() -> None:
    queries = (StoredQuery("trials", QuerySource.CLINICAL_TRIALS, condition="heel pain"),)

    def rule(path: str, parameters: Mapping[str, str]) -> bytes | None:
        if path.endswith("/version"):
            return version()
        return None if "pageToken" in parameters else page([study("NCT00000011")], "two")

    run = Run(Services(rule), policies=[Watched("EX-1", queries=queries)], asked=[REGISTRY])
    assert (run.kinds, len(run.refused)) == ([Kind.NEW_TRIAL], 1)
    assert not run.memory.of("EX-1").searched


def test_pages_that_go_round_in_a_circle_are_refused() -> None:
    queries = (StoredQuery("trials", QuerySource.CLINICAL_TRIALS, condition="heel pain"),)

    def rule(path: str, parameters: Mapping[str, str]) -> bytes:
        return version() if path.endswith("/version") else page([], "again")

    run = Run(Services(rule), policies=[Watched("EX-1", queries=queries)], asked=[REGISTRY])
    assert "circle" in run.refused[0].problem


def test_more_hits_than_pubmed_pages_through_are_split_by_day() -> None:
    query = StoredQuery("papers", QuerySource.PUBMED, term="pain")
    spans = []

    def rule(path: str, parameters: Mapping[str, str]) -> bytes:
        if path.endswith("/efetch.fcgi"):
            return articles(article(len(spans)))
        span = (parameters["mindate"], parameters["maxdate"])
        spans.append(span)
        return hits(20_000 if span == ("2023/12/25", "2024/02/08") else 1)

    run = Run(
        Services(rule),
        policies=[Watched("EX-1", queries=(query,), literature_through=date(2024, 1, 1))],
        asked=[PUBMED],
    )
    assert spans == [("2023/12/25", "2024/02/08"), ("2023/12/25", "2024/01/16"), ("2024/01/17", "2024/02/08")]
    assert run.kinds == [Kind.NEWER_EVIDENCE] * 2
    assert list(run.memory.of("EX-1").searched.values()) == [DAY]


BILLION = b'<?xml version="1.0"?><!DOCTYPE P [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE P [<!ENTITY a SYSTEM "file:///etc/hostname">]><PubmedArticleSet>&a;</PubmedArticleSet>'


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("/api/v2/studies", b'{"studies": [], "more": ' + b"[" * 100_000, "nested too deep"),
        ("/api/v2/studies", b'{"studies": [', "cut off"),
        ("/api/v2/studies", b'{"studies": [{"hasResults": "yes"}]}', "$.studies[0]"),
        ("/api/v2/studies", page([study("NCT00000001", "<b>")]), "overallStatus"),
        ("/api/v2/studies", page([study("NCT1")]), "nctId"),
        ("/api/v2/studies", page([study("NCT00000009", "COMPLETED")]), "not asked for: NCT00000009"),
        ("/api/v2/studies", page([study("NCT00000001", title="\x00")]).replace(b"\\u0000", b"\xff\xfe"), "UTF-8"),
        ("/api/v2/studies", page([study("NCT00000001", title="a" * 40_000_000)]), "bytes; at most"),
        ("/api/v2/studies", page([]), "no record of NCT00000001"),
        ("/entrez/eutils/efetch.fcgi", BILLION, "EntitiesForbidden"),
        ("/entrez/eutils/efetch.fcgi", OUTSIDE, "EntitiesForbidden"),
        ("/entrez/eutils/efetch.fcgi", articles(article(111))[:-40], "cut off"),
        ("/entrez/eutils/efetch.fcgi", b"<html><body>Error</body></html>", "<html>"),
        (
            "/entrez/eutils/efetch.fcgi",
            articles(article(112, types=["Retracted Publication"])),
            "not asked for: PMID 112",
        ),
        (
            "/entrez/eutils/efetch.fcgi",
            b"<PubmedArticleSet>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</PubmedArticleSet>",
            "too deep",
        ),
        ("/entrez/eutils/efetch.fcgi", articles(article(111)).replace(b"invented", b"\xff\xfe"), "cut off"),
        ("/entrez/eutils/esearch.fcgi", hits(1, ERROR="Search Backend failed"), "Search Backend failed"),
        ("/entrez/eutils/esearch.fcgi", hits(1, webenv=""), "history server"),
        ("/entrez/eutils/esearch.fcgi", hits(-5), "count"),
        ("/works/10.1000%2Fabc", work("10.1000/other", {"type": "retraction"}), "about another paper"),
        ("/works/10.1000%2Fabc", b'{"message": {"DOI": 5}}', "$.message"),
    ],
)
def test_an_answer_that_cannot_be_believed_is_refused_by_name_and_the_others_go_on(
    path: str, body: bytes, problem: str
) -> None:
    services = Services(lambda asked, parameters: body if asked == path else None, *QUIET)
    run = Run(services)
    assert run.proposals == []
    refused = [each for each in run.refused if problem in each.problem]
    assert len(refused) == 1 and len(run.refused) == 1
    assert refused[0].address.startswith("https://") and urlsplit(refused[0].address).path == path
    asked = {urlsplit(each).hostname for each in services.asked}
    assert asked == {"clinicaltrials.gov", "eutils.ncbi.nlm.nih.gov", "api.crossref.org"}
    assert Run(Services(*QUIET), run.memory).proposals == []


def test_an_answer_of_another_media_type_is_refused() -> None:
    run = Run(lambda request: answer(request, b"<html>busy</html>", "text/html; charset=utf-8"))
    assert run.proposals == [] and all("text/html; expected" in each.problem for each in run.refused)
    run = Run(lambda request: answer(request, b"", status=500))
    assert run.proposals == [] and all("status 500" in each.problem for each in run.refused)


def test_the_retraction_watch_table_is_read_by_number_and_by_doi() -> None:
    head = (
        "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,RetractionDOI,"
        "RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes,\n"
    )

    def row(day: str, doi: str, pmid: str, nature: str) -> str:
        return f'1,"A, b",S,I,J,P,C,A,,Article,{day},10.1000/n,0,1/1/2019 0:00,{doi},{pmid},{nature},+Why;,No,,\n'

    def told(*rows: str) -> list[Kind]:
        body = (head + "".join(rows)).encode()
        return Run(Services(lambda path, parameters: body), asked=[TABLE]).kinds[:1]

    assert told(row("2/3/2024 0:00", "unavailable", "111", "Retraction")) == [Kind.RETRACTED]
    assert told(row("2/3/2024 0:00", "10.1000/ABC", "0", "Expression of concern")) == [Kind.OF_CONCERN]
    assert told(row("2/3/2024 0:00", "10.1000/other", "112", "Retraction")) == []
    back = row("6/3/2024 0:00", "10.1000/abc", "111", "Reinstatement")
    assert told(row("2/3/2024 0:00", "10.1000/abc", "111", "Retraction"), back) == []
    assert told(back, row("7/3/2024 0:00", "10.1000/abc", "111", "Retraction")) == [Kind.RETRACTED]
    refused = Run(Services(lambda path, parameters: (head + "1,a,b\n").encode()), asked=[TABLE]).refused
    assert "cut off or damaged at line 2" in refused[0].problem


def test_what_is_watched_is_what_the_version_prints() -> None:
    held = library({"EX-1/2024-05-01.md": PRINTED})
    listed = watched("EX-1", held.of("EX-1")[-1], None)
    assert [(each.nct, each.is_ongoing, each.is_published, each.population) for each in listed.trials] == [
        ("NCT00000001", True, False, "Heel"),
        ("NCT00000002", False, True, "Neck"),
    ]
    assert [(each.name, each.pmid, each.doi) for each in listed.papers] == [
        ("reference 1", "111", ""),
        ("reference 2", "", "10.1000/abc"),
    ]


PRINTED = """---
policy: EX-1
title: Needles
effective: 2024-05-01
published: 2024-01-29
---

# Needles

## Policy coverage criteria

Needling is **investigational**.

## Clinical trials

### Ongoing

| NCT | Title | Population | Enrolment | Completion | Status |
|---|---|---|---|---|---|
| NCT00000001 | One | Heel | 50 | Dec 2024 | |

### Published

| NCT | Title | Population | Enrolment | Completion | Status |
|---|---|---|---|---|---|
| NCT00000002 | Two | Neck | 50 | Mar 2022 | |

## References

1. Doe J. Needles. J Inv Res. 2019;7(2):100-9. PMID: 111
2. Roe J. Pins. J Inv Res. 2020;8(2):100-9. doi:10.1000/abc.
3. Poe J. Nails. A book without numbers.
"""


def test_a_source_of_another_package_that_breaks_off_is_named_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = EntryPoint("broken", "tests.evidence.watching.test_run:BROKEN", plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: (entry,))
    held = sources()
    assert "a-broken-one" in held
    run = Run(Services(*QUIET), asked=[held["a-broken-one"], REGISTRY])
    assert [each.source for each in run.refused] == ["A broken one"] * 2
    assert "broke off (RuntimeError: no bells)" in run.refused[1].problem and "broken = tests" in run.refused[1].problem
    assert "NCT00000001" in run.memory.of("EX-1").trials


def _breaks(asked: object, fetch: object, today: object) -> Iterator[Refused]:
    yield Refused("A broken one", "https://example.org", "first")
    raise RuntimeError("no bells")


BROKEN = EvidenceSource("A broken one", ("example.org",), _breaks)
