"""Synthetic claims with planted truths: invented members and claims, and lines whose answer is known beforehand.

The answers were read in the documents by a person and written beside each planted line; nothing here decides. So what
decides can be held against them: this room imports no other that could give it an answer.
"""

from __future__ import annotations

from medpol.claims.synth.making import FolderInUse, Made, Order, make
from medpol.claims.synth.planting import Form

__all__ = ["FolderInUse", "Form", "Made", "Order", "make"]
