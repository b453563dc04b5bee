"""A published document taken apart, to one draft for each version that its history lets us state.

Rows are taken in the order in which they became known. A statement is the row's own, else the one before it; what stands in
the newest text alone is carried back, or on, and marked doubtful there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from medpol.ingest.against import listed_against, rows_against
from medpol.ingest.escape import inline
from medpol.ingest.naming import services_in, stems
from medpol.ingest.printed import criteria_text
from medpol.ingest.published import CodeChange, CriteriaText, Event, ListedCode, Published, Ruling
from medpol.ingest.qualifying import held_to
from medpol.ingest.stating import is_denial
from medpol.ingest.succession import in_known_order, owner_of
from medpol.ingest.wording import in_question
from medpol.library import slug
from medpol.model.codes import DIAGNOSIS_SYSTEMS, CodePattern, CodeSystems, diagnosis_pattern
from medpol.model.criteria import sentence_key
from medpol.model.dates import EffectivePeriod, StatedDate
from medpol.model.evidence import HistoryRow
from medpol.model.lines import EVERYWHERE
from medpol.model.policy import (
    CodeRole,
    CodeRow,
    Coding,
    History,
    Notice,
    PolicyVersion,
    Prose,
    Section,
    SectionName,
)
from medpol.model.positions import CoveragePosition

RIGHTS = "the publisher's own words, all rights reserved by the publisher; not for display, download or export"
_SYSTEMS = CodeSystems()


@dataclass(frozen=True, slots=True)
class Draft:
    """One version with the path of its file, relative to the library's root."""

    path: str
    version: PolicyVersion


@dataclass(slots=True)
class _State:
    """What holds after the rows read so far."""

    rulings: tuple[Ruling, ...] = ()
    rulings_doubt: str = ""
    codes: dict[tuple[str, str], CodeChange | None] = field(default_factory=dict)
    rows: list[HistoryRow] = field(default_factory=list)
    before_pending: dict[date, tuple[tuple[Ruling, ...], str]] = field(default_factory=dict)


def drafts_of(published: Published) -> tuple[Draft, ...]:
    """The drafts in the order of their paths. Without a single dated row, one draft of the text itself."""
    return _Drafter(_with_criteria(published)).drafts()


def _with_criteria(published: Published) -> Published:
    """Where the criteria section states no position that is known, the last one of the history stands in, doubtful."""
    if published.criteria.rulings:
        return published
    last = next((event.rulings for event in reversed(in_known_order(published.events)) if event.rulings), ())
    if any(map(is_denial, published.doubts)):
        last = tuple(map(in_question, last))
    doubt = "the criteria section states no known position: the statement is that of the last history row that has one"
    return replace(published, criteria=replace(published.criteria, rulings=last), doubts=(*published.doubts, doubt))


@dataclass(slots=True)
class _Drafter:
    published: Published
    state: _State = field(default_factory=_State)
    owner: Event | None = None
    groups: dict[tuple[str, str], str] = field(default_factory=dict)

    def drafts(self) -> tuple[Draft, ...]:
        events = in_known_order(self.published.events)
        self.owner = owner_of(events, self.published.effective, by_header=self.published.is_dated_by_header)
        self.groups = self._groups_of_codes()
        self.state.codes = self._first_codes(events)
        held: dict[tuple[date, date | None], Draft] = {}
        for event in events:
            self._learn(event)
            first = event.first_day
            if first is None or (event.event == "notification" and event.effective is None):
                continue
            version = self._version(event, first)
            key = (first, version.known_from)
            held[key] = Draft("", _joined(held[key].version, version) if key in held else version)
        effective = self.published.effective
        if self.owner is None and effective is not None and effective.day is not None:
            version = self._by_header(effective)
            held[effective.day, version.known_from] = Draft("", version)
        drafts = tuple(self._placed(held)) if held else self._text_alone()
        return tuple(sorted(map(self._held_back, drafts), key=lambda draft: draft.path))

    def _held_back(self, draft: Draft) -> Draft:
        """The draft without the day from which it is known, where nothing may govern before a person has looked."""
        why, version = self.published.held_back, draft.version
        if not why:
            return draft
        days = [
            f"{name} {day.text}"
            for name, day in (("published", version.published), ("row date", version.row_date))
            if day
        ]
        doubt = f"{why}; held back as a draft" + (f" ({', '.join(days)})" if days else "")
        version = replace(version, published=None, row_date=None, doubtful=(doubt, *version.doubtful))
        return replace(draft, version=version)

    def _placed(self, held: dict[tuple[date, date | None], Draft]) -> Iterable[Draft]:
        folder = slug(self.published.policy)
        firsts = [first for first, _ in held]
        for (first, known), draft in held.items():
            is_correction = known is not None and firsts.index(first) != list(held).index((first, known))
            name = f"{first}.{known}" if is_correction else str(first)
            yield replace(draft, path=f"{folder}/{name}.md")

    def _text_alone(self) -> tuple[Draft, ...]:
        """The text with its own effective day or month, if any."""
        effective = self.published.effective
        if effective is None:
            return ()
        name = str(effective.day) if effective.day is not None else "undated"
        return (Draft(f"{slug(self.published.policy)}/{name}.md", self._by_header(effective)),)

    def _by_header(self, effective: StatedDate) -> PolicyVersion:
        """The version that the header alone dates; without a published day nothing says since when it is known."""
        self.state.rulings = self.published.criteria.rulings
        doubts = () if self.published.published else ("when was this text published? no history row says",)
        return self._text(self._identity(doubts=doubts, effective=effective), None)

    # ------------------------------------------------------------------ what each row teaches

    def _learn(self, event: Event) -> None:
        self.state.rows.append(_history_row(event))
        if event.first_day is not None and event.first_day > (event.day.day or event.first_day):
            self.state.before_pending[event.first_day] = (self.state.rulings, self.state.rulings_doubt)
        if event.rulings:
            self.state.rulings, self.state.rulings_doubt = self._with_services(event.rulings), ""
        elif event.statement_changed or not self.state.rulings:
            why = "the row says that it changed, not to what" if event.statement_changed else "no row states it"
            self.state.rulings = self.published.criteria.rulings
            self.state.rulings_doubt = f"statement, carried back from {self._text_name()}: {why}"
        for change in event.codes:
            key = (change.system, change.code)
            if change.added:
                self.state.codes[key] = change
            else:
                self.state.codes.pop(key, None)

    def _with_services(self, rulings: Iterable[Ruling]) -> tuple[Ruling, ...]:
        """A row's statements; one whose sentence names no service speaks of the text's."""
        own = _services(self.published.criteria.rulings) or services_in(self.published.title) or ("service",)
        title = self.published.title
        return tuple(held_to(replace(one, services=one.services or own), title) for one in rulings)

    def _first_codes(self, events: Sequence[Event]) -> dict[tuple[str, str], CodeChange | None]:
        """The codes held before the first row: those of the text, and those taken out later, that no row adds."""
        changes = [change for event in events for change in event.codes]
        first: dict[tuple[str, str], bool] = {}
        for change in changes:
            first.setdefault((change.system, change.code), change.added)
        listed = [(code.system, code.code) for code in self.published.codes if code.role is CodeRole.GOVERNED]
        return {key: None for key in (*listed, *first) if not first.get(key, False)}

    # ------------------------------------------------------------------ one version

    def _version(self, event: Event, first: date) -> PolicyVersion:
        withdrawn = self._withdraws(event)
        if event.ends_force and not withdrawn:
            return self._archived(event, first)
        version = self._identity(
            doubts=event.doubts,
            effective=StatedDate(str(first), first),
            approved=event.approved,
            row_date=event.day if event.day.text else None,
            published=event.published,
            notice=event.notice,
            literature_through=event.literature,
        )
        if withdrawn:
            rulings, doubt = self.state.before_pending[withdrawn[0]]
            back = f"statement, carried back from {self._text_name()}: no row states it"
            self.state.rulings = rulings or self.published.criteria.rulings
            self.state.rulings_doubt = doubt if rulings else back
            version = replace(version, withdraws=withdrawn)
        return self._text(version, event) if event is self.owner else self._carried(version, event)

    def _withdraws(self, event: Event) -> tuple[date, ...]:
        """The first day of the change still in notice that a row withdraws; none where it withdraws the policy."""
        if event.event != "withdrawn" or event.day.day is None:
            return ()
        pending = [day for day in self.state.before_pending if day > event.day.day]
        return (max(pending),) if pending else ()

    def _identity(self, doubts: Iterable[str] = (), **fields: object) -> PolicyVersion:
        published = self.published
        version = PolicyVersion(
            published.policy,
            published.title,
            published.publisher,
            published.reference_policy,
            rights=RIGHTS,
            origin=f"{published.publisher} medical policy {published.policy}, {self._text_name()}, imported".strip(),
            doubtful=tuple(dict.fromkeys(doubts)),
            heading=inline(published.title),
        )
        return replace(version, **fields)  # type: ignore[arg-type]

    def _text_name(self) -> str:
        effective = self.published.effective
        return f"the text of {effective.text}" if effective is not None else "the newest text"

    def _archived(self, event: Event, first: date) -> PolicyVersion:
        """Front matter and History only: nothing is governed from that day."""
        back = () if event is self.owner else (f"title, carried back from {self._text_name()}",)
        return self._identity(
            doubts=(*back, *event.doubts),
            archived=StatedDate(str(first), first),
            approved=event.approved,
            row_date=event.day if event.day.text else None,
            published=event.published,
            notice=event.notice,
            literature_through=event.literature,
            sections=(self._history(),),
        )

    def _text(self, version: PolicyVersion, event: Event | None) -> PolicyVersion:
        """The version whose text the document is: everything it says."""
        published = self.published
        doubts = (
            *version.doubtful,
            *published.doubts,
            *(doubt for one in published.criteria.rulings for doubt in one.doubts),
            *self._doubtful_groups(published.criteria.rulings, own=True),
        )
        if event is not None and "statement unchanged" in event.says and not self._same_words():
            doubts = (
                *doubts,
                "the history carries another statement to this text than its criteria hold: which is right?",
            )
        self.state.rulings, self.state.rulings_doubt = published.criteria.rulings, ""
        rows = self._code_rows(published.criteria.rulings, own=True)
        criteria = replace(
            published.criteria, rulings=(*published.criteria.rulings, *listed_against(published.codes, rows))
        )
        rows = (*rows, *rows_against(published.codes, rows))
        sections = [
            Section(SectionName.CRITERIA.value, SectionName.CRITERIA, Prose(criteria_text(criteria, rows))),
            Section(SectionName.CODING.value, SectionName.CODING, Coding(rows, published.coding_prose)),
            *published.sections,
        ]
        if self.state.rows:
            sections.append(self._history())
        return replace(
            version,
            replaces=published.replaces,
            approved=version.approved or published.approved,
            published=version.published or published.published,
            notice=version.notice if version.notice != Notice() else published.notice,
            literature_through=version.literature_through or published.literature_through,
            review_due=published.review_due,
            last_revised=published.last_revised,
            states=published.states,
            lines_of_business=published.lines_of_business,
            related=published.related,
            preamble=published.preamble,
            positions=_declared(published.criteria.rulings),
            doubtful=tuple(dict.fromkeys(doubts)),
            sections=_in_order(sections),
        )

    def _same_words(self) -> bool:
        carried = {sentence_key(one.plain_words) for one in self.state.rulings}
        return carried <= {sentence_key(one.plain_words) for one in self.published.criteria.rulings}

    def _carried(self, version: PolicyVersion, event: Event) -> PolicyVersion:
        """An older version, or one still in notice: what its rows state, with scope and disclaimer of the text, doubtful."""
        published, rulings = self.published, self.state.rulings
        way = "on" if self._is_later(event) else "back"
        origin = f"carried {way} from {self._text_name()}"
        doubts = [f"title, {origin}"]
        if published.lines_of_business is not EVERYWHERE:
            doubts.append(f"lines of business, {origin}")
        if published.states is not EVERYWHERE:
            doubts.append(f"states, {origin}")
        kept = [each for each in published.sections if each.name in (SectionName.SCOPE, SectionName.DISCLAIMER)]
        doubts += [f"{each.heading.casefold()}, {origin}" for each in kept]
        if self.state.rulings_doubt:
            doubts.append(self.state.rulings_doubt)
        doubts += self._code_doubts(rulings, origin)
        doubts += [doubt for one in rulings for doubt in one.doubts]
        doubts += self._doubtful_groups(rulings, own=False)
        rows = self._code_rows(rulings, own=False)
        against = listed_against(published.codes, rows)
        rows = (*rows, *rows_against(published.codes, rows))
        sections = [
            Section(
                SectionName.CRITERIA.value,
                SectionName.CRITERIA,
                Prose(criteria_text(CriteriaText((*rulings, *against)), rows)),
            ),
            Section(SectionName.CODING.value, SectionName.CODING, Coding(rows)),
            *kept,
            self._history(),
        ]
        return replace(
            version,
            lines_of_business=published.lines_of_business,
            states=published.states,
            positions=_declared(rulings),
            doubtful=tuple(dict.fromkeys((*doubts, *version.doubtful))),
            sections=_in_order(sections),
        )

    def _code_doubts(self, rulings: Sequence[Ruling], origin: str) -> Iterable[str]:
        """Codes that no row adds: those carried, and those left out since the statement names no such service."""
        services = _services(rulings)
        unsaid = [key for key, change in self.state.codes.items() if change is None]
        carried = [code for system, code in unsaid if self._fits((system, code), services)]
        left = [code for system, code in unsaid if not self._fits((system, code), services)]
        if carried:
            yield f"codes {', '.join(carried)}, {origin}: no row says when they were added"
        if left:
            yield f"codes {', '.join(left)} left out: no row says when they were added, and the statement names no such service"

    def _fits(self, key: tuple[str, str], services: Sequence[str]) -> bool:
        """Whether a code that no row adds belongs to a service of the statement: its group is one, or shares its words."""
        known = self.groups.get(key)
        return (
            known is None
            or known in services
            or bool(stems(known.replace("-", " ")) & stems(" ".join(services).replace("-", " ")))
        )

    def _is_later(self, event: Event) -> bool:
        effective = self.published.effective
        owner = self.owner.first_day if self.owner is not None else effective.day if effective is not None else None
        return owner is not None and event.first_day is not None and event.first_day > owner

    def _history(self) -> Section:
        return Section(SectionName.HISTORY.value, SectionName.HISTORY, History(tuple(self.state.rows)))

    # ------------------------------------------------------------------ codes and their groups

    def _groups_of_codes(self) -> dict[tuple[str, str], str]:
        """The group of each listed code: the text's one service, else the service whose words its descriptor shares.

        A code whose words tell none of several services has no group here.
        """
        services = _services(self.published.criteria.rulings) or ("service",)
        groups = {(code.system, code.code): _group_of(code.words, services) for code in self.published.codes}
        return {key: group for key, group in groups.items() if group is not None}

    def _groups_in(self, key: tuple[str, str], change: CodeChange | None, services: Sequence[str]) -> tuple[str, ...]:
        """The groups of a code in a version that speaks of some services: the text's own grouping where it still fits,
        and every service where no words tell which it is of."""
        known = self.groups.get(key)
        if not services:
            return (known or "service",)
        named = [each for each in services if key[1].casefold() in each.split("-")]
        others = [each for each in services if each not in named]
        if named:  # a sentence speaks of the code itself, beside those of its service
            return (*named, *(self._groups_in(key, change, others) if others else ()))
        if known is not None and known in services:
            return (known,)
        by_words = _group_of(change.words, services) if change is not None else None
        found = by_words or _group_of(known or "", services)
        return (found,) if found is not None else tuple(services)

    def _code_rows(self, rulings: Sequence[Ruling], *, own: bool) -> tuple[CodeRow, ...]:
        services = _services(rulings)
        rows = [
            _row(key, group, change.start if change is not None else None)
            for key, change in self._codes_in_order(own, services)
            for group in self._groups_in(key, change, services)
        ]
        held = {row.group for row in rows}
        missing = [service for service in services if service not in held]
        rows += [CodeRow(service, "", None, CodeRole.GOVERNED) for service in missing]
        if own:
            rows += [row for code in self.published.codes if (row := _side_row(code)) is not None]
        return tuple(sorted(rows, key=lambda row: _rank(row, services)))

    def _doubtful_groups(self, rulings: Sequence[Ruling], *, own: bool) -> tuple[str, ...]:
        """The question where codes stand in the groups of several services, since no words tell of which they are."""
        services = _services(rulings)
        unsure = [
            key[1]
            for key, change in self._codes_in_order(own, services)
            if len(self._groups_in(key, change, services)) > 1
        ]
        if not unsure:
            return ()
        return (
            f"of which service is each of {', '.join(unsure)}? no words tell: it stands in every group ({', '.join(services)})",
        )

    def _codes_in_order(self, own: bool, services: Sequence[str]) -> list[tuple[tuple[str, str], CodeChange | None]]:
        """The governed codes of a version in the order of the text's table, others behind; the text holds its own alone."""
        listed = [(code.system, code.code) for code in self.published.codes if code.role is CodeRole.GOVERNED]
        if own:
            return [(key, self.state.codes.get(key)) for key in listed]
        held = [key for key, change in self.state.codes.items() if change is not None or self._fits(key, services)]
        place = {key: at for at, key in enumerate(listed)}
        keys = sorted(held, key=lambda key: place.get(key, len(listed)))
        return [(key, self.state.codes[key]) for key in keys]


def _joined(one: PolicyVersion, other: PolicyVersion) -> PolicyVersion:
    """Two rows of one day make one version: the later row's, with what the earlier alone states."""
    return replace(
        other,
        approved=other.approved or one.approved,
        published=other.published or one.published,
        literature_through=other.literature_through or one.literature_through,
        notice=other.notice if other.notice != Notice() else one.notice,
        doubtful=tuple(dict.fromkeys((*other.doubtful, *(each for each in one.doubtful if "carried" not in each)))),
    )


def _history_row(event: Event) -> HistoryRow:
    comment = event.comment
    if not event.day.text:
        comment = f"Date as printed: {inline(event.printed)}. {comment}"
    return HistoryRow(event.day, event.event, event.approved, event.effective, event.published, event.says, comment)


# ---------------------------------------------------------------------------- what rulings name


def _services(rulings: Iterable[Ruling]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(service for one in rulings for service in one.services))


def _declared(rulings: Iterable[Ruling]) -> tuple[tuple[str, CoveragePosition], ...]:
    return tuple(dict.fromkeys(pair for one in rulings for pair in one.declared))


def _group_of(words: str, services: Sequence[str]) -> str | None:
    """The one service whose distinctive words some words share most; ``None`` where none, or several do."""
    if len(services) == 1:
        return services[0]
    own = stems(words.replace("-", " "))
    scores = [len(own & stems(service.replace("-", " "))) for service in services]
    best = max(scores, default=0)
    return services[scores.index(best)] if best and scores.count(best) == 1 else None


def _row(key: tuple[str, str], group: str, start: date | None) -> CodeRow:
    system, code = key
    return CodeRow(group, system, CodePattern(code), CodeRole.GOVERNED, EffectivePeriod(start))


def _side_row(code: ListedCode) -> CodeRow | None:
    """A row that names no service: diagnoses that support, codes for information."""
    if code.role is CodeRole.GOVERNED:
        return None
    pattern = (
        diagnosis_pattern(_SYSTEMS, code.system, code.code)
        if code.system in DIAGNOSIS_SYSTEMS
        else CodePattern(code.code)
    )
    kind = "diagnoses" if code.system in DIAGNOSIS_SYSTEMS else "codes"
    name = f"{'supporting' if code.role is CodeRole.SUPPORTS else 'other'}-{kind}"
    return CodeRow(name, code.system, pattern, code.role)


def _rank(row: CodeRow, services: Sequence[str]) -> int:
    return services.index(row.group) if row.group in services else len(services)


def _in_order(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Standard sections in the order of the notation; an unknown one stays behind the section before it."""
    order = list(SectionName)
    place, keyed = 0.0, []
    for section in sections:
        place = float(order.index(section.name)) if section.name is not None else place + 0.01
        keyed.append((place, section))
    return tuple(section for _, section in sorted(keyed, key=lambda each: each[0]))
