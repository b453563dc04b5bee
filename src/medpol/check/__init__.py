"""The document linter: what reading finds, and rules about the meaning of documents that read without error.

Each rule is one function whose docstring is its page. Ours stand in the modules of their subjects; others are found by
the entry point group ``medpol.check_rules``.
"""

from medpol.check.rule import Rule, first_line
from medpol.check.run import GROUP, RULES, check_library, rules

__all__ = ["GROUP", "RULES", "Rule", "check_library", "first_line", "rules"]
