"""What a policy change would do to claims that were already made: two plans over one set of claim lines.

The claims are read once and decided twice, and the two answers of each line are counted side by side. An impact is a
plain value; text, JSON, CSV and HTML are renderings of it. Nothing here denies or pays anything: every answer is advice.
"""

from medpol.impact.comparing import Claims, compare
from medpol.impact.page import impact_page
from medpol.impact.tables import Table, as_csv, tables_of
from medpol.impact.values import Impact, Question, Side

__all__ = [
    "Claims",
    "Impact",
    "Question",
    "Side",
    "Table",
    "as_csv",
    "compare",
    "impact_page",
    "tables_of",
]
