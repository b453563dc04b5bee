"""The watch over registered trials and the literature: what is asked, what the answers mean, what a person should look at.

No network, clock or file here: a run is handed ``fetch``, the day and what earlier runs have seen, and yields proposals.
Nothing from outside changes a certainty, a conclusion or a position. The clients, and ``plugins`` which names them, need
``defusedxml``, which the extra `evidence` brings; all else here needs nothing, so that any door may show what was seen.
"""

from medpol.evidence.watching.listing import watched
from medpol.evidence.watching.memory import Memory, MemoryDamaged, read_memory, written_memory
from medpol.evidence.watching.proposals import as_json, as_markdown, file_name
from medpol.evidence.watching.run import Step, watch
from medpol.evidence.watching.trials import TrialHeld, changes
from medpol.evidence.watching.values import (
    Answer,
    Asked,
    Event,
    EventWeight,
    EvidenceSource,
    Fetch,
    FetchFailed,
    Kind,
    Learned,
    Mark,
    PaperCited,
    PaperRecord,
    Proposal,
    Provenance,
    Refused,
    Request,
    TrialListed,
    TrialRecord,
    Watched,
)

__all__ = [
    "Answer",
    "Asked",
    "Event",
    "EventWeight",
    "EvidenceSource",
    "Fetch",
    "FetchFailed",
    "Kind",
    "Learned",
    "Mark",
    "Memory",
    "MemoryDamaged",
    "PaperCited",
    "PaperRecord",
    "Proposal",
    "Provenance",
    "Refused",
    "Request",
    "Step",
    "TrialHeld",
    "TrialListed",
    "TrialRecord",
    "Watched",
    "as_json",
    "as_markdown",
    "changes",
    "file_name",
    "read_memory",
    "watch",
    "watched",
    "written_memory",
]
