"""The check digit of a National Provider Identifier, in Python and in SQL."""

from __future__ import annotations

import duckdb
import pytest

from medpol.claims.npi import check_digit, check_digit_sql, has_valid_check_digit


def test_the_published_example_is_valid() -> None:
    assert has_valid_check_digit("1234567893")


@pytest.mark.parametrize("npi", ["1234567890", "123456789", "12345678933", "123456789x", "", "１２３４５６７８９３"])
def test_a_wrong_digit_or_another_shape_is_not_valid(npi: str) -> None:
    assert not has_valid_check_digit(npi)


def test_every_single_wrong_digit_is_noticed() -> None:
    npi = "1679576722"
    assert has_valid_check_digit(npi)
    others = [npi[:at] + digit + npi[at + 1 :] for at in range(10) for digit in "0123456789" if digit != npi[at]]
    assert not any(has_valid_check_digit(each) for each in others)


def test_one_digit_completes_nine() -> None:
    for nine in ("123456789", "000000000", "987654321"):
        valid = [digit for digit in "0123456789" if has_valid_check_digit(nine + digit)]
        assert valid == [check_digit(nine)]


def test_the_sql_says_what_the_function_says() -> None:
    texts = [f"{number * 7919 % 10**10:010}" for number in range(1, 3000)] + [
        "",
        "12345",
        "123456789x",
        "１２３４５６７８９３",
    ]
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE given (npi VARCHAR)")
        engine.executemany("INSERT INTO given VALUES (?)", [[each] for each in texts])
        said = dict(engine.execute(f"SELECT npi, {check_digit_sql('npi')} FROM given").fetchall())
        [nothing] = engine.execute(f"SELECT {check_digit_sql('CAST(NULL AS VARCHAR)')}").fetchall()
    assert said == {each: has_valid_check_digit(each) for each in texts}
    assert nothing == (None,)
