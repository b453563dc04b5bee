"""``python -m medpol``: the same door as the ``medpol`` script."""

import sys

from medpol.cli import main

sys.exit(main())
