"""A fuzz target for the readers: whatever the bytes, only diagnostics come out, and a clean text keeps the laws.

    python fuzz/fuzz_reader.py -max_total_time=60 fuzz/corpus

An input is a file of `fuzz/corpus`: its first line names what the rest is (policy, facts, source, member plans, cases,
expression; of evidence: questions, record of a study, judgement, trials, assessment; its first letter decides), so that
one target covers every reader. `one_input` needs no fuzzer: the tests
replay the corpus through it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import TypeVar

if __name__ == "__main__":
    import atheris

    _watched = atheris.instrument_imports(include=["medpol", "markdown_it"])
else:
    _watched = contextlib.nullcontext()

with _watched:
    from medpol.model.codes import CodeSystems
    from medpol.model.facts import EventField, FactDeclaration, FactType
    from medpol.text.assessments import read_assessment, write_assessment
    from medpol.text.expressions import ExpressionProblem, parse_expression
    from medpol.text.facts import read_facts
    from medpol.text.format import DocumentKind, format_source
    from medpol.text.names import Vocabulary
    from medpol.text.profiles import read_profile, write_profile
    from medpol.text.questions import read_questions, write_questions
    from medpol.text.reader import read_policy
    from medpol.text.source import MAXIMUM_BYTES, Findings, decode
    from medpol.text.sources import print_source, read_member_plans, read_source
    from medpol.text.studies import read_study, write_study
    from medpol.text.watched import read_watching, write_watching
    from medpol.text.writer import write

_T = TypeVar("_T")
VOCABULARY = Vocabulary(
    (
        FactDeclaration("exam.band", FactType.YES_NO),
        FactDeclaration("therapy.duration", FactType.QUANTITY, "weeks"),
        FactDeclaration("therapy.outcome", FactType.CHOICE, None, ("failed", "helped")),
        FactDeclaration("eosinophils", FactType.OBSERVATIONS, "cells/uL"),
        FactDeclaration("onset", FactType.DATE),
        FactDeclaration("visits", FactType.COUNT),
        FactDeclaration("fev1", FactType.RATIO, "%"),
        FactDeclaration("device", FactType.TEXT),
    ),
    (EventField(("injection",), "relief", FactType.QUANTITY, "%"),),
    ("veterans",),
    CodeSystems((("plan code", r"X[0-9]{3}"),)),
)


def one_input(data: bytes) -> None:
    """Read one input as what its first line says it is."""
    name, _, rest = data.partition(b"\n")
    findings = Findings("fuzz.md")
    text = decode(rest, findings)
    if text is None:
        assert findings.has_errors
        return
    match name[:1]:
        case b"e":
            _expression(text)
        case b"f":
            _facts(text, findings)
        case b"s":
            _source(text, findings)
        case b"m":
            read_member_plans(text, findings, VOCABULARY)
            _placed(text, findings)
            _formats(text, DocumentKind.PLANS)
        case b"c":
            _formats(text, DocumentKind.CASES)
        case b"q":
            _evidence(text, findings, read_questions, write_questions)
        case b"r":
            _evidence(text, findings, read_study, write_study)
        case b"j":
            _evidence(text, findings, read_profile, write_profile)
        case b"t":
            _evidence(text, findings, read_watching, write_watching)
        case b"a":
            _evidence(text, findings, read_assessment, write_assessment)
        case _:
            _policy(text, findings)


def _policy(text: str, findings: Findings) -> None:
    version = read_policy(text, findings, VOCABULARY)
    _placed(text, findings)
    if version is None or findings.has_errors:
        assert findings.has_errors
        return
    again = Findings("written.md")
    printed = write(version)
    assert read_policy(printed, again, VOCABULARY) == version, "read(write(p)) differs from p"
    assert not again.has_errors, again.found[0]
    put_in_order = _formats(text, DocumentKind.POLICY)
    again = Findings("formatted.md")
    assert read_policy(put_in_order, again, VOCABULARY) == version, "read(format(s)) differs from read(s)"
    assert not again.has_errors, again.found[0]


def _facts(text: str, findings: Findings) -> None:
    found = read_facts(text, findings)
    _placed(text, findings)
    if not findings.has_errors:
        assert read_facts(_formats(text, DocumentKind.FACTS), Findings("formatted.md")) == found


def _source(text: str, findings: Findings) -> None:
    groups = ("injection", "guidance")
    source = read_source(text, findings, VOCABULARY, groups, ("pain",))
    _placed(text, findings)
    if source is None or findings.has_errors:
        assert findings.has_errors
        return
    again = Findings("written.md")
    assert read_source(print_source(source), again, VOCABULARY, groups, ("pain",)) == source, "a source is lost"
    put_in_order = _formats(text, DocumentKind.SOURCE)
    assert read_source(put_in_order, again, VOCABULARY, groups, ("pain",)) == source, "a formatted source differs"
    assert not again.has_errors, again.found[0]


def _evidence(
    text: str, findings: Findings, read: Callable[[str, Findings], _T | None], write_record: Callable[[_T], str]
) -> None:
    """A file of evidence: what is written of a clean one reads back, and so does the file put in order."""
    record = read(text, findings)
    _placed(text, findings)
    put_in_order = _formats(text, DocumentKind.EVIDENCE)
    if record is None or findings.has_errors:
        assert findings.has_errors
        return
    again = Findings("written.md")
    assert read(write_record(record), again) == record, "read(write(r)) differs from r"
    assert not again.has_errors, again.found[0]
    assert read(put_in_order, again) == record, "read(format(s)) differs from read(s)"
    assert not again.has_errors, again.found[0]


def _expression(text: str) -> None:
    parsed = parse_expression(text)
    if isinstance(parsed, ExpressionProblem):
        assert 0 <= parsed.offset <= len(text)
    else:
        assert isinstance(str(parsed), str)


def _formats(text: str, kind: DocumentKind) -> str:
    """The formatted text; formatting it again must change nothing."""
    once = format_source(text, kind)
    assert format_source(once, kind) == once, "format(format(s)) differs from format(s)"
    return once


def _placed(text: str, findings: Findings) -> None:
    """Every finding points into its file."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for each in findings.found:
        line, column = each.source.line, each.source.column
        assert 1 <= line <= len(lines) + 1, each
        width = len(lines[line - 1]) if line <= len(lines) else 0
        assert 1 <= column <= width + 1, each


def main() -> None:
    atheris.Setup([*sys.argv, f"-max_len={min(MAXIMUM_BYTES, 1 << 13)}"], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
