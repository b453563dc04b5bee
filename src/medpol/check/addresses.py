"""The rule about addresses that lead the reader nowhere: through a library's proxy, into a company's network, onto a disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from ipaddress import ip_address

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.model.diagnostic import Severity, Source

_WEB = re.compile(
    r"\b(?:https?|ftp)://(?:[^\s/@]*@)?(?P<host>\[[0-9a-f:]+\]|[^\s/:?#\"'<>|)\]]+)[^\s\"'<>|]*", re.IGNORECASE
)
_BARE = re.compile(r"(?<![\w@/.-])(?P<host>[a-z0-9][\w-]*(?:\.[\w-]+){2,})/[^\s\"'<>|]*", re.IGNORECASE)
_DISK = re.compile(
    r"\bfile:/+[^\s\"'<>|)]+|(?<![\w\\])[A-Za-z]:\\[^\s\"'<>|)]+|(?<!\\)\\\\[\w.-]+\\[^\s\"'<>|)]+|(?<![\w/.:])/(?:home|Users|mnt|tmp)/[^\s\"'<>|)]+",
    re.IGNORECASE,
)
_PROXY_LABEL = re.compile(
    r"(?:[\w-]*[-_])?(?:ez|lib|library|web)?-?proxy(?:[-_]?\w*)?|ezp[-\d]\w*(?:-\w+)*", re.IGNORECASE
)
# A library's proxy writes the publisher's own host into one label: www-ncbi-nlm-nih-gov, 0-www.publisher.com.
_REWRITTEN = re.compile(r"(?:[a-z0-9]+-){2,}(?:com|org|net|gov|edu)|0-www", re.IGNORECASE)
# A bare host is looked at only where something in the line looks like a proxy: the search for hosts is the slow part.
_HINT = re.compile(r"proxy|ezp|oclc|0-www|-(?:com|org|net|gov|edu)\.", re.IGNORECASE)
_LONGEST_LABEL = 63  # of a host name, RFC 1035
_LOCAL_ENDINGS = (".local", ".localdomain", ".internal", ".intranet", ".lan", ".corp", ".home.arpa", ".localhost")


@rule(Subject.REFERENCES, Severity.WARNING)
def address_not_public(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An address leads through a library's proxy, into a private network, or onto somebody's disk.

    A paper opened at a university is often copied with the university's proxy in its address
    (`publisher-com.proxy.example.edu`, `...ezproxy...`): a reader outside is asked for a password. Addresses of one
    computer or one network (`localhost`, `192.168...`, a host without a dot, `file:`, a drive's letter) open nothing at
    all for anybody else. Write the publisher's public address or the DOI.
    """
    for version in holdings.versions:
        file = version.source.file
        for number, line in enumerate(holdings.lines(file), 1):
            if "/" in line or "\\" in line:
                for column, address, why in _not_public(line):
                    yield Finding(
                        Source(file, number, column),
                        f"{address} {why}",
                        "an address that opens for every reader",
                        "write the publisher's own address, or the DOI as https://doi.org/...",
                    )


def _not_public(line: str) -> Iterator[tuple[int, str, str]]:
    for match in (*_WEB.finditer(line), *(_BARE.finditer(line) if _HINT.search(line) else ())):
        host = match["host"].casefold().rstrip(".")
        if _is_proxied(host):
            yield match.start() + 1, host, "is reached through a library's proxy"
        elif match.re is _WEB and _is_local(host):
            yield match.start() + 1, host, "is a host of one computer or one network"
    for match in _DISK.finditer(_WEB.sub(lambda each: " " * len(each[0]), line)):
        yield match.start() + 1, match[0], "is a place on one computer"


def _is_proxied(host: str) -> bool:
    labels = host.split(".")
    if len(labels) < 3 or max(map(len, labels)) > _LONGEST_LABEL:
        return False
    if host.endswith(".idm.oclc.org"):
        return True
    return any(_PROXY_LABEL.fullmatch(label) for label in labels[:-2]) or _REWRITTEN.fullmatch(labels[0]) is not None


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(_LOCAL_ENDINGS):
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return bool(host) and "." not in host
    return address.is_private or address.is_loopback or address.is_link_local


RULES = (address_not_public,)
