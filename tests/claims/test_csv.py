"""CSV is declared and never sniffed: every row of the table in claims.md, section 4."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.claims.reading import as_csv, line, mapped, read_inputs, read_text

from medpol.claims import scan
from medpol.claims.delimited import read_delimited
from medpol.claims.fence import open_engine
from medpol.claims.maps import Delimited
from medpol.claims.refused import ClaimsNotFound, ClaimsRefused
from medpol.claims.sources import ClaimInput, Snapshot

HEAD = "data_source,claim_id,claim_line_number,claim_line_start_date,hcpcs_code,diagnosis_code_1,member_id,charge_amount,payer,note\n"
ROW = "acme,C1,1,2024-03-01,G0283,M7918,M1,100.00,Acme,fine\n"
ROW_2 = ROW.replace("C1", "C2")


def refused(tmp_path: Path, text: str | bytes, toml: str = "") -> ClaimsRefused:
    with pytest.raises(ClaimsRefused) as found:
        read_text(tmp_path, text, mapped(tmp_path, toml))
    return found.value


@pytest.mark.parametrize(
    ("text", "line_number", "words"),
    [
        (HEAD + ROW + "acme,C2,1\n" + ROW_2, 3, "3 cells"),
        (HEAD + ROW + ROW_2.replace("100.00", "1,000.00"), 3, "11 cells"),
        (HEAD + ROW.replace("fine", '"never closed') + ROW_2, 2, "quote that is never closed"),
        (HEAD + ROW.replace("Acme", '"Acme') + ROW_2.replace("Acme", 'Ac"me'), 2, "a quote that is not closed"),
        (HEAD + ROW.replace("Acme", 'Ac"me'), 2, "a quote that is not closed, or stands within a cell"),
        (HEAD + ROW.replace("Acme", '"Ac"me'), 2, "a quote that is not closed"),
        (ROW + ROW_2, 1, "a first line that names no column of ours"),
        (HEAD.replace("note", "payer") + ROW, 1, "the column 'payer' twice"),
        (HEAD.replace("note", "") + ROW, 1, "no name for column 10"),
        (HEAD + ROW + ROW_2.replace("fine", "fi\0ne"), 3, "a NUL byte"),
        (HEAD + ROW + ROW_2.replace("\n", "\r\n"), 3, "another line end"),
        (HEAD.replace("\n", "\r\n") + ROW, 2, "another line end"),
        (HEAD + ROW.replace("fine", "fi\rne"), 2, "another line end"),
        (HEAD.replace("\n", "\r") + ROW.replace("\n", "\r"), 1, "carriage return alone"),
        (HEAD + ROW + "\n" + ROW_2, 3, "a blank line"),
        (HEAD + ROW + "\n\n", 3, "a blank line"),
        (HEAD + "\n" + ROW, 2, "a blank line"),
        (HEAD + ROW + ROW_2.rstrip("\n"), 3, "a last line without a line end"),
        (HEAD.rstrip("\n"), 1, "a last line without a line end"),
        (HEAD + ROW + "﻿" + ROW_2, 3, "a second byte order mark"),
        (HEAD + ROW.replace("G0283", '"G02\n83"'), 2, "a line end inside the quotes of 'hcpcs_code'"),
        (HEAD + ROW + ROW_2.replace("100.00", '"100\r\n.00"'), 3, "a line end inside the quotes of 'charge_amount'"),
        (HEAD + ROW.replace("fine", '"a\nb"') + "acme,C2\n", 4, "2 cells"),
        ("", 1, "an empty file"),
        ("\n", 1, "an empty file"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_at_its_line(
    tmp_path: Path, text: str, line_number: int, words: str
) -> None:
    found = refused(tmp_path, text)
    assert words in found.found
    assert found.where.startswith(f"{tmp_path}/claims.csv")
    assert f"claims.csv:{line_number}" in str(found)
    assert found.mend


@pytest.mark.parametrize("size", [64, 97, 128, 333])
def test_where_a_block_ends_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(scan, "BLOCK", size)
    body = "".join(ROW.replace("C1", f"C{at}").replace("fine", f'"a ""b""\n{at},c"') for at in range(1, 40))
    assert read_text(tmp_path, HEAD + body).read.lines == 39
    assert "claims.csv:80" in str(refused(tmp_path, HEAD + body + "acme,C2,1\n"))
    assert "claims.csv:40: a line end inside" in str(refused(tmp_path, HEAD + body.replace("C20,1", '"C20\n",1')))


def test_bytes_that_are_not_the_encoding_are_refused_and_never_guessed(tmp_path: Path) -> None:
    text = HEAD + ROW + ROW_2.replace("Acme", "Münch")
    found = refused(tmp_path, text.encode("latin-1"))
    assert "claims.csv:3" in found.where and "not UTF-8" in found.found
    for encoding, name in (
        ("latin-1", "latin-1"),
        ("cp1252", "windows-1252"),
        ("utf-16", "utf-16"),
        ("utf-8-sig", "utf-8"),
    ):
        read = read_text(tmp_path, text.encode(encoding), mapped(tmp_path, f'[csv]\nencoding = "{name}"'))
        assert read.lines("payer") == ["Acme", "Münch"]
    assert "claims.csv:3" in str(
        refused(tmp_path, text.encode("utf-8")[:-30] + b"\x81\n", '[csv]\nencoding = "windows-1252"')
    )


def test_columns_are_taken_by_their_names_whatever_their_order(tmp_path: Path) -> None:
    row = line(charge_amount="1.00", allowed_amount="2.00", paid_amount="3.00")
    forward = read_text(tmp_path, as_csv([row], list(row)))
    backward = read_text(tmp_path, as_csv([row], list(reversed(row))))
    assert forward.rows("SELECT * FROM claim_lines") == backward.rows("SELECT * FROM claim_lines")
    assert forward.lines("billed_amount", "allowed_amount", "paid_amount")[0] != (1, 1, 1)


def test_a_name_that_is_only_near_is_not_taken(tmp_path: Path) -> None:
    found = refused(tmp_path, (HEAD + ROW).replace("claim_id", "Claim_ID"))
    assert "no column 'claim_id'" in found.found and "'Claim_ID'" in found.mend


def test_empty_and_quoted_empty_are_null_and_words_are_text_unless_the_map_says(tmp_path: Path) -> None:
    text = (
        HEAD + ROW.replace("Acme", '""') + ROW_2.replace("Acme", "") + ROW.replace("C1", "C3").replace("Acme", "NULL")
    )
    assert read_text(tmp_path, text).lines("payer") == [None, None, "NULL"]
    assert read_text(tmp_path, text, mapped(tmp_path, 'null_words = ["NULL", "-"]')).lines("payer") == [
        None,
        None,
        None,
    ]


def test_a_null_word_where_a_number_belongs_is_rejected_unless_the_map_says(tmp_path: Path) -> None:
    text = HEAD + ROW.replace("100.00", "NA")
    assert [each[1] for each in read_text(tmp_path, text).rejects()] == ["bad-amount"]
    assert read_text(tmp_path, text, mapped(tmp_path, 'null_words = ["NA"]')).lines("billed_amount") == [None]


def test_one_blank_line_at_the_end_a_mark_and_crlf_are_read(tmp_path: Path) -> None:
    for text in (
        HEAD + ROW + "\n",
        "﻿" + HEAD + ROW,
        (HEAD + ROW).replace("\n", "\r\n"),
        (HEAD + ROW + "\n").replace("\n", "\r\n"),
    ):
        assert read_text(tmp_path, text).read.lines == 1


def test_a_file_of_a_header_alone_has_no_lines(tmp_path: Path) -> None:
    assert read_text(tmp_path, HEAD).read.rows == 0


def test_a_line_end_inside_the_quotes_of_a_name_or_a_note_is_read(tmp_path: Path) -> None:
    found = read_text(tmp_path, HEAD + ROW.replace("Acme", '"Ac\nme"').replace("fine", '"a ""b"",\n\nc"') + ROW_2)
    assert found.lines("payer") == ["Ac\nme", "Acme"]


def test_the_map_declares_delimiter_quote_dates_and_names(tmp_path: Path) -> None:
    toml = """
    data_source = "acme"
    date_format = "YYYYMMDD"
    [columns]
    CLAIM = "claim_id"
    LINE = "claim_line_number"
    FROM = "claim_line_start_date"
    CODE = "hcpcs_code"
    DX = "diagnosis_code_1"
    MEMBER = "member_id"
    BILLED = "charge_amount"
    [csv]
    delimiter = "|"
    quote = "'"
    line_end = "crlf"
    """
    text = "CLAIM|LINE|FROM|CODE|DX|MEMBER|BILLED\r\n'C|1'|1|20240301|G0283|M7918|M\"1|5\r\nC2|1|2024-03-01|G0283|M7918|M1|5\r\n"
    found = read_text(tmp_path, text, mapped(tmp_path, toml))
    assert found.lines("claim_id", "member_id") == [("C|1", 'M"1')]
    assert found.rejects() == [(2, "bad-date", "claim_line_start_date", "2024-03-01")]
    assert "declares" in str(refused(tmp_path, text.replace("\r\n", "\n"), toml))


def test_without_a_quote_a_quote_is_a_sign_like_others(tmp_path: Path) -> None:
    found = read_text(tmp_path, HEAD + ROW.replace("Acme", 'Ac"me'), mapped(tmp_path, '[csv]\nquote = ""'))
    assert found.lines("payer") == ['Ac"me']


def test_a_path_that_looks_like_a_pattern_or_a_partition_is_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "payer=Other[1]"
    folder.mkdir()
    (folder / "cla*ms.csv").write_text(HEAD + ROW)
    found = read_inputs(tmp_path / "work", ClaimInput(folder / "cla*ms.csv"))
    assert found.lines("payer") == ["Acme"]


def test_a_file_that_is_not_there_or_of_no_known_kind_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClaimsNotFound):
        read_inputs(tmp_path / "work", ClaimInput(tmp_path / "none.csv"))
    (tmp_path / "claims.csv.gz").write_bytes(b"")
    with pytest.raises(ClaimsRefused, match="decompress"):
        read_inputs(tmp_path / "work", ClaimInput(tmp_path / "claims.csv.gz"))


def test_the_same_file_or_the_same_content_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + ROW)
    (tmp_path / "b.csv").write_text(HEAD + ROW)
    with pytest.raises(ClaimsRefused, match="the same file twice"):
        read_inputs(tmp_path / "work", ClaimInput(tmp_path / "a.csv"), ClaimInput(tmp_path / "." / "a.csv"))
    with pytest.raises(ClaimsRefused, match="the same content"):
        read_inputs(tmp_path / "work", ClaimInput(tmp_path / "a.csv"), ClaimInput(tmp_path / "b.csv"))


# ---------------------------------------------------------------------------- held against another reader


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0﻿", exclude_categories=["Cs"]), min_size=1, max_size=12),
        min_size=1,
        max_size=40,
    )
)
def test_whatever_a_name_holds_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    rows = [line(claim_id=f"C{at}", payer=name) for at, name in enumerate(names)]
    found = read_text(tmp_path_factory.mktemp("names"), as_csv(rows))
    assert found.lines("payer") == [name if name.strip(" ") else None for name in names]


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('a1,"\n\r;é'), max_size=40), st.sampled_from([16, 64, scan.BLOCK]))
def test_what_our_scan_lets_pass_is_read_as_another_strict_reader_reads_it(
    tmp_path_factory: pytest.TempPathFactory, body: str, block: int
) -> None:
    folder = tmp_path_factory.mktemp("scan")
    path = folder / "a.csv"
    path.write_bytes(f"one,two\n{body}\n".encode())
    before, scan.BLOCK = scan.BLOCK, block
    engine = open_engine([folder], keeps_order=True)
    try:
        raw = read_delimited(
            engine,
            Snapshot(path, path, "", 0),
            Delimited(),
            folder / "raw.parquet",
            lambda name: False,
            may_end_open=False,
        )
    except ClaimsRefused:
        return
    finally:
        scan.BLOCK = before
    found = engine.execute(f"SELECT c0, c1 FROM {raw.relation} ORDER BY file_row_number").fetchall()
    with path.open(encoding="utf-8", newline="") as file:
        expected = [tuple(cell or None for cell in row) for row in list(csv.reader(file, strict=True))[1:] if row]
    assert found == expected
