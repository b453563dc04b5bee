"""Findings as other programs take them: SARIF 2.1.0 for code scanning, and the lines that GitHub's runner reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from medpol.check import Allowed, Checked, Rule
from medpol.model.diagnostic import Diagnostic, Severity

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Shown = Callable[[str], str]
"""A document's path inside its library to the path by which a reader of the report finds it."""


def sarif(checked: Checked, known: Mapping[str, Rule], shown: Shown, version: str) -> dict[str, Any]:
    """One run as a SARIF log. What a document allows is there too, as suppressed in the source with its reason.

    Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 2020.
    """
    results = [_result(each, shown) for each in checked.found]
    results += [_suppressed(each, shown) for each in checked.allowed]
    named = sorted({each["ruleId"] for each in results} | set(known))
    for each in results:
        each["ruleIndex"] = named.index(each["ruleId"])
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "medpol", "version": version, "rules": [_rule(each, known) for each in named]}
                },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def _rule(name: str, known: Mapping[str, Rule]) -> dict[str, Any]:
    rule = known.get(name)
    if rule is None:
        return {"id": name, "name": name, "properties": {"subject": "reading"}}
    return {
        "id": name,
        "name": name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join(rule.page.split())},
        "help": {"text": rule.page},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"subject": rule.subject.value},
    }


def _result(each: Diagnostic, shown: Shown) -> dict[str, Any]:
    return {
        "ruleId": each.rule,
        "level": each.severity.value,
        "message": {"text": _message(each)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(shown(each.source.file))},
                    "region": {"startLine": each.source.line, "startColumn": each.source.column},
                }
            }
        ],
        "partialFingerprints": {"medpol/v1": _fingerprint(each)},
    }


def _suppressed(each: Allowed, shown: Shown) -> dict[str, Any]:
    suppression = {"kind": "inSource", "justification": each.allowance.because}
    return _result(each.finding, shown) | {"suppressions": [suppression]}


def _message(each: Diagnostic) -> str:
    expected = f"; expected {each.expected}" if each.expected else ""
    mend = f". Mend: {each.mend}" if each.mend else ""
    return f"{each.found}{expected}{mend}"


def _fingerprint(each: Diagnostic) -> str:
    """The same finding in a text whose lines have moved: the place is left out."""
    return hashlib.sha256("\n".join((each.rule, each.source.file, each.found)).encode()).hexdigest()[:32]


_GITHUB_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github(found: Iterable[Diagnostic], shown: Shown) -> str:
    """One workflow command a finding, as GitHub's runner reads them from a step's output."""
    return "".join(
        f"::{_GITHUB_LEVELS[each.severity]} file={_property(shown(each.source.file))},line={each.source.line},"
        f"col={each.source.column},title={_property(each.rule)}::{_data(_message(each))}\n"
        for each in found
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
