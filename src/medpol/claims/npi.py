"""The check digit of a National Provider Identifier, in Python and as the SQL that means the same.

A wrong check digit is a finding and never a reject: the line is answered, and somebody is told.
Source: 45 CFR 162.406; the digit is ISO/IEC 7812's (Luhn), over the number behind the prefix 80840.
"""

from __future__ import annotations

_PREFIX_SUM = 24
"""What the digits of the prefix 80840 add to every sum."""
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Each digit times two, its own digits added."""
_LENGTH = 10


def has_valid_check_digit(npi: str) -> bool:
    """Whether the text is ten ASCII digits, the last of which is the check digit of the nine before it."""
    if len(npi) != _LENGTH or not (npi.isascii() and npi.isdigit()):
        return False
    return (_PREFIX_SUM + _weighted(npi[:9]) + int(npi[9])) % 10 == 0


def check_digit(nine_digits: str) -> str:
    """The digit that makes nine digits an NPI."""
    return str(-(_PREFIX_SUM + _weighted(nine_digits)) % 10)


def check_digit_sql(npi: str) -> str:
    """SQL for ``has_valid_check_digit`` of an expression; null where it is null."""
    digits = [f"ascii(substr({npi}, {at}, 1)) - 48" for at in range(1, _LENGTH + 1)]
    # A digit doubled with its own digits added is 2d, less 9 from five on.
    terms = [f"2 * ({each}) - CASE WHEN {each} > 4 THEN 9 ELSE 0 END" for each in digits[::2]]
    total = " + ".join([str(_PREFIX_SUM), *terms, *digits[1::2]])
    return f"(regexp_full_match({npi}, '[0-9]{{{_LENGTH}}}') AND ({total}) % 10 = 0)"


def _weighted(nine_digits: str) -> int:
    """The Luhn sum of nine digits: those at odd places, from the left, doubled."""
    return sum(_DOUBLED[int(digit)] if at % 2 == 0 else int(digit) for at, digit in enumerate(nine_digits))
