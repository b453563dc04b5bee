"""The four delimiters of an interchange, taken from its ISA segment and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass

ISA_LENGTH = 106
"""Characters of an ISA segment with its end: sixteen elements of fixed width."""
_SEPARATORS_AT = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_REPETITION_AT, _COMPONENT_AT, _END_AT = 82, 104, 105


class UnreadableHeader(ValueError):
    """The text is not an ISA segment, so that nothing behind it can be told apart."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """What parts elements, repetitions, components and segments; four different characters, none a letter or digit."""

    element: str = "*"
    repetition: str = "^"
    component: str = ":"
    segment: str = "~"

    def __post_init__(self) -> None:
        signs = (self.element, self.repetition, self.component, self.segment)
        if len(set(signs)) != len(signs):
            raise UnreadableHeader(f"the four delimiters are {' '.join(map(repr, signs))}, and two of them are one")
        for sign in signs:
            if len(sign) != 1 or not sign.isascii() or sign.isalnum() or sign in " .-":
                raise UnreadableHeader(f"{sign!r} is no delimiter: data hold it")
        if {"\r", "\n"} & set(signs[:-1]):
            raise UnreadableHeader("a line end is no delimiter of elements: files gain and lose them")

    @classmethod
    def of_header(cls, header: str) -> Delimiters:
        """The delimiters of the 106 characters of an ISA segment.

        Raises ``UnreadableHeader`` where they are not that: too few, other first letters, an element of the wrong
        width (then a separator is not where it must be), or a delimiter inside an element.
        """
        if len(header) < ISA_LENGTH or not header.startswith("ISA"):
            raise UnreadableHeader(f"{header[:20]!r} does not begin an ISA segment of {ISA_LENGTH} characters")
        delimiters = cls(header[3], header[_REPETITION_AT], header[_COMPONENT_AT], header[_END_AT])
        places = tuple(at for at in range(ISA_LENGTH) if header[at] == delimiters.element)
        if places != _SEPARATORS_AT:
            raise UnreadableHeader("an element of the ISA segment is not as wide as it must be")
        if delimiters.segment in header[:_END_AT] or delimiters.component in header[:_COMPONENT_AT]:
            raise UnreadableHeader("an element of the ISA segment holds a delimiter")
        return delimiters
