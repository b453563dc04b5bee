"""The laws of reader, writer and formatter (docs/notation.md), over generated versions and noisy sources."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.text.documents import VOCABULARY
from tests.text.noise import noisy
from tests.text.strategies import LAWS, versions

from medpol.model.diagnostic import errors, in_order
from medpol.model.policy import PolicyVersion
from medpol.text.format import DocumentKind, format_source, format_unless_errors
from medpol.text.reader import read_policy
from medpol.text.source import Findings
from medpol.text.writer import write


def read_back(text: str) -> PolicyVersion:
    findings = Findings("policy.md")
    version = read_policy(text, findings, VOCABULARY)
    assert not errors(findings.found), "\n".join(map(str, in_order(findings.found)))
    assert version is not None
    return version


@LAWS
@given(versions())
def test_reading_what_we_wrote_gives_the_same_version(version: PolicyVersion) -> None:
    assert read_back(write(version)) == version


@LAWS
@given(versions())
def test_formatting_what_we_wrote_changes_markers_alone_and_no_meaning(version: PolicyVersion) -> None:
    text = write(version)
    once = format_source(text, DocumentKind.POLICY)
    assert format_source(once, DocumentKind.POLICY) == once
    assert read_back(once) == version


@LAWS
@given(versions(), st.randoms(use_true_random=False))
def test_noise_in_the_named_constructs_is_formatted_away(version: PolicyVersion, chance: Random) -> None:
    text = write(version)
    noise = noisy(text, chance)
    assert read_back(noise) == version
    formatted = format_source(noise, DocumentKind.POLICY)
    assert formatted == format_source(text, DocumentKind.POLICY)
    assert format_source(formatted, DocumentKind.POLICY) == formatted


@LAWS
@given(st.text(max_size=400))
def test_any_text_at_all_is_formatted_without_an_exception_and_only_once(text: str) -> None:
    for kind in DocumentKind:
        once = format_source(text, kind)
        assert format_source(once, kind) == once


def test_a_text_with_errors_is_not_touched() -> None:
    findings = Findings("policy.md")
    text = "---\npolicy: EX-1\n---\r\n\r\n##   coding"
    read_policy(text, findings, VOCABULARY)
    assert format_unless_errors(text, DocumentKind.POLICY, findings.found) == text
    assert format_unless_errors(text, DocumentKind.POLICY, ()) != text
