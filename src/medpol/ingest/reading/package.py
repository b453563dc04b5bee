"""The package of a DOCX: refused past its limits before it is unpacked, then its parts by what they are."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from io import BytesIO

from docx.opc.part import Part
from docx.oxml.parser import parse_xml

from medpol.ingest.answer import Refused
from medpol.ingest.blocks import TooMuch
from medpol.ingest.reading.numbering import Element, attribute, children
from medpol.ingest.reading.runs import relations

MAXIMUM_MEMBERS = 2_000
MAXIMUM_UNPACKED = 64 << 20
MAXIMUM_ELEMENTS = 1_000_000


def unreadable(found: str, mend: str) -> Refused:
    """The refusal of a DOCX that is not whole."""
    return Refused("unreadable-document", found, "a whole DOCX document", mend)


def check_package(data: bytes) -> None:
    """Refuse an archive that would unpack past a limit: sizes are those that unpacking itself keeps to."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise unreadable(f"its package is damaged ({problem})", "save it again as .docx") from None
    if len(members) > MAXIMUM_MEMBERS:
        raise TooMuch(f"{len(members):,} files in its package; at most {MAXIMUM_MEMBERS:,}")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAXIMUM_UNPACKED:
        raise TooMuch(f"{unpacked:,} bytes unpacked; at most {MAXIMUM_UNPACKED:,}")
    if any(member.flag_bits & 1 for member in members):
        raise unreadable("its package is encrypted", "save it without a password")


@dataclass(slots=True)
class Package:
    """The parts that a document refers to. ``part`` is the document's own."""

    part: Part
    known_notes: dict[str, dict[str, tuple[Element, Part]]] = field(default_factory=dict)

    def document(self) -> Element:
        """The document's own XML."""
        root = _checked(getattr(self.part, "element", None))
        if root is None:
            raise unreadable("its main part is no document", "save it again as .docx")
        return root

    def parts(self, kind: str) -> list[tuple[Element, Part]]:
        """The parts of one kind with their XML, each once."""
        found = {
            str(each.target_part.partname): each.target_part
            for each in relations(self.part).values()
            if each.reltype.rsplit("/", 1)[-1] == kind and not each.is_external
        }
        roots = ((_root(part), part) for part in found.values())
        return [(root, part) for root, part in roots if root is not None]

    def root(self, kind: str) -> Element | None:
        """The XML of the first part of a kind."""
        return next((root for root, _ in self.parts(kind)), None)

    def notes(self, name: str) -> dict[str, tuple[Element, Part]]:
        """The footnotes, or the endnotes, by their numbers."""
        if name not in self.known_notes:
            found = self.known_notes.setdefault(name, {})
            for root, part in self.parts(f"{name}s"):
                for note in children(root, name):
                    if attribute(note, "type") in (None, "normal"):
                        found.setdefault(attribute(note, "id") or "", (note, part))
        return self.known_notes[name]


def _root(part: Part) -> Element | None:
    held = getattr(part, "element", None)
    return _checked(held if held is not None else parse_xml(part.blob))


def _checked(root: Element | None) -> Element | None:
    """A part's XML; one with a document type or too many elements is refused before it is walked."""
    if root is None:
        return None
    if root.getroottree().docinfo.doctype:
        raise unreadable("its XML declares a document type, which no DOCX needs", "save it again as .docx")
    if sum(1 for _ in root.iter()) > MAXIMUM_ELEMENTS:
        raise TooMuch(f"more than {MAXIMUM_ELEMENTS:,} elements")
    return root
