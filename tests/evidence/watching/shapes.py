"""Answers as the services publish their shape, written by hand: every number, title and date in them is invented."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from medpol.evidence.watching import Answer, FetchFailed, Request

FETCHED = "2024-02-08T09:00:00Z"


def study(nct: str, status: str = "RECRUITING", **more: Any) -> dict[str, Any]:
    """A study record of ClinicalTrials.gov, version 2."""
    dates = {"primary": "primaryCompletionDateStruct", "completion": "completionDateStruct"}
    module: dict[str, Any] = {"overallStatus": status, "statusVerifiedDate": more.get("verified", "2024-01")}
    for name, key in dates.items():
        if name in more:
            module[key] = {"date": more[name], "type": "ESTIMATED"}
    for name, key in {"why": "whyStopped", "last_known": "lastKnownStatus"}.items():
        if name in more:
            module[key] = more[name]
    if "posted" in more:
        module["resultsFirstPostDateStruct"] = {"date": more["posted"], "type": "ACTUAL"}
    protocol: dict[str, Any] = {
        "identificationModule": {"nctId": nct, "briefTitle": more.get("title", f"An invented trial {nct[-2:]}")},
        "statusModule": module,
    }
    if "people" in more:
        protocol["designModule"] = {"enrollmentInfo": {"count": more["people"], "type": "ESTIMATED"}}
    if "outcomes" in more:
        outcomes = [{"measure": each, "timeFrame": "6 weeks"} for each in more["outcomes"]]
        protocol["outcomesModule"] = {"primaryOutcomes": outcomes}
    if "references" in more:
        protocol["referencesModule"] = {"references": more["references"]}
    return {"protocolSection": protocol, "hasResults": "posted" in more}


def page(studies: Sequence[Mapping[str, Any]], token: str | None = None) -> bytes:
    return json.dumps({"studies": list(studies)} | ({"nextPageToken": token} if token else {})).encode()


def version() -> bytes:
    return json.dumps({"apiVersion": "2.0.5", "dataTimestamp": "2024-02-08T09:00:05"}).encode()


def hits(count: int, **more: str) -> bytes:
    """An answer of esearch, kept on the history server."""
    result = {
        "count": str(count),
        "retmax": "0",
        "retstart": "0",
        "querykey": "1",
        "webenv": "MCID_invented",
        "idlist": [],
    }
    return json.dumps({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result | more}).encode()


def article(
    pmid: int, title: str = "An invented paper", *, types: Sequence[str] = (), notes: Sequence[str] = (), **more: str
) -> str:
    """A record of efetch. ``notes`` are rows of CommentsCorrectionsList: ``RefType|RefSource|PMID``."""
    rows = []
    for each in notes:
        kind, source, number = each.split("|")
        numbered = f'<PMID Version="1">{number}</PMID>' if number else ""
        rows.append(
            f'<CommentsCorrections RefType="{kind}"><RefSource>{source}</RefSource>{numbered}</CommentsCorrections>'
        )
    kinds = "".join(f'<PublicationType UI="D0">{each}</PublicationType>' for each in ("Journal Article", *types))
    bank = more.get("registered", "")
    banks = (
        f'<DataBankList CompleteYN="Y"><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>'
        f"<AccessionNumber>{bank}</AccessionNumber></AccessionNumberList></DataBank></DataBankList>"
        if bank
        else ""
    )
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><Article PubModel="Print">'
        "<Journal><JournalIssue><Volume>3</Volume><Issue>2</Issue><PubDate><Year>2024</Year><Month>Feb</Month></PubDate>"
        "</JournalIssue><ISOAbbreviation>J Inv Res</ISOAbbreviation></Journal>"
        f"<ArticleTitle>{title}</ArticleTitle><Pagination><MedlinePgn>11-19</MedlinePgn></Pagination>"
        f"<Abstract><AbstractText>{more.get('abstract', '')}</AbstractText></Abstract>{banks}"
        f"<PublicationTypeList>{kinds}</PublicationTypeList></Article>"
        f"<CommentsCorrectionsList>{''.join(rows)}</CommentsCorrectionsList></MedlineCitation></PubmedArticle>"
    )


def articles(*held: str) -> bytes:
    return (
        '<?xml version="1.0" ?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
        '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">'
        f"<PubmedArticleSet>{''.join(held)}</PubmedArticleSet>"
    ).encode()


def work(doi: str, *updates: Mapping[str, Any], **more: Any) -> bytes:
    """A work of Crossref."""
    message = {
        "DOI": doi,
        "title": ["An invented paper"],
        "type": "journal-article",
        "updated-by": list(updates),
    } | more
    return json.dumps({"status": "ok", "message-type": "work", "message": message}).encode()


def answer(request: Request, body: bytes, kind: str = "", status: int = 200) -> Answer:
    return Answer(request.address, status, (("content-type", kind or request.accept[0]),), body, FETCHED)


Rule = Callable[[str, Mapping[str, str]], bytes | None]


class Services:
    """A fetch that answers by rules, in turn, and remembers what it was asked."""

    def __init__(self, *rules: Rule) -> None:
        self.rules, self.asked = rules, list[str]()

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request.address)
        parts = urlsplit(request.address)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for each in self.rules:
            body = each(parts.path, parameters)
            if body is not None:
                return answer(request, body)
        raise FetchFailed("nobody answers")


def registry(*studies: Mapping[str, Any]) -> Rule:
    """ClinicalTrials.gov holding these studies; searches by words find all of them."""
    held = {each["protocolSection"]["identificationModule"]["nctId"]: each for each in studies}

    def rule(path: str, parameters: Mapping[str, str]) -> bytes | None:
        if path == "/api/v2/version":
            return version()
        if path != "/api/v2/studies":
            return None
        named = parameters.get("filter.ids")
        return page([held[each] for each in named.split("|") if each in held] if named else list(held.values()))

    return rule


def pubmed(*, cited: Mapping[int, str] = {}, found: Sequence[str] = ()) -> Rule:
    """PubMed holding cited papers by number, and finding ``found`` for any search."""

    def rule(path: str, parameters: Mapping[str, str]) -> bytes | None:
        if path.endswith("/esearch.fcgi"):
            return hits(len(found))
        if not path.endswith("/efetch.fcgi"):
            return None
        if "id" in parameters:
            return articles(*(cited.get(int(each), article(int(each))) for each in parameters["id"].split(",")))
        start = int(parameters["retstart"])
        return articles(*found[start : start + int(parameters["retmax"])])

    return rule
