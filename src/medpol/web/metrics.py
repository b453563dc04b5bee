"""Counts and durations for Prometheus: by route, method and status, never by address."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from medpol.web.recording import Recording
from medpol.web.site import Site

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The counters of one portal, and the state of its library when they are asked for."""

    def __init__(self, site: Site, recording: Recording) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "medpol_http_requests", "Requests answered", ("route", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "medpol_http_request_seconds",
            "From request to answer",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        for name, about, value in (
            ("medpol_policies", "Policies served", lambda: len(site.now.opened.by_policy)),
            ("medpol_versions", "Versions served", lambda: len(site.now.library.versions)),
            ("medpol_library_errors", "Errors that keep a changed library out", lambda: _errors(site)),
            ("medpol_library_reloads", "Times a changed library was taken over", lambda: site.reloads),
            ("medpol_ledger_available", "Whether determinations can be recorded", recording.is_available),
        ):
            Gauge(name, about, registry=self._registry).set_function(value)
        self._counted: dict[tuple[str, str, int], Counter] = {}
        self._timed: dict[str, Histogram] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request answered. Routes and methods are the router's, so the number of series is bounded."""
        key = (route, method, status)
        counter = self._counted.get(key)
        if counter is None:
            counter = self._counted[key] = self._requests.labels(route, method, str(status))
            self._timed.setdefault(route, self._seconds.labels(route))
        counter.inc()
        self._timed[route].observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)


def _errors(site: Site) -> int:
    trouble = site.trouble
    return 0 if trouble is None else trouble.errors
