"""What the peers of the bulk benchmark are asked: the trees of the policies, and rows that say what their lines say."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.bulk import asked, embedded, peers, spoken
from benchmarks.bulk.generate import Made
from benchmarks.bulk.trees import Sample, Tree, outcome_of, sample
from tests.benchmarks.bulk_making import small


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Sample]:
    folder = tmp_path_factory.mktemp("bulk")
    made, out = small(folder / "made"), folder / "out"
    out.mkdir()
    embedded.decide_folder(embedded.Task(made, made.plan, out), embedded.read_desk(made.plan), embedded.Means())
    return made, sample(made, out, 1_500)


@pytest.mark.parametrize("peer", ["closures", "interpreter"])
def test_a_two_valued_peer_asked_twice_gives_the_outcome_of_every_line(drawn: tuple[Made, Sample], peer: str) -> None:
    found = asked.ask(peer, drawn[1])
    assert found["agreed"] == found["decisions"] == 1_500
    assert len(set(drawn[1].outcomes)) == 3


def test_the_single_decision_gives_the_outcome_of_every_line(drawn: tuple[Made, Sample]) -> None:
    found = asked.ask_single(drawn[1], drawn[0].folder)
    assert found["agreed"] == found["decisions"] == 1_500


def test_a_peer_is_told_beside_the_table_of_the_same_round(drawn: tuple[Made, Sample], tmp_path: Path) -> None:
    text = peers.measure(drawn[0], tmp_path, 1, 2, 300, ("closures",))
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    assert rows[-1][0] == peers.WORDS["closures"]
    assert rows[-1][2] == "300 of 300"
    table, peer = (float(row[3].replace(",", "")) for row in rows[-2:])
    assert float(rows[-1][4]) == pytest.approx(table / peer, rel=0.02, abs=0.06)


def test_a_sample_is_the_same_when_it_is_read_again(drawn: tuple[Made, Sample], tmp_path: Path) -> None:
    drawn[1].write(tmp_path / "sample.json")
    assert Sample.read(tmp_path / "sample.json") == drawn[1]


def test_a_tree_is_said_in_the_words_of_each_peer_with_the_unknown_turned_round_under_a_not() -> None:
    tree: Tree = {
        "op": "all",
        "parts": [
            {"op": "compare", "field": "age", "by": ">=", "value": 216.0},
            {"op": "not", "part": {"op": "in", "field": "diagnosis", "values": ["M791"]}},
        ],
    }
    assert spoken.zen(tree) == (
        "((age == null ? unknown : age >= 216.0) and "
        '(not ((diagnosis == null ? not unknown : some(diagnosis, # in ["M791"])))))'
    )
    assert spoken.cel(tree) == (
        "((age == null ? unknown : age >= 216.0) && "
        '(!((diagnosis == null ? !unknown : diagnosis.exists(each, each in ["M791"])))))'
    )
    assert spoken.json_logic(tree) == {
        "and": [
            {"if": [{"===": [{"var": "age"}, None]}, {"var": "unknown"}, {">=": [{"var": "age"}, 216.0]}]},
            {
                "!": [
                    {
                        "if": [
                            {"===": [{"var": "diagnosis"}, None]},
                            {"!": [{"var": "unknown"}]},
                            {"or": [{"in": ["M791", {"var": "diagnosis"}]}]},
                        ]
                    }
                ]
            },
        ]
    }


def test_answers_that_hang_on_the_unknown_come_to_information_needed() -> None:
    tree: Tree = {"met": "covered", "otherwise": "not_covered"}
    assert [outcome_of(tree, *answers) for answers in ((True, True), (False, False), (False, True))] == [
        "covered",
        "not_covered",
        "information_needed",
    ]
