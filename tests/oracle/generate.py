"""Random valid policies, and cases that know their thresholds, codes and boundary days.

Everything is invented. Same ``random.Random``, same text. A case is what a person would send: JSON values only.

    python tests/oracle/generate.py --seed 7 --count 3      prints files and cases to look at
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs as a script too

from tests.oracle import oracle

FAR = date(2030, 1, 1)  # everything is known

# name, type, unit or choices, question, from
FACTS = (
    ("exam.firm_band", "yes/no", "", "Is a firm band felt?", "record"),
    ("exam.sore_spot", "yes/no", "", "Is there a sore spot?", "record"),
    ("exam.free_motion", "yes/no", "", "Is motion free?", "record"),
    ("override.director", "yes/no", "", "Did a director allow it?", "plan"),
    ("evidence_development.enrolled", "yes/no", "", "Is the person enrolled in the study?", "attestation"),
    ("therapy.duration", "quantity", "weeks", "How long was therapy tried?", "record, attestation"),
    ("symptoms.duration", "quantity", "months", "How long have symptoms lasted?", "record"),
    ("body.mass", "quantity", "kg", "How heavy is the person?", "record"),
    ("body.surface", "quantity", "m2", "How large is the body surface?", "record"),
    ("relief.share", "quantity", "%", "How much relief came?", "record"),
    ("marker", "quantity", "cells/uL", "How high is the marker?", "record"),
    ("therapy.outcome", "choice", "failed, not_feasible, helped", "What came of therapy?", "record"),
    ("grade", "choice", "mild, moderate, severe", "How severe is it?", "record"),
    ("falls", "count", "", "How many falls in a year?", "attestation"),
    ("onset", "date", "", "When did it begin?", "record"),
    ("eosin", "observations", "cells/uL", "Counts, with their dates?", "record"),
)
WIDE_SIGNS = tuple(f"sign.s{i:02d}" for i in range(1, 41))
SERVICES = {"alpha-service": ("K0101", "K0102"), "beta-service": ("K0201",)}
THERAPIES = {"gamma-drug": ("gammanol", "gammadrine"), "delta-drug": ("deltazine",)}
DIAGNOSES = {"main-illness": ("A00", "B01.1", "C02.1x"), "other-illness": ("D03.*", "E04.2", "A00")}
EXCLUDED = {"outside-illness": ("F05.1", "G06")}
OTHER_DIAGNOSES = ("H07.2", "C02.1", "C02.19", "D03", "D03.31", "E04.20")
FAVOURABLE = (
    "Medically necessary",
    "Medically necessary",
    "Reconstructive",
    "Limited coverage",
    "May be considered medically necessary",
)
UNFAVOURABLE = ("Investigational", "Not medically necessary", "Not covered", "Cosmetic")
LINES = ("commercial", "individual", "medicare advantage", "medicaid")
STATES = ("WA", "OR", "ID")
FIRST_DAYS = (date(2023, 1, 1), date(2023, 7, 15), date(2024, 2, 29), date(2024, 9, 1))
NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Author:
    """Writes one policy's expressions, sentences and rules."""

    def __init__(self, rng: random.Random, *, wide: bool, history: bool):
        self.rng, self.wide, self.history = rng, wide, history
        names = [f[0] for f in FACTS if f[1] != "observations" and f[0] != "evidence_development.enrolled"]
        self.pool = WIDE_SIGNS if wide else tuple(sorted(rng.sample(names, rng.randint(3, 5))))
        self.kinds = {f[0]: f for f in FACTS}
        self.sentences = 0
        self.questions = 0
        self.rules_with_criteria: list[str] = []

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def sentence(self) -> str:
        """A sentence no other item of this policy has."""
        self.sentences += 1
        n, word = self.sentences, ""
        while n:
            n, letter = divmod(n - 1, 26)
            word = chr(97 + letter) + word
        return self.pick(
            f"finding {word} is documented", f"Point {word} of the note is signed", f"the record shows item {word}"
        )

    # -- expressions ------------------------------------------------------------------------------------

    def atom(self) -> str:
        if self.wide:
            name = self.rng.choice(self.pool)
            return self.pick(name, name, f"not {name}", f"{name} = yes")
        roll = self.rng.random()
        if roll < (0.3 if self.history else 0.0):
            return self.event_atom()
        if roll < 0.42:
            return self.built_in_atom()
        return self.fact_atom(self.rng.choice(self.pool))

    def fact_atom(self, name: str) -> str:
        _, kind, unit, *_ = self.kinds[name]
        op = self.pick(">=", ">=", "<=", "<", ">")
        match kind:
            case "yes/no":
                return self.pick(name, name, f"{name} = yes", f"not {name}")
            case "choice":
                choices = unit.split(", ")
                a, b = self.rng.sample(choices, 2)
                bad = "bad-outcomes" if name == "therapy.outcome" else "high-grades"
                return self.pick(
                    f"{name} = {a}",
                    f"{name} != {a}",
                    f"{name} in ({a}, {b})",
                    f"{name} not in ({a}, {b})",
                    f"{name} in {bad}",
                    f"{name} not in {bad}",
                )
            case "count":
                return f"{name} {self.pick('>=', '<=', '<', '>', '=')} {self.pick(1, 2, 3)}"
            case "date":
                return f"{name} {op} {self.pick('2023-01-31', '2023-05-01', '2022-12-31')}"
        if name == "body.mass" and self.chance(0.3):
            return f"body.mass {op} table(mass-by-surface, body.surface)"
        limits = {
            "therapy.duration": ("6 weeks", "42 days", "1.5 months", "3 months", "12 weeks"),
            "symptoms.duration": ("6 months", "1 year", "26 weeks", "180 days"),
            "body.mass": ("70 kg", "150 lb", "69500 g"),
            "body.surface": ("1.75 m2", "2 m2"),
            "relief.share": ("50 %", "30 %"),
            "marker": ("150 cells/uL", "0.3 10*9/L", "300 cells/uL"),
        }[name]
        return f"{name} {op} {self.rng.choice(limits)}"

    def built_in_atom(self) -> str:
        age = self.pick("18 years", "12 years", "65 years", "216 months")
        return self.pick(
            f"age {self.pick('>=', '<')} {age}",
            f"age {self.pick('>=', '<')} {age}",
            "sex = female",
            *(
                f"diagnosis {self.pick('in', 'not in')} {g}"
                for g in ("main-illness", "other-illness", "likely-illness")
            ),
            'diagnosis in ("A00", "E04.2")',
            'diagnosis not in ("B01.1", "C02.11")',
            'diagnosis in ("D03.31")',
            f"service.units <= {self.pick(1, 2, 3)}",
            'service.place = "11"',
            'service.modifier in ("RT", "LT")',
            'provider.specialty = "neurology"',
            f"date_of_service {self.pick('>=', '<')} {self.rng.choice(FIRST_DAYS)}",
        )

    def groups(self, *, other_than_services: bool = False) -> list[str]:
        names = [*([] if other_than_services else SERVICES), *THERAPIES]
        return sorted(self.rng.sample(names, self.pick(1, 1, 2)))

    def where(self) -> str:
        if self.chance(0.6):
            return ""
        return " where " + self.pick(
            "outcome = failed",
            "outcome in (failed, unsuitable)",
            "outcome != helped",
            "relief >= 50 %",
            "relief < 30 % or outcome = unsuitable",
            "tolerated",
            "not tolerated",
            "outcome in bad-events",
        )

    def window(self) -> str:
        side = self.pick("before", "through")
        return self.pick(
            *(
                [f"rolling {self.pick('12 months', '90 days', '6 weeks', '1 years', '13 months', '2 years')} {side}"]
                * 3
            ),
            f"calendar year {side}",
            f"plan year {side}",
            f"lifetime {side}",
        )

    def count_atom(self) -> str:
        if self.chance(0.12):  # siblings; a day of its own, so never this service's own group
            g = self.groups(other_than_services=True)
            return f"count({self.pick('lines', 'units')} of {' or '.join(g)}{self.where()}, same day) {self.pick('>= 1', '= 0', '<= 1')}"
        measure = self.pick("lines", "sessions", "sessions", "units", "groups")
        groups = self.groups()
        if measure == "groups":
            groups = sorted(self.rng.sample([*SERVICES, *THERAPIES], self.pick(2, 2, 3)))
            limit = self.pick(f">= {len(groups)}", ">= 1", "<= 1", "= 0", f"< {len(groups)}")
        else:
            limit = self.pick("<= 3", "<= 2", ">= 2", ">= 1", "= 0", "< 3", "> 1", "= 2")
        window = self.window()
        if window.startswith("plan year"):
            limit = self.pick("<= 3", "<= 2", ">= 2") if measure != "groups" else "<= 1"
        return f"count({measure} of {' or '.join(groups)}{self.where()}, {window}) {limit}"

    def event_atom(self) -> str:
        g = " or ".join(self.groups())
        roll = self.rng.random()
        if roll < 0.5:
            return self.count_atom()
        if roll < 0.75:
            return f"since(last({g}{self.where()})) {self.pick('>=', '>=', '<', '>', '<=')} {self.pick('6 weeks', '3 months', '1 years', '45 days', '1 months')}"
        if roll < 0.92:
            return f"last({g}{self.where()}).{self.pick('relief >= 50 %', 'relief < 30 %', 'outcome = failed', 'outcome in (helped, unsuitable)', 'outcome in bad-events')}"
        return f"latest(eosin, {self.pick('rolling 12 months', 'calendar year', 'rolling 6 weeks')} through) {self.pick('>=', '<')} {self.pick('150 cells/uL', '0.3 10*9/L')}"

    def expression(self, budget: int) -> tuple[str, int]:
        """An expression and how many atoms it holds."""
        roll = self.rng.random()
        if budget < 2 or roll < 0.72:
            if not self.wide and self.rules_with_criteria and self.chance(0.04):
                return f"criteria({self.rng.choice(self.rules_with_criteria)})", 2
            return self.atom(), 1
        a, b = self.atom(), self.atom()
        if budget > 2 and roll < 0.8:
            c = self.atom()
            return self.pick(
                f"({a} or {b}) and {c}",
                f"({a} and {b}) or {c}",
                f"if {a} or {b} then {c}",
                f"not ({a} and ({b} or {c}))",
            ), 3
        return self.pick(
            f"{a} and {b}", f"{a} or {b}", f"if {a} then {b}", f"not ({a} or {b})", f"not ({a} and {b})"
        ), 2

    # -- lists ------------------------------------------------------------------------------------------

    def leaf(self, budget: int) -> tuple[str, int]:
        words = self.sentence()
        if self.chance(0.12) and self.questions < 3:
            self.questions += 1
            return words + self.pick("", "."), 1
        code, used = self.expression(budget)
        return f"{words}{self.pick('', '.')} `{code}`", used

    def structure_words(self, n: int) -> tuple[str, str]:
        kind = self.pick("all", "any", "all", "any", "some", "none")
        if kind == "some":
            k = self.rng.randint(1, n)
            return kind, f"at least {self.pick(k, NUMBER_WORDS[k - 1])} of {self.pick('these', 'the following')}"
        return kind, f"{kind} of {self.pick('these', 'the following')}"

    def list_of(self, kind: str, n: int, budget: int, depth: int, indent: str) -> tuple[list[str], int]:
        """n items, nested while depth lasts, and how many atoms they hold."""
        ordered = self.chance(0.5)
        joined = {"all": "and", "any": "or"}.get(kind) if self.chance(0.2) else None
        bullet = self.pick("-", "*")
        lines, used = [], 0
        for i in range(n):
            marker = f"{i + 1}." if ordered else bullet
            left = max(1, (budget - used) // (n - i))
            if depth > 1 and left >= 2 and self.chance(0.45):
                inner = self.rng.randint(2, min(4, left))
                inner_kind, words = self.structure_words(inner)
                guard = ""
                if self.chance(0.2):
                    guard = f" `if {self.atom()}`"
                    used += 1
                lines.append(
                    f"{indent}{marker} {words[0].upper()}{words[1:]}{self.pick('', ' are met', ' apply')}:{guard}"
                )
                below, count = self.list_of(
                    inner_kind, inner, left - bool(guard), depth - 1, indent + " " * (len(marker) + 1)
                )
                lines += below
                used += count
                continue
            text, count = self.leaf(left)
            used += count
            if joined and i < n - 1:
                text = text.rstrip(".") + f"; {joined}" if not text.endswith("`") else f"{text}; {joined}"
            lines.append(f"{indent}{marker} {text}")
        return lines, used

    # -- rules ------------------------------------------------------------------------------------------

    def when_pairs(self, n: int) -> list[str | None]:
        """Whens for n rules: none, or cells of one or two facts, overlapping or not."""
        roll = self.rng.random()
        if roll < 0.35 or self.wide:
            return [None] * n
        cuts: list[list[str]] = [
            ["exam.firm_band", "not exam.firm_band", "exam.firm_band and grade = severe", "grade != severe"],
            [
                "therapy.duration < 6 weeks",
                "therapy.duration >= 6 weeks",
                "therapy.duration > 12 weeks",
                "therapy.duration <= 12 weeks",
            ],
            ["age < 18 years", "age >= 18 years", "age >= 65 years", "age >= 12 years"],
            ["grade = mild", "grade in (moderate, severe)", "grade != mild", "grade in high-grades"],
            ["falls < 2", "falls >= 2", "falls >= 2 and exam.sore_spot", "falls = 1 or exam.sore_spot"],
            [
                "diagnosis in main-illness",
                "diagnosis not in main-illness",
                "diagnosis in other-illness",
                "diagnosis in likely-illness",
            ],
        ]
        if self.history:
            term = self.count_atom().rsplit(")", 1)[0] + ")"
            if "same day" not in term and "plan year" not in term and "groups of" not in term:
                cuts += [[f"{term} = 0", f"{term} >= 1", f"{term} >= 2", f"{term} <= 1"]] * 2
            cuts += [
                [
                    "since(last(gamma-drug)) < 3 months",
                    "since(last(gamma-drug)) >= 3 months",
                    "since(last(gamma-drug)) < 6 weeks",
                    "exam.sore_spot",
                ]
            ]
        chosen = self.rng.choice(cuts)
        order = chosen if self.chance(0.5) else self.rng.sample(chosen, len(chosen))
        return [order[i % 4] if i < 2 or self.chance(0.7) else None for i in range(n)]

    def rule(
        self,
        name: str | None,
        services: list[str] | None,
        when: str | None,
        budget: int,
        days: str | None,
        labels: dict[str, str],
    ) -> list[str]:
        out: list[str] = []
        if name:
            out += [f"### {name}", ""]
        if self.chance(0.1):
            out += ["> A note for the reader.", ""]
        if services:
            out += ["Services: " + ", ".join(f"`{s}`" for s in services), ""]
        if when:
            out += [f"When: the phase applies `{when}`", ""]
        if days:
            out += [f"Dates of service: {days}", ""]
        if self.chance(0.05):
            out += ["Approved for: 6 months", ""]
        roll = self.rng.random()
        favourable = roll < 0.62
        label = self.rng.choice(
            [*FAVOURABLE, *(k for k, v in labels.items() if v == "covered_with_limits")] if favourable else UNFAVOURABLE
        )
        if roll > 0.90:
            label = self.pick(
                "Refer to a medical director",
                "Coverage with evidence development",
                "Prior authorization required",
                "Prior authorization required",
                *(k for k, v in labels.items() if v == "delegated"),
            )
            favourable = False
        always = self.chance(0.12)
        every = " in every case" if always else ""
        form = self.rng.random()
        if form < (0.0 if self.wide else 0.18 if favourable else 0.4):
            out += [self.pick(f"This service is considered **{label.casefold()}**{every}.", f"**{label}**{every}."), ""]
            return out
        if form < (0.0 if self.wide else 0.5):
            code, _ = self.expression(budget)
            out += [f"**{label}**{every} when {self.sentence()} `{code}`", ""]
        else:
            n = self.rng.randint(2, max(2, min(8 if self.wide else 4, budget)))
            kind, words = self.structure_words(n)
            out += [f"**{label}**{every} when {words}{self.pick('', ' are met', ' are documented')}:", ""]
            lines, _ = self.list_of(kind, n, budget, self.rng.randint(1, 4), "")
            out += [*lines, ""]
        if self.chance(0.25):
            form = self.rng.random()
            if form < 0.5:
                out += [f"Unless {self.sentence()}. `{self.pick('override.director', self.atom())}`", ""]
            elif form < 0.75:
                _, words = self.structure_words(2)
                lines, _ = self.list_of("some", 2, 2, 1, "")
                out += [f"Unless {words} apply:", "", *lines, ""]
            else:
                out += [f"Unless {self.sentence()}.", ""]
        if self.chance(0.5) and label != "Prior authorization required":
            other = (
                self.pick(*UNFAVOURABLE, *UNFAVOURABLE, "Refer to a medical director", "Limited coverage")
                if favourable or self.chance(0.5)
                else self.rng.choice(FAVOURABLE)
            )
            out += [f"Otherwise **{other.casefold()}**.", ""]
        if name:
            self.rules_with_criteria.append(oracle.slug(name))
        return out

    def criteria(self, labels: dict[str, str], services: list[str], first: date) -> list[str]:
        self.rules_with_criteria, self.questions = [], 0
        n = self.pick(1, 1, 2) if self.wide else self.pick(1, 1, 2, 2, 3, 4)
        budget = self.rng.randint(7, 40) if self.wide else self.rng.randint(2, 10 // n + 2)
        whens = self.when_pairs(n)
        names: list[str | None] = (
            ["First phase", "Later phase", "Special case", "Extra matter"][:n] if n > 1 or self.chance(0.5) else [None]
        )
        out: list[str] = []
        middle = first + timedelta(days=100)
        split = self.chance(0.12)
        for i in range(n):
            days = None
            if split and i < 2:
                days = [
                    f"before {middle}",
                    self.pick(f"after {middle}", f"from {middle}", f"from {middle} to {middle + timedelta(days=200)}"),
                ][i]
            which = None
            if names != [None]:
                which = services if i == 0 or self.chance(0.7) else self.rng.sample(services, 1)
            if n == 1 and self.chance(0.3):
                which = None
            out += self.rule(names[i], which, whens[i], max(2, budget // n if self.wide else budget), days, labels)
        return out


def coding_table(
    rng: random.Random, services: dict[str, tuple[str, ...]], froms: dict[str, tuple[str, str]], excludes: bool
) -> list[str]:
    rows = ["| Group | System | Code | Role | From | To | Our label |", "|---|---|---|---|---|---|---|"]
    for group, codes in services.items():
        for code in codes:
            start, end = froms.get(code, ("", ""))
            rows.append(f"| {group} | HCPCS | {code} | governed | {start} | {end} | service {code} |")
    for group, names in THERAPIES.items():
        rows += [f"| {group} | therapy | {name} | informational | | | |" for name in names]
    if "beta-service" not in services:
        rows.append("| beta-service | HCPCS | K0201 | informational | | | another service |")
    if "alpha-service" not in services:
        rows += [
            f"| alpha-service | HCPCS | {code} | informational | | | another service |"
            for code in SERVICES["alpha-service"]
        ]
    for group, codes in {**DIAGNOSES, **(EXCLUDED if excludes else {})}.items():
        rows += [
            f"| {group} | ICD-10-CM | {code} | {'excludes' if group in EXCLUDED else 'supports'} | | | |"
            for code in codes
        ]
    return ["## Coding", "", *rows, ""]


DEFINITIONS = """## Definitions

- `bad-outcomes`: `failed`, `not_feasible`
- `high-grades`: including but not limited to `severe`
- `bad-events`: including but not limited to `failed`, `unsuitable`
- `likely-illness`: including but not limited to `A00`, `E04.2`

### mass-by-surface

| Body surface | Body mass |
|---|---|
| 1.5 m2 | 60 kg |
| 1.75 m2 | 70 kg |
| 2 m2 | 80 kg |
"""


def facts_file(wide: bool, history: bool) -> str:
    rows = [f for f in FACTS if history or f[1] != "observations"]
    if wide:
        rows += [(name, "yes/no", "", f"Is {name} seen?", "record") for name in WIDE_SIGNS]
    out = ["# Facts", "", "| Fact | Type | Unit or choices | Question | From |", "|---|---|---|---|---|"]
    out += [f"| {' | '.join(row)} |" for row in rows]
    if history:
        every = ", ".join((*SERVICES, *THERAPIES))
        out += [
            "",
            "## Event fields",
            "",
            "| Group | Field | Type | Unit or choices | Question |",
            "|---|---|---|---|---|",
            f"| {every} | outcome | choice | failed, helped, unsuitable | What came of it? |",
            f"| {every} | relief | quantity | % | How much relief? |",
            f"| {every} | tolerated | yes/no | | Was it tolerated? |",
        ]
    return "\n".join(out) + "\n"


def head_of(policy: str, lines: list[str]) -> list[str]:
    return [
        "---",
        f"policy: {policy}",
        f"title: Policy {policy}",
        "publisher: Example Health Plan",
        *lines,
        "---",
        "",
        f"# Policy {policy}",
        "",
    ]


def policy_files(
    rng: random.Random, policy: str, services: dict[str, tuple[str, ...]], *, wide: bool, history: bool, plans: bool
) -> dict[str, str]:
    """One policy: one to three versions, with now and then an archive, a correction or a withdrawal."""
    author = Author(rng, wide=wide, history=history)
    excludes = rng.random() < 0.12
    froms: dict[str, tuple[str, str]] = {}
    for codes in services.values():
        for code in codes:
            if rng.random() < 0.3:
                start = rng.choice(FIRST_DAYS[:2])
                end = start + timedelta(days=rng.choice((300, 500))) if rng.random() < 0.3 else None
                froms[code] = (start.isoformat(), end.isoformat() if end else "")
    labels = (
        {"Handled by a partner": "delegated", "Pilot coverage": "covered_with_limits"} if rng.random() < 0.2 else {}
    )
    scope = rng.choice(
        (
            "lines of business: {out: [medicare advantage]}",
            "lines of business: {in: [commercial, individual]}",
            "lines of business: {in: [commercial, individual, medicaid], out: [medicare advantage]}",
            "lines of business: {in: [commercial, individual, medicaid, medicare advantage]}",
        )
    )
    states = rng.choice((None,) * 6 + ("states: {in: [WA, OR]}", "states: {out: [ID]}"))
    plan_scope = "plans: {in: [GOLD]}" if plans and rng.random() < 0.15 else None

    def text(first: date, published: date | None, row: date | None, more: list[str], *, archived: bool = False) -> str:
        lines = [f"{'archived' if archived else 'effective'}: {first}"]
        if published:
            lines.append(f"published: {published}")
        if row:
            lines.append(f"row date: {row}")
        lines += more
        if archived:
            return "\n".join(
                [
                    *head_of(policy, lines),
                    "## History",
                    "",
                    "| Date | Event | Approved | Effective | Published | Says | Comment |",
                    "|---|---|---|---|---|---|---|",
                    f"| {row or published} | archived | | {first} | | | |",
                    "",
                ]
            )
        lines += [x for x in (scope, states, plan_scope) if x]
        if labels:
            lines.append("positions: {" + ", ".join(f"{k}: {v}" for k, v in labels.items()) + "}")
        body = ["## Policy coverage criteria", "", *author.criteria(labels, list(services), first)]
        return "\n".join([*head_of(policy, lines), *body, *coding_table(rng, services, froms, excludes), DEFINITIONS])

    files: dict[str, str] = {}
    published_on: list[date] = []
    firsts = sorted(rng.sample(FIRST_DAYS, rng.choice((1, 1, 2, 2, 3))))
    for i, first in enumerate(firsts):
        row = first - timedelta(days=rng.choice((0, 0, 30, 45, 90, -10)))
        published = row if rng.random() < 0.7 else None
        known = published or row
        while known in published_on:
            known += timedelta(days=1)
        published_on.append(known)
        published, row_date = (known, None) if published else (None, known)
        archived = i > 0 and rng.random() < 0.15
        more = []
        if i == 2 and rng.random() < 0.2:
            more.append(f"withdraws: [{firsts[1]}]")
        files[f"{policy}/{first}.md"] = text(first, published, row_date, more, archived=archived)
        if not archived and rng.random() < 0.12:
            later = known + timedelta(days=rng.choice((20, 60)))
            while later in published_on:
                later += timedelta(days=1)
            published_on.append(later)
            files[f"{policy}/{first}.{later}.md"] = text(first, later, None, [])
    return files


PROVISION_HEAD = [
    "## Provisions",
    "",
    "| Effect | System | Code or group | Position | From | To | Published | When | Clause |",
    "|---|---|---|---|---|---|---|---|---|",
]


def provision_rows(rng: random.Random, n: int) -> list[str]:
    rows = []
    for i in range(n):
        effect = rng.choice(("covers", "covers", "excludes", "excludes", "needs authorisation", "no authorisation"))
        target = rng.choice(
            (
                "HCPCS | K0101 | ",
                " | alpha-service | ",
                " | beta-service | ",
                "HCPCS | K0201 | ",
                " | | investigational",
                " | | not medically necessary",
                " | | medically necessary",
                "HCPCS | K0301 | ",
            )
        )
        if effect.endswith("authorisation") and target.startswith(" | | "):
            target = " | alpha-service | "
        start = rng.choice(("", "", "2023-07-15", "2024-02-29"))
        end = rng.choice(("", "", "2024-08-31"))
        published = rng.choice(("", "", "2024-01-10"))
        when = rng.choice(
            ("", "", "", "`exam.firm_band`", "`therapy.duration >= 6 weeks`", "`grade = severe and not exam.sore_spot`")
        )
        rows.append(f"| {effect} | {target} | {start} | {end} | {published} | {when} | {i + 1} |")
    return rows


def generate_policy(rng: random.Random, *, wide: bool = False, history: bool = True) -> dict[str, str]:
    """The files of one library, valid by the notation; ``history=False`` counts no events."""
    files = {"facts.md": facts_file(wide, history)}
    plans = rng.random() < 0.25
    services = dict(SERVICES) if rng.random() < 0.5 else {"alpha-service": SERVICES["alpha-service"]}
    files |= policy_files(rng, "EX-1.01", services, wide=wide, history=history, plans=plans)
    if rng.random() < 0.22:
        second = (
            {"beta-service": SERVICES["beta-service"]}
            if rng.random() < 0.3
            else {"alpha-service": SERVICES["alpha-service"][:1]}
        )
        files |= policy_files(rng, "EX-2.02", second, wide=wide, history=history, plans=plans)
    if rng.random() < 0.35 or plans:
        for i in range(rng.choice((1, 1, 2))):
            rank = rng.choice(("", "", "rank: 2", "rank: contract", "rank: 3"))
            head = [
                "---",
                f"contract: RIDER-{i + 1}",
                f"title: Rider {i + 1}",
                *([rank] if rank else []),
                f"effective: {rng.choice(('2023-01-01', '2023-07-15'))}",
            ]
            head += [
                x for x in (rng.choice((None, "ends: 2024-12-31")), rng.choice((None, "published: 2023-03-01"))) if x
            ]
            files[f"contracts/rider-{i + 1}.md"] = "\n".join(
                [*head, "---", "", f"# Rider {i + 1}", "", *PROVISION_HEAD, *provision_rows(rng, rng.randint(1, 3)), ""]
            )
    if rng.random() < 0.25:
        for i in range(rng.choice((1, 1, 2))):
            head = [
                "---",
                f"mandate: MANDATE-{i + 1}",
                f"title: Mandate {i + 1}",
                *rng.choice(([], [], ["rank: law"], ["rank: 3"])),
                "effective: 2023-03-01",
            ]
            head += [
                "lines of business: {in: [commercial, individual, medicaid]}",
                rng.choice(("states: {in: [WA]}", "states: {in: [OR, ID]}")),
            ]
            if plans and rng.random() < 0.4:
                head.append("funding: insured")
            files[f"mandates/mandate-{i + 1}.md"] = "\n".join(
                [
                    *head,
                    "---",
                    "",
                    f"# Mandate {i + 1}",
                    "",
                    *PROVISION_HEAD,
                    *provision_rows(rng, rng.randint(1, 2)),
                    "",
                ]
            )
    if plans:
        files["plans.md"] = "\n".join(
            [
                "# Plans",
                "",
                "| Plan | Line of business | States | Funding | Plan year starts | Contract | Contact | From | To |",
                "|---|---|---|---|---|---|---|---|---|",
                f"| GOLD | commercial | WA | insured | 07-01 | {rng.choice(('RIDER-1', ''))} | member service | | |",
                "| BLUE | individual | OR | self-funded | 01-01 | | member service | 2023-01-01 | |",
                "",
            ]
        )
    return files


# ------------------------------------------------------------------------------------------------------- cases


def boundary_days(files: dict[str, str]) -> list[date]:
    """Days on which a library's answers may alter, and their neighbours: good dates of service and known_on."""
    library = oracle.load(files)
    days = set()
    for versions in library.policies.values():
        for v in versions:
            days |= {v.first, v.known_from}
            for rule in v.rules:
                days |= {d for d in (rule.first_day, rule.last_day) if date.min < d < date.max}
            days |= {oracle.day_of(r[k]) for rows in v.groups.values() for r in rows for k in ("from", "to") if r[k]}
    for p in library.provisions:
        days |= {d for d in (p.first_day, p.last_day, p.known_from) if date.min < d < date.max}
    return sorted({d + timedelta(days=i) for d in days for i in (-1, 0, 1)})


def generate_cases(
    rng: random.Random, files: dict[str, str], n: int, known_on: date | None = None
) -> list[dict[str, Any]]:
    """n cases near the library's thresholds; answers only to questions of rules that speak as known on ``known_on``."""
    library = oracle.load(files)
    days = boundary_days(files)
    return [_Case(rng, library, files, days, known_on or FAR).made for _ in range(n)]


class _Case:
    def __init__(
        self, rng: random.Random, library: oracle.Library, files: dict[str, str], days: list[date], known_on: date
    ):
        self.rng, self.library, self.known_on = rng, library, known_on
        self.made: dict[str, Any] = {}
        self.service()
        starts = [v.first for vs in library.policies.values() for v in vs]
        day = rng.choice(days) if rng.random() < 0.35 else min(starts) + timedelta(days=rng.randint(0, 900))
        self.day = day
        self.made["date_of_service"] = day.isoformat()
        self.member(files)
        self.atoms = [
            leaf
            for vs in library.policies.values()
            for v in vs
            for r in v.rules
            for leaf, _ in r.literals
            if isinstance(leaf, oracle.Atom)
        ]
        self.atoms += [
            leaf for p in library.provisions for leaf in oracle.atoms_of(p.when) if isinstance(leaf, oracle.Atom)
        ]
        self.person()
        self.facts()
        if any(
            isinstance(t, oracle.CountTerm | oracle.SinceTerm | oracle.LastTerm | oracle.LatestTerm)
            for a in self.atoms
            for t in a.terms
        ):
            self.history()
        self.answers()
        if rng.random() < 0.3:
            self.made["records_complete"] = rng.sample(
                ["exam", "override", "sign", "exam.firm_band"], rng.choice((1, 1, 2))
            )

    def service(self) -> None:
        roll = self.rng.random()
        if roll < 0.88:
            named = {
                c
                for vs in self.library.policies.values()
                for v in vs
                for g in SERVICES
                for c in v.codes_of(g)
                if v.groups[g][0]["role"] == "governed"
            }
            self.made["code"] = self.rng.choice((*sorted(named) * 3, "K0201"))
        elif roll < 0.905:
            self.made |= {"code": self.rng.choice(("K0301", "K0999")), "code_system": "HCPCS"}
        elif roll < 0.91:
            self.made |= {"code": "K01", "code_system": "HCPCS"}
        elif roll < 0.99:
            self.made["service"] = self.rng.choice(("alpha-service", "alpha-service", "beta-service", "alpha service"))
        if "code_system" not in self.made and "code" in self.made and self.rng.random() < 0.4:
            self.made["code_system"] = "HCPCS"

    def member(self, files: dict[str, str]) -> None:
        if "plans.md" in files and self.rng.random() < 0.5:
            self.made["plan"] = self.rng.choice(("GOLD", "BLUE"))
        if self.made.get("plan") == "BLUE" and self.day < date(2023, 1, 1):
            del self.made["plan"]
        if "plan" not in self.made:
            if self.rng.random() < 0.92:
                self.made["line_of_business"] = self.rng.choice(
                    ("commercial",) * 5 + ("individual", "medicaid", "medicare advantage")
                )
            if self.rng.random() < 0.7:
                self.made["state"] = self.rng.choice(STATES)
            if self.library.contracts and self.rng.random() < 0.5:
                self.made["contract"] = self.rng.choice(sorted(self.library.contracts))

    def cuts(self, path: str) -> list[Any]:
        return [
            c
            for a in self.atoms
            for t, cuts in zip(a.terms, a.cuts, strict=True)
            if isinstance(t, oracle.FactTerm) and t.path == path
            for c in cuts
        ]

    def person(self) -> None:
        rng, used = self.rng, {t.path for a in self.atoms for t in a.terms if isinstance(t, oracle.FactTerm)}
        if rng.random() < 0.8:
            pool = [
                c.replace("x", "1").replace("*", "7")
                for codes in (*DIAGNOSES.values(), *EXCLUDED.values())
                for c in codes
            ] + list(OTHER_DIAGNOSES)
            chosen = rng.sample(pool, rng.choice((0, 1, 1, 1, 2, 2, 3)))
            if rng.random() < 0.06:
                chosen.append("A00.86.21")
            self.made["diagnoses"] = list(dict.fromkeys(chosen))
        if rng.random() < (0.75 if "age" in used else 0.2):
            limit = rng.choice([int(v / 12) for _, v in self.cuts("age")] or [18])
            if rng.random() < 0.5:
                self.made["age"] = f"{limit + rng.choice((-1, 0, 0, 1))} years"
            else:
                self.made["birth_date"] = (
                    oracle.add(self.day, "years", -limit) + timedelta(days=rng.choice((-1, 0, 1)))
                ).isoformat()
        if rng.random() < 0.6:
            self.made["sex"] = rng.choice(("female", "male"))
        if rng.random() < 0.6:
            self.made["units"] = rng.choice((1, 1, 2, 3, 4))
        if rng.random() < 0.5:
            self.made["modifiers"] = rng.choice(([], ["RT"], ["LT", "59"], ["59"]))
        if rng.random() < 0.5:
            self.made["place_of_service"] = rng.choice(("11", "22"))
        if rng.random() < 0.5:
            self.made["provider_specialty"] = rng.choice(("neurology", "surgery"))

    def value(self, path: str) -> Any:
        """A value of the fact, near one of its thresholds."""
        rng, kind = self.rng, self.library.types[path]
        match kind.kind:
            case "yes/no":
                return rng.random() < 0.6
            case "choice":
                return rng.choice(kind.choices)
            case "count":
                return rng.randint(0, 4)
            case "date":
                limit = rng.choice(self.cuts(path) or [date(2023, 1, 31)])
                return (limit + timedelta(days=rng.choice((-1, 0, 1)))).isoformat()
        units = {
            "weeks": ("weeks", "days", "months"),
            "months": ("months", "weeks", "years"),
            "kg": ("kg", "lb", "g"),
            "cells/uL": ("cells/uL", "10*9/L"),
        }.get(kind.unit, (kind.unit,))
        dimension, limit = rng.choice(
            self.cuts(path) or [(oracle.unit_of(kind.unit)[0], oracle.unit_of(kind.unit)[1] * 5)]
        )
        same = [u for u in units if oracle.unit_of(u)[0] == dimension]
        if same and rng.random() < 0.75:
            unit = rng.choice(same)
            number = limit / oracle.unit_of(unit)[1]
        else:  # the other family of durations, near where 28 to 31 days begin to matter
            unit = rng.choice(units)
            of, factor = oracle.unit_of(unit)
            number = (
                limit
                if of == dimension
                else limit / rng.choice((28, 30, 31))
                if of == "months"
                else limit * rng.choice((28, 30, 31))
            ) / factor
        number = max(Fraction(0), number + rng.choice((0, 0, 1, -1, Fraction(1, 10), Fraction(-1, 10))))
        return f"{float(round(number, 2)):g} {unit}"

    def facts(self) -> None:
        used = sorted(
            {
                t.path
                for a in self.atoms
                for t in a.terms
                if isinstance(t, oracle.FactTerm) and t.path in self.library.types
            }
        )
        known = self.rng.choice((0.35, 0.65, 0.9, 1.0))
        extra = ["evidence_development.enrolled"] if self.rng.random() < 0.2 else []
        facts = {path: self.value(path) for path in [*used, *extra] if self.rng.random() < known}
        if len(used) > 12:  # a wide rule: about four unknown
            facts = {path: self.value(path) for path in used}
            for path in self.rng.sample(used, self.rng.choice((0, 2, 4, 5))):
                del facts[path]
        if facts:
            self.made["facts"] = facts
            if self.rng.random() < 0.1:
                names = self.rng.sample(sorted(facts), min(len(facts), self.rng.choice((1, 2))))
                self.made["assumed"] = {name: facts.pop(name) for name in sorted(names)}

    def history(self) -> None:
        rng = self.rng
        terms = [t for a in self.atoms for t in a.terms]
        edges = {self.day, self.day + timedelta(days=1), self.day - timedelta(days=1), self.day - timedelta(days=20)}
        windows = {t.window for t in terms if isinstance(t, oracle.CountTerm | oracle.LatestTerm)}
        ctx = oracle.Context(self.library, None, self.made, self.day, {})
        for window in sorted(windows, key=str):
            first = window.first_day(ctx)
            if first and first != date.min:
                edges |= {first - timedelta(days=1), first, first + timedelta(days=1)}
        for a in self.atoms:
            for t, cuts in zip(a.terms, a.cuts, strict=True):
                if isinstance(t, oracle.SinceTerm):
                    edges |= {oracle.add(self.day, c[2], -c[1]) + timedelta(days=i) for c in cuts for i in (-1, 0, 1)}
        pool = sorted(edges)
        by_day: dict[date, dict[str, Any]] = {}
        events = []
        for _ in range(rng.choice((0, 1, 1, 2, 3, 4, 6))):
            day = rng.choice(pool) if rng.random() < 0.75 else self.day - timedelta(days=rng.randint(1, 800))
            group = rng.choice((*SERVICES, *THERAPIES))
            facts = by_day.setdefault(day, self.event_facts())
            event: dict[str, Any] = {"date": day.isoformat()}
            if rng.random() < 0.6:
                event["group"] = group
            else:
                event["code"] = rng.choice({**SERVICES, **THERAPIES}[group])
            if rng.random() < 0.6:
                event["units"] = rng.choice((1, 1, 2, 3))
            if facts:
                event["facts"] = dict(facts)
            events.append(event)
        if events:
            self.made["history"] = events
        roll = rng.random()
        if roll < 0.3:
            self.made["history_complete_from"] = "birth"
        elif roll < 0.65:
            after_birth = [
                d
                for d in pool
                if d <= self.day and ("birth_date" not in self.made or d > date.fromisoformat(self.made["birth_date"]))
            ]
            self.made["history_complete_from"] = rng.choice(after_birth or [self.day]).isoformat()
        if "history_complete_from" in self.made and rng.random() < 0.12:
            self.made["history_incomplete_for"] = [rng.choice((*SERVICES, *THERAPIES))]
        if any(isinstance(t, oracle.LatestTerm) for t in terms) and rng.random() < 0.75:
            seen = [
                {
                    "date": d.isoformat(),
                    "value": rng.choice(("150 cells/uL", "149 cells/uL", "0.3 10*9/L", "299 cells/uL", "301 cells/uL")),
                }
                for d in rng.sample(pool, min(len(pool), 2))
                if d <= self.day
            ]
            if seen:
                self.made.setdefault("facts", {})["eosin"] = seen

    def event_facts(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self.rng.random() < 0.7:
            made["outcome"] = self.rng.choice(("failed", "helped", "unsuitable"))
        if self.rng.random() < 0.7:
            made["relief"] = self.rng.choice(("50 %", "49 %", "30 %", "29.9 %", "80 %"))
        if self.rng.random() < 0.6:
            made["tolerated"] = self.rng.random() < 0.5
        return made

    def answers(self) -> None:
        """Answers to questions of rules that speak for this service that day."""
        run = oracle._Run(self.library, self.made, self.known_on)
        by_id, words = {}, []
        for versions in run.policies.values():
            version, why_not = run.explaining(versions)
            groups = version.governed_groups(run.case, run.system)
            if why_not or not groups:
                continue
            for rule in version.rules:
                if (not rule.services or groups & set(rule.services)) and rule.first_day <= self.day <= rule.last_day:
                    mine = {
                        leaf.key: leaf.words
                        for leaf, _ in rule.literals
                        if isinstance(leaf, oracle.Question) and leaf.key.startswith(rule.name + "/")
                    }
                    by_id |= mine
                    words += mine.values()
        answers = {}
        for key in sorted(by_id):
            if self.rng.random() < 0.55:
                plain = self.rng.random() < 0.3 and words.count(by_id[key]) == 1
                answers[by_id[key] if plain else key] = self.rng.random() < 0.6
        if answers:
            self.made["answers"] = answers


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--count", type=int, default=1)
    arguments.add_argument("--cases", type=int, default=3)
    arguments.add_argument("--wide", action="store_true")
    arguments.add_argument("--no-history", action="store_true")
    asked = arguments.parse_args()
    rng = random.Random(asked.seed)
    for i in range(asked.count):
        files = generate_policy(rng, wide=asked.wide, history=not asked.no_history)
        for path, text in files.items():
            print(f"======== {i + 1}: {path}\n{text}")
        library = oracle.load(files)
        for case in generate_cases(rng, files, asked.cases):
            print(json.dumps(case))
            print("   ", json.dumps(oracle.determine(library, case, FAR)))


if __name__ == "__main__":
    main()
