"""The evidence beside the policies: which files hold it, read and put together, and what only two of them can get wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from medpol.model.dates import parse_day
from medpol.model.diagnostic import Diagnostic, Severity, Source, nearest
from medpol.model.policy import PolicyVersion
from medpol.model.studies import NOT_REPORTED, EvidenceBase, Profile, Questions, Study, Watching
from medpol.text.profiles import read_profile
from medpol.text.questions import ANY, read_questions
from medpol.text.source import Findings
from medpol.text.studies import read_study
from medpol.text.watched import read_watching

EVIDENCE = "evidence"
ASSESSMENT = "assessment.md"
_DAY_LIKE = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}.*\.md", re.ASCII)
_WHOLE = {"questions": "questions.md", "trials": "trials.md"}
EvidenceFile = Questions | Study | Profile | Watching
_READERS: Mapping[str, Callable[[str, Findings], EvidenceFile | None]] = {
    "questions": read_questions,
    "studies": read_study,
    "profiles": read_profile,
    "trials": read_watching,
}


def kind_of_evidence(relative: str) -> str | None:
    """What a file below a policy's folder holds: *questions*, *studies*, *profiles* or *trials*; ``None`` for any other."""
    parts = _parts(relative)
    if len(parts) < 3 or parts[1] != EVIDENCE or any(part.startswith(".") for part in parts):
        return None
    match parts[2:]:
        case [name]:
            return next((kind for kind, whole in _WHOLE.items() if name == whole), None)
        case ["questions" | "trials" as kind, name] if _DAY_LIKE.fullmatch(name):
            return kind
        case ["studies" | "profiles" as kind, _, name] if _DAY_LIKE.fullmatch(name):
            return kind
    return None


def is_evidence(relative: str) -> bool:
    """Whether a file of a library stands among the evidence, read or not: no determination rests on it."""
    parts = _parts(relative)
    return parts == [ASSESSMENT] or (len(parts) > 2 and parts[1] == EVIDENCE)


def read_evidence_file(path: str, text: str, findings: Findings) -> EvidenceFile | None:
    """The record that a file of evidence states, held against its name and its folder."""
    kind, parts = kind_of_evidence(path), _parts(path)
    assert kind is not None
    record = _READERS[kind](text, findings)
    if record is None:
        return None
    name = parts[-1]
    day = parse_day(name.removesuffix(".md"))
    if name != _WHOLE.get(kind):
        if day is None:
            findings.error(
                1,
                1,
                "bad-file-name",
                f"the file name {name!r}",
                "the day of recording, <day>.md",
                f"{record.recorded}.md",
            )
        elif day != record.recorded:
            findings.error(
                1,
                1,
                "file-name-differs",
                f"recorded {record.recorded} in a file named {name}",
                "one day",
                f"rename the file to {record.recorded}.md, or correct the date",
            )
    of = record.id if isinstance(record, Study) else record.population if isinstance(record, Profile) else None
    if of is not None and of != parts[-2]:
        findings.error(
            1,
            1,
            "wrong-folder",
            f"{of!r} in the folder {parts[-2]}/",
            "the folder of its own name",
            f"move it to {kind}/{of}/, or correct the name",
        )
    return record


def _parts(relative: str) -> list[str]:
    return relative.removeprefix("policies/").split("/")


def _folder(source: Source) -> str:
    parts = source.file.split("/")
    return "/".join(parts[: parts.index(EVIDENCE, 1)])


# ---------------------------------------------------------------------------- put together


def put_together(
    records: Iterable[EvidenceFile], versions: Sequence[PolicyVersion], folders: Iterable[str]
) -> tuple[tuple[EvidenceBase, ...], list[Diagnostic]]:
    """The records by policy, with what their files together get wrong.

    ``folders`` are those that hold a version's file, readable or not.
    """
    by_folder: dict[str, list[EvidenceFile]] = {}
    for record in sorted(records, key=lambda each: each.source.file):
        by_folder.setdefault(_folder(record.source), []).append(record)
    known, found = set(folders), list[Diagnostic]()
    held: dict[str, list[EvidenceFile]] = {}
    for folder, inner in by_folder.items():
        beside = [version for version in versions if version.source.file.rsplit("/", 1)[0] == folder]
        number = beside[0].policy if beside and beside[0].policy else _stated(inner) or folder.rsplit("/", 1)[-1]
        if folder not in known:
            found.append(
                _error(
                    inner[0].source,
                    "evidence-without-policy",
                    f"evidence in {folder}/, which holds no policy",
                    "a version beside it, such as 2024-07-01.md",
                    "move it below the folder of its policy",
                )
            )
        found += _numbers(inner, number)
        held.setdefault(number, []).extend(inner)
    bases = []
    for number, inner in sorted(held.items()):
        base = EvidenceBase(
            number,
            tuple(each for each in inner if isinstance(each, Questions)),
            tuple(each for each in inner if isinstance(each, Study)),
            tuple(each for each in inner if isinstance(each, Profile)),
            tuple(each for each in inner if isinstance(each, Watching)),
        )
        found += _same_days(base) + _names(base) + _printed(base, [each for each in versions if each.policy == number])
        bases.append(base)
    return tuple(bases), found


def records_of(base: EvidenceBase) -> tuple[EvidenceFile, ...]:
    """All records of a policy's evidence."""
    return (*base.questions, *base.studies, *base.profiles, *base.watching)


def _error(source: Source, rule: str, words: str, expected: str, mend: str, near: str = "") -> Diagnostic:
    return Diagnostic(source, Severity.ERROR, rule, words, expected, mend, near)


def _number_of(record: EvidenceFile) -> str:
    return "" if isinstance(record, Study) else record.policy


def _stated(records: Iterable[EvidenceFile]) -> str:
    return next((number for number in map(_number_of, records) if number), "")


def _numbers(records: Iterable[EvidenceFile], number: str) -> list[Diagnostic]:
    return [
        _error(
            each.source,
            "evidence-of-another-policy",
            f"evidence of policy {stated!r} in the folder of {number!r}",
            "the number of the versions beside it",
            f"move it, or write {number}",
        )
        for each in records
        if (stated := _number_of(each)) and stated != number
    ]


def _same_days(base: EvidenceBase) -> list[Diagnostic]:
    seen: dict[tuple[str, str, date], EvidenceFile] = {}
    found = []
    for each in records_of(base):
        of = each.id if isinstance(each, Study) else each.population if isinstance(each, Profile) else ""
        first = seen.setdefault((type(each).__name__, of, each.recorded), each)
        if first is not each:
            found.append(
                _error(
                    each.source,
                    "same-days",
                    f"recorded {each.recorded}, as in {first.source.file}",
                    "one record a day",
                    "correct the day, or delete one of the two",
                )
            )
    return found


class _Asked:
    """The questions by which a record is read, and what it names that they do not hold."""

    def __init__(self, base: EvidenceBase) -> None:
        self._questions = sorted(base.questions, key=lambda each: each.recorded)
        self.found: list[Diagnostic] = []

    def on(self, day: date) -> Questions | None:
        """Those in force on a day, else the earliest; ``None`` where nothing is asked."""
        before = [each for each in self._questions if each.recorded <= day]
        return before[-1] if before else next(iter(self._questions), None)

    def name(self, source: Source, what: str, name: str, names: Iterable[str], asked: Questions) -> None:
        held = sorted(set(names))
        if name not in held:
            near = nearest(name, held)
            self.found.append(
                _error(
                    source,
                    "unknown-id",
                    f"{what} {name!r} is not among the questions in {asked.source.file}",
                    f"one of: {', '.join(held[:12])}{', ...' if len(held) > 12 else ''}",
                    f"write {near!r}" if near else f"declare it there, or use a declared {what}",
                    near,
                )
            )


def _names(base: EvidenceBase) -> list[Diagnostic]:
    """The ids that studies and profiles name, held against the questions of their day."""
    names = _Asked(base)
    for study in base.studies:
        asked = names.on(study.recorded)
        if asked is None:
            names.found.append(_nothing_asked(study.source))
            continue
        if study.population not in ("all", "none"):
            names.name(study.source, "population", study.population, (each.id for each in asked.populations), asked)
        if study.intervention not in ("", "none"):
            names.name(
                study.source, "intervention", study.intervention, (each.id for each in asked.interventions), asked
            )
        for result in study.results:
            names.name(result.source, "outcome", result.outcome, (each.id for each in asked.outcomes), asked)
            if result.comparator.casefold() != NOT_REPORTED:
                comparators = tuple(each.id for each in asked.comparators)
                names.name(result.source, "comparator", result.comparator, comparators, asked)
    for profile in base.profiles:
        asked = names.on(profile.recorded)
        if asked is None:
            names.found.append(_nothing_asked(profile.source))
            continue
        names.name(profile.source, "population", profile.population, (each.id for each in asked.populations), asked)
        if profile.intervention not in ("", "none"):
            names.name(
                profile.source, "intervention", profile.intervention, (each.id for each in asked.interventions), asked
            )
        for certainty in profile.certainty:
            for outcome in _items(certainty.outcome):
                names.name(certainty.source, "outcome", outcome, (each.id for each in asked.outcomes), asked)
            comparators = (*(each.id for each in asked.comparators), ANY)
            for comparator in _items(certainty.comparator):
                names.name(certainty.source, "comparator", comparator, comparators, asked)
            names.name(certainty.source, "band", certainty.band, (*(each.name for each in asked.bands), ANY), asked)
    return names.found


def _items(cell: str) -> tuple[str, ...]:
    """The ids of a cell that names those of a pool, parted by semicolons."""
    return tuple(each.strip() for each in cell.split(";"))


def _nothing_asked(source: Source) -> Diagnostic:
    return _error(
        source,
        "nothing-asked",
        "a record beside a policy without questions",
        "evidence/questions.md, which declares the ids that records name",
        "write it",
    )


def _printed(base: EvidenceBase, versions: Sequence[PolicyVersion]) -> list[Diagnostic]:
    """The names that the questions take from the policy's own text, held against every version of it."""
    if not versions:
        return []
    populations = {each.name for version in versions for each in version.populations}
    outcomes = {each for version in versions for population in version.populations for each in population.outcomes}
    groups = {row.group for version in versions for row in version.code_rows}
    value_sets = {each.name for version in versions for each in version.definitions.value_sets}
    found = []

    def name(source: Source, what: str, name: str, held: set[str]) -> None:
        if name and name not in held:
            near = nearest(name, held)
            found.append(
                _error(
                    source,
                    "unknown-in-policy",
                    f"the {what} {name!r} stands in no version of {base.policy}",
                    f"one of: {', '.join(sorted(held)[:12])}" if held else f"a {what} that the policy holds",
                    f"write {near!r}" if near else "correct it, or write `none`",
                    near,
                )
            )

    for asked in base.questions:
        for population in asked.populations:
            name(population.source, "population", population.named, populations)
            for each in population.value_sets:
                name(population.source, "value set", each, value_sets)
        for outcome in asked.outcomes:
            name(outcome.source, "outcome", outcome.named, outcomes)
        for intervention in asked.interventions:
            for each in intervention.services:
                name(intervention.source, "code group", each, groups)
    return found
