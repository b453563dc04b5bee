"""What stands beside the service works without it: the ledger is read on a machine that serves nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.cli.running import environment


@pytest.mark.parametrize("module", ["medpol.cli.ledger", "medpol.cli.calendar", "medpol.decide.holdings.withheld"])
def test_a_command_beside_the_service_loads_nothing_of_the_portal(module: str) -> None:
    program = f"import {module}, sys; print(*(name for name in sys.modules if name.split('.')[0] in ('litestar', 'weasyprint', 'uvicorn') or name.startswith('medpol.web')))"
    ran = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
