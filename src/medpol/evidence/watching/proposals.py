"""A proposal as a file that people read and sign, and as JSON."""

from __future__ import annotations

import re

import msgspec

from medpol.evidence.watching.values import Proposal

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!])")


def file_name(proposal: Proposal) -> str:
    """The name of its files without their ending: day, kind, subject, id."""
    subject = re.sub(r"[^A-Za-z0-9.-]+", "-", proposal.subject).strip("-.")[:60]
    return f"{proposal.proposed_on}-{proposal.kind.value}-{subject}-{proposal.id}"


def as_json(proposal: Proposal) -> bytes:
    return msgspec.json.format(msgspec.json.encode(proposal), indent=2) + b"\n"


def as_markdown(proposal: Proposal) -> str:
    """The proposal as a page: what happened, what it was, where it was read, what to do, and who did it."""
    read = proposal.provenance
    rows = [
        ("Policy", proposal.policy),
        ("Population", proposal.population or "not stated"),
        ("Subject", proposal.subject),
        ("Listed at", proposal.listed_at or "not listed"),
        ("Before", proposal.before),
        ("After", proposal.after),
        ("Source", read.source),
        ("Address", read.address),
        ("Fetched at", read.fetched_at or "not fetched"),
        ("Data of", read.data_of or "not stated"),
        ("Raw answer", read.hash or "none"),
        ("Raw answer before", proposal.before_hash or "none"),
        ("Proposal", proposal.id),
    ]
    table = "\n".join(f"| {name} | {_cell(text)} |" for name, text in rows)
    return (
        f"# {proposal.weight.value.capitalize()}: {proposal.kind.value} {_cell(proposal.subject)}\n\n"
        f"{_cell(proposal.found[:1].upper() + proposal.found[1:])}.\n\n"
        f"| What | |\n|---|---|\n{table}\n\n"
        f"To do: {_cell(proposal.do)}.\n\n"
        "No certainty, conclusion or position has been changed: that is for a person.\n\n"
        "Done: \n\nSigned by: \n\nOn: \n"
    )


def _cell(text: str) -> str:
    """Words of others in one line of Markdown, in which no sign means anything."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
