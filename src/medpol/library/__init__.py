"""A folder of policies: load it, with every diagnostic; find what it holds. What ships in the package is the default."""

from importlib.resources import files
from pathlib import Path

from medpol.library.drafting import DraftRefused, Tried, with_draft
from medpol.library.load import Library, LibraryNotFound, find_root, load, oldest_first, read_library, slug
from medpol.library.settings import AdjustmentRow, Settings

SHIPPED = Path(str(files("medpol") / "policies_data"))
"""The dry-needling library, which answers where no other is named."""

__all__ = [
    "SHIPPED",
    "AdjustmentRow",
    "DraftRefused",
    "Library",
    "LibraryNotFound",
    "Settings",
    "Tried",
    "find_root",
    "load",
    "oldest_first",
    "read_library",
    "slug",
    "with_draft",
]
