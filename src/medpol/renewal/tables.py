"""A packet as plain tables under headings: what the page and the terminal both print, in one order and the same words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medpol.renewal.values import Packet


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the paper: a sentence or two, and a table where there is something to list."""

    title: str
    says: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def headline(packet: Packet) -> str:
    """What the packet comes to, in a sentence."""
    standing = packet.standing
    if standing.days_late:
        due = f"the review is {_days(standing.days_late)} overdue"
    elif standing.due is not None:
        due = f"the review is due by {standing.due}"
    else:
        due = "no day of review is stated"
    found = [
        _counted(len(packet.overdue), "trial", "past completion"),
        *([] if packet.watched_until is None else [_counted(len(packet.noticed), "proposal", "of the watch")]),
        _counted(len(packet.recorded), "record", "since"),
        _counted(len(packet.findings), "open finding"),
    ]
    return f"{standing.policy}, version of {standing.version}: {due}; {', '.join(found)}."


def parts(packet: Packet) -> tuple[Part, ...]:
    """All parts of the paper."""
    return (
        _draft(packet),
        _trials(packet),
        _noticed(packet),
        _recorded(packet),
        _guidelines(packet),
        _codes(packet),
        _populations(packet),
        *_volume(packet),
        _findings(packet),
        Part(
            "Sign-off",
            (
                f"Each signature is for the draft whose sha256 is {packet.draft.content_hash}; "
                "a draft that is altered afterwards is another one.",
            ),
            ("Role", "Name", "Date", "Signature"),
            tuple((each, "", "", "") for each in packet.sign_off),
        ),
    )


def _draft(packet: Packet) -> Part:
    draft = packet.draft
    says = [
        f"The next version would begin on {draft.effective}, with literature through {draft.literature_through}, "
        f"to be reviewed again by {draft.review_due}. It is a draft: it governs nothing until somebody states "
        "`approved:` and `row date:` or `published:`."
    ]
    if not draft.is_searched:
        says.append(
            f"Nobody has searched the literature through {draft.literature_through} as far as is stored: "
            "search before signing, or state the day that was reached."
        )
    if draft.untrue:
        says += [f"Its history row says what is not so: {each}." for each in draft.untrue]
    else:
        says.append(f"Its history row says: {'; '.join(draft.says)}. Held against the files, that is so.")
    if draft.notice_days is not None:
        says.append(
            f"Notice of {_days(draft.notice_days)} is owed, since coverage changes: sent today, the draft may begin "
            f"on {draft.earliest_effective} or later."
        )
    elif draft.coverage_changes:
        says.append("Coverage changes; the library states no days of notice that would be owed.")
    else:
        says.append("No notice is owed: nothing changes on which an answer may hang.")
    return Part("The next version", tuple(says), ("What changes",) if draft.changes else (), _column(draft.changes))


def _trials(packet: Packet) -> Part:
    late = packet.overdue
    says = (
        f"{len(late)} of {_listed(packet, 'ongoing')} listed as ongoing had passed their completion on {packet.today}."
    )
    rows = (
        (
            each.nct,
            each.population,
            each.listed_as + (", past its completion" if each.is_past and each.listed_as == "ongoing" else ""),
            each.completion,
            each.title,
        )
        for each in packet.trials
    )
    return Part("Trials", (says,), ("Trial", "Population", "Listed as", "Completion", "Title"), tuple(rows))


def _listed(packet: Packet, how: str) -> int:
    return sum(each.listed_as == how for each in packet.trials)


def _noticed(packet: Packet) -> Part:
    if packet.watched_until is None:
        says = "The watch of trials and literature has not run, as far as is stored: `medpol watch` asks the sources."
    else:
        says = f"The sources were last asked on {packet.watched_until}."
    rows = tuple(
        (each.weight, each.kind, each.says, each.population, f"{each.source}, {each.fetched}")
        for each in packet.noticed
    )
    return Part("What the watch found", (says,), ("Weight", "Event", "What", "Population", "Source"), rows)


def _recorded(packet: Packet) -> Part:
    says = (
        "Records of studies that the version could not rest on."
        if packet.recorded
        else "No record of a study is newer than the version."
    )
    rows = tuple((each.study, each.kind, each.population, each.citation, each.why) for each in packet.recorded)
    return Part("Evidence since then", (says,), ("Record", "Kind", "Population", "Citation", "Why it is new"), rows)


def _guidelines(packet: Packet) -> Part:
    says = "Being listed is neither endorsement nor agreement. Look for a newer text of each body."
    rows = tuple(
        (each.body, str(each.year or "not stated"), each.kind, each.recommends, "; ".join(each.findings))
        for each in packet.guidelines
    )
    return Part("Guidelines", (says,), ("Body", "Year", "Kind", "Recommends", "What the check says"), rows)


def _codes(packet: Packet) -> Part:
    updates = packet.coding_updates
    says = (
        f"Codes came and went {_counted(len(updates), 'time')} since the search: {', '.join(map(str, updates))}. "
        "Hold the table against the code sets of these days."
        if updates
        else "No day of coding updates lies between the search and today."
    )
    rows = tuple((each.system, each.code or "no code", each.group, each.says) for each in packet.codes)
    return Part("Codes", (says,), ("System", "Code", "Group", "What"), rows)


def _populations(packet: Packet) -> Part:
    rows = tuple(
        (
            each.name,
            each.conclusion,
            each.signed or "no record",
            ", ".join(each.allowed) or "no record",
            str(each.trials),
            str(each.recorded_since),
            "; ".join(each.open) or "nothing",
        )
        for each in packet.populations
    )
    columns = ("Population", "Conclusion", "Signed", "Positions allowed", "Trials", "Records since", "Open")
    return Part("Populations", ("What is concluded for whom, and what is still open.",), columns, rows)


def _volume(packet: Packet) -> Iterable[Part]:
    volume = packet.volume
    if volume is None:
        return
    says = (
        f"Care from {volume.first_day} to {volume.last_day}: {_counted(volume.lines, 'final line')} of the codes that "
        f"the policy governs, {_money(volume.not_covered)} not covered. The draft would answer "
        f"{_counted(volume.changed_lines, 'line')} otherwise.",
        *volume.cannot_know,
    )
    rows = tuple(
        (each.code, f"{each.lines:,}", _money(each.not_covered), f"{each.waiting:,}", f"{each.reviews:,}")
        for each in volume.by_code
    )
    yield Part("Volume and cost", says, ("Code", "Lines", "Not covered", "Waiting for facts", "Reviews"), rows)


def _findings(packet: Packet) -> Part:
    rows = tuple(
        (each.severity, each.rule, f"{each.file}:{each.line}", each.found, each.mend) for each in packet.findings
    )
    says = "What `medpol check` finds in this version and the evidence beside it." if rows else "Nothing is found."
    return Part("Open findings", (says,), ("Weight", "Rule", "Where", "Found", "Mend"), rows)


def _column(said: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple((each,) for each in said)


def _counted(count: int, what: str, more: str = "") -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}{f' {more}' if more else ''}"


def _days(count: int) -> str:
    return _counted(count, "day")


def _money(amount: object) -> str:
    return f"${amount:,.2f}"
