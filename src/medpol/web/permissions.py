"""Who may ask for what: every route of the portal, in one list. A route that does not stand here stops the start."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Permission(Enum):
    """``PUBLIC``: anybody. ``THIS_MACHINE``: who asks from this machine and not through a proxy; others find nothing there.

    ``STAFF``: anybody, where the service was started for the plan's own staff; of any other service nobody, as if nothing
    were there.
    ``NOBODY``: the framework made the route by itself, and nothing is there.
    """

    PUBLIC = "public"
    THIS_MACHINE = "this machine"
    STAFF = "staff"
    NOBODY = "nobody"


PERMISSIONS: dict[str, Permission] = {
    "/": Permission.PUBLIC,
    "/index": Permission.PUBLIC,
    "/policies": Permission.PUBLIC,
    "/policies/{page}": Permission.PUBLIC,
    "/policies/{number}/history": Permission.PUBLIC,
    "/policies/{number}/compare": Permission.PUBLIC,
    "/policies/{number}/evidence": Permission.PUBLIC,
    "/policies/{number}/trials": Permission.PUBLIC,
    "/policies/{number}/review": Permission.STAFF,
    "/codes": Permission.PUBLIC,
    "/codes/{system}/{page}": Permission.PUBLIC,
    "/search": Permission.PUBLIC,
    "/search/hints": Permission.PUBLIC,
    "/calendar": Permission.PUBLIC,
    "/changes": Permission.PUBLIC,
    "/coverage": Permission.PUBLIC,
    "/determinations/{page}": Permission.PUBLIC,
    "/static/{name}": Permission.PUBLIC,
    "/health": Permission.PUBLIC,
    "/health/details": Permission.THIS_MACHINE,
    "/metrics": Permission.THIS_MACHINE,
    "/api": Permission.PUBLIC,
    "/api/{path}": Permission.NOBODY,
    "/api/openapi": Permission.PUBLIC,
    "/api/coverage": Permission.PUBLIC,
    "/api/determinations": Permission.PUBLIC,
    "/api/determinations/batch": Permission.PUBLIC,
    "/api/policies": Permission.PUBLIC,
    "/api/policies/{policy}": Permission.PUBLIC,
    "/api/policies/{policy}/versions": Permission.PUBLIC,
    "/api/policies/{policy}/compare": Permission.PUBLIC,
    "/api/changes": Permission.PUBLIC,
    "/api/calendar": Permission.PUBLIC,
    "/api/codes/{code}": Permission.PUBLIC,
    "/api/codes/{system}/{code}": Permission.PUBLIC,
}
"""By the address without a twin's ending, as the router spells it."""


class UndeclaredRoute(ValueError):
    """A route says nowhere who may ask for it."""


def check_declared(routes: Iterable[str]) -> None:
    """Raises ``UndeclaredRoute`` where a route is in no list, and where the list names one that does not exist."""
    held = set(routes)
    if undeclared := sorted(held - PERMISSIONS.keys()):
        raise UndeclaredRoute(f"no permission is declared for {', '.join(undeclared)}: add it to web/permissions.py")
    if gone := sorted(PERMISSIONS.keys() - held):
        raise UndeclaredRoute(f"permissions are declared for routes that do not exist: {', '.join(gone)}")
