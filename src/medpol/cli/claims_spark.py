"""``--engine spark``: what has to be there is looked for first, and said plainly where it is missing."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated
from urllib.parse import urlsplit

import typer

from medpol.cli.extras import with_extra
from medpol.cli.stops import BUSY, USAGE, WRITE_FAILED, Stop

JAVA_FROM = 17
MEMORY = "2GB"
"""What Spark gets on this machine where nobody says how much: a heap of less does not start."""
_SECONDS = 5
_NO_PATH = frozenset("{}:\\")
_HERE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
"""On one machine nothing is opened to others."""

SparkMaster = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where Spark runs: spark://HOST:PORT, yarn, k8s://...; else this machine."),
]
SparkProperties = Annotated[
    list[str] | None, typer.Option("--spark-conf", metavar="NAME=VALUE", help="A property of Spark; may be repeated.")
]


def spark_modules() -> ModuleType:
    """The module that decides runs on Spark; ends the command where Spark's Python is not installed."""
    return with_extra("medpol.decide.engines.run.on_spark", "spark", "--engine spark")


def master_of(given: str | None, threads: int) -> str:
    return f"local[{threads}]" if given is None else given


def properties_of(given: Sequence[str], master: str, memory: str, threads: int) -> dict[str, str]:
    """The properties of the session: ours, and over them those of the user."""
    held = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if master.startswith("local"):
        held |= _HERE | {"spark.driver.memory": _heap(memory), "spark.sql.shuffle.partitions": str(4 * threads)}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise Stop(USAGE, f"--spark-conf {each}: expected NAME=VALUE, as in spark.executor.memory=8g")
        held[name.strip()] = value.strip()
    return held


def _heap(memory: str) -> str:
    """A size such as ``1.5GB`` as Java reads one, in whole MiB."""
    number, unit = re.fullmatch(r"([0-9.]+) ?([KMGT])i?B", memory, re.ASCII | re.IGNORECASE).groups()  # type: ignore[union-attr]
    mebibytes = int(float(number) * 1024 ** ("KMGT".index(unit.upper()) + 1) / 1024**2)
    if mebibytes < 512:
        raise Stop(USAGE, f"--memory-limit {memory}: Spark needs 512 MB or more on this machine")
    return f"{mebibytes}m"


# ---------------------------------------------------------------------------- what has to be there


def refuse_without_java(environment: Mapping[str, str]) -> None:
    """Ends the command where no Java is found, or one that Spark does not run on."""
    home = environment.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    mend = (
        f"\n    mend: install Java {JAVA_FROM} (Debian: apt install openjdk-17-jre-headless), or name it in JAVA_HOME"
    )
    try:
        found = subprocess.run([java or "java", "-version"], capture_output=True, text=True, check=False).stderr
    except OSError:
        place = f"JAVA_HOME is {home}, and no Java runs there" if home else "no Java is found"
        raise Stop(USAGE, f"--engine spark needs Java {JAVA_FROM} or newer: {place}{mend}") from None
    version = re.search(r'version "(\d+)(?:\.(\d+))?', found)
    major = None if version is None else int(version[2] or 0) if version[1] == "1" else int(version[1])
    if major is None or major < JAVA_FROM:
        shown = found.strip().splitlines()[0] if found.strip() else "nothing that says its version"
        raise Stop(USAGE, f"--engine spark needs Java {JAVA_FROM} or newer; found {shown} at {java}{mend}")


def refuse_path(out: Path) -> None:
    """Ends the command where Spark would read the name of the folder as a pattern, or as an address."""
    odd = sorted(_NO_PATH & set(str(out.absolute())))
    if odd:
        raise Stop(
            USAGE,
            f"--out {out}: Spark reads a path with {' '.join(odd)} as something else\n    mend: name another folder",
        )


def refuse_unreachable(master: str) -> None:
    """Ends the command where none of the hosts of a ``spark://`` address answers: Spark itself would try for minutes."""
    if not master.startswith("spark://"):
        return
    reasons = []
    for each in master.removeprefix("spark://").split(","):
        try:
            at = urlsplit(f"spark://{each}")
            host, port = at.hostname, at.port
        except ValueError:
            host = port = None
        if host is None or port is None:
            raise Stop(USAGE, f"--spark-master {master}: expected spark://HOST:PORT")
        try:
            socket.create_connection((host, port), timeout=_SECONDS).close()
            return
        except OSError as problem:
            reasons.append(f"{each}: {problem.strerror or problem}")
    raise Stop(
        BUSY,
        f"no Spark master answers ({'; '.join(reasons)})"
        "\n    mend: see that it runs and that its port is open from here, or leave out --spark-master",
    )


@contextmanager
def telling_spark(module: ModuleType) -> Iterator[None]:
    """Turns a failure of Spark into its exit code."""
    try:
        yield
    except module.SparkFailed as problem:
        raise Stop(
            WRITE_FAILED,
            f"Spark failed: {problem}\n    mend: see to what it names, then run the same command with --resume",
        ) from None
