"""The document linter: what reading finds, and rules about the meaning of documents that read without error.

Each rule is one function whose docstring is its page. Ours stand in the modules of their subjects; others are found by
the entry point group ``medpol.check_rules``.
"""

from medpol.check.allow import Allowance, Allowed
from medpol.check.findings import Finding, Rule, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.run import GROUP, RULES, Checked, NotARule, RuleFailed, check_library, rules

__all__ = [
    "GROUP",
    "RULES",
    "Allowance",
    "Allowed",
    "Checked",
    "Finding",
    "Holdings",
    "NotARule",
    "Rule",
    "RuleFailed",
    "Subject",
    "check_library",
    "rule",
    "rules",
]
