"""The HTTP door: pages for people, a REST interface for programs; routes, headers, and the wiring of the rooms.

Needs the extra ``medpol[web]``. It reads no clock: the day comes with each call of ``today``.
"""

from medpol.web.app import make_app
from medpol.web.log import Log
from medpol.web.site import Site

__all__ = ["Log", "Site", "make_app"]
