"""Another process: reads plans from disk, decides the cases beside them, and opens no policy document."""

import sys
from datetime import date
from pathlib import Path

import msgspec
from tests.decide.comparing import answer_of, one_line

from medpol.decide.one import Desk
from medpol.decide.plan import read_plan


def main(folder: Path) -> None:
    for path in sorted(folder.glob("*.plan.json")):
        desk = Desk(read_plan(path.read_bytes()))
        known_on, cases = msgspec.json.decode(path.with_name(path.name.replace(".plan.", ".cases.")).read_bytes())
        for given in cases:
            _, settled = answer_of(desk, given, date.fromisoformat(known_on))
            print(one_line(settled))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
