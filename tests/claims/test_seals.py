"""Seals, snapshots, and 500 damaged files of each format: a sealed one is refused or read as it was, never wrongly."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.claims.reading import LINE, line, read, read_inputs, write_csv, write_parquet

from medpol.claims import staging
from medpol.claims.intake import check_inputs_unchanged, refuse_too_many
from medpol.claims.refused import ClaimsRefused, TooManyRejects
from medpol.claims.sealing import seal_file
from medpol.claims.seals import seal_path
from medpol.claims.sources import ClaimInput

ROWS = [
    line(
        claim_id=f"C{at}",
        charge_amount=f"{at}.25",
        claim_line_start_date=f"2024-03-{at % 28 + 1:02}",
        hcpcs_code=f"G{at:04}",
    )
    for at in range(40)
]


def test_a_seal_says_what_the_sender_read(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "claims.csv", [LINE, line(claim_id="C2", charge_amount="bad", claim_line_start_date="2024-03-09")]
    )
    written = seal_file(ClaimInput(path), tmp_path / "work")
    assert written == seal_path(path)
    said = json.loads(written.read_text())
    assert {key: said[key] for key in ("kind", "bytes", "rows", "billed_amount", "first_day", "last_day")} == {
        "kind": "medpol-seal/1",
        "bytes": path.stat().st_size,
        "rows": 2,
        "billed_amount": "100.00",
        "first_day": "2024-03-01",
        "last_day": "2024-03-09",
    }
    found = read_inputs(tmp_path / "work", ClaimInput(path))
    assert found.read.unsealed == () and found.read.inputs[0].sha256 == said["sha256"]


def test_a_sealed_file_may_end_without_a_line_end(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE])
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    with pytest.raises(ClaimsRefused, match="without a line end"):
        read_inputs(tmp_path / "work", ClaimInput(path))
    seal_file(ClaimInput(path), tmp_path / "work")
    assert read_inputs(tmp_path / "work", ClaimInput(path)).read.lines == 1


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("sha256", "0" * 64, "SHA-256"),
        ("bytes", 1, "bytes"),
        ("rows", 3, "rows 1 instead of 3"),
        ("billed_amount", "1.00", "billed_amount 100.00 instead of 1.00"),
        ("last_day", "2024-12-31", "last_day"),
        ("kind", "other", "not the keys of a seal"),
        ("rows", "many", "a value that cannot be read"),
        ("extra", 1, "not the keys of a seal"),
    ],
)
def test_a_seal_that_does_not_fit_refuses_the_file(tmp_path: Path, key: str, value: object, words: str) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE])
    beside = seal_file(ClaimInput(path), tmp_path / "work")
    beside.write_text(json.dumps(json.loads(beside.read_text()) | {key: value}))
    with pytest.raises(ClaimsRefused, match=words):
        read_inputs(tmp_path / "work", ClaimInput(path))


def test_a_seal_that_is_no_json_refuses_the_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE])
    seal_path(path).write_text("{")
    with pytest.raises(ClaimsRefused, match="cannot be read"):
        read_inputs(tmp_path / "work", ClaimInput(path))


def test_a_file_that_is_written_to_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE])
    read_then = staging.read_rows

    def written_meanwhile(*given: object, **named: object) -> object:
        rows = read_then(*given, **named)  # type: ignore[arg-type]
        with path.open("a") as file:
            file.write("more\n")
        return rows

    monkeypatch.setattr(staging, "read_rows", written_meanwhile)
    with pytest.raises(ClaimsRefused, match="another content than when reading began"):
        read_inputs(tmp_path / "work", ClaimInput(path))


def test_a_refused_file_leaves_nothing_of_itself_in_the_work_folder(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE])
    path.write_bytes(path.read_bytes() + b"too,short\n")
    with pytest.raises(ClaimsRefused):
        read_inputs(tmp_path / "work", ClaimInput(path))
    assert [each for each in (tmp_path / "work").rglob("*") if each.is_file()] == []


def test_a_file_that_is_replaced_after_reading_changes_no_line_and_is_noticed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE])
    found = read_inputs(tmp_path / "work", ClaimInput(path))
    check_inputs_unchanged(found.read)
    write_csv(tmp_path / "other.csv", [line(claim_id="X")]).replace(path)
    assert found.lines("claim_id") == ["C1"]
    with pytest.raises(ClaimsRefused, match="another content"):
        check_inputs_unchanged(found.read)


def test_more_rejects_than_allowed_stop_the_run(tmp_path: Path) -> None:
    found = read(tmp_path, *[line(claim_id=f"C{at}", charge_amount="x" if at == 1 else "1") for at in range(20)])
    for most in ("5%", "1", None, "5.0%"):
        refuse_too_many(found.read, most)
    for most in ("4.99%", "0", "0.1%"):
        with pytest.raises(TooManyRejects, match="1 of 20 rows"):
            refuse_too_many(found.read, most)
    for most in ("many", "", "%", "-1"):
        with pytest.raises(ValueError, match="neither a share"):
            refuse_too_many(found.read, most)
    assert found.read.inputs[0].billed_read == Decimal(19)


# ---------------------------------------------------------------------------- damage

DAMAGED = 500


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One to four flipped bits, a cut, a doubled or a lost piece."""
    held = bytearray(data)
    match chance.randrange(5):
        case 0:
            del held[chance.randrange(len(held)) :]
        case 1:
            at = chance.randrange(len(held))
            del held[at : at + chance.randrange(1, 200)]
        case 2:
            at = chance.randrange(len(held))
            held[at:at] = held[at : at + chance.randrange(1, 200)]
        case _:
            for _ in range(chance.randrange(1, 5)):
                held[chance.randrange(len(held))] ^= 1 << chance.randrange(8)
    return bytes(held)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_no_damage_to_a_sealed_file_is_read_silently(
    tmp_path: Path, kind: str, record_property: Callable[[str, object], None]
) -> None:
    """Unsealed, some damage cannot be seen: how much is measured and printed, and none of it is a crash."""
    path = (write_csv if kind == "csv" else write_parquet)(tmp_path / f"claims.{kind}", ROWS)
    seal = seal_file(ClaimInput(path), tmp_path / "work")
    whole, sealed = path.read_bytes(), seal.read_text()
    sql = "SELECT * FROM claim_lines ORDER BY line_id"
    expected = read_inputs(tmp_path / "work", ClaimInput(path)).rows(sql)
    chance = random.Random(7)
    silently = {"sealed": 0, "unsealed": 0}
    for at in range(DAMAGED):
        path.write_bytes(damaged(whole, chance))
        # each file is read sealed; one in five unsealed as well, which alone takes the whole reader
        for how in ("sealed", "unsealed") if at % 5 == 0 else ("sealed",):
            seal.write_text(sealed) if how == "sealed" else seal.unlink()
            try:
                found = read_inputs(tmp_path / "work", ClaimInput(path))
            except ClaimsRefused:
                continue
            silently[how] += found.rows(sql) != expected and found.read.rejected == 0
    record_property("silently wrong, unsealed", f"{silently['unsealed']} of {DAMAGED // 5}")
    print(
        f"{kind}: silently wrong {silently['sealed']} of {DAMAGED} sealed, {silently['unsealed']} of {DAMAGED // 5} unsealed"
    )
    assert silently["sealed"] == 0
