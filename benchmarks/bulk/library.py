"""An invented library that claims alone can mostly answer: n policies of a few versions, contracts, the policies we ship.

Criteria read what a claim line says: diagnoses, age, units, sex, place, modifiers, specialty; some count earlier
sessions or ask how long ago the last one was, some read one documented fact. One policy in ten has more literals than the
six that fit into one truth table. Same seed, same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from medpol.decide.plan import compile_library, write_plan
from medpol.library import load

KNOWN_ON = date(2026, 11, 24)
FIRST_DAY = date(2020, 1, 1)
CODES_A_POLICY = 3
_LETTERS = "KQSGJABCEHLM"
"""Letters of the codes that policies govern; the codes that none governs begin with T."""
UNUSED_CODE = "R9999"
MOST_POLICIES = len(_LETTERS) * 10_000 // CODES_A_POLICY
SHIPPED = "2.01.100"
SHIPPED_CODES = ("20560", "20561")
SIGNS = tuple(f"bench.sign_{at:02d}" for at in range(12))
CONTRACTS = tuple(f"bench-rider-{at}" for at in range(8))
PROVISIONS_A_CONTRACT = 6
PLACES = ("11", "22", "24", "12", "19", "02")
SPECIALTIES = ("207Q00000X", "208100000X", "225100000X", "207X00000X", "2084N0400X")
MODIFIERS = ("LT", "RT", "50", "59", "GP", "KX", "GA", "76")
LINES = ("commercial", "individual", "medicaid", "medicare advantage")
STATES = ("WA", "OR", "ID", "AK", "VT", "OH")
_COUNTING, _SINCE, _FACT = 0.08, 0.04, 0.15
_LITERALS = (1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8)
_SCOPES = ("", "", "{out: [medicare advantage]}", "{in: [commercial, individual]}", "{in: [commercial, medicaid]}")


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a library: ``policies`` that claims can match, and ``others`` of one version whose codes never occur."""

    policies: int = 2_000
    versions: int = 2
    others: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.policies + self.others <= MOST_POLICIES:
            raise ValueError(
                f"there are codes for 1 to {MOST_POLICIES:,} policies, not {self.policies + self.others:,}"
            )


def codes_of(policy: int) -> tuple[str, ...]:
    """The invented codes of one policy."""
    first = policy * CODES_A_POLICY
    return tuple(f"{_LETTERS[at // 10_000]}{at % 10_000:04d}" for at in range(first, first + CODES_A_POLICY))


def diagnosis_universe() -> tuple[str, ...]:
    """Every diagnosis that claims and policies of the benchmark name, without its dot."""
    return tuple(f"{letter}{at}{digit}" for letter in "GLMRS" for at in range(10, 100) for digit in range(6))


def diagnoses_of(policy: int, seed: int) -> tuple[str, ...]:
    """The diagnoses that support one policy."""
    rng = random.Random(f"{seed}/{policy}/diagnoses")
    return tuple(sorted(rng.sample(diagnosis_universe(), rng.randint(4, 10))))


def number_of(policy: int) -> str:
    return f"{policy // 100 + 101}.{policy % 100:02d}.900"


def first_day(policy: int, version: int) -> date:
    return FIRST_DAY + timedelta(days=policy % 90 + version * (500 + policy % 7 * 40))


def library_files(shape: Shape) -> dict[str, str]:
    """Every file of the library by its path."""
    shipped = _shipped()
    held = {path: text for path, text in shipped.items() if path != "facts.md"}
    held["facts.md"] = shipped["facts.md"].rstrip() + "\n\n" + _facts()
    for policy in range(shape.policies + shape.others):
        for version in range(shape.versions if policy < shape.policies else 1):
            held[f"{number_of(policy)}/{first_day(policy, version)}.md"] = _policy(policy, version, shape.seed)
    for at, name in enumerate(CONTRACTS):
        held[f"contracts/{name}.md"] = _contract(at, name, _provisions(at, shape))
    return held


def one_policy_files(policy: int, shape: Shape) -> dict[str, str]:
    """A library of a single policy, and of contracts that say nothing of its codes."""
    held = {"facts.md": "# Facts\n\n" + _facts()}
    for version in range(shape.versions):
        held[f"{number_of(policy)}/{first_day(policy, version)}.md"] = _policy(policy, version, shape.seed)
    for at, name in enumerate(CONTRACTS):
        held[f"contracts/{name}.md"] = _contract(at, name, [f"| covers | HCPCS | {UNUSED_CODE} | | | | | | none |"])
    return held


def write_compiled(files_by_path: dict[str, str], folder: Path, plan: Path) -> None:
    """Write the library and its compiled plan. Raises ``ValueError`` where the library has an error."""
    for path, text in files_by_path.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    library = load(folder)
    if library.diagnostics:
        raise ValueError(f"the invented library has an error: {library.diagnostics[0]}")
    plan.write_bytes(write_plan(compile_library(library)))


def shipped_days() -> tuple[date, ...]:
    """The first days of the versions of the shipped policy."""
    names = [path.removeprefix(f"{SHIPPED}/") for path in _shipped() if path.startswith(f"{SHIPPED}/")]
    return tuple(date.fromisoformat(name[:10]) for name in names if "/" not in name)


def _shipped() -> dict[str, str]:
    """The library that ships with medpol: its policies stand beside the invented ones."""
    return dict(_texts(files("medpol") / "policies_data", ""))


def _texts(folder: Traversable, above: str) -> list[tuple[str, str]]:
    held = []
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            held += _texts(each, f"{above}{each.name}/")
        elif each.name.endswith((".md", ".toml")) and each.name != "cases.md":
            held.append((f"{above}{each.name}", each.read_text(encoding="utf-8")))
    return held


def _facts() -> str:
    rows = [f"| {name} | yes/no | | Is sign {at} seen? | record |" for at, name in enumerate(SIGNS)]
    return "\n".join(["| Fact | Type | Unit or choices | Question | From |", "|---|---|---|---|---|", *rows, ""])


# ---------------------------------------------------------------------------- one policy


def _policy(policy: int, version: int, seed: int) -> str:
    rng = random.Random(f"{seed}/{policy}")
    scope = rng.choice(_SCOPES)
    counts, since, tells = rng.random() < _COUNTING, rng.random() < _SINCE, rng.random() < _FACT
    drawn = random.Random(f"{seed}/{policy}/{version}")
    service, day = f"service-{policy:05d}", first_day(policy, version)
    atoms = _atoms(drawn, policy, rng.choice(_LITERALS))
    if counts:
        window = drawn.choice(("rolling 12 months through", "rolling 90 days through", "calendar year through"))
        atoms[-1] = f"count(sessions of {service}, {window}) <= {drawn.randint(2, 12)}"
    elif since:
        atoms[-1] = f"since(last({service})) >= {drawn.choice((2, 6, 12))} weeks"
    elif tells:
        atoms[-1] = SIGNS[policy % len(SIGNS)]
    covered = drawn.choice(("medically necessary", "may be considered medically necessary"))
    otherwise = drawn.choice(("investigational", "not medically necessary"))
    rows = [
        f"| {service} | HCPCS | {code} | governed | {first_day(policy, 0)} | | invented {code} |"
        for code in codes_of(policy)
    ]
    supporting = diagnoses_of(policy, seed)
    rows += [f"| illness-{policy:05d} | ICD-10-CM | {_dotted(code)} | supports | | | |" for code in supporting]
    if policy % 5 == 0:
        rows.append(f"| illness-{policy:05d} | ICD-10-CM | {supporting[0][:3]}.* | supports | | | |")
    rows.append(f"| elsewhere-{policy:05d} | ICD-10-CM | {_dotted(supporting[-1])} | supports | | | |")
    lines = [
        "---",
        f"policy: {number_of(policy)}",
        f"title: Invented service {policy}",
        "publisher: Example Health Plan",
        f"effective: {day}",
        f"published: {day - timedelta(days=30)}",
        *([f"lines of business: {scope}"] if scope else []),
        "rights: invented for measuring, free to use",
        "---",
        "",
        f"# Invented service {policy}",
        "",
        "## Policy coverage criteria",
        "",
        f"The service is **{covered}** when all of these are met:",
        "",
        *_items(drawn, atoms),
        "",
        f"Otherwise **{otherwise}**.",
        "",
        "## Coding",
        "",
        "| Group | System | Code | Role | From | To | Our label |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]
    return "\n".join(lines)


def _atoms(rng: random.Random, policy: int, wanted: int) -> list[str]:
    """That many literals, the first about the diagnosis."""
    places, specialties = sorted(rng.sample(PLACES, 3)), sorted(rng.sample(SPECIALTIES, 3))
    held = [
        f"age >= {rng.choice((2, 12, 18, 21))} years",
        f"service.units <= {rng.choice((1, 2, 4))}",
        f"age < {rng.choice((65, 75, 80))} years",
        f"service.place in ({_quoted(places)})",
        f"service.modifier not in ({_quoted(sorted(rng.sample(MODIFIERS, 2)))})",
        f'sex = "{rng.choice(("female", "male"))}"',
        f"provider.specialty in ({_quoted(specialties)})",
        f"diagnosis not in elsewhere-{policy:05d}",
    ]
    weights = (6, 6, 3, 3, 3, 1, 2, 2)
    order = sorted(range(len(held)), key=lambda at: rng.random() ** (1 / weights[at]), reverse=True)
    return [f"diagnosis in illness-{policy:05d}", *(held[at] for at in order)][:wanted]


def _items(rng: random.Random, atoms: Sequence[str]) -> list[str]:
    """A list over the literals: some alone, some under a group of their own."""
    lines: list[str] = []
    at = 0
    while at < len(atoms):
        left = len(atoms) - at
        if at and left >= 3 and rng.random() < 0.5:
            words = rng.choice(("Any of these", "At least 2 of these"))
            lines.append(f"- {words} (group {at + 1}):")
            lines += [f"  - Item {at + k + 1} is documented `{atoms[at + k]}`" for k in range(3)]
            at += 3
        elif at and left >= 2 and rng.random() < 0.25:
            lines.append(f"- Item {at + 1} is documented `{atoms[at]} or {atoms[at + 1]}`")
            at += 2
        else:
            lines.append(f"- Item {at + 1} is documented `{atoms[at]}`")
            at += 1
    return lines


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}"


def _quoted(values: Sequence[str]) -> str:
    return ", ".join(f'"{each}"' for each in values)


def _provisions(contract: int, shape: Shape) -> list[str]:
    rng = random.Random(f"{shape.seed}/contract/{contract}")
    effects = ("covers", "excludes", "needs authorisation")
    return [
        f"| {rng.choice(effects)} | HCPCS | {rng.choice(codes_of(rng.randrange(shape.policies)))} | | 2021-01-01 | | | | item {at} |"
        for at in range(PROVISIONS_A_CONTRACT)
    ]


def _contract(at: int, name: str, rows: Sequence[str]) -> str:
    return "\n".join(
        [
            "---",
            f"contract: {name}",
            f"title: Invented rider {at}",
            "effective: 2020-01-01",
            "---",
            "",
            f"# Invented rider {at}",
            "",
            "## Provisions",
            "",
            "| Effect | System | Code or group | Position | From | To | Published | When | Clause |",
            "|---|---|---|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )
