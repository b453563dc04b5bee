"""``medpol claims decide --engine spark``: the folder of a run, the planted truths, a run that is killed, what is missing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.claims.synth.deciding import made_in, truth_of
from tests.cli.running import environment, run
from tests.decide.engines.making import SWITCH, arguments, claims, decide, drawn_rows, rows_of
from tests.decide.engines.spark_making import needs_java

from medpol.claims.synth import Form

SPARK = ("--engine", "spark", "--memory-limit", "1GB")
OWN = ("engine_version",)


@pytest.fixture(name="java")
def _java() -> None:
    needs_java()


@pytest.mark.slow
@pytest.mark.usefixtures("java")
def test_planted_truths_come_out_and_the_folder_is_one_as_any_other(tmp_path: Path) -> None:
    made = made_in(tmp_path / "made", Form.PARQUET, rows=4_000)
    files = tmp_path / "made"
    options: tuple[object, ...] = (
        *("--map", files / "map.toml", "--eligibility", files / "eligibility.parquet"),
        *("--facts", files / "facts.parquet", "--carry", "x_state", "--detail", "full", "--known-on", "paid-date"),
    )
    mine, theirs = tmp_path / "spark", tmp_path / "duckdb"
    ran = decide(files / "claims.parquet", mine, *options, *SPARK, policies=files / "policies")
    assert ran.code == 0, ran.talk
    assert ran.talk == "", "what Java says is kept aside"
    assert decide(files / "claims.parquet", theirs, *options, policies=files / "policies").code == 0
    assert rows_of(mine, without=OWN) == rows_of(theirs, without=OWN)
    said, whole = _json(mine / "run.json"), _json(mine / "manifest.json")
    assert "spark 4." in said["engine_version"]
    assert said["engine_version"] == whole["engine_version"]
    assert {row["engine_version"] for row in rows_of(mine).line} == {said["engine_version"]}
    other = _json(theirs / "manifest.json")
    for name in ("reconciled", "line_rows", "policy_rows", "final", "by_final_status", "rejected", "read"):
        assert whole[name] == other[name]
    assert sorted(path.name for path in mine.iterdir()) == sorted(path.name for path in theirs.iterdir())
    found = Counter((row["claim_id"], row["outcome"], row["reason_key"]) for row in rows_of(mine).line)
    planted = Counter(
        (row["claim_id"], row["outcome"], row["reason_key"]) for row in truth_of(files) if row["reject_key"] is None
    )
    assert planted.total() == made.truths
    assert planted - found == Counter()
    assert run("claims", "verify", mine).code == 0
    row = next(row for row in rows_of(mine).line if row["outcome"] == "not_covered")
    key = f"{row['data_source']}/{row['claim_id']}/{row['claim_line_number']}"
    explained = run("claims", "explain", mine, key, "--policies", files / "policies", "--format", "json")
    assert explained.code == 0, explained.talk


@pytest.mark.slow
@pytest.mark.usefixtures("java")
def test_a_run_killed_between_its_parts_is_ended_by_the_next_and_no_line_is_missing_or_there_twice(
    tmp_path: Path,
) -> None:
    file, out, whole = claims(tmp_path, drawn_rows(150)), tmp_path / "out", tmp_path / "whole"
    parts = ("--lines-per-part", 80)
    asked = arguments(file, out, *parts, *SPARK)
    killed = subprocess.run(
        [sys.executable, "-m", "medpol", "claims", "decide", *map(str, asked)],
        env=environment()
        | SWITCH
        | {"MEDPOL_CRASH_AT": "before_part:3"},  # rejects, the first part of lines, the second
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [path.name for path in (out / "line").glob("part-*")] == ["part-00000.parquet"]
    assert not (out / "manifest.json").exists()
    first = (out / "line" / "part-00000.parquet").read_bytes()
    other = decide(file, out, *parts, "--resume")
    assert other.code == 4, "rows of two engines never stand in one run"
    assert "engine_version was" in other.talk
    again = decide(file, out, *parts, *SPARK, "--resume")
    assert again.code == 0, again.talk
    assert (out / "line" / "part-00000.parquet").read_bytes() == first, "what was whole is left as it is"
    assert decide(file, whole, *parts).code == 0
    assert rows_of(out, without=OWN) == rows_of(whole, without=OWN)
    assert run("claims", "verify", out).code == 0
    assert not (out / ".work").exists()


# ---------------------------------------------------------------------------- what is missing


def test_without_java_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    ran = decide(claims(tmp_path, drawn_rows(3)), tmp_path / "out", *SPARK)
    assert ran.code == 2
    assert f"needs Java 17 or newer: JAVA_HOME is {tmp_path}" in ran.talk
    assert "openjdk-17-jre-headless" in ran.talk


@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.21"])
def test_an_older_java_is_refused_by_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2023-10-17' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    ran = decide(claims(tmp_path, drawn_rows(3)), tmp_path / "out", *SPARK)
    assert ran.code == 2
    assert version in ran.talk


def test_without_spark_it_is_said_how_to_install_it(tmp_path: Path) -> None:
    file, out = claims(tmp_path, drawn_rows(3)), tmp_path / "out"
    asked = [str(each) for each in ("claims", "decide", *arguments(file, out, *SPARK))]
    code = f"import sys; sys.modules['pyspark'] = None; from medpol.cli import main; sys.exit(main({asked!r}))"
    ran = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "pip install 'medpol[spark]'" in ran.stderr
    assert not out.exists() or not (out / "run.json").exists()


@pytest.mark.usefixtures("java")
def test_a_master_that_does_not_answer_is_named_at_once(tmp_path: Path) -> None:
    ran = decide(claims(tmp_path, drawn_rows(3)), tmp_path / "out", *SPARK, "--spark-master", "spark://127.0.0.1:1")
    assert ran.code == 75
    assert "no Spark master answers (127.0.0.1:1: " in ran.talk


@pytest.mark.slow
@pytest.mark.usefixtures("java")
def test_what_spark_itself_refuses_is_told_in_a_line(tmp_path: Path) -> None:
    file, out = claims(tmp_path, drawn_rows(30)), tmp_path / "out"
    ran = decide(file, out, *SPARK, "--spark-conf", "spark.sql.shuffle.partitions=many")
    assert ran.code == 74
    assert "spark.sql.shuffle.partitions" in ran.talk
    assert "--resume" in ran.talk
    assert not (out / "manifest.json").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--spark-master", "local[1]"), "add --engine spark"),
        ((*SPARK, "--spark-conf", "memory"), "expected NAME=VALUE"),
        ((*SPARK, "--spark-master", "spark://host"), "expected spark://HOST:PORT"),
        (("--engine", "spark", "--memory-limit", "100MB"), "512 MB or more"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    ran = decide(claims(tmp_path, drawn_rows(3)), tmp_path / "out", *options)
    assert ran.code == 2
    assert words in ran.talk


def test_a_folder_whose_name_spark_reads_as_a_pattern_is_refused(tmp_path: Path) -> None:
    ran = decide(claims(tmp_path, drawn_rows(3)), tmp_path / "run{1}", *SPARK)
    assert ran.code == 2
    assert "Spark reads a path with { } as something else" in ran.talk


def _json(path: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(path.read_bytes())
    return held
