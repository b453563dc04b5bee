"""Small 837 files, written segment by segment, and what a reader makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from medpol.claims.x12 import SegmentReject, read_837

P, I = "005010X222A1", "005010X223A2"  # noqa: E741  the guides of 837P and 837I

HEADER = [
    "BHT*0019*00*0001*20240101*0000*CH",
    "NM1*41*2*SENDER*****46*SENDER",
    "PER*IC*NOBODY*TE*5555550100",
    "NM1*40*2*PAYER*****46*RECEIVER",
]
PROVIDER = [
    "HL*1**20*1",
    "NM1*85*2*CLINIC*****XX*1234567893",
    "N3*1 STREET",
    "N4*TOWN*OH*000000000",
    "REF*EI*000000000",
]
PAYER = ["NM1*PR*2*PAYER*****PI*PAY1"]
DMG = "DMG*D8*19700131*F"
SUBSCRIBER = [
    "HL*2*1*22*0",
    "SBR*P*18*******CI",
    "NM1*IL*1*INVENTED*ANN****MI*M1",
    "N3*1 STREET",
    "N4*TOWN*OH*00000",
    DMG,
    *PAYER,
]
WITH_DEPENDENT = ["HL*2*1*22*1", "SBR*P********CI", "NM1*IL*1*INVENTED*ANN****MI*M1", *PAYER]
DEPENDENT = ["HL*3*2*23*0", "PAT*19", "NM1*QC*1*INVENTED*BEN", "N3*1 STREET", "N4*TOWN*OH*00000", "DMG*D8*20100101*M"]


def claim(
    claim_id: str = "C1",
    *more: str,
    charge: str = "100.00",
    hi: str = "HI*ABK:M7918*ABF:M542",
    lines: Iterable[Sequence[str]] = (("SV1*HC:20560*100.00*UN*1***1", "DTP*472*D8*20240105"),),
    setting: str = "11:B:1",
) -> list[str]:
    """A claim; ``more`` are segments between CLM and HI, each of ``lines`` the segments behind an LX."""
    numbered = [each for at, line in enumerate(lines, start=1) for each in (f"LX*{at}", *line)]
    return [f"CLM*{claim_id}*{charge}***{setting}*Y*A*Y*Y", *more, *([hi] if hi else []), *numbered]


def institutional(
    claim_id: str = "C1",
    *more: str,
    hi: str = "HI*ABK:M7918",
    lines: Iterable[Sequence[str]] = (("SV2*0420*HC:97110*100.00*UN*2",),),
    charge: str = "100.00",
) -> list[str]:
    dates = ["DTP*434*RD8*20240105-20240107", "CL1*3**01"]
    return claim(claim_id, *dates, *more, hi=hi, lines=lines, setting="13:A:1", charge=charge)


def transaction(body: Sequence[str], guide: str = P, control: str = "0001") -> list[str]:
    return [f"ST*837*{control}*{guide}", *body, f"SE*{len(body) + 2}*{control}"]


def group(*transactions: Sequence[str], guide: str = P, control: str = "1") -> list[str]:
    inner = [segment for each in transactions for segment in each]
    return [f"GS*HC*SENDER*RECEIVER*20240101*0000*{control}*X*{guide}", *inner, f"GE*{len(transactions)}*{control}"]


def interchange(*groups: Sequence[str], control: str = "000000001") -> list[str]:
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'SENDER':15}*ZZ*{'RECEIVER':15}*240101*0000*^*00501*{control}*0*T*:"
    return [isa, *(segment for each in groups for segment in each), f"IEA*{len(groups)}*{control}"]


def body(*claims: Sequence[str]) -> list[str]:
    """The claims of one subscriber who is the patient."""
    return [*HEADER, *PROVIDER, *SUBSCRIBER, *(segment for each in claims for segment in each)]


def file_of(*claims: Sequence[str], guide: str = P) -> list[str]:
    """One interchange of one transaction set with the claims."""
    return interchange(group(transaction(body(*claims), guide), guide=guide))


def text(segments: Iterable[str], line_end: str = "") -> str:
    return "".join(f"{each}~{line_end}" for each in segments)


Rows = list[dict[str, Any]]
Rejects = list[SegmentReject]


def read(
    content: str | bytes, folder: Path, reader: Callable[..., Any] = read_837, **options: Any
) -> tuple[Rows, Rejects]:
    """The rows, without their nulls, and the rejects."""
    path = folder / "claims.837"
    path.write_bytes(content.encode("ascii") if isinstance(content, str) else content)
    rejects: Rejects = []
    rows = [row for batch in reader(path, rejected=rejects.append, **options) for row in batch.to_pylist()]
    return [{name: value for name, value in row.items() if value is not None} for row in rows], rejects


def refused(content: str | bytes, folder: Path, **options: Any) -> SegmentReject:
    """The one reject of a file of which nothing may be published."""
    rows, rejects = read(content, folder, **options)
    assert rows == []
    [reject] = rejects
    assert reject.reject_key == "envelope"
    return reject
