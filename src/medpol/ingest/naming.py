"""The names of the services that sentences speak of, and the stems of words by which one thing is told from another."""

from __future__ import annotations

import re

_LEADS = re.compile(
    r"^(?:(?:up to|at most|(?:a )?maximum of|(?:no|not)? ?more than|limited to)\s+(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\(\d+\)\s+)?)?"
    r"(?:it is the (?:[\w ]+ )?policy (?:of [\w ]+? )?that\s+)?(?:(?:the|a|an|any|all other|all|other|each|either)\s+|yes,\s+|(?:use|uses|application|indications|treatment|performance)\s+"
    r"(?:of|for|with)\s+|note:\s*)*",
    re.IGNORECASE,
)
_QUALIFIES = (
    r"for|in|as|when|if|to|with|without|by|using|that|which|who|where|during|under|above|below|exceeding|costing|per|over(?=\s+\$?\d)|"
    r"up(?=\s+to\b)|other(?=\s+than\b)|excluding|excepting|outside|inside|beyond|at|on|after|before|prior|among|within|(?<!the )following"
)
_CUT = re.compile(
    rf"\s+(?:{_QUALIFIES}|is|are|may|must|can|will|has|have)\b.*|[(,;:].*",
    re.IGNORECASE,
)
_BEYOND = re.compile(rf"\s*[(,]?\s*((?:{_QUALIFIES})\b[^();]*)", re.IGNORECASE)
_MAXIMUM_SLUG = 60


def services_in(subject: str) -> tuple[str, ...]:
    """The names of the services that the subject of a sentence speaks of, as group names."""
    plain = re.sub(r"\([^)]*\)", " ", subject)
    names: list[str] = []
    for part in re.split(r"\s+(?:and/or|and|or)\s+|\s*/\s*|;", _cut(plain), flags=re.IGNORECASE):
        name = _service_name(part)
        if name and name not in names:
            names.append(name)
    return tuple(names)


_KINDS = re.compile(
    r"(?:(?:the|a|an|any|each)\s+)?(?P<kind>not (?:all|every)|some|certain|most|many|few|select(?:ed)?|specific|particular|second|third|repeat(?:ed)?|additional|further|"
    r"subsequent|bilateral|unilateral|routine|concurrent|concomitant|simultaneous|combination|combined|self[- ]administered|initial|first|new|used|rental|replacements?|"
    r"home|outpatient|inpatient|office[- ]based|elective|maintenance|prophylactic|preventive|custom(?:[- ](?:made|fitted))?)\b",
    re.IGNORECASE,
)


def kind_in(subject: str) -> str:
    """The word with which a subject opens by which it means some of a service alone: "repeat", "bilateral", "some"."""
    match = _KINDS.match(" ".join(subject.split()))
    return match["kind"] if match is not None else ""


def beyond(subject: str) -> str:
    """The words of a subject that the names of its services leave out, where they narrow it: "for gout", "in adults"."""
    bare = _LEADS.sub("", " ".join(subject.split()))
    cut = _CUT.search(bare)
    if cut is None or re.fullmatch(r"[\w -]+(?:, [\w -]+)+,? (?:and|or) [\w -]+", bare):
        return ""
    words = cut[0]
    while words:
        if (found := _BEYOND.match(words)) is not None:
            return found[1].strip(" ,")
        words = re.sub(r"^[^,(]*[,(]?|^[,(]", "", words[1:], count=1) if re.search(r"[,(]", words[1:]) else ""
        words = f" {words}" if words else ""
    return ""


def _cut(subject: str) -> str:
    """The subject up to its first qualifier; a list with commas keeps its commas as "and"."""
    bare = _LEADS.sub("", " ".join(subject.split()))
    if re.fullmatch(r"[\w -]+(?:, [\w -]+)+,? (?:and|or) [\w -]+", bare):
        bare = re.sub(r",(?: (?:and|or))? ", " and ", bare)
    return _CUT.sub("", bare)


def _service_name(part: str) -> str:
    words = re.findall(r"[a-z0-9]+", _LEADS.sub("", part.strip()).casefold().replace("'", "").replace("’", ""))
    if "of" in words[2:]:
        words = words[: words.index("of", 2)]
    words = [word for word in words if word not in ("the", "a", "an")]
    if not words or words[0] == "following":
        return ""
    words[-1] = singular(words[-1])
    name = "-".join(words)
    while len(name) > _MAXIMUM_SLUG and "-" in name:
        name = name.rsplit("-", 1)[0]
    return name if name[0].isalpha() else f"service-{name}"


def singular(word: str) -> str:
    """A noun's singular by its ending; words that only look plural stay."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_STOP = frozenset(
    [
        "of",
        "the",
        "a",
        "an",
        "and",
        "or",
        "for",
        "with",
        "without",
        "in",
        "to",
        "by",
        "as",
        "is",
        "are",
        "each",
        "any",
        "all",
        "other",
        "per",
        "not",
        "use",
    ]
)


def stems(text: str) -> frozenset[str]:
    """The stems of the words that tell one thing from another: "needling" and "needle" share one."""
    words = re.findall(r"[a-z]{3,}", re.sub(r"\bwithout\s+\S+", " ", text.casefold()))
    return frozenset(_stem(word) for word in words if word not in _STOP)


def _stem(word: str) -> str:
    word = singular(word)
    for ending in ("ation", "ing", "ion", "ive", "al", "ed", "le", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
