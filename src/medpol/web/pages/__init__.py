"""The pages of the portal, in the order in which a reader meets them. A page that is not in ``PAGES`` does not exist."""

from medpol.web.pages.calendar import CALENDAR
from medpol.web.pages.changes import CHANGES
from medpol.web.pages.code import CODE
from medpol.web.pages.codes import CODES
from medpol.web.pages.compare import REDLINE
from medpol.web.pages.evidence import EVIDENCE
from medpol.web.pages.hints import HINTS
from medpol.web.pages.history import HISTORY
from medpol.web.pages.home import HOME, POLICIES
from medpol.web.pages.page import Content, Elsewhere, Page, Visit
from medpol.web.pages.policy import POLICY
from medpol.web.pages.search import SEARCH
from medpol.web.pages.trials import TRIALS

PAGES: tuple[Page, ...] = (
    *(HOME, POLICIES, POLICY, HISTORY, REDLINE, EVIDENCE, TRIALS),
    *(CODES, CODE, SEARCH, HINTS, CALENDAR, CHANGES),
)

__all__ = ["PAGES", "Content", "Elsewhere", "Page", "Visit"]
