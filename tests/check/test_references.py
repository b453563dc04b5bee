"""Citations, PubMed numbers, addresses and names of bodies: what is found, and what must stay silent."""

from __future__ import annotations

import pytest
from tests.check.evidence_texts import document, guideline, guidelines, references, told

PAPERS = tuple(
    f"Author{at} AB. Title number {at} of needles. Pain. Jan 2020; 1: {at}. PMID {at}000" for at in range(1, 9)
)


def never_cited(prose: str, papers: tuple[str, ...] = PAPERS) -> str:
    found = told(document(f"## Background\n\n{prose}\n", references(*papers)), "reference-never-cited")
    return " ".join(each.split()[2] for each in found)


def absent(prose: str) -> list[str]:
    found = told(document(f"## Background\n\n{prose}\n", references(*PAPERS)), "citation-without-reference")
    return [each.split(" is cited")[0].split(" ", 1)[1] for each in found]


@pytest.mark.parametrize(
    ("prose", "left"),
    [
        ("Thin [1], sharp [2,3] and long [4-6; 8].", "7"),
        ("Thin [1–3] and sharp.[4]", "5 6 7 8"),
        ("Thin\\[1\\] and sharp<sup>2-4, 8</sup>", "5 6 7"),
        ("Thin.¹ Sharp,²,³ long.⁴⁻⁸", ""),
        ("In 2009 [1, 2] and 2010 [3-8].", ""),
        ("It said so [1](https://doi.org/10.1) and [2].", "3 4 5 6 7 8"),
        ("- Thin [1]\n- Sharp [2]\n\n| Finding | Source |\n|---|---|\n| long | [3-8] |", ""),
        ("A facility of 40 kg/m² or 10⁸ cells, I² of 5, 3 cm<sup>2</sup>, `[7]`.", "1 2 3 4 5 6 7 8"),
    ],
)
def test_marks_are_read_in_brackets_and_set_high_in_lists_and_ranges(prose: str, left: str) -> None:
    assert never_cited(prose) == left


def test_a_document_that_cites_every_reference_has_no_finding() -> None:
    assert never_cited("All of this is known [1-8].") == ""


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("Thin [9].", ["[9]"]),
        ("Thin [7-10].", ["[9, 10]"]),
        ("Thin [0].", ["[0]"]),
        ("In 2023 [8, 11] they agreed.", ["[11]"]),
        ("Pain fell by 12 [9-15] points, 95% CI [10, 20], at a mean age of 45 [30-60].", []),
        ("A density of 3 kg/m⁹ and of 10¹² cells.", []),
        ("See the box [x], the note [a9] and [2024].", []),
    ],
)
def test_a_number_beyond_the_list_is_cited_and_absent_and_a_range_of_figures_is_none(
    prose: str, found: list[str]
) -> None:
    assert absent(prose) == found


def test_a_document_without_a_list_of_references_is_not_held_against_one() -> None:
    assert told(document("## Background\n\nThin [9].\n"), "citation-without-reference", "reference-never-cited") == []


@pytest.mark.parametrize(
    ("prose", "line"),
    [
        ("Thin [2]. Then Author1 et al found it.", 22),
        ("Thin [2].\n\nThe review by Author1 agrees.", 24),
        ("Thin [2]. Author1 (2020) agrees.", 22),
        ("Thin [2]. Author1 is a word like any other, and nearby Author12 too.", None),
    ],
)
def test_a_paper_named_by_its_author_is_offered_the_line_that_names_it(prose: str, line: int | None) -> None:
    papers = tuple(each.replace("Author1 ", "Authorone ") for each in PAPERS[:2])
    files = document(f"## Background\n\n{prose.replace('Author1 ', 'Authorone ')}\n", references(*papers))
    (only,) = told(files, "reference-never-cited")
    assert only.endswith("is cited by no mark" if line is None else f"Authorone is named on line {line}")


@pytest.mark.parametrize(
    ("end", "malformed", "without"),
    [
        ("PMID 12345678", [], 0),
        ("PMID: 1.", [], 0),
        ("[PMID: 12345678](https://pubmed.ncbi.nlm.nih.gov/12345678).", [], 0),
        ("PMID 12345678; PMCID: PMC123456.", [], 0),
        ("doi:10.1000/1. PMCID: PMC123456", [], 1),
        ("PMID 123456789", ["'123456789' is no PMID"], 0),
        ("PMID 01234567", ["'01234567' is no PMID"], 0),
        ("PMID: PMC123456", ["'PMC123456' is no PMID"], 0),
        ("PMID 3234O838", ["'3234O838' is no PMID"], 0),
        ("PMID", ["PMID without a number"], 0),
        ("Pain 2020; 1: 2.", [], 1),
    ],
)
def test_a_pubmed_number_has_one_to_eight_digits(end: str, malformed: list[str], without: int) -> None:
    files = document(references(f"Smith AB. A trial of needles. {end}"))
    assert [each.split(" ", 1)[1] for each in told(files, "pmid-malformed")] == malformed
    assert len(told(files, "reference-without-pmid")) == without


def test_two_editions_of_one_report_are_no_duplicates() -> None:
    report = "Needle Society. Standards of needle care every year. Pain. Jan {}; 1: 2."
    assert told(document(references(report.format(2022), report.format(2023))), "duplicate-reference") == []
    (only,) = told(
        document(references(report.format(2022), report.format(2022).replace("1: 2.", "1:2"))), "duplicate-reference"
    )
    assert only == "23:4 reference 2 is reference 1 again"


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [("PMID 12345678", "", 1), ("", "PMID 12345678", 1), ("PMID 12345678", "PMID 12345679", 0)],
)
def test_one_paper_with_its_pubmed_number_and_without_it_is_a_duplicate(one: str, other: str, found: int) -> None:
    paper = "Smith A, Jones B. A trial of needles in the heel. Pain. 2022; {}: 1-2. {}"
    files = document(references(paper.format("1(2)", one), paper.format("1", other)))
    assert len(told(files, "duplicate-reference")) == found


@pytest.mark.parametrize(
    "address",
    [
        "https://publisher-com.proxy.cc.example.edu/content",
        "http://ezproxy.example.edu/login?url=https://www.publisher.com",
        "https://www.publisher.com.ezproxy.lib.example.ac.uk/x",
        "https://doi-org.libproxy1.example.edu/10.1",
        "https://www-publisher-com.example.idm.oclc.org/x",
        "https://0-www.publisher.com.library.example.edu/x",
        "publisher-com.proxy.example.edu/content",
        "http://localhost:8080/x",
        "http://10.1.2.3/x",
        "http://172.16.0.1/x",
        "http://intranet/policies",
        "https://wiki.plan.internal/x",
        "file:///C:/x.pdf",
        "D:\\papers\\x.pdf",
        "\\\\server\\share\\x.pdf",
        "/home/somebody/x.pdf",
    ],
)
def test_an_address_that_opens_for_some_only_is_found_once(address: str) -> None:
    (only,) = told(document(f"## Background\n\nSee {address} for it.\n"), "address-not-public")
    assert only.startswith("22:5 ")


@pytest.mark.parametrize(
    "address",
    [
        "https://www.cms.gov/medicare-coverage-database/view/ncd.aspx?ncdid=373",
        "https://doi.org/10.1000/182",
        "https://proxy-seal.com/device",
        "https://www.proxymed.com/x",
        "https://pubmed.ncbi.nlm.nih.gov/12345678/",
        "http://8.8.8.8/x",
        "https://web.archive.org/web/2020/http://www.example.org/home/x",
        "www.example.org/home/users/x",
        "either/or, and/or, 3/4, 20/20 vision",
        "the file: a record of the patient",
        "a ratio of 1:2\\3",
        "proxy measures such as grip",
    ],
)
def test_a_public_address_and_an_ordinary_word_are_left_alone(address: str) -> None:
    assert told(document(f"## Background\n\nSee {address} for it.\n"), "address-not-public") == []


def test_an_address_of_one_network_in_the_front_matter_is_found_too() -> None:
    files = {path: text.replace("title:", "source: http://intranet/x\ntitle:", 1) for path, text in document().items()}
    assert told(files, "address-not-public") == ["3:9 intranet is a host of one computer or one network"]


@pytest.mark.parametrize(
    "other",
    [
        "American Academy of Orthopedic Needle Surgeons",
        "American Academy of Needle Orthopaedic Surgeons",
    ],
)
def test_a_body_in_another_order_or_spelling_is_one_body_and_the_heading_counts(other: str) -> None:
    heading = "American Academy of Orthopaedic Needle Surgeons"
    files = document(f"## Background\n\nThe {other} said so in 2020.\n", guidelines(guideline(heading, "neither")))
    (only,) = told(files, "body-named-two-ways")
    assert only == f'22:5 "{other}", on line 28 "{heading}"'


@pytest.mark.parametrize(
    "prose",
    [
        "The American College of Cardiology and the American College of Radiology.",
        "The American Heart Association and American College of Cardiology; the American College of Cardiology and the "
        "American Heart Association.",
        "American Psychological Association, American Psychiatric Association.",
        "National Institute for Health and Care Excellence, National Institute for Health and Clinical Excellence.",
        "The American Academy of Pediatrics. THE AMERICAN ACADEMY OF PEDIATRICS. American Academy Of Pediatrics.",
        "American Academy of Physical Medicine and Rehabilitation; American Academy of Physician Assistants.",
        "American Society of Hematology, American Society of Nephrology, American Society of Neurology.",
        "The National Cancer Institute and the National Cancer Network.",
        "American Physical Therapy Association Guideline; the Guideline of the American Physical Therapy Association.",
    ],
)
def test_two_bodies_with_like_names_stay_two(prose: str) -> None:
    assert told(document(f"## Background\n\n{prose}\n"), "body-named-two-ways") == []
