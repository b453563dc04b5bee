"""The terminal door: options to a case, an answer to text or JSON, and the exit codes that scripts read.

Only this room reads the clock, the environment and files named by a person; every room below is handed plain values.
"""

from medpol.cli.app import main

__all__ = ["main"]
