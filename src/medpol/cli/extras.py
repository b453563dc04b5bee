"""Modules that need an extra: reached late, and where the extra is missing, said plainly."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from medpol.cli.stops import USAGE, Stop


def with_extra(module: str, extra: str, what: str) -> ModuleType:
    """The module; ends the command (2) where what it needs is not installed, with the command that installs it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as problem:
        if problem.name is None or problem.name.partition(".")[0] == "medpol":
            raise
        raise Stop(
            USAGE,
            f"{what} needs {problem.name}, which is not installed\n    mend: pip install 'medpol[{extra}]'",
        ) from problem
