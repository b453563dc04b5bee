"""Hostile documents by name, each built when asked for, and a process that reads each in a child of its own, limited.

python -m tests.text.hostile [NAME]...
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from itertools import pairwise

from tests.text.documents import VOCABULARY

from medpol.text.assessments import read_assessment
from medpol.text.facts import read_facts
from medpol.text.profiles import read_profile
from medpol.text.questions import read_questions
from medpol.text.reader import read_policy
from medpol.text.source import Findings
from medpol.text.sources import read_member_plans
from medpol.text.studies import read_study
from medpol.text.watched import read_watching

SIZE = 1 << 20
MEMORY = 200 << 20
HEAD = "---\npolicy: EX\ntitle: t\neffective: 2024-05-01\npublished: 2024-01-01\n---\n\n## Policy coverage criteria\n\n"
CODING = "\n\n## Coding\n\n| Group | System | Code | Role |\n|---|---|---|---|\n| g | CPT | 20560 | governed |\n"
ALL = HEAD + "It is **covered** when all of these hold:\n\n"
PLAIN = HEAD + "It is **covered**.\n" + CODING


def _fill(unit: str, before: str = HEAD, behind: str = "") -> str:
    size = SIZE - len(before) - len(behind)
    return before + (unit * (size // len(unit) + 1))[:size] + behind


def _each(line: str, times: int, before: str = HEAD, behind: str = "") -> str:
    return before + "".join(line.replace("#n", str(at)).replace("#m", str(at + 1)) for at in range(times)) + behind


def _bomb() -> str:
    names = "abcdefghijklmnopqrst"
    lines = [f"{one}: &{one} [{', '.join([f'*{other}'] * 9)}]" for other, one in pairwise(names)]
    return "---\na: &a [x, x]\n" + "\n".join(lines) + "\n---\n"


POLICIES: dict[str, Callable[[], str]] = {
    "quotes": lambda: _fill(">"),
    "quote lines": lambda: _fill(">\n"),
    "nested bullets": lambda: _fill("- "),
    "nested numbers": lambda: _fill("1. "),
    "nested tabs": lambda: _fill("-\t"),
    "mixed nesting": lambda: _fill("> - 1. "),
    "deep lists": lambda: HEAD + "\n".join("  " * at + "- all of these:" for at in range(700)),
    "lists 64 deep": lambda: (
        ALL + "\n".join("  " * at + "- all of these:" for at in range(63)) + "\n" + "  " * 63 + "- a" + CODING
    ),
    "backticks": lambda: _fill("`"),
    "backtick pairs": lambda: _fill("`a"),
    "backtick runs of every length": lambda: HEAD + "a".join("`" * at for at in range(1, 1400)),
    "parentheses": lambda: _fill("(", HEAD + "It is **covered** `", "`"),
    "parentheses in an expression": lambda: HEAD + "It is **covered** `" + "(" * 4000 + "`",
    "stars": lambda: _fill("*"),
    "bold pairs": lambda: _fill("**a "),
    "bold positions": lambda: _fill("**covered** ", HEAD + "It is "),
    "bars": lambda: _fill("|"),
    "a table of many columns": lambda: PLAIN + "\n## History\n\n|" + "Date|" * 90_000 + "\n|" + "-|" * 90_000 + "\n",
    "many tables": lambda: _each("| a | b |\n|---|---|\n\n", 6600),
    "a table of many wrong rows": lambda: _each("| g | CTP | 2 | gvd |\n", 19_900, HEAD + CODING),
    "many headings": lambda: _each("## a#n\n", 19_900),
    "many near misses": lambda: _each("## Codingg\n", 19_900),
    "many signs of headings": lambda: _fill("#"),
    "many underlined headings": lambda: _each("a\n---\n", 9_900),
    "many rules in a chain": lambda: _each("### r#n\nIt is **covered** `criteria(r#m)`\n", 9_900, HEAD, CODING),
    "a bomb of aliases": _bomb,
    "nested values": lambda: "---\na: " + "[" * 500_000 + "\n---\n",
    "nested keys": lambda: "---\na: " + "{a: " * 200_000 + "\n---\n",
    "many values": lambda: "---\nrelated: [" + "a, " * 300_000 + "]\n---\n",
    "many keys": lambda: _each("k#n: v\n", 19_900, "---\n", "---\n"),
    "one key again and again": lambda: _each("k: v\n", 19_900, "---\n", "---\n"),
    "question marks": lambda: _fill("? ", "---\n", "\n---\n"),
    "a huge number": lambda: HEAD + "It is **covered** `visits >= " + "9" * 4000 + "`" + CODING,
    "a huge number of days": lambda: "---\nnotice days: " + "9" * 900_000 + "\n---\n",
    "a huge item number": lambda: ALL + "999999999. a",
    "a huge k of n": lambda: HEAD + "It is **covered** when at least 99999 of these hold:\n\n- a",
    "20,001 nodes": lambda: _each("a\n\n", 10_001),
    "a list of 19,900 items": lambda: _each("- a#n `exam.bnd#n`\n", 19_900, ALL, CODING),
    "a long expression": lambda: HEAD + "It is **covered** `" + "a and " * 170_000 + "a`" + CODING,
    "many expressions": lambda: _each("- a#n `z and z and z and b#n`\n", 19_900, ALL, CODING),
    "many code spans": lambda: _fill("`a` ", HEAD + "It is **covered** "),
    "lone surrogates": lambda: _fill("\ud800"),
    "NULs": lambda: _fill("\x00\n"),
    "byte order marks": lambda: _fill("\ufeff", ""),
    "marks piled on one letter": lambda: _fill("\u0316\u0301", ALL + "- a"),
    "a megabyte of spaces": lambda: ALL + "- a" + " " * 1_000_000 + "b\n- c `exam`" + " " * 1000 + "x" + CODING,
    "joining words": lambda: _fill("and ", ALL + "- a "),
    "structure words": lambda: _fill("any of these ", HEAD + "It is **covered** when "),
    "open tags": lambda: _fill("<"),
    "comments": lambda: _each("<!-- -->\n", 19_900),
    "brackets": lambda: _fill("["),
    "backslashes": lambda: _fill("\\|"),
    "years in a reference": lambda: _fill(" 1999.", PLAIN + "\n## References\n\n1. A"),
    "commas in studies": lambda: _fill(", 1,1,1", PLAIN + "\n## Evidence review\n\n### Population: a\n\nStudies: b"),
    "many value sets": lambda: _each("- `v#n`: `a`\n", 9_900, PLAIN + "\n## Definitions\n\n"),
    "many notes": lambda: _each("> a\n\n", 9_900, HEAD, CODING),
    "many services": lambda: HEAD + "Services: " + "`g` " * 200_000 + "\n\nIt is **covered**." + CODING,
}
FACTS: dict[str, Callable[[], str]] = {
    "10,001 facts": lambda: _each("| f#n | count |\n", 10_001, "| Fact | Type |\n|---|---|\n"),
    "one fact again and again": lambda: _each("| f | count |\n", 19_900, "| Fact | Type |\n|---|---|\n"),
    "wrong units": lambda: _each(
        "| f | quantity | wekes |\n", 19_900, "| Fact | Type | Unit or choices |\n|---|---|---|\n"
    ),
    "bars in facts": lambda: _each("|a\n", 19_900, ""),
}
PLANS: dict[str, Callable[[], str]] = {
    "one plan again and again": lambda: _each("| P |\n", 19_900, "| Plan |\n|---|\n"),
    "many plans": lambda: _each("| P#n |\n", 19_900, "| Plan |\n|---|\n"),
    "many states": lambda: "| Plan | States |\n|---|---|\n| P | " + "x#, " * 200_000 + " |\n",
}
STUDY = "---\nstudy: a\npopulation: heel\nrecorded: 2024-01-01\n---\n\n"
QUESTIONS = "---\nquestions: EX\nrecorded: 2024-01-01\n---\n\n"
PROFILE = "---\nprofile: heel\npolicy: EX\nrecorded: 2024-01-01\n---\n\n"
TRIALS = "---\ntrials: EX\nrecorded: 2024-01-01\n---\n\n"
RESULTS = STUDY + "## Results\n\n| Outcome | Comparator | Timepoint | Estimate |\n|---|---|---|---|\n"
POPULATIONS = (
    QUESTIONS
    + "## Populations\n\n| Population | Part of | Named in the policy | Value sets | Says |\n|---|---|---|---|---|\n"
)
EVIDENCE: dict[str, tuple[Callable[[str, Findings], object], Callable[[], str]]] = {
    "many results": (read_study, lambda: _each("| pain | sham | 6 weeks | -1.#n |\n", 19_900, RESULTS)),
    "many wrong results": (read_study, lambda: _each("| | | | x#n |\n", 19_900, RESULTS)),
    "a number of a million digits": (read_study, lambda: _fill("9", RESULTS + "| a | b | c | ", " |\n")),
    "many tables of results": (
        read_study,
        lambda: _each(
            "| Outcome | Comparator | Timepoint |\n|---|---|---|\n| a | b | c |\n\n", 4_900, STUDY + "## Results\n\n"
        ),
    ),
    "many notes of a study": (read_study, lambda: _each("- a\n", 19_900, STUDY + "## Notes\n\n")),
    "one tool again and again": (read_study, lambda: _each("Tool: a\n\n", 9_900, STUDY + "## Risk of bias\n\n")),
    "many registrations": (
        read_study,
        lambda: _fill("NCT00000001, ", STUDY.replace("recorded", "registration: [x, ", 1)[:-20], "]\n---\n"),
    ),
    "a chain of parts": (read_questions, lambda: _each("| p#n | p#m | none | none | x |\n", 19_900, POPULATIONS)),
    "many parts of nothing": (read_questions, lambda: _each("| p#n | q#m | none | none | x |\n", 19_900, POPULATIONS)),
    "a pool of many outcomes": (
        read_questions,
        lambda: _fill(
            "o1; ",
            QUESTIONS
            + "## Pools\n\n| Pool | Population | Outcome | Comparator | Timepoint | Measure | Left out |\n|---|---|---|---|---|---|---|\n| a | b | ",
            " | any | any | MD | none |\n",
        ),
    ),
    "many levels of certainty": (
        read_profile,
        lambda: _each(
            "| o#n | c | t | lw | not signed | none | none |\n",
            19_900,
            PROFILE
            + "## Certainty\n\n| Outcome | Comparator | Timepoint | Level | Signed by | Role | On |\n|---|---|---|---|---|---|---|\n",
        ),
    ),
    "many trials": (
        read_watching,
        lambda: _each(
            "| NCT#n | p | s | x | 2024-13 | |\n",
            19_900,
            TRIALS
            + "## Trials\n\n| NCT | Population | Status | Enrolment | Completion | Note |\n|---|---|---|---|---|---|\n",
        ),
    ),
    "a table of many positions": (
        read_assessment,
        lambda: _fill(
            "investigatonal, ",
            "| 1 | 2 | 3 | 4 | 5 | Conclusion | Allowed positions |\n|---|---|---|---|---|---|---|\n| met | | | | | x | ",
            " |\n",
        ),
    ),
}
DOCUMENTS = {**POLICIES, **FACTS, **PLANS, **{name: make for name, (_, make) in EVIDENCE.items()}}


def read_one(name: str) -> str:
    """The seconds it took to read the named document within 200 MB, and the first rule found, or clean."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    findings = Findings("hostile.md")
    text = DOCUMENTS[name]()
    started = time.process_time()
    if name in EVIDENCE:
        EVIDENCE[name][0](text, findings)
    elif name in POLICIES:
        read_policy(text, findings, VOCABULARY)
    elif name in FACTS:
        read_facts(text, findings)
    else:
        read_member_plans(text, findings, VOCABULARY)
    seconds = time.process_time() - started
    return f"{seconds:.3f} {findings.found[0].rule if findings.found else 'clean'}"


def main(names: list[str]) -> None:
    """Print a line for each document. Children are forked, so that Python and the readers are loaded once."""
    read_policy(PLAIN, Findings("warm.md"), VOCABULARY)
    for name in names or list(DOCUMENTS):
        child = os.fork()
        if child == 0:
            signal.alarm(30)
            print(f"{name}\t{read_one(name)}", flush=True)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
