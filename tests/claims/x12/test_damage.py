"""Damaged 837 files: what is published is what the file says, and every line is published or accounted for."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.claims.x12.documents import (
    DEPENDENT,
    HEADER,
    PROVIDER,
    SUBSCRIBER,
    WITH_DEPENDENT,
    Rows,
    claim,
    group,
    interchange,
    read,
    text,
    transaction,
)

from medpol.claims.x12.strict import read_837_strict

FILES = 500


def _lines(count: int) -> list[tuple[str, str]]:
    """Lines that differ from one another in code, charge, pointer and day."""
    services = [f"SV1*HC:{20560 + at}*{10 * at + 10}.00*UN*{at + 1}***{at % 2 + 1}" for at in range(count)]
    return [(service, f"DTP*472*D8*2024010{at + 1}") for at, service in enumerate(services)]


WHOLE = interchange(
    group(
        transaction(
            [
                *HEADER,
                *PROVIDER,
                *SUBSCRIBER,
                *claim("A", "REF*G1*AUTH", lines=_lines(2), charge="30.00"),
                *claim("B", "REF*F8*OLD", lines=_lines(1), charge="10.00", hi="HI*ABK:M545"),
                "HL*3*1*22*1",
                *WITH_DEPENDENT[1:],
                "HL*4*3*23*0",
                *DEPENDENT[1:],
                *claim("D", lines=_lines(3), charge="60.00", hi="HI*ABK:R51"),
            ]
        )
    )
)


# ---------------------------------------------------------------------------- the ways of damage


def dropped(chance: random.Random) -> str:
    at = chance.randrange(1, len(WHOLE))
    return text(WHOLE[:at] + WHOLE[at + 1 :])


def doubled(chance: random.Random) -> str:
    at = chance.randrange(1, len(WHOLE))
    return text([*WHOLE[:at], WHOLE[at], *WHOLE[at:]])


def swapped(chance: random.Random) -> str:
    one, other = chance.sample(range(1, len(WHOLE)), 2)
    segments = list(WHOLE)
    segments[one], segments[other] = segments[other], segments[one]
    return text(segments)


def moved(chance: random.Random) -> str:
    segments = list(WHOLE)
    segment = segments.pop(chance.randrange(1, len(segments)))
    segments.insert(chance.randrange(1, len(segments)), segment)
    return text(segments)


def shuffled(chance: random.Random) -> str:
    first = chance.randrange(1, len(WHOLE) - 5)
    part = WHOLE[first : first + 5]
    chance.shuffle(part)
    return text(WHOLE[:first] + part + WHOLE[first + 5 :])


def with_another_digit(chance: random.Random) -> str:
    whole = text(WHOLE)
    at = chance.choice([at for at, sign in enumerate(whole) if sign.isdigit()])
    return whole[:at] + chance.choice("0123456789") + whole[at + 1 :]


def with_another_sign(chance: random.Random) -> str:
    whole = text(WHOLE)
    at = chance.randrange(len(whole))
    return whole[:at] + chr(chance.randrange(1, 256)) + whole[at + 1 :]


def with_a_delimiter_or_line_end(chance: random.Random) -> str:
    whole = text(WHOLE)
    at = chance.randrange(len(whole))
    return whole[:at] + chance.choice(["", "\n", "\r\n", " ", "~", "*", ":", "^"]) + whole[at + chance.randrange(2) :]


def cut(chance: random.Random) -> str:
    whole = text(WHOLE)
    return whole[: chance.randrange(len(whole))]


def spliced(chance: random.Random) -> str:
    """Cut, and another file behind it."""
    return cut(chance) + text(WHOLE)


DAMAGES: list[Callable[[random.Random], str]] = [
    *(dropped, doubled, swapped, moved, shuffled),
    *(with_another_digit, with_another_sign, with_a_delimiter_or_line_end, cut, spliced),
]


# ---------------------------------------------------------------------------- what the file says, read naively


def naive(whole: str) -> list[dict[str, str]]:
    """The lines of the file, read without asking whether any of it may stand there."""
    held: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    for segment in whole.replace("~\r\n", "~").replace("~\n", "~").split("~"):
        name, *rest = segment.split("*")
        rest += [""] * (12 - len(rest))
        if name == "NM1" and rest[0] == "IL" and "claim_id" not in held:
            held["x_subscriber_id"] = rest[8] if rest[7] in ("MI", "II") else ""
        elif name == "HL":
            held = {"x_subscriber_id": held.get("x_subscriber_id", "")} if rest[2] == "23" else {}
        elif name == "CLM":
            held = {"claim_id": rest[0], "x_subscriber_id": held.get("x_subscriber_id", "")}
        elif name == "HI" and "diagnosis_code_1" not in held:
            held["diagnosis_code_1"] = rest[0].partition(":")[2]
        elif name == "LX":
            lines.append({**held, "claim_line_number": rest[0]})
        elif name == "SV1":
            lines[-1] |= {
                "hcpcs_code": rest[0].split(":")[1],
                "charge_amount": rest[1],
                "x_diagnosis_pointers": rest[6],
            }
        elif name == "DTP" and rest[0] == "472":
            lines[-1]["claim_line_start_date"] = f"{rest[2][:4]}-{rest[2][4:6]}-{rest[2][6:]}"
    return lines


COMPARED = (
    "claim_id",
    "claim_line_number",
    "x_subscriber_id",
    "diagnosis_code_1",
    "hcpcs_code",
    "charge_amount",
    "x_diagnosis_pointers",
    "claim_line_start_date",
)


def in_short(rows: Rows) -> list[tuple[str, ...]]:
    return [tuple(row.get(name) or "" for name in COMPARED) for row in rows]


def test_no_damaged_file_gives_a_line_that_it_does_not_hold(tmp_path: Path) -> None:
    good, _ = read(text(WHOLE), tmp_path)
    assert in_short(good) == in_short(naive(text(WHOLE))) and len(good) == 6
    ways: Counter[str] = Counter()
    for number in range(FILES):
        chance = random.Random(number)
        whole = DAMAGES[number % len(DAMAGES)](chance)
        content = whole.encode("latin-1")
        ours, rejects = read(content, tmp_path)
        strict, _ = read(content, tmp_path, read_837_strict)
        if not rejects and whole.count("ISA*") == 1:
            assert in_short(ours) == in_short(naive(content.decode("ascii", "backslashreplace"))), (number, whole)
        if ours and strict:
            assert ours == strict, (number, whole)
        if strict and not ours:
            # Lines or levels that do not count up: ours is the stricter.
            assert rejects[0].found.startswith(("LX ", "HL ")), (number, whole)
        assert ours or rejects, (number, whole)
        ways["read" if ours == good else "read otherwise" if ours else "refused"] += 1
    assert ways["refused"] > FILES / 2 and ways["read"] and ways["read otherwise"], ways


def test_every_line_of_a_damaged_file_is_published_or_counted_once(tmp_path: Path) -> None:
    for number in range(FILES // 2):
        whole = DAMAGES[number % 6](random.Random(FILES + number))
        rows, rejects = read(whole, tmp_path)
        in_file = sum(segment.startswith("LX*") for segment in whole.split("~"))
        if not any("ISA" in each.expected for each in rejects):
            assert len(rows) + sum(each.lines for each in rejects) == in_file, (number, whole)
