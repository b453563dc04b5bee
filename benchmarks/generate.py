"""A seeded library of invented policies, and cases for it, to measure with.

Every version is about 3 kB of the notation: criteria of 4 to 10 literals, a Coding table with invented HCPCS codes, a
value set, prose, references and history. One policy in ten counts earlier sessions. A few contracts and mandates stand
beside them. Same seed, same bytes.

    python benchmarks/generate.py FOLDER --policies 500 --versions 4 --cases 2000
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

VERSION_BYTES = 3_000
LITERALS = (4, 10)
CODES_A_POLICY = 3
COUNTING = 0.1
FIRST_DAY = date(2021, 1, 1)
KNOWN_ON = "2030-01-01"
STATES = ("WA", "OR", "ID", "AK")
LINES = ("commercial", "commercial", "commercial", "individual", "medicaid", "medicare advantage")

SIGNS = tuple(f"exam.sign_{at:02d}" for at in range(24))
DURATIONS = tuple(f"therapy_{at:02d}.duration" for at in range(8))
SCORES = tuple(f"score_{at:02d}" for at in range(6))
OUTCOMES = tuple(f"therapy_{at:02d}.outcome" for at in range(8))
GRADES = tuple(f"grade_{at:02d}" for at in range(4))
FAVOURABLE = ("medically necessary", "medically necessary", "may be considered medically necessary")
UNFAVOURABLE = ("investigational", "not medically necessary")
WORDS = tuple(
    "review imaging therapy duration outcome member clinician record assessment function joint muscle nerve relief "  # noqa: SIM905
    "interval visit service plan evidence trial control group range motion session follow-up baseline finding".split()
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a library to write."""

    policies: int = 500
    versions: int = 4
    seed: int = 1

    @property
    def files(self) -> int:
        return self.policies * self.versions


def facts_file() -> str:
    """The facts that every policy draws from, and the fields of events."""
    rows = [(name, "yes/no", "", f"Is {name.replace('.', ' ')} seen?", "record") for name in SIGNS]
    rows += [(name, "quantity", "weeks", f"How long was {name} tried?", "record, attestation") for name in DURATIONS]
    rows += [(name, "count", "", f"How high is {name}?", "record") for name in SCORES]
    rows += [
        (name, "choice", "failed, not_feasible, helped", f"What came of {name}?", "record, attestation")
        for name in OUTCOMES
    ]
    rows += [(name, "choice", "mild, moderate, severe", f"How severe is {name}?", "record") for name in GRADES]
    rows.append(("override.director", "yes/no", "", "Did a director allow it?", "plan"))
    table = ["# Facts", "", "| Fact | Type | Unit or choices | Question | From |", "|---|---|---|---|---|"]
    return "\n".join([*table, *(f"| {' | '.join(row)} |" for row in rows), ""])


def codes_of(policy: int) -> tuple[str, ...]:
    """The invented codes of one policy; from 3,334 policies on, several letters are in use."""
    first = policy * CODES_A_POLICY
    return tuple(f"{'KQSGJ'[at // 10_000 % 5]}{at % 10_000:04d}" for at in range(first, first + CODES_A_POLICY))


def number_of(policy: int) -> str:
    return f"{policy // 100 + 1}.{policy % 100:02d}.900"


class Author:
    """Writes the versions of one policy; its criteria are rewritten with every second version."""

    def __init__(self, policy: int, seed: int) -> None:
        self.rng = random.Random(f"{seed}/{policy}")
        self.policy, self.seed = policy, seed
        self.codes = codes_of(policy)
        self.service = f"service-{policy:04d}"
        self.diagnosis = f"illness-{policy:04d}"
        self.diagnoses = [f"{self.rng.choice('GLMRS')}{self.rng.randint(10, 99)}.{at}" for at in range(6)]
        self.counts = self.rng.random() < COUNTING
        self.step = self.rng.randint(150, 400)
        self.rules = self.rng.choice((1, 1, 2))
        self.scope = self.rng.choice(
            (
                "{out: [medicare advantage]}",
                "{in: [commercial, individual]}",
                "{in: [commercial, individual, medicaid]}",
            )
        )
        self.states = self.rng.choice(("",) * 7 + ("{in: [WA, OR]}",))

    def first_day(self, version: int) -> date:
        return FIRST_DAY + timedelta(days=self.policy % 90 + version * self.step)

    def atoms(self, rng: random.Random, wanted: int) -> list[str]:
        """That many literals, each about another fact."""
        signs, scores = rng.sample(SIGNS, 6), rng.sample(SCORES, 3)
        held = [
            f"{rng.choice(DURATIONS)} >= {rng.choice(('6 weeks', '3 months', '42 days'))}",
            f"{rng.choice(OUTCOMES)} in (failed, not_feasible)",
            f"diagnosis in {self.diagnosis}",
            f"{signs[0]}",
            f"age >= {rng.choice((12, 18, 21))} years",
            f"{rng.choice(GRADES)} in high-grades",
            f"not {signs[1]}",
            f"{scores[0]} >= {rng.randint(2, 9)}",
            f"{scores[1]} <= {rng.randint(4, 12)}",
            f"{signs[2]}",
            f"{signs[3]}",
            "service.units <= 2",
        ]
        rng.shuffle(held)
        held = held[:wanted]
        if self.counts:
            held[-1] = f"count(sessions of {self.service}, rolling 12 months through) <= {rng.randint(3, 12)}"
        return held

    def items(self, rng: random.Random, atoms: list[str]) -> list[str]:
        """A list over the literals: some alone, some joined in one sentence, some under a group."""
        lines: list[str] = []
        at = 0
        while at < len(atoms):
            left = len(atoms) - at
            if left >= 3 and rng.random() < 0.35:
                size = min(left, rng.randint(2, 4))
                words = rng.choice(("Any of these", "All of these", "At least 2 of these"))
                lines.append(f"- {words} ({self.words(rng, 2)}):")
                lines += [f"  - {self.sentence(rng, at + k)} `{atoms[at + k]}`" for k in range(size)]
                at += size
            elif left >= 2 and rng.random() < 0.3:
                lines.append(f"- {self.sentence(rng, at)} `{atoms[at]} {rng.choice(('and', 'or'))} {atoms[at + 1]}`")
                at += 2
            else:
                lines.append(f"- {self.sentence(rng, at)} `{atoms[at]}`")
                at += 1
        return lines

    def sentence(self, rng: random.Random, at: int) -> str:
        return f"Item {at + 1}, the record documents {self.words(rng, 4)}"

    def words(self, rng: random.Random, count: int) -> str:
        return " ".join(rng.choice(WORDS) for _ in range(count))

    def criteria(self, version: int) -> list[str]:
        out = ["## Policy coverage criteria", ""]
        for rule in range(self.rules):
            rng = random.Random(f"{self.seed}/{self.policy}/{rule}/{version // 2}")
            literals = rng.randint(*LITERALS)
            if self.rules > 1:
                out += [f"### {('Initial', 'Continued')[rule]} course", "", f"Services: `{self.service}`", ""]
                when = f"{OUTCOMES[self.policy % 8]} {('!=', '=')[rule]} helped"
                out += [f"When: the course {('begins', 'goes on')[rule]} `{when}`", ""]
            out += [f"The service is **{rng.choice(FAVOURABLE)}** when all of these are met:", ""]
            out += [*self.items(rng, self.atoms(rng, literals)), ""]
            if rng.random() < 0.3:
                out += ["Unless a director allowed it. `override.director`", ""]
            out += [f"Otherwise **{rng.choice(UNFAVOURABLE)}**.", ""]
        return out

    def coding(self) -> list[str]:
        rows = [
            "## Coding",
            "",
            "| Group | System | Code | Role | From | To | Our label |",
            "|---|---|---|---|---|---|---|",
        ]
        rows += [
            f"| {self.service} | HCPCS | {code} | governed | {self.first_day(0)} | | invented service {code} |"
            for code in self.codes
        ]
        rows += [f"| {self.diagnosis} | ICD-10-CM | {code} | supports | | | |" for code in self.diagnoses]
        return [*rows, ""]

    def text(self, version: int) -> str:
        rng = random.Random(f"{self.seed}/{self.policy}/prose/{version}")
        first, number = self.first_day(version), number_of(self.policy)
        published = first - timedelta(days=30)
        head = [
            "---",
            f"policy: {number}",
            f"title: Invented service {self.policy}",
            "publisher: Example Health Plan",
            f"effective: {first}",
            f"published: {published}",
            f"lines of business: {self.scope}",
            *([f"states: {self.states}"] if self.states else []),
            "rights: invented for measuring, free to use",
            "---",
            "",
            f"# Invented service {self.policy}",
            "",
            "## Introduction",
            "",
            "Audience: public",
            "",
            f"This is an invented policy. It speaks of {self.words(rng, 12)}.",
            "",
        ]
        definitions = ["## Definitions", "", "- `high-grades`: `moderate`, `severe`", ""]
        tail = ["## References", ""]
        tail += [
            f"{at + 1}. Author A, Author B. {self.words(rng, 5).capitalize()}. Invented J. 20{10 + at}; {at + 3}(2): {at}1-{at}9."
            for at in range(2)
        ]
        tail += [
            "",
            "## History",
            "",
            "| Date | Event | Approved | Effective | Published | Says | Comment |",
            "|---|---|---|---|---|---|---|",
        ]
        tail += [
            f"| {self.first_day(at)} | {'annual review' if at else 'new policy'} | | {self.first_day(at)} | | references added | |"
            for at in range(version + 1)
        ]
        body = [*head, *self.criteria(version), *self.coding(), *definitions]
        end = "\n".join(["", *tail, ""])
        paragraphs = ["## Description", ""]
        size = len("\n".join(body)) + len(end)
        while size + sum(map(len, paragraphs)) < VERSION_BYTES - 40:
            paragraphs += [f"{self.words(rng, 9).capitalize()}; {self.words(rng, 9)}.", ""]
        return "\n".join([*body, *paragraphs]) + end


def library_files(shape: Shape) -> dict[str, str]:
    """Every file of the library by its path."""
    files = {"facts.md": facts_file()}
    for policy in range(shape.policies):
        author = Author(policy, shape.seed)
        for version in range(shape.versions):
            files[f"{number_of(policy)}/{author.first_day(version)}.md"] = author.text(version)
    head = "| Effect | System | Code or group | Position | From | To | Published | When | Clause |\n|---|---|---|---|---|---|---|---|---|"
    for at in range(4):
        files[f"contracts/rider-{at}.md"] = (
            f"---\ncontract: RIDER-{at}\ntitle: Invented rider {at}\neffective: 2020-01-01\n---\n\n# Invented rider {at}\n\n"
            f"## Provisions\n\n{head}\n| {'excludes' if at % 2 else 'covers'} | HCPCS | {codes_of(at)[0]} | | | | | | clause {at} |\n"
        )
    for at, state in enumerate(STATES[:2]):
        files[f"mandates/mandate-{at}.md"] = (
            f"---\nmandate: MANDATE-{at}\ntitle: Invented mandate {at}\neffective: 2022-01-01\n"
            f"lines of business: {{in: [commercial, individual]}}\nstates: {{in: [{state}]}}\n---\n\n# Invented mandate {at}\n\n"
            f"## Provisions\n\n{head}\n| covers | HCPCS | {codes_of(at + 4)[0]} | | | | | `{SIGNS[0]}` | section {at} |\n"
        )
    return files


def write_library(folder: Path, shape: Shape) -> dict[str, str]:
    """Write the library and give back its files."""
    files = library_files(shape)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    return files


def one_changed(text: str) -> str:
    """The text with one word altered, as an editor would."""
    return text.replace("Invented J.", "Invented Journal.", 1)


# ---------------------------------------------------------------------------- cases


def cases(shape: Shape, count: int, *, history: int = 0) -> list[dict[str, Any]]:
    """That many cases, a third of them on the days around a version's first; ``history`` events in each."""
    rng = random.Random(f"{shape.seed}/cases/{history}")
    held = []
    for _ in range(count):
        author = Author(rng.randrange(shape.policies), shape.seed)
        held.append(_case(rng, author, shape, history))
    return held


def _case(rng: random.Random, author: Author, shape: Shape, history: int) -> dict[str, Any]:
    first = author.first_day(rng.randrange(shape.versions))
    day = first + timedelta(days=rng.choice((-1, 0, 1)) if rng.random() < 0.33 else rng.randint(2, 149))
    case: dict[str, Any] = {
        "code": rng.choice(author.codes),
        "code_system": "HCPCS",
        "date_of_service": str(day),
        "known_on": KNOWN_ON,
        "line_of_business": rng.choice(LINES),
        "state": rng.choice(STATES),
        "age": f"{rng.randint(8, 80)} years",
        "units": rng.randint(1, 3),
        "diagnoses": [rng.choice(author.diagnoses) if rng.random() < 0.8 else "Z99.9"],
        "facts": _facts(rng, author.text(0) + author.text(shape.versions - 1)),
    }
    if rng.random() < 0.1:
        case["contract"] = f"RIDER-{rng.randrange(4)}"
    if history:
        case["history"] = [
            {"code": rng.choice(author.codes), "date": str(day - timedelta(days=rng.randint(1, 700))), "units": 1}
            for _ in range(history)
        ]
        case["history_complete_from"] = "2010-01-01"
    return case


def _facts(rng: random.Random, text: str) -> dict[str, Any]:
    """Nine in ten of the facts that the policy reads, mostly favourable, and a few others."""
    told: dict[str, Any] = {name: rng.random() < 0.85 for name in SIGNS}
    told |= {name: f"{rng.randint(4, 20)} weeks" for name in DURATIONS}
    told |= {name: rng.randint(0, 12) for name in SCORES}
    told |= {name: rng.choice(("failed", "failed", "not_feasible", "helped")) for name in OUTCOMES}
    told |= {name: rng.choice(("moderate", "severe", "mild")) for name in GRADES}
    return {name: value for name, value in told.items() if rng.random() < (0.9 if name in text else 0.1)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Write an invented library and cases for it.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--policies", type=int, default=500)
    parser.add_argument("--versions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=0, help="also write that many cases to FOLDER/cases.ndjson")
    given = parser.parse_args()
    shape = Shape(given.policies, given.versions, given.seed)
    files = write_library(given.folder, shape)
    if given.cases:
        lines = (json.dumps(case) for case in cases(shape, given.cases))
        (given.folder / "cases.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sizes = [len(text.encode()) for path, text in files.items() if path[0].isdigit()]
    print(f"{len(files)} files, versions of {min(sizes)} to {max(sizes)} bytes, {sum(sizes) // len(sizes)} on average")


if __name__ == "__main__":
    main()
