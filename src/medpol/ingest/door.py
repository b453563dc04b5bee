"""``ingest``: a published document in, drafts, report and diagnostics out. Only ``write_drafts`` touches files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from pathlib import Path

from medpol.ingest.answer import Answer, Reading, Refusal, Refused
from medpol.ingest.apart import kind_of, read_apart
from medpol.ingest.drafts import Draft, drafts_of
from medpol.ingest.pages import Pages, read_text
from medpol.ingest.plugins import asked_in_turn, loaded, publishers
from medpol.ingest.published import Published, PublisherReader
from medpol.ingest.report import Account, Question, Report, reported
from medpol.model.diagnostic import Diagnostic, Severity, Source, nearest
from medpol.model.policy import PolicyVersion
from medpol.text.facts import FACT_COLUMNS
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings
from medpol.text.tables import print_table
from medpol.text.writer import write

FACTS = (
    "# Facts\n\nNo draft here asks for a fact yet: each question is answered by a person.\n\n"
    + print_table(FACT_COLUMNS[:5], ())
    + "\n"
)


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of a document: drafts as (path below the library's root, text), the report, and what went wrong."""

    drafts: tuple[tuple[str, str], ...]
    report: Report
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        return any(each.severity is Severity.ERROR for each in self.diagnostics)


class HoldsOther(Exception):
    """The drafts cannot stand where they are to be written; ``paths`` names what is in the way."""

    def __init__(
        self,
        paths: Sequence[str],
        why: str = "would change or stand beside other versions",
        mend: str = "move them away, or write elsewhere",
    ) -> None:
        super().__init__(f"{why}: {', '.join(paths)}; {mend}")
        self.paths = tuple(paths)


def ingest(data: bytes, name: str, publisher: str | None = None, *, apart: bool = False) -> Ingested:
    """The drafts of a published document. No file is read or written.

    ``name`` is the document's, for messages and for its format by ending. Without ``publisher`` each reader is asked
    whether the document is its own. PDF and DOCX are read in a child process; ``apart`` has every format read there.
    """
    answer = _read(data, name, apart)
    if answer.reading is None:
        assert answer.refusal is not None
        said = answer.refusal
        error = _error(name, said.rule, said.found, said.expected, said.mend)
        return Ingested((), reported(name, data, ()), (error,))
    return ingest_reading(data, name, answer.reading, publisher)


def _read(data: bytes, name: str, apart: bool) -> Answer:
    kind = kind_of(data, name)
    if kind == "old-word":
        found = "this is the old Word format, or a document with a password"
        mend = "save it as .docx without a password"
        return Answer(refusal=Refusal("unreadable-document", found, "Markdown, HTML, PDF or DOCX", mend))
    if apart or kind != "text":
        ending = name[name.rfind(".") :] if "." in name else ""
        return read_apart(data, kind, ending if re.fullmatch(r"\.[A-Za-z0-9]{1,9}", ending) else "")
    try:
        return Answer(read_text(data, name))
    except Refused as problem:
        return Answer(refusal=problem.refusal)


def ingest_reading(data: bytes, name: str, reading: Reading, publisher: str | None = None) -> Ingested:
    """The drafts of a document that is read already, as its publisher's reader understands it. Pure."""
    pages = Pages(name, reading.format, reading.lines, reading.blocks, reading.pages)
    account = Account(list(reading.entries))
    known = publishers()
    if publisher is not None and publisher not in known:
        near = nearest(publisher, known)
        return _ended(
            data,
            pages,
            account,
            _error(
                name,
                "unknown-publisher",
                f"publisher reader {publisher!r} is not installed",
                f"one of: {', '.join(known)}",
                f"write {near!r}" if near else "install its plug-in",
                near,
            ),
        )
    chosen = {publisher: known[publisher]} if publisher is not None else asked_in_turn(known)
    return _with_readers(data, pages, account, chosen.items())


def _with_readers(
    data: bytes, pages: Pages, account: Account, readers: Iterable[tuple[str, EntryPoint | PublisherReader]]
) -> Ingested:
    tried = []
    for reader_name, reader in readers:
        tried.append(reader_name)
        published = loaded(reader)(pages, account)
        if published is not None:
            return _drafted(data, pages, account, reader_name, published)
    error = _error(
        pages.name,
        "publisher-not-recognised",
        "no reader takes this document for its publisher's",
        f"a layout known to: {', '.join(tried)}",
        "name the reader with --publisher, or write one (docs: plug-ins)",
    )
    return _ended(data, pages, account, error)


def _drafted(data: bytes, pages: Pages, account: Account, reader_name: str, published: Published) -> Ingested:
    problems = [_incomplete(pages.name, problem) for problem in published.problems]
    drafts = drafts_of(published) if not problems else ()
    if not problems and not drafts:
        problems.append(
            _incomplete(pages.name, "neither the header nor the history states a day from which the text holds")
        )
    written: list[tuple[str, str]] = []
    for draft in drafts:
        text, errors = _printed(draft)
        problems += errors
        written.append((draft.path, text))
    if any(each.severity is Severity.ERROR for each in problems):
        written = []
    if written:
        written = [("facts.md", FACTS), *written]
    questions = _carried(drafts, account)
    report = reported(
        pages.name,
        data,
        pages.lines,
        format=pages.format,
        pages=pages.pages,
        publisher=reader_name,
        entries=account.entries,
        questions=questions,
        drafts=[path for path, _ in written],
    )
    return Ingested(tuple(written), report, tuple(problems))


def _printed(draft: Draft) -> tuple[str, list[Diagnostic]]:
    """The draft's text, and the errors with which it reads back; a heading too near a standard one is told apart first."""
    text, errors = _read_back(draft.path, draft.version)
    unknown = {each.source.line for each in errors if each.rule == "near-miss-section"}
    if not unknown:
        return text, errors
    headings = {text.split("\n")[line - 1].removeprefix("## ") for line in unknown}
    sections = tuple(
        replace(each, heading=f"{each.heading} (as published)") if each.heading in headings else each
        for each in draft.version.sections
    )
    return _read_back(draft.path, replace(draft.version, sections=sections))


def _read_back(path: str, version: PolicyVersion) -> tuple[str, list[Diagnostic]]:
    text = write(version)
    findings = Findings(path)
    read_policy(text, findings, Vocabulary())
    return text, [each for each in findings.found if each.severity is Severity.ERROR]


def _incomplete(name: str, problem: str) -> Diagnostic:
    mend = "complete the document, or write the draft by hand"
    return _error(name, "document-incomplete", problem, "a whole published policy", mend)


def _carried(drafts: Iterable[Draft], account: Account) -> list[Question]:
    """The doubts that no line of the source raises, each once with the days of the versions that hold it."""
    asked = {entry.what for entry in account.entries}
    days: dict[str, list[str]] = {}
    for draft in drafts:
        for doubt in draft.version.doubtful:
            if doubt not in asked:
                days.setdefault(doubt, []).append(draft.path.rsplit("/", 1)[-1].removesuffix(".md"))
    return [Question(f"{doubt} (in {', '.join(held)})", ()) for doubt, held in days.items()]


def _ended(data: bytes, pages: Pages, account: Account, error: Diagnostic) -> Ingested:
    report = reported(
        pages.name,
        data,
        pages.lines,
        format=pages.format,
        pages=pages.pages,
        entries=account.entries,
    )
    return Ingested((), report, (error,))


def _error(name: str, rule: str, found: str, expected: str, mend: str, near: str = "") -> Diagnostic:
    return Diagnostic(Source(name), Severity.ERROR, rule, found, expected, mend, near)


# ---------------------------------------------------------------------------- files

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(?:\.\d{4}-\d{2}-\d{2})?\.md|undated\.md")


_POLICY = re.compile(r"^policy\s*:\s*[\"']?(.+?)[\"']?\s*(?:\s#.*)?$", re.IGNORECASE | re.MULTILINE)
_FRONT_MATTER = 16 << 10


def write_drafts(ingested: Ingested, out: Path | str) -> tuple[Path, ...]:
    """Write the drafts below ``out``, a library's root; the paths written or already the same.

    A ``facts.md`` that is there stays. Raises HoldsOther, before anything is written, where a policy's folder holds a
    version that differs from its draft or has none, where another folder holds the policy, where a path leads out of
    ``out`` or to no plain file, and where ``out`` is an empty string.
    """
    if isinstance(out, str):
        if not out.strip():
            raise HoldsOther(("''",), "the folder to write to is empty", "name a folder; . is the present one")
        out = Path(out)
    _check_places(ingested.drafts, out)
    _check_policies(ingested.drafts, out)
    others = [
        path
        for path, text in ingested.drafts
        if path != "facts.md" and (out / path).exists() and (out / path).read_bytes() != text.encode()
    ]
    names = {path for path, _ in ingested.drafts}
    for folder in sorted({path.rsplit("/", 1)[0] for path in names if "/" in path}):
        held = sorted((out / folder).iterdir()) if (out / folder).is_dir() else []
        others += [
            f"{folder}/{each.name}"
            for each in held
            if _VERSION.fullmatch(each.name) and f"{folder}/{each.name}" not in names
        ]
    if others:
        raise HoldsOther(sorted(set(others)))
    for path, text in ingested.drafts:
        target = out / path
        if path == "facts.md" and target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return tuple(out / path for path, _ in ingested.drafts)


def _check_places(drafts: Iterable[tuple[str, str]], out: Path) -> None:
    """Refuse each path that would be written outside ``out``, links followed, or where no plain file can stand."""
    root = _resolved(out)
    outside, blocked = [], []
    for path, _ in drafts:
        target = out / path
        if path == "facts.md" and target.is_file():
            continue
        resolved = _resolved(target)
        if root is None or resolved is None or root not in resolved.parents:
            outside.append(path)
            continue
        above = [each for each in (resolved, *resolved.parents) if root == each or root in each.parents]
        if (resolved.exists() and not resolved.is_file()) or any(
            each.exists() and not each.is_dir() for each in above[1:]
        ):
            blocked.append(path)
    if outside:
        raise HoldsOther(outside, "would write outside it", "take the links away, or write elsewhere")
    if blocked:
        raise HoldsOther(blocked, "holds what is no plain file, or a file for a folder")


def _resolved(path: Path) -> Path | None:
    """A path with every link followed, also one that leads nowhere; ``None`` where links run in a circle."""
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):
        return None
    return None if resolved.is_symlink() else resolved


def _check_policies(drafts: Sequence[tuple[str, str]], out: Path) -> None:
    """Refuse a policy that a folder of another name holds already, below ``out`` or ``out/policies``."""
    own = {path.rsplit("/", 1)[0] for path, _ in drafts if "/" in path}
    numbers = {_policy_in(text) for path, text in drafts if path != "facts.md"}
    held = []
    for above in ("", "policies/"):
        folders = sorted((out / above).iterdir()) if (out / above).is_dir() else []
        for folder in folders:
            if not folder.is_dir() or f"{above}{folder.name}" in own:
                continue
            held += [
                f"{above}{folder.name}/{each.name}"
                for each in sorted(folder.iterdir())
                if _VERSION.fullmatch(each.name) and each.is_file() and _policy_in(_beginning(each)) in numbers
            ]
    if held:
        raise HoldsOther(held, "holds the same policy in another folder")


def _beginning(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(_FRONT_MATTER).decode("utf-8", "replace").replace("\r\n", "\n")


def _policy_in(text: str) -> str:
    """The policy's number in a version's front matter; its own text, which equals no number, where there is none."""
    match = _POLICY.search(text.removeprefix("\ufeff").removeprefix("---").split("\n---", 1)[0])
    return match[1].strip().casefold() if match is not None else text
