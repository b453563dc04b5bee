"""Mutation testing of the rules that decide: each small change to them must make some test fail.

    python mutation/run.py                      # every subject, an hour or so on one core
    python mutation/run.py truth in-force       # some of them
    python mutation/run.py --at-least 90        # the exit code is 1 where a subject falls below
    python mutation/run.py --again truth        # only the changes that lived, with the tests as they are now
    python mutation/run.py --show windows       # the last run again, from what it left in build/mutation

Needs `pip install mutmut` beside `make setup`; no part of CI. Each subject works on a copy of the repository in
`build/mutation`, where mutmut changes the functions named below and runs the tests that reach them. A change that no
test notices is printed as a difference; `mutation/RESULTS.md` says of each of them why it may live.

The copy differs in one thing: `lru_cache` is taken off the functions of the subject, for mutmut leaves functions with a
decorator alone, and an answer remembered from before the change would hide it.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import fnmatch
import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "mutation"
COPIED = ("src", "tests", "examples", "pyproject.toml")
_CACHE = re.compile(r"^@lru_cache\(.*\)\n", re.MULTILINE)
_FATES = {
    0: "survived", 1: "killed", 3: "killed", 33: "no tests", None: "not run",
    24: "timeout", 36: "timeout", 152: "timeout", -24: "timeout",
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """What is changed, function by function, and the tests that must notice: ``slice`` libraries of the oracle too."""

    functions: Mapping[str, tuple[str, ...]]
    tests: tuple[str, ...]
    slice: int = 0


SUBJECTS = {
    "truth": Subject({"model/truth.py": ("*",)}, ("tests/model/test_truth.py",)),
    "intervals": Subject(
        {
            "model/dates.py": ("EffectivePeriod.*",),
            "decide/literals.py": (
                "count_reader", "_count", "_measured", "_count_value", "_counted_table", "_last_event", "_since",
                "_since_constants", "_elapsed", "compare_age", "_calendar_age",
            ),
        },
        ("tests/model/test_dates.py", "tests/decide/test_intervals.py"),
        slice=150,
    ),
    "windows": Subject(
        {
            "model/dates.py": ("add_months", "add_duration"),
            "decide/literals.py": ("window_start", "_day_in", "_is_complete", "_latest"),
        },
        ("tests/model/test_dates.py", "tests/decide/test_windows.py"),
        slice=150,
    ),
    "combination": Subject(
        {
            "decide/voices.py": ("*",),
            "decide/cells.py": ("*",),
            "decide/literals.py": ("with_gates", "bit_truth"),
            "decide/one.py": (
                "judge_rules", "combine_rules", "_masks", "_when_completions", "_literal_bits",
                "PreparedRule.*", "PreparedDispatch.*",
            ),
        },
        ("tests/decide/test_plan.py", "tests/decide/test_combination.py"),
        slice=150,
    ),
    "precedence": Subject(
        {
            "decide/one.py": (
                "_combined", "merge", "provision_result", "acts_on", "_ranked", "_provisions", "_applying", "_is_about",
                "_source_applies", "_groups_named",
            ),
        },
        ("tests/decide/test_precedence.py",),
        slice=150,
    ),
    "in-force": Subject(
        {
            "lifecycle/standing.py": ("*",),
            "decide/one.py": ("code_validity", "_policy"),
        },
        ("tests/lifecycle", "tests/decide/test_in_force.py"),
        slice=60,
    ),
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subjects", nargs="*", metavar="subject", help=", ".join(SUBJECTS))
    parser.add_argument("--at-least", type=float, default=90, help="per cent killed that each subject must reach")
    parser.add_argument("--jobs", type=int, default=1, help="how many changes are tried at a time")
    parser.add_argument("--again", action="store_true", help="try only what lived, with the tests as they are now")
    parser.add_argument("--show", action="store_true", help="print what the last run found, and run nothing")
    asked = parser.parse_args()
    unknown = set(asked.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no such subject: {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    names = asked.subjects or list(SUBJECTS)
    if asked.again or asked.show:
        absent = [name for name in names if not (WORK / name / "mutants").is_dir()]
        if absent:
            parser.error(f"there is no run of {', '.join(absent)} yet: leave out --again and --show")
    is_below = False
    for name in names:
        started = time.monotonic()
        if not asked.show:
            mutants = _living(name) if asked.again else _patterns(name)
            _prepare(name, is_fresh=not asked.again)
            if mutants:
                _run(name, mutants, asked.jobs)
            if changed := _living(name, "not run"):  # the source is another than at the run before
                _run(name, changed, asked.jobs)
        is_below |= _report(name, time.monotonic() - started) < asked.at_least
    return int(is_below)


def _prepare(name: str, *, is_fresh: bool) -> None:
    """A copy of what the tests need, with the slice of the oracle's libraries and mutmut's settings."""
    folder, subject = WORK / name, SUBJECTS[name]
    if is_fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    # which test reaches what is found out anew: the tests may be others under the same names
    (folder / "mutants/mutmut-stats.json").unlink(missing_ok=True)
    for each in COPIED:
        if (ROOT / each).is_dir():
            shutil.copytree(
                ROOT / each, folder / each, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / each, folder / each)
    for file in subject.functions:
        path = folder / "src/medpol" / file
        path.write_text(_CACHE.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    tests = list(subject.tests)
    if subject.slice:
        tests.append("tests/decide/test_slice.py")
        text = (ROOT / "mutation/test_slice.py").read_text(encoding="utf-8")
        (folder / tests[-1]).write_text(text.replace("LIBRARIES = 1", f"LIBRARIES = {subject.slice}"), encoding="utf-8")
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/medpol/{file}" for file in subject.functions],
        "also_copy": ["tests", "examples"],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "--hypothesis-seed=0"],
        "pytest_add_cli_args_test_selection": tests,
        "timeout_multiplier": ["2"],
        "timeout_constant": ["2"],
        "use_git_change_detection": ["false"],
        "track_dependencies": ["false"],
    }
    lines = ["[mutmut]", *(f"{key}={_listed(held)}" for key, held in settings.items())]
    (folder / "setup.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _listed(values: Iterable[str]) -> str:
    held = list(values)
    return held[0] if len(held) == 1 else "".join(f"\n    {each}" for each in held)


def _run(name: str, mutants: list[str], jobs: int) -> None:
    mutmut = str(Path(sys.executable).parent / "mutmut")
    # without PYTHONPATH: it would put the package as it is before the changed copy
    command = ["env", "-u", "PYTHONPATH", mutmut, "run", "--max-children", str(jobs), *mutants]
    with (WORK / name / "log").open("w", encoding="utf-8") as log:
        done = subprocess.run(command, cwd=WORK / name, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise SystemExit(f"mutmut stopped on {name}; see {WORK / name / 'log'}")


def _patterns(name: str) -> list[str]:
    """The functions of a subject as mutmut names their mutants."""
    return [
        f"medpol.{file.removesuffix('.py').replace('/', '.')}.{_mangled(function)}__mutmut_*"
        for file, functions in SUBJECTS[name].functions.items()
        for function in functions
    ]


def _mangled(function: str) -> str:
    owner, _, method = function.rpartition(".")
    return f"xǁ{owner}ǁ{method}" if owner else "*" if function == "*" else f"x_{function}"


def _report(name: str, seconds: float) -> float:
    """Print the counts of a subject by file and the changes that live; gives back the per cent killed."""
    total = Counter[str]()
    print(f"\n{name}  ({seconds:.0f} s)")
    for file, fates in _fates(name).items():
        counts = Counter(fates.values())
        total += counts
        print(f"  {file:24}{_counted(counts)}")
    share = 100 * (total["killed"] + total["timeout"]) / max(1, total.total())
    print(f"  {'':24}{_counted(total)}   {share:.1f} % killed")
    for mutant in _living(name):
        print(f"\n{_difference(name, mutant)}")
    return share


def _living(name: str, *fates: str) -> list[str]:
    """The mutants with one of some fates; without any named, those that no test noticed."""
    asked = fates or ("survived", "no tests")
    return [mutant for held in _fates(name).values() for mutant, fate in held.items() if fate in asked]


def _fates(name: str) -> dict[str, dict[str, str]]:
    """What became of each mutant of a subject, by file."""
    patterns = _patterns(name)
    held: dict[str, dict[str, str]] = {}
    for file in SUBJECTS[name].functions:
        meta = WORK / name / "mutants/src/medpol" / f"{file}.meta"
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        held[file] = {
            mutant: _FATES.get(code, f"exit code {code}")
            for mutant, code in codes.items()
            if any(fnmatch.fnmatch(mutant, pattern) for pattern in patterns)
        }
    return held


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{fate} {counts[fate]}" for fate in sorted(counts))


def _difference(name: str, mutant: str) -> str:
    """The lines that a mutant changes, from the copy in which mutmut keeps every mutant beside its original."""
    module, _, function = mutant.rpartition(".")
    lines, places = _functions(WORK / name / "mutants/src" / (module.replace(".", "/") + ".py"))
    original = re.sub(r"[0-9]+$", "orig", function)
    before, after = ([line.replace(each, "") for line in lines[places[each]]] for each in (original, function))
    changed = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:2] in ("- ", "+ ")]
    return "\n".join([mutant, *changed])


@cache
def _functions(path: Path) -> tuple[list[str], dict[str, slice]]:
    """The lines of a file, and where each of its functions stands."""
    text = path.read_text(encoding="utf-8")
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return text.splitlines(), {node.name: slice(node.lineno - 1, node.end_lineno) for node in found}


if __name__ == "__main__":
    sys.exit(main())
