"""Published documents to drafts in our notation, with an account of every line.

``ingest`` is pure: bytes in; drafts, report and diagnostics out. A publisher's reader is a plug-in (``medpol.publishers``)
that takes the source blocks of ``pages`` apart; ``drafts`` makes of that one file for each version that the history lets us
state. Nothing is guessed: what is not surely read is kept as text, or asked of a person.
"""

from medpol.ingest.door import HoldsOther, Ingested, ingest, write_drafts
from medpol.ingest.pages import Pages
from medpol.ingest.plugins import publishers
from medpol.ingest.published import Published, PublisherReader
from medpol.ingest.report import Account, Kind, Report, report_text, report_value

__all__ = [
    "Account",
    "HoldsOther",
    "Ingested",
    "Kind",
    "Pages",
    "Published",
    "PublisherReader",
    "Report",
    "ingest",
    "publishers",
    "report_text",
    "report_value",
    "write_drafts",
]
