"""A folder of policies to a ``Library``: every file with meaning is read, every problem gathered, nothing skipped."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from medpol.library.beside import (
    ASSESSMENT,
    EVIDENCE,
    EvidenceFile,
    is_evidence,
    kind_of_evidence,
    put_together,
    read_evidence_file,
    records_of,
)
from medpol.library.settings import AdjustmentRow, Settings, read_adjustments, read_settings
from medpol.model.codes import DIAGNOSIS_SYSTEMS
from medpol.model.contract import CoverageSource, MemberPlan, SourceKind
from medpol.model.dates import parse_day
from medpol.model.diagnostic import Diagnostic, Severity, Source, errors, in_order, nearest
from medpol.model.facts import EventField, FactDeclaration
from medpol.model.policy import PolicyVersion
from medpol.model.studies import AssessmentRow, EvidenceBase
from medpol.text.assessments import read_assessment
from medpol.text.facts import read_facts
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings, content_hash, decode
from medpol.text.sources import read_member_plans, read_source

_VERSION_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.(\d{4}-\d{2}-\d{2}))?\.md", re.ASCII)
_DAY_LIKE = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}.*\.md", re.ASCII)
_DOCUMENT = re.compile(r".*\.(?:md|markdown)", re.IGNORECASE | re.DOTALL)
_DATED = re.compile(r"\d{4}[^0-9a-z]?\d{1,2}[^0-9a-z]?\d{1,2}(?!\d).*\.(?:md|markdown)", re.IGNORECASE | re.DOTALL)
_SIDE_FOLDERS = ("contracts", "mandates")
_ROOT_FILES = ("facts.md", "plans.md", ASSESSMENT, "medpol.toml", "adjustments.toml")
MAXIMUM_FILES = 100_000


class LibraryNotFound(FileNotFoundError):
    """There is no library where one was named."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library as read: versions, sources, plans and declarations, with the diagnostics of all its files.

    ``files`` maps each relative path with meaning to its content hash; ``texts`` keeps what was read of each.
    ``assessment`` is the library's own table from criteria to positions, empty where the customary one holds.
    """

    root: str
    versions: tuple[PolicyVersion, ...] = ()
    sources: tuple[CoverageSource, ...] = ()
    plans: tuple[MemberPlan, ...] = ()
    facts: tuple[FactDeclaration, ...] = ()
    event_fields: tuple[EventField, ...] = ()
    settings: Settings = Settings()
    adjustments: tuple[AdjustmentRow, ...] = ()
    evidence: tuple[EvidenceBase, ...] = ()
    assessment: tuple[AssessmentRow, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors with which it decides nothing: all but those of the evidence, on which no determination rests."""
        return tuple(each for each in errors(self.diagnostics) if not is_evidence(each.source.file))

    @property
    def evidence_errors(self) -> tuple[Diagnostic, ...]:
        """The errors of the evidence beside the policies. A record with one is held as far as it could be read."""
        return tuple(each for each in errors(self.diagnostics) if is_evidence(each.source.file))

    @property
    def deciding_files(self) -> tuple[tuple[str, str], ...]:
        """``files`` without those of the evidence."""
        return tuple(each for each in self.files if not is_evidence(each[0]))

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.facts, self.event_fields, self.settings.lines, self.settings.systems)

    def evidence_of(self, policy: str) -> EvidenceBase | None:
        """The records of the evidence beside a policy, ``None`` where there are none."""
        return next((each for each in self.evidence if each.policy == policy), None)

    def policies(self) -> tuple[str, ...]:
        return tuple(sorted({version.policy for version in self.versions}))

    def of(self, policy: str) -> tuple[PolicyVersion, ...]:
        """The versions of one policy, by first day and then by the day they became known; drafts last."""
        return oldest_first(version for version in self.versions if version.policy == policy)


def oldest_first(versions: Iterable[PolicyVersion]) -> tuple[PolicyVersion, ...]:
    """Versions by first day and then by the day they became known; drafts last."""
    return tuple(
        sorted(
            versions, key=lambda each: (str(each.first_day or "9999"), str(each.known_from or "9999"), each.source.file)
        )
    )


def slug(policy: str) -> str:
    """The path-safe folder name of a policy number."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", policy).strip("-.") or "policy"


def find_root(path: Path) -> Path:
    """The library root for a path: itself, or the folder above a ``policies`` folder that holds ``facts.md``.

    Raises:
        LibraryNotFound: No such folder.
    """
    if not path.is_dir():
        raise LibraryNotFound(f"no library at {path}: expected a folder with policies (see docs/notation.md)")
    if path.name == "policies" and not (path / "facts.md").exists() and (path.parent / "facts.md").exists():
        return path.parent
    return path


def load(path: Path | str, *, previous: Library | None = None) -> Library:
    """Read a library from a folder. The order in which the system lists files does not matter.

    Args:
        path: The folder.
        previous: The same library as it was read before: files whose text has not altered are not parsed again.

    Returns:
        The same library with ``previous`` as without it.

    Raises:
        LibraryNotFound: No such folder.
    """
    root = find_root(Path(path))
    data: dict[str, bytes] = {}
    problems: list[Diagnostic] = []
    for relative, found in _entries(root, problems):
        if not _has_meaning(relative):
            problems += _misplaced(relative, found)
        elif len(data) >= MAXIMUM_FILES:
            raise LibraryNotFound(f"more than {MAXIMUM_FILES:,} files under {path}: name the library's own folder")
        else:
            try:
                if not found.is_file():
                    raise OSError("a folder, a broken link or a device")
                data[relative] = found.read_bytes()
            except OSError as problem:
                problems.append(_not_a_file(relative, problem.strerror or str(problem)))
    return read_library(data, str(path), previous=previous, problems=problems)


def _entries(root: Path, problems: list[Diagnostic]) -> Iterator[tuple[str, Path]]:
    """Every entry below a folder by its relative path, links followed once, in an order of its own."""
    seen: set[Path] = set()

    def unreadable(problem: OSError) -> None:
        where = Path(str(problem.filename)).relative_to(root).as_posix() if problem.filename else "."
        problems.append(_not_a_file(where, problem.strerror or str(problem)))

    for folder, folders, names in os.walk(root, followlinks=True, onerror=unreadable):
        real = Path(folder).resolve()
        if real in seen:
            folders[:] = []
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted({*names, *folders}):
            found = Path(folder, name)
            relative = found.relative_to(root).as_posix()
            if name not in folders or _has_meaning(relative):
                yield relative, found


def _not_a_file(relative: str, why: str) -> Diagnostic:
    return Diagnostic(
        Source(relative),
        Severity.ERROR,
        "not-a-file",
        f"{relative} cannot be read: {why}",
        "a document",
        "mend it, or take it away",
    )


def _misplaced(relative: str, found: Path) -> list[Diagnostic]:
    """A document that looks meant and that nobody would read: passing it over could bring an older one back to life."""
    parts = relative.removeprefix("policies/").split("/")
    name, folder = parts[-1], parts[0]
    if any(part.startswith(".") for part in parts) or folder == EVIDENCE:
        return []
    is_document = _DOCUMENT.fullmatch(name) is not None
    if len(parts) == 1:
        is_wrong = _DATED.fullmatch(name) is not None or (name not in _ROOT_FILES and name.casefold() in _ROOT_FILES)
    elif folder.casefold() in _SIDE_FOLDERS:
        is_wrong = is_document
    elif parts[1] == EVIDENCE and len(parts) == 3 and name.casefold() in ("questions.md", "trials.md"):
        is_wrong = True
    else:
        is_wrong = _DATED.fullmatch(name) is not None
    if not is_wrong or found.is_dir():
        return []
    return [
        Diagnostic(
            Source(relative),
            Severity.ERROR,
            "misplaced-file",
            f"{relative!r} is not read under this name or in this place",
            "<policy>/<first day>.md, contracts/<name>.md, mandates/<name>.md, facts.md, plans.md and the like at the root, or "
            "a file of evidence where docs/evidence-files.md says",
            "rename or move it; a file that is no document of the library needs a name that is no day",
        )
    ]


def _has_meaning(relative: str) -> bool:
    if kind_of_evidence(relative) is not None:
        return True
    parts = relative.split("/")
    if any(part.startswith(".") for part in parts) or len(parts) > 4:
        return False
    if parts[0] == "policies" and len(parts) > 1:
        parts = parts[1:]
    if len(parts) == 1:
        return parts[0] in _ROOT_FILES
    if parts[0] in _SIDE_FOLDERS:
        return len(parts) == 2 and parts[1].endswith(".md")
    return len(parts) == 2 and _DAY_LIKE.fullmatch(parts[1]) is not None


def read_library(
    data: Mapping[str, bytes], root: str = "", *, previous: Library | None = None, problems: Iterable[Diagnostic] = ()
) -> Library:
    """A library from its files' bytes by relative path; ``load`` says what ``previous`` does and adds its ``problems``."""
    diagnostics: list[Diagnostic] = list(problems)
    texts: dict[str, str] = {}
    for path in sorted(data):
        findings = Findings(path)
        text = decode(data[path], findings)
        if text is not None:
            texts[path] = text
        diagnostics += findings.found

    def root_file(name: str) -> tuple[str, Findings]:
        path = name if name in texts else f"policies/{name}"
        return texts.get(path, ""), Findings(path)

    text, findings = root_file("medpol.toml")
    settings = read_settings(text, findings)
    diagnostics += findings.found
    text, findings = root_file("adjustments.toml")
    adjustments = read_adjustments(text, findings)
    diagnostics += findings.found
    text, findings = root_file("facts.md")
    facts, fields = read_facts(text, findings)
    diagnostics += findings.found
    vocabulary = Vocabulary(facts, fields, settings.lines, settings.systems)
    text, findings = root_file("plans.md")
    plans = read_member_plans(text, findings, vocabulary)
    diagnostics += findings.found

    versions: list[PolicyVersion] = []
    sources: list[CoverageSource] = []
    beside = [path for path in texts if kind_of_evidence(path) is not None]
    side = [path for path in texts if path.removeprefix("policies/").split("/")[0] in _SIDE_FOLDERS]
    named = sorted(path for path in texts if "/" in path.removeprefix("policies/") and path not in {*side, *beside})
    kept = {} if previous is None or previous.vocabulary != vocabulary else _unaltered(previous, texts)
    for path in named:
        findings = Findings(path)
        version = kept[path] if path in kept else _version(path, texts[path], findings, vocabulary)
        if version is not None:
            versions.append(version)
        diagnostics += findings.found
    groups = tuple(
        sorted({row.group for version in versions for row in version.code_rows if row.system not in DIAGNOSIS_SYSTEMS})
    )
    diagnoses = tuple(
        sorted({row.group for version in versions for row in version.code_rows if row.system in DIAGNOSIS_SYSTEMS})
    )
    for path in sorted(side):
        findings = Findings(path)
        source = read_source(texts[path], findings, vocabulary, groups, diagnoses)
        if source is not None:
            _report_wrong_folder(source, path, findings)
            sources.append(source)
        diagnostics += findings.found
    diagnostics += _shared(versions, sources, plans, fields, groups)
    records, assessment, found = _evidence(beside, texts, previous)
    diagnostics += found
    evidence, found = put_together(records, versions, {path.rsplit("/", 1)[0] for path in named})
    diagnostics += found
    return Library(
        root,
        tuple(sorted(versions, key=lambda each: each.source.file)),
        tuple(sources),
        plans,
        facts,
        fields,
        settings,
        adjustments,
        evidence,
        assessment,
        in_order(diagnostics),
        tuple((path, content_hash(texts[path])) for path in sorted(texts)),
        texts,
    )


def _unaltered(previous: Library, texts: Mapping[str, str]) -> dict[str, PolicyVersion]:
    """The versions of a library read with the same vocabulary whose files read the same; those with findings are left out."""
    spoken_of = {each.source.file for each in previous.diagnostics}
    return {
        version.source.file: version
        for version in previous.versions
        if version.source.file not in spoken_of
        and (text := texts.get(version.source.file)) is not None
        and text == previous.texts.get(version.source.file)
    }


def _evidence(
    paths: Iterable[str], texts: Mapping[str, str], previous: Library | None
) -> tuple[list[EvidenceFile], tuple[AssessmentRow, ...], list[Diagnostic]]:
    """The records of the evidence and the library's own assessment table; what reads as before is not read again."""
    spoken_of = set() if previous is None else {each.source.file for each in previous.diagnostics}
    kept: dict[str, EvidenceFile] = {}
    for base in () if previous is None else previous.evidence:
        for each in records_of(base):
            path = each.source.file
            if path not in spoken_of and previous is not None and texts.get(path) == previous.texts.get(path):
                kept[path] = each
    records: list[EvidenceFile] = []
    diagnostics: list[Diagnostic] = []
    for path in sorted(paths):
        findings = Findings(path)
        record = kept[path] if path in kept else read_evidence_file(path, texts[path], findings)
        records += [record] if record is not None else []
        diagnostics += findings.found
    path = ASSESSMENT if ASSESSMENT in texts else f"policies/{ASSESSMENT}"
    findings = Findings(path)
    assessment = read_assessment(texts[path], findings) if path in texts else ()
    return records, assessment, [*diagnostics, *findings.found]


def _version(path: str, text: str, findings: Findings, vocabulary: Vocabulary) -> PolicyVersion | None:
    name = path.rsplit("/", 1)[1]
    match = _VERSION_FILE.fullmatch(name)
    if match is None or parse_day(match[1]) is None or (match[2] and parse_day(match[2]) is None):
        findings.error(
            1,
            1,
            "bad-file-name",
            f"the file name {name!r}",
            "<first day>.md, or <first day>.<published>.md for a correction",
            "rename it, such as 2024-07-01.md",
        )
        return None
    version = read_policy(text, findings, vocabulary)
    if version is None:
        return None
    first = parse_day(match[1])
    if version.first_day is not None and version.first_day != first:
        place = version.place("archived" if version.is_archived else "effective")
        findings.error(
            place.line,
            place.column,
            "file-name-differs",
            f"first day {version.first_day} in a file named {name}",
            "one first day",
            f"rename the file to {version.first_day}.md, or correct the date",
        )
    if match[2] and version.known_from is not None and str(version.known_from) != match[2]:
        place = version.place("published")
        findings.error(
            place.line,
            place.column,
            "file-name-differs",
            f"known from {version.known_from} in a file named {name}",
            f"published: {match[2]}",
            "rename the file, or correct the date",
        )
    return version


def _report_wrong_folder(source: CoverageSource, path: str, findings: Findings) -> None:
    folder = path.removeprefix("policies/").split("/")[0]
    expected = "contracts" if source.kind is SourceKind.CONTRACT else "mandates"
    if folder != expected:
        findings.error(
            1, 1, "wrong-folder", f"a {source.kind.value} in {folder}/", f"{expected}/", f"move it to {expected}/"
        )


def _withdrawals(versions: list[PolicyVersion]) -> list[Diagnostic]:
    """A withdrawal of a first day that no version of the policy has leaves in force what it meant to take out."""
    found = []
    for version in versions:
        days = {str(other.first_day) for other in versions if other.policy == version.policy and other is not version}
        for day in version.withdraws:
            if str(day) not in days:
                near = nearest(str(day), days)
                found.append(
                    Diagnostic(
                        version.place("withdraws"),
                        Severity.ERROR,
                        "withdraws-nothing",
                        f"no version of {version.policy} has the first day {day}",
                        "the first day of a version that stands",
                        f"write {near}" if near else "correct the day",
                        near,
                    )
                )
    return found


def _spread(versions: list[PolicyVersion]) -> list[Diagnostic]:
    """One policy in two folders: most likely a copy whose number was not changed."""
    found = []
    folders: dict[str, str] = {}
    for version in sorted(versions, key=lambda each: each.source.file):
        folder = version.source.file.rsplit("/", 1)[0]
        first = folders.setdefault(version.policy, folder)
        if first != folder:
            found.append(
                Diagnostic(
                    version.place("policy"),
                    Severity.ERROR,
                    "policy-in-two-folders",
                    f"policy {version.policy!r} stands in {first}/ and in {folder}/",
                    "one folder a policy",
                    f"move it to {slug(version.policy)}/, or correct the number",
                )
            )
    return found


def _shared(
    versions: list[PolicyVersion],
    sources: list[CoverageSource],
    plans: tuple[MemberPlan, ...],
    fields: tuple[EventField, ...],
    groups: tuple[str, ...],
) -> list[Diagnostic]:
    """What only two files together can get wrong."""
    found: list[Diagnostic] = []

    def error(source: Source, rule: str, words: str, expected: str, mend: str, near: str = "") -> None:
        found.append(Diagnostic(source, Severity.ERROR, rule, words, expected, mend, near))

    seen: dict[tuple[str, object, object], PolicyVersion] = {}
    folders: dict[str, PolicyVersion] = {}
    for version in sorted(versions, key=lambda each: each.source.file):
        key = (version.policy, version.first_day, version.known_from)
        if not version.is_draft and key in seen:
            error(
                version.source,
                "same-days",
                f"first day {version.first_day} and known from {version.known_from}, as in {seen[key].source.file}",
                "a later `published:` for a correction",
                "correct the dates, or delete one of the two",
            )
        seen.setdefault(key, version)
        folder = version.source.file.rsplit("/", 1)[0]
        first = folders.setdefault(folder, version)
        if first.policy != version.policy:
            error(
                version.place("policy"),
                "folder-shared",
                f"policy {version.policy!r} in the folder of {first.policy!r}",
                "one policy a folder",
                f"move it to {slug(version.policy)}/, or correct the number",
            )
    found += _withdrawals(versions) + _spread(versions)
    ids: dict[tuple[bool, str], CoverageSource] = {}
    for source in sources:
        name = (source.kind is SourceKind.CONTRACT, source.id)
        if name in ids:
            error(
                source.source,
                "duplicate-id",
                f"the id {source.id!r} is taken by {ids[name].source.file}",
                "one file an id",
                "rename one",
            )
        ids.setdefault(name, source)
    contracts = [source.id for source in sources if source.kind is SourceKind.CONTRACT]
    for plan in plans:
        if plan.contract is not None and plan.contract not in contracts:
            near = nearest(plan.contract, contracts)
            error(
                plan.source,
                "unknown-contract",
                f"the contract {plan.contract!r} of plan {plan.id!r} is not held",
                "the id of a file in contracts/",
                f"write {near!r}" if near else "add the contract",
                near,
            )
    for each in fields:
        for group in each.groups:
            if versions and group not in groups:
                near = nearest(group, groups)
                found.append(
                    Diagnostic(
                        each.source,
                        Severity.WARNING,
                        "unknown-group",
                        f"the event field {each.name!r} of a group {group!r} that no policy holds",
                        "a Coding group",
                        f"write {near!r}" if near else "correct the group",
                        near,
                    )
                )
    return found
