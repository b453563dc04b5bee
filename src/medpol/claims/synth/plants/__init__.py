"""The plants, by what they try. Each answer was read in the documents of ``../documents`` and of the shipped library."""

from __future__ import annotations

from medpol.claims.synth.plants.adjustments import ADJUSTMENTS
from medpol.claims.synth.plants.codes import CODES
from medpol.claims.synth.plants.counts import COUNTS
from medpol.claims.synth.plants.days import DAYS
from medpol.claims.synth.plants.diagnoses import DIAGNOSES
from medpol.claims.synth.plants.facts import FACTS
from medpol.claims.synth.plants.persons import PERSONS
from medpol.claims.synth.plants.sources import SOURCES

PLANTS = (*DAYS, *CODES, *SOURCES, *DIAGNOSES, *COUNTS, *FACTS, *PERSONS, *ADJUSTMENTS)

__all__ = ["PLANTS"]
