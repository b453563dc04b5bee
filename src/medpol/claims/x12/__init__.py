"""X12 837P and 837I claims, read as they stream by: every line an edge row, every fault a reject with its segment.

``reading`` is the reader for volume, ``strict`` the second one by ``x12sdk``; both give the batches of ``batches``. ``writing``
makes synthetic files. Only public facts of X12 stand here: segment names, places of elements, code values.
"""

from medpol.claims.x12.reading import read_837
from medpol.claims.x12.rejects import Rejected, SegmentReject

__all__ = ["Rejected", "SegmentReject", "read_837"]
