"""Values as pages for a person: an answer, a policy, a code, a history, a redline. They lay out and never compute."""

from medpol.cli.pages.answer import outcome_words, print_answer, print_criteria
from medpol.cli.pages.over_time import print_code, print_history
from medpol.cli.pages.policy import print_listed, print_policy
from medpol.cli.pages.redline import print_redline
from medpol.cli.pages.redline_html import redline_page
from medpol.cli.pages.words import as_of

__all__ = [
    "as_of",
    "outcome_words",
    "print_answer",
    "print_code",
    "print_criteria",
    "print_history",
    "print_listed",
    "print_policy",
    "print_redline",
    "redline_page",
]
