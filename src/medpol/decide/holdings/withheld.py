"""Values without the words that a document's rights keep from a public page; codes, days and positions stay."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import msgspec

from medpol.decide.holdings.dated import PolicyHistory
from medpol.decide.holdings.shown import PolicyShown, RuleSaid, Sentence
from medpol.library import Library
from medpol.library.redline import Item, Redline, Said
from medpol.library.redline.summary import FACTS
from medpol.model.contract import CoverageSource
from medpol.model.determination import Asked, CitedSentence, Determination, JudgedCriterion
from medpol.model.policy import PolicyVersion
from medpol.model.rights import may_show_prose

WITHHELD = "(not shown: the rights of this document do not allow it)"


def withheld_files(library: Library) -> frozenset[str]:
    """The documents of a library whose words are not ours to show."""
    documents: list[PolicyVersion | CoverageSource] = [*library.versions, *library.sources]
    return frozenset(each.source.file for each in documents if not may_show_prose(each))


def without_words(shown: PolicyShown) -> PolicyShown:
    """A policy as a list of what it decides, without a sentence of it."""
    return replace(
        shown,
        criteria=tuple(map(_rule, shown.criteria)),
        medicare=WITHHELD if shown.medicare else "",
        history=tuple(replace(each, comment="") for each in shown.history),
    )


def without_comments(found: PolicyHistory, files: Collection[str]) -> PolicyHistory:
    """A history without what its document, one of some files, tells of its events; their days and kinds stay."""
    if found.versions[-1].file not in files:
        return found
    return replace(found, events=tuple(replace(each, comment="") for each in found.events))


def without_prose(found: Redline, files: Collection[str]) -> Redline:
    """A redline without words, where one of the two documents is of some files: what are facts is still told."""
    if not {found.before.file, found.after.file} & set(files):
        return found
    items = None if found.meaning is None else tuple(map(_item, found.meaning))
    return msgspec.structs.replace(found, meaning=items, words=None)


def _item(item: Item) -> Item:
    def kept(saids: tuple[Said, ...]) -> tuple[Said, ...]:
        return tuple(replace(each, text=WITHHELD) for each in saids)

    is_fact = item.subject in FACTS
    about = item.about if is_fact else ""
    says = item.says if is_fact else f"{item.subject.replace('_', ' ')} {item.kind} {WITHHELD}"
    return msgspec.structs.replace(item, about=about, says=says, before=kept(item.before), after=kept(item.after))


def _rule(rule: RuleSaid) -> RuleSaid:
    return replace(
        rule,
        when=None if rule.when is None else WITHHELD,
        statement=WITHHELD,
        criteria=None if rule.criteria is None else _sentence(rule.criteria),
        unless=None if rule.unless is None else _sentence(rule.unless),
        otherwise=None if rule.otherwise is None else WITHHELD,
    )


def _sentence(sentence: Sentence) -> Sentence:
    return replace(sentence, text=WITHHELD, parts=tuple(map(_sentence, sentence.parts)))


def without_quotes(found: Determination, files: Collection[str]) -> Determination:
    """A determination without the sentences of some files; where each stands is still said."""
    if not files:
        return found

    def cited(sentences: tuple[CitedSentence, ...]) -> tuple[CitedSentence, ...]:
        return tuple(replace(each, text=WITHHELD) if each.file in files else each for each in sentences)

    def judged(node: JudgedCriterion) -> JudgedCriterion:
        words = WITHHELD if node.file in files else node.text
        return replace(node, text=words, parts=tuple(map(judged, node.parts)))

    is_withheld = any(each.file in files for each in found.sentences) or any(
        sentence.file in files for source in found.sources for sentence in source.sentences
    )

    def asked(each: Asked) -> Asked:
        return replace(each, question=WITHHELD) if is_withheld and each.fact is None else each

    would = found.would_change
    return replace(
        found,
        sentences=cited(found.sentences),
        criteria=tuple(map(judged, found.criteria)),
        sources=tuple(replace(each, sentences=cited(each.sentences)) for each in found.sources),
        reading=tuple(WITHHELD for _ in found.reading) if is_withheld else found.reading,
        missing=tuple(tuple(map(asked, each)) for each in found.missing),
        would_change=None
        if would is None
        else replace(would, sets=tuple(tuple(map(asked, each)) for each in would.sets)),
    )
