"""What ``serve.py`` asks: requests as bytes, drawn from a seed, of every kind of page and of both interfaces."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import generate

Request = tuple[str, bytes]

PASTED = 10_000
_SHARES = {
    "code": 16,
    "calendar": 8,
    "feed": 8,
    "policy": 20,
    "history": 10,
    "search": 18,
    "checker": 12,
    "redline first": 4,
    "redline again": 4,
}
"""How many in a hundred requests for pages are of each kind."""
_PAST = 0.25
"""The share of pages that are read on a past day; half of those also as known on one."""
_SEARCHED = (
    *generate.WORDS,
    "therapy relief",
    "motion baseline evidence",
    "invented service 77",
    "sevrice",
    "investigational",
    "initial course",
)


def get(address: str) -> bytes:
    return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def post(address: str, body: bytes, kind: str) -> bytes:
    head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Asked:
    """Requests about a library that ``generate`` wrote, as they may come on a day."""

    def __init__(self, shape: generate.Shape, today: date) -> None:
        self._shape, self._today = shape, today
        self._rng = random.Random(f"{shape.seed}/asked")

    def cases(self, count: int) -> list[dict[str, Any]]:
        """Cases of care given up to today, and known today."""
        held = generate.cases(self._shape, 3 * count + 60)
        kept = [each for each in held if each["date_of_service"] <= str(self._today)][:count]
        for each in kept:
            del each["known_on"]
        return kept

    def determinations(self, count: int) -> list[Request]:
        return [
            ("recorded", post("/api/determinations", json.dumps(each).encode(), "application/json"))
            for each in self.cases(count)
        ]

    def look_ups(self, count: int) -> list[Request]:
        """As they come from a few hundred users on one day: some thousand different questions, most of them of today."""
        rng = self._rng
        fields = []
        for _ in range(count):
            asked = {
                "code": rng.choice(generate.codes_of(rng.randrange(self._shape.policies))),
                "line_of_business": rng.choice(generate.LINES),
            }
            fields.append(asked | self._days())
        return [("look-up", get(f"/api/coverage?{urlencode(each)}")) for each in fields]

    def pasted(self) -> Request:
        codes = "\n".join(
            self._rng.choice(generate.codes_of(at % self._shape.policies)) if at % 9 else f"Z{at:04d}"
            for at in range(PASTED)
        )
        body = urlencode({"codes": codes}).encode()
        return "pasted", post("/codes", body, "application/x-www-form-urlencoded")

    def pages(self, count: int) -> list[Request]:
        """Every kind in its share, mixed."""
        kinds = self._rng.choices(list(_SHARES), list(_SHARES.values()), k=count)
        forms = iter(self._forms(kinds.count("checker")))
        seen: list[str] = []
        found = []
        for kind in kinds:
            if kind == "checker":
                body = urlencode(next(forms)).encode()
                found.append((kind, post("/coverage", body, "application/x-www-form-urlencoded")))
            elif kind == "redline again" and seen:
                found.append((kind, get(self._rng.choice(seen[-20:]))))
            else:
                address = self._address(kind)
                if kind.startswith("redline"):
                    kind = "redline first"
                    seen.append(address)
                found.append((kind, get(address)))
        return found

    def _address(self, kind: str) -> str:
        rng = self._rng
        number = rng.randrange(self._shape.policies)
        policy, days = generate.number_of(number), self._days()
        match kind:
            case "code":
                return _at(f"/codes/HCPCS/{rng.choice(generate.codes_of(number))}", days)
            case "calendar":
                chosen = rng.choice(({}, {"view": "month"}, {"lane": "review_due"}, {"policy": policy}))
                return _at("/calendar", chosen | days)
            case "feed":
                return rng.choice((f"/policies/{policy}.atom", "/changes.atom", "/changes"))
            case "policy":
                return _at(f"/policies/{policy}", days)
            case "history":
                return _at(f"/policies/{policy}/history", days)
            case "search":
                return _at("/search", {"q": rng.choice(_SEARCHED)} | days)
            case _:
                author = generate.Author(number, self._shape.seed)
                known = [
                    author.first_day(at)
                    for at in range(self._shape.versions)
                    if author.first_day(at) - timedelta(days=30) <= self._today
                ]
                first, second = sorted(rng.sample(known, 2)) if len(known) > 1 else (known[0], known[0])
                return _at(f"/policies/{policy}/compare", {"from": str(first), "to": str(second)})

    def _days(self) -> dict[str, str]:
        """Today for most; else a past day, mostly one that others ask for too, sometimes as it was known then."""
        rng = self._rng
        if rng.random() > _PAST:
            return {}
        back = rng.choice((30, 180, 365)) if rng.random() < 0.8 else rng.randint(1, 1_500)
        day = str(self._today - timedelta(days=back))
        return {"date_of_service": day} | ({"known_on": day} if rng.random() < 0.5 else {})

    def _forms(self, count: int) -> Iterator[dict[str, str]]:
        """Cases as the coverage checker's form sends them."""
        for case in self.cases(count):
            form = {name: case[name] for name in ("code", "date_of_service")}
            form |= {"f.line_of_business": f"={case['line_of_business']}"}
            form |= {"f.diagnosis": "=", "v.diagnosis": case["diagnoses"][0]}
            for name, value in case["facts"].items():
                if isinstance(value, bool):
                    form[f"f.{name}"] = "=yes" if value else "=no"
                elif isinstance(value, int) or value.endswith("weeks"):
                    form |= {f"f.{name}": "=", f"v.{name}": str(value)}
                else:
                    form[f"f.{name}"] = f"={value}"
            yield form


def _at(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
