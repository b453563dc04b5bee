"""The Coding section of a published document: codes by system, their role, and what is kept as text. No descriptor leaves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.blocks import Block, Row
from medpol.ingest.chronicle import codes_shaped, system_for, system_named
from medpol.ingest.escape import inline
from medpol.ingest.published import ListedCode
from medpol.ingest.render import render
from medpol.ingest.report import Account, Kind
from medpol.ingest.stating import column_label
from medpol.model.codes import DIAGNOSIS_SYSTEMS, CodeSystems, diagnosis_pattern, pattern_shown
from medpol.model.policy import CodeRole
from medpol.model.positions import STANDARD_LABELS, CoveragePosition, Outcome

_SYSTEMS = CodeSystems()
_NAMED = re.compile(r"\b(CPT|HCPCS|CDT|ICD-10-PCS|ICD-10-CM|ICD-10|ICD-9|NDC|revenue)\b", re.IGNORECASE)
_OWNERS = {"CPT": "AMA", "CDT": "ADA", "revenue": "AHA"}
_CODE_CELL = re.compile(r"[A-Z]?\d[\dA-Zx*.–—\s,;/-]*(?:(?:and|or|thru|through|to)\s+[A-Z]?\d[\dA-Zx*.]*[,\s]*)*")
_RANGE = re.compile(r"[A-Z0-9.]{3,}\s*(?:-|–|—|thru|through|to)\s*[A-Z0-9.]{3,}")
_LABELLED = re.compile(
    r"(?P<label>(?:applicable |covered )?(?:CPT|HCPCS|CDT|ICD-10-PCS|ICD-10-CM|ICD-10|ICD-9|NDC|revenue)[®/A-Z]*(?: level II)?(?: (?:procedure|diagnosis))?(?: codes?)?)\s*[:–—]\s*(?P<codes>[A-Z]?\d.*)",
    re.IGNORECASE,
)
_SYSTEM_LINE = re.compile(
    r"(?:applicable |established )?(?:CPT|HCPCS|CDT|ICD-10-PCS|ICD-10-CM|ICD-10)[®/A-Z]*(?: level II)?(?: (?:procedure|diagnosis))?(?: codes?)\s*:?",
    re.IGNORECASE,
)
_CODE_COLUMN = re.compile(
    r"(?:(?:cpt|hcpcs|cpt/hcpcs|cdt|icd-10(?:-cm|-pcs)?|ndc|revenue|procedure|diagnosis)[®]? )?(?:codes?|number)|(?:cpt|hcpcs|cpt/hcpcs)[®]?"
)
_SYSTEM_COLUMN = re.compile(r"(?:code )?(?:type|system|set)")
_ROLE_COLUMN = re.compile(r"(?:coverage|role|status|covered|benefit)(?: (?:status|determination|position|role|\?))?\??")
# "M80.M84": two categories with a full stop for a dash, which would pass for one code.
_TWO_CATEGORIES = re.compile(r"([A-Z])\d[\dAB]\.\1\d[\dAB]")
_NDC = re.compile(r"\d{4,5}-\d{3,4}-\d{1,2}")


@dataclass(slots=True)
class CodingSection:
    """Reads the blocks of the section; what holds no code is left in ``prose``."""

    account: Account
    system: str = ""
    role: CodeRole | None = None
    is_aside: bool = False
    row_says: str = ""
    sorted_as: str = ""
    columns: dict[str, int] = field(default_factory=dict)
    lists_lines: bool = False
    codes: list[ListedCode] = field(default_factory=list)
    kept: list[Block] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    against: dict[tuple[str, str], tuple[list[str], list[int]]] = field(default_factory=dict)

    @property
    def is_aside_row(self) -> bool:
        """Whether the heading, or the row's own column, says that its codes are informational."""
        return self.is_aside or re.fullmatch(r"informational(?: only)?", self.row_says, re.IGNORECASE) is not None

    @staticmethod
    def is_code_table(block: Block) -> bool:
        """Whether a table's first row names a column of codes."""
        return block.kind == "table" and len(block.rows) > 1 and code_columns(block.rows[0]) is not None

    def read(self, blocks: Sequence[Block]) -> str:
        """Take the codes; the prose that is left."""
        for block in blocks:
            if block.kind == "heading" or (block.kind == "paragraph" and _SORTS.fullmatch(block.text)):
                self.sorted_as = _sorted_as(block.text)
            if block.kind == "table":
                self.columns = {}
                rest = [row for at, row in enumerate(block.rows) if not self._row(row, is_first=at == 0)]
                if rest:
                    lines = tuple(line for row in rest for line in row.lines)
                    self.kept.append(Block("table", rows=tuple(rest), lines=lines))
                    self.account.kept(lines, "text of the Coding section")
                    for row in rest:
                        self._left("\n".join(row.filled), row.lines)
            elif block.kind == "heading" and self._heading(block.text):
                self.lists_lines = _SYSTEM_LINE.fullmatch(block.text) is not None
                self.account.taken(block.lines, f"code system {self.system or 'not named'}")
                self._left(block.text, block.lines)
            elif (block.kind in ("item", "paragraph") and (self._labelled(block) or self._listed_lines(block))) or (
                block.kind == "item"
                and (match := re.fullmatch(r"(\S+?)[:,]?\s+(?:[–—-]\s+)?(.*)", block.text))
                and self._row(Row((match[1], match[2]), block.lines), is_first=False)
            ):
                continue
            else:
                self.kept.append(block)
                self.account.kept(block.lines, "text of the Coding section")
                self._left("\n".join(part.text for part in block.parts), block.lines)
        self._ask_of_those_against()
        return render(self.kept, tables=False)

    def _ask_of_those_against(self) -> None:
        """Put to a person what a table's "not covered" means for the codes that stand under it."""
        for (label, words), (codes, lines) in self.against.items():
            question = (
                f"the code table says {inline(words)!r} of {', '.join(dict.fromkeys(codes))}: (1) they are {label}, whatever the criteria say; "
                "(2) the word only sorts the codes, and the criteria decide: which is meant? until then no draft covers them"
            )
            self.doubts.append(question)
            self.account.doubtful(lines, question)

    def _heading(self, text: str) -> bool:
        """Whether a heading names a code system; it also tells the role of the codes below it."""
        named = _NAMED.search(text)
        system = system_named(text) or (system_named(named[1]) if named else None)
        if system is None:
            return False
        several = tuple(dict.fromkeys(filter(None, map(system_named, _NAMED.findall(text)))))
        is_loose = named is not None and named[1].casefold() == "icd-10" and len(several) == 1
        self.system = "ICD-10" if is_loose else "/".join(several) if len(several) > 1 else system
        self.role, self.is_aside = _role(text), _ASIDE.search(text) is not None
        self.sorted_as = _sorted_as(text) or (self.sorted_as if _SYSTEM_LINE.fullmatch(text) else "")
        return True

    def _labelled(self, block: Block) -> bool:
        """Take a line that names its system and lists codes behind a colon; whether it is one."""
        if len(block.parts) > 1 and all(_LABELLED.fullmatch(part.text.strip()) for part in block.parts):
            lines = [Block("paragraph", (part,), lines=(part.line,)) for part in block.parts]
            left = [line for line in lines if not self._labelled(line)]
            self.kept += left
            for line in left:
                self.account.kept(line.lines, "text of the Coding section")
            return True
        match = _LABELLED.fullmatch(block.text)
        if match is None:
            return False
        self._heading(match["label"])
        listed = match["codes"].rstrip(".")
        first, _, words = listed.partition(" ") if _CODE_CELL.fullmatch(listed) is None else (listed, "", "")
        return self._row(Row(tuple(filter(None, (first.rstrip(",:"), words))), block.lines), is_first=False)

    def _listed_lines(self, block: Block) -> bool:
        """Take a line that names a system alone, and the lines of codes below it; whether the block is either."""
        if _SYSTEM_LINE.fullmatch(block.text):
            self.lists_lines = self._heading(block.text)
            self.account.taken(block.lines, f"code system {self.system}")
            return True
        if not self.lists_lines or block.kind != "paragraph":
            return False
        rows = [_code_line(part.text, part.line) for part in block.parts]
        if not all(row is not None and _CODE_CELL.fullmatch(row.cells[0]) for row in rows):
            return False
        taken = [row is not None and self._row(row, is_first=False) for row in rows]
        if not all(taken):
            left = tuple(part for part, done in zip(block.parts, taken, strict=True) if not done)
            self.kept.append(replace(block, parts=left))
            self.account.kept([part.line for part in left], "text of the Coding section")
        return True

    def _in_columns(self, row: Row) -> Row:
        """A row of a table whose columns are named: the code first, then its words; the system's column is read."""
        at = self.columns.get("code")
        self.row_says = ""
        if at is None or at >= len(row.cells) or len(row.filled) < 2:
            return row
        system = self.columns.get("system")
        if system is not None and system < len(row.cells) and row.cells[system]:
            self._heading(row.cells[system])
        role = self.columns.get("role")
        if role is not None and role < len(row.cells):
            self.row_says = " ".join(row.cells[role].split())
        others = [cell for place, cell in enumerate(row.cells) if place not in (at, system, role) and cell]
        return Row((row.cells[at], *others), row.lines)

    def _head(self, row: Row) -> bool:
        """Take a row that names the columns of a code table; whether it is one."""
        columns = code_columns(row)
        if columns is None:
            return False
        self.columns = columns
        self._heading(row.cells[columns["code"]])
        self.account.layout(row.lines, "heading row of the code table")
        return True

    def _row(self, row: Row, *, is_first: bool) -> bool:
        """Take one row; whether it was understood."""
        if self._head(row):
            return True
        row = self._in_columns(row)
        cells = row.filled
        first = " ".join(cells[0].split())
        if len(cells) == 1 and _SORTS.fullmatch(first):
            self.sorted_as = _sorted_as(first)
        if len(cells) == 1 and self._heading(first):
            self.account.taken(row.lines, f"code system {self.system}")
            self._left(cells[0], row.lines)
            return True
        if is_first and re.match(r"codes?\b", first, re.IGNORECASE) and not re.search(r"\d", first):
            self.account.layout(row.lines, "heading row of the code table")
            return True
        if first in ("N/A", "None") or re.match(
            r"no (?:specific |applicable )?(?:cpt|hcpcs|codes?)", first, re.IGNORECASE
        ):
            self.account.taken(row.lines, "no code")
            self._left("\n".join(cells), row.lines)
            return True
        named = _NAMED.match(first)
        if named is not None and len(first) > len(named[1]):  # "CPT 00000" in one cell
            return self._codes(first[named.end() :].strip(" :"), named[1], cells, row)
        return self._codes(first, self.system, cells, row)

    def _codes(self, text: str, system: str, cells: Sequence[str], row: Row) -> bool:
        if not _CODE_CELL.fullmatch(text):
            return False
        words = " ".join(cells[1:])
        if _NDC.fullmatch(text) is None and (_RANGE.search(text) is not None):
            self._ask(f"the range {text!r} is kept as text: which codes does it hold?", row)
            return False
        if (
            self.row_says
            and not self.is_aside_row
            and self._against() in ("", _UNKNOWN)
            and _COVERED.fullmatch(self.row_says) is None
        ):
            self._ask(
                f"the code table says {inline(self.row_says)!r} of {text}, and the rows below Coding have a role alone: does the criteria state it?",
                row,
            )
        tokens = [token for token in re.split(r"[,;/\s]+|\band\b|\bor\b", text) if token]
        listed = [self._listed(token, system, words) for token in tokens]
        if not tokens or any(each is None for each in listed):
            self._ask(
                f"{text!r} does not have the shape of {system or 'one code system alone'}: which code is it?", row
            )
            return False
        for each in listed:
            assert each is not None
            label = self._against() if each.role is CodeRole.GOVERNED else ""
            each = replace(each, listed_as=label)
            if label and label != _UNKNOWN:
                codes, lines = self.against.setdefault((label, self.row_says or self.sorted_as), ([], []))
                codes.append(each.code)
                lines += row.lines
            self.codes.append(each)
            owner = _OWNERS.get(each.system)
            self.account.taken(
                row.lines,
                f"code {each.system} {each.code}, {each.role.value}"
                + (f"; descriptor left out ({owner})" if owner and words else "; descriptor left out" if words else ""),
            )
            if each.role is CodeRole.INFORMATIONAL and not self.is_aside_row and self.role is not CodeRole.SUPPORTS:
                self._ask("do the listed diagnoses support the service, or does the policy not speak for them?", row)
        self._left("\n".join(cells[1:]), row.lines)
        return True

    def _against(self) -> str:
        """The position against them under which the row, else the heading above, lists its codes; empty where none does."""
        if self.row_says and _COVERED.fullmatch(self.row_says) is None:
            label = _label_against(self.row_says)
            return label or ("" if _AUTHORIZED.fullmatch(self.row_says) or self.is_aside_row else _UNKNOWN)
        if self.row_says:
            return ""
        return _label_against(self.sorted_as)

    def _listed(self, token: str, system: str, words: str) -> ListedCode | None:
        fitting = (one for one in system.split("/") if "/" in system and _SYSTEMS.normalise(one, token) is not None)
        named = next(fitting, None) or (system_for(token, system) if token.upper() == token or system else None)
        if named is None and system and (canonical := system_named(system)) in DIAGNOSIS_SYSTEMS:
            named = canonical
        if named is None:
            return None
        role = CodeRole.INFORMATIONAL if self.is_aside_row else CodeRole.GOVERNED
        if named in DIAGNOSIS_SYSTEMS:
            if _TWO_CATEGORIES.match(token):
                return None
            pattern = diagnosis_pattern(_SYSTEMS, named, token)
            role = CodeRole.INFORMATIONAL if self.is_aside_row else self.role or CodeRole.INFORMATIONAL
            return None if pattern is None else ListedCode(named, pattern_shown(named, pattern), role, words)
        code = _SYSTEMS.normalise(named, token)
        return None if code is None else ListedCode(named, code, role, words)

    def _left(self, text: str, lines: Sequence[int]) -> None:
        """Ask about what has the shape of a code in text that is left out: a code lost there would be lost silently."""
        asked = " ".join(
            entry.what
            for entry in self.account.entries[-8:]
            if entry.kind is Kind.DOUBTFUL and set(lines) <= set(entry.lines)
        )
        found = [code for code in codes_shaped(text) if code not in asked]
        if found:
            question = f"{', '.join(found)} stands in text that is left out: is it a code of this policy?"
            if question not in self.doubts:
                self.doubts.append(question)
            self.account.doubtful(lines, question)

    def _ask(self, question: str, row: Row) -> None:
        if question not in self.doubts:
            self.doubts.append(question)
        self.account.doubtful(row.lines, question)


def _code_line(text: str, line: int) -> Row | None:
    """A line as a row: the codes that open it, then its words."""
    if _CODE_CELL.fullmatch(text.strip()):
        return Row((text.strip(),), (line,))
    match = re.fullmatch(r"(\S+?)[:,]?\s+(?:[–—-]\s+)?(.+)", text.strip())
    return Row((match[1], match[2]), (line,)) if match is not None else None


def code_columns(row: Row) -> dict[str, int] | None:
    """Which column of a heading row holds the code, and which its system; ``None`` where none holds codes."""
    names = [" ".join(cell.casefold().split()).rstrip(" :*®") for cell in row.cells]
    if len(names) < 2 or re.search(r"\d", " ".join(names).replace("icd-10", "").replace("icd-9", "")):
        return None
    at = next((at for at, name in enumerate(names) if _CODE_COLUMN.fullmatch(name)), None)
    if at is None:
        return None
    if names[at] in ("code", "codes") and "number" in names[at + 1 :]:  # "Codes | Number": the system, then the code
        return {"code": names.index("number", at + 1), "system": at}
    system = next((place for place, name in enumerate(names) if place != at and _SYSTEM_COLUMN.fullmatch(name)), None)
    role = next((place for place, name in enumerate(names) if place != at and _ROLE_COLUMN.fullmatch(name)), None)
    found = {"code": at, "system": system, "role": role}
    return {name: place for name, place in found.items() if place is not None}


def bare_codes(text: str) -> tuple[str, ...]:
    """The codes of a text that is a list of codes and nothing else."""
    plain = text.strip().rstrip(".")
    return codes_shaped(plain) if _CODE_CELL.fullmatch(plain) and re.search(r"\d{4}", plain) else ()


def names_system(heading: str) -> bool:
    """Whether a heading names a code system."""
    return _NAMED.search(heading) is not None


_COVERED = re.compile(r"covered|medically necessary|yes|-|–|—", re.IGNORECASE)
# A line that sorts the codes below it, and names none itself.
_SORTS = re.compile(
    r"(?=\D*(?:covered|eligible|medically necessary|necessity|investigational|experimental|unproven|cosmetic|excluded|informational)\b)[^.\d]{5,120}:?",
    re.IGNORECASE,
)
_AGAINST = (
    ("not covered", r"\bnot (?:be )?(?:generally )?(?:covered|eligible|payable|reimbursable|a (?:covered )?benefit)\b|\bnon-? ?covered\b|\bexclu(?:ded|sions?)\b|\bineligible\b"),
    ("not medically necessary", r"\bnot (?:considered )?medically necessary\b|\bdo(?:es)? not support\b"),
    ("investigational", r"\binvestigational\b|\bexperimental\b|\bunproven\b"),
    ("cosmetic", r"\bcosmetic\b"),
)  # fmt: skip


def _sorted_as(text: str) -> str:
    """The words of a heading that list the codes below it as not covered; empty where none do."""
    found = next((match for _, pattern in _AGAINST if (match := re.search(pattern, text, re.IGNORECASE))), None)
    return found[0] if found is not None else ""


def _label_against(words: str) -> str:
    """The label of the position against a code that its row or heading states; empty where they state none."""
    if re.fullmatch(r"no?|nc", words, re.IGNORECASE):
        return "not covered"
    label = column_label(words)
    if label is not None and STANDARD_LABELS[label].outcome is Outcome.NOT_COVERED:
        return "not covered" if STANDARD_LABELS[label] is CoveragePosition.NOT_COVERED else label
    return next((label for label, pattern in _AGAINST if re.search(pattern, words, re.IGNORECASE)), "")


_UNKNOWN = "individual consideration"
"""Under what a code stands whose table says of it a word that is none of ours: a person looks, until its meaning is said."""
_AUTHORIZED = re.compile(
    r"(?:PA|prior auth(?:ori[sz]ation)?|pre-?cert(?:ification)?|auth(?:ori[sz]ation)?)(?: (?:is )?(?:required|needed))?",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\binformational\b|\balso be (?:billed|reported)|\bmay be (?:billed|reported) with", re.IGNORECASE)


def _role(heading: str) -> CodeRole | None:
    """The role of diagnoses under a heading, or ``None`` where it does not tell; "not covered" tells none of ours."""
    words = heading.casefold()
    if re.search(r"\bnot\b|\bexclud|\bnon-?cover", words):
        return None
    return CodeRole.SUPPORTS if re.search(r"\bsupport|\bmedically necessary|\bcovered\b", words) else None
