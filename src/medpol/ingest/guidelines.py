"""What other bodies say, as far as the words state it; and whether a regulator must approve."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medpol.ingest.blocks import Block
from medpol.ingest.escape import inline
from medpol.ingest.report import Account
from medpol.model.evidence import Direction, Guideline, GuidelineKind, Issuer, Stated

_US = re.compile(
    r"\bAmerican\b|\bof America\b|\bU\.?S\.?\b|\bUnited States\b|\bNational Comprehensive Cancer|\bNorth American\b|"
    r"\bSociety of (?:Interventional Radiology|Thoracic Surgeons|Nuclear Medicine)|\bEndocrine Society\b|\bHeart Rhythm Society\b"
)
_GOVERNMENT = re.compile(r"\bPreventive Services Task Force|\bCenters? for (?:Disease|Medicare)|\bAgency for|\bDepartment of|\bVeterans\b|\bNational Institutes of", re.IGNORECASE)  # fmt: skip
_ABROAD = re.compile(
    r"\b(?:European|British|Canadian|Australian|German|French|Italian|Spanish|Japanese|Royal|Scottish|UK)\b"
)
_AGAINST = re.compile(r"\bshould not\b|\b(?:do(?:es)?|did|is|are|was|were) not recommend\w*|\brecommend\w* against\b|\bnot recommended\b|\bnot support", re.IGNORECASE)  # fmt: skip
_NEITHER = re.compile(r"\binsufficient evidence\b|\binconclusive\b|\bno recommendation\b|\bneither\b.{0,40}\brecommend|\bcannot (?:be )?recommend", re.IGNORECASE)  # fmt: skip
_FOR = re.compile(r"\bshould be (?:used|offered|considered|performed|provided)\b|\brecommend(?:s|ed|ing)?\b|\brecommendations? (?:for|to use|in favou?r)\b|\bsupport\w*\b|\bendors\w*\b|\bmay be (?:used|offered|considered)\b|\bis (?:appropriate|indicated)\b", re.IGNORECASE)  # fmt: skip
_REVIEW = re.compile(r"\bbased (?:\w+ ){0,3}on (?:a|the|an updated|its) systematic review|\binformed by (?:a|the) systematic review|\bsystematic review (?:and guideline|informed|was (?:done|performed|conducted))", re.IGNORECASE)  # fmt: skip
_RATED = re.compile(r"\bstrength of (?:the )?(?:evidence|recommendations?)\b|\bgrade [A-D]\b|\blevel (?:[IV]+|\d|[A-C])\b|\b(?:strong|weak|conditional) recommendation|\(?(?:quality|certainty) of (?:the )?evidence", re.IGNORECASE)  # fmt: skip
_CONFLICTS = re.compile(r"\bconflicts? of interest\b", re.IGNORECASE)
INCLUSION_RULE = re.compile(r"\b(?:guidelines?|position statements?)\b.*\bconsidered for inclusion\b|\bwill be (?:considered for inclusion|included) if\b", re.IGNORECASE)  # fmt: skip


def read_guideline(
    heading: Block, blocks: Sequence[Block], printed: str, account: Account
) -> tuple[Guideline, tuple[str, ...]]:
    """What one body says; a field that the words do not state stays "not stated", a recommendation nobody words is neither."""
    text = " ".join(block.text for block in blocks)
    lines = [*heading.lines, *(line for block in blocks for line in block.lines)]
    body, doubts = heading.text, []
    issuer = issuer_of(body)
    if issuer is None:
        doubts.append(f"{body}: what kind of issuer is it?")
    year = re.search(r"\b(?:19|20)\d{2}\b", text)
    if year is None:
        doubts.append(f"{body}: of which year is its statement?")
    kind = _kind(text)
    if kind is None:
        doubts.append(f"{body}: a guideline or a position statement?")
    recommends = _direction(text)
    if recommends is None:
        doubts.append(f"{body}: does it recommend for, against, or neither?")
    guideline = Guideline(
        inline(body),
        issuer,
        int(year[0]) if year else None,
        kind,
        Stated.YES if _REVIEW.search(text) else Stated.NOT_STATED,
        Stated.YES if _RATED.search(text) else Stated.NOT_STATED,
        Stated.YES if _CONFLICTS.search(text) else Stated.NOT_STATED,
        recommends,
        printed,
    )
    account.taken(lines, f"guideline: {body}, issuer, year, kind, recommends")
    for question in doubts:
        account.doubtful(lines, question)
    return guideline, tuple(doubts)


def issuer_of(body: str) -> Issuer | None:
    if re.search(r"\bNICE\b|National Institute for (?:Health|Clinical)", body):
        return Issuer.NICE
    if _GOVERNMENT.search(body) or _ABROAD.search(body):
        return Issuer.OTHER
    if re.search(r"\bInternational\b|\bWorld\b|\bGlobal\b", body):
        return None
    return Issuer.US_SOCIETY if _US.search(body) else None


def _kind(text: str) -> GuidelineKind | None:
    found = [
        (match.start(), kind)
        for kind, pattern in (
            (
                GuidelineKind.POSITION_STATEMENT,
                r"\bposition (?:statement|paper)|\bstatement\b|\bwhite paper\b|\bconsensus\b",
            ),
            (GuidelineKind.GUIDELINE, r"\bguid(?:eline|ance)s?\b|\bpractice parameter|\brecommendations? (?:on|for)\b"),
        )
        if (match := re.search(pattern, text, re.IGNORECASE)) is not None
    ]
    return min(found, key=lambda each: each[0])[1] if found else None


def _direction(text: str) -> Direction | None:
    against = _AGAINST.search(text) is not None
    rest = _AGAINST.sub(" ", text)
    neither = _NEITHER.search(rest) is not None
    favours = _FOR.search(_NEITHER.sub(" ", rest)) is not None
    if favours and (against or neither):
        return None
    if against:
        return Direction.AGAINST
    if neither:
        return Direction.NEITHER
    return Direction.FOR if favours else None


_NOT_NEEDED = re.compile(
    r"\bnot (?:subject to|regulated|require\w*|need\w*)\b|\bdo(?:es)? not (?:require|need)\b|\bno (?:FDA |U\.?S\.? )?(?:approval|clearance) (?:is )?(?:needed|required)"
    r"|\bexempt from",
    re.IGNORECASE,
)
_NEEDED = re.compile(
    r"\b510\(k\)|\b(?:cleared|approved|approval|clearance|authori[sz]ed|marketing)\b.{0,80}\b(?:FDA|Food and Drug)|"
    r"\b(?:FDA|Food and Drug Administration)\b.{0,80}\b(?:cleared|approved|approval|clearance|granted|authori[sz])|\bpremarket approval\b|\bsubject to (?:FDA|regulation)",
    re.IGNORECASE | re.DOTALL,
)


def approval_needed(text: str) -> bool | None:
    """Whether a device or drug must be approved to be marketed, as far as the section says."""
    if _NOT_NEEDED.search(text):
        return False
    return True if _NEEDED.search(text) else None
