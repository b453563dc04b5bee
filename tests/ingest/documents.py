"""Six documents of the publisher's shape, written for these tests in our own words. Services, numbers and trials are invented.

The sign ⇥ stands for a tab, which editors do not show."""

from __future__ import annotations

TAIL = """
**Disclaimer:** This text is an aid to judgement. Benefits differ by booklet. ©2025 Example Plan All Rights Reserved.

**Scope:** This text helps our staff. It does not apply to {lines}.
"""


def header(number: str, title: str, effective: str, *more: str) -> str:
    return "\n\n".join((f"## MEDICAL POLICY – {number}", f"## {title}", f"Effective Date: {effective}", *more)) + "\n\n"


# Three codes of three systems, three rows with three positions, related policies, header lines with no empty line between.
THREE_CODES = (
    "## MEDICAL POLICY – 7.03.512\n\n## Magnetic Gut Capsules\n\n"
    "BCBSA Ref. Policy: 7.03.99*\nEffective Date: Feb. 1, 2025\nLast Revised: Jan 14, 2025\nReplaces: 7.03.511\n\n"
    "RELATED MEDICAL POLICIES:\n\n7.03.100⇥Gut Lanterns\n2.09.20 Stool Chimes\n\n"
    "Select a hyperlink below.\n\n[POLICY CRITERIA](#) | [CODING](#)\n\n"
    "## Introduction\n\nA capsule steered by magnets takes pictures.\n\n**Note:** This Introduction is for your general knowledge.\n\n"
    "## Policy Coverage Criteria\n\n"
    "Service⇥Medically Necessary⇥Investigational\n"
    "Magnetic gut capsule⇥Magnetic gut capsules may be considered medically necessary when ALL of the following are met:"
    "<br>• Iron is low<br>• Endoscopy found ANY of the following:<br>◦ a hidden bleed<br>◦ nothing at all"
    "⇥Magnetic gut capsules are considered investigational for all other indications.\n"
    "Capsule tether⇥⇥A capsule tether is considered investigational.\n"
    "Singing capsule⇥Singing capsules are considered not medically necessary.\n\n"
    "## Coding\n\nCode⇥Description\n<b>HCPCS</b>⇥\nC9901⇥gut capsule, steered\n<b>CDT</b>⇥\nD9912⇥capsule tether\n"
    "<b>CPT</b>⇥\n0999T⇥singing capsule\n\n"
    "## Regulatory Status\n\nTwo capsules were cleared for marketing by the FDA through the 510(k) process in 2021.\n\n"
    "## History\n\nDate⇥Comments\n"
    "02/01/24⇥New policy, approved January 9, 2024. Magnetic gut capsules are considered investigational.\n"
    "07/01/24⇥Coding update. Added HCPCS code C9901 effective July 1, 2024; removed HCPCS code C9900.\n"
    "02/01/25⇥Annual Review, approved January 14, 2025. Policy updated with literature review through November 4, 2024; "
    "references 3 and 4 added. Criteria changed: capsules now have conditions.\n"
    + TAIL.format(lines="Medicaid or Medicare Advantage")
)

# Two criteria tables, criteria with bullets on lines of their own, and diagnoses with a range.
TWO_TABLES = (
    header(
        "1.02.007",
        "Warm Boots for Cold Feet",
        "October 1, 2023",
        "Last Revised: September 12, 2023",
        "BCBSA Ref. Policy: N/A",
    )
    + """## Policy Coverage Criteria

Device⇥Medical Necessity
Warm boots⇥Warm boots may be considered medically necessary when at least two of the following are met:
* The feet stay below 20 degrees for an hour
* Two pairs of socks failed
* Either of the following:
    * toes are white; or
    * toes are blue

Warm boots are considered not medically necessary when the above criteria are not met.

Device⇥Investigational
Boot lamps⇥Boot lamps are considered experimental, investigational, or unproven.

Boot songs are not considered medically necessary.

**Note:** Boots wear out.

## Coding

Code⇥Description
<b>HCPCS</b>⇥
L9998⇥warm boot, pair
<b>ICD-10-CM codes that support medical necessity</b>⇥
R20.9⇥cold feet
R21-R23⇥a range
M79.1x⇥a family

## History

| Date | Comments |
|---|---|
| 10/01/23 | New policy, approved September 12, 2023, effective October 1, 2023. |
"""
    + TAIL.format(lines="the Federal Employee Program")
)

# No trials, other headings, a guideline against, an unknown section, conditions in prose.
NO_TRIALS = (
    header(
        "11.04.003",
        "Moon Lamps in the Treatment of Restless Sleep",
        "May 1, 2022",
        "Last Revised: April 5, 2022",
        "Replaces: N/A",
    )
    + """## Policy

Moon lamps are considered investigational except for adults who sleep under two hours. When two lamps failed, a third lamp is considered not medically necessary.

## Policy Guidelines

Lamps are counted by the pair.

| Lamp | Light |
|---|---|
| small | 5 lux |

## Rationale

For individuals with restless sleep who receive moon lamps, the evidence includes three RCTs and a case series. Relevant outcomes are sleep and mood. The evidence is sufficient to determine that lamps help.

For individuals with restless sleep who receive moon music, the evidence includes no studies. Relevant outcomes are sleep and mood.

It is not known more.

## Practice Guidelines and Position Statements

### European Lamp League

In 2020, the league's guideline recommended against moon lamps (strong recommendation), with conflicts of interest stated.

### International Society of Naps

The society's position statement of 2019 found insufficient evidence on lamps.

## Medicare National Coverage

A lamp determination was withdrawn in 2015.

## References

1. Doe J, Roe R. Lamps and sleep. J Sleepy Med. Mar 2020; 1(2): 3-4. PMID 99000001
3. Roe R. More lamps. J Sleepy Med. 2021; 2(1): 1-9. PMID 99000003

## History

Date⇥Comments
05/01/22⇥New policy, add to Therapy section. Approved April 5, 2022. Moon lamps are considered investigational.
"""
    + TAIL.format(lines="Medicare Supplement")
)

# Twelve rows, other verbs, two of them newest first in one day, two-digit years of two centuries.
TWELVE_ROWS = (
    header("8.01.555", "Paper Splints", "12/1/2024", "Last Revised: November 12, 2024")
    + """## Policy Coverage Criteria

Paper splints are considered not medically necessary.

## Coding

Code⇥Description
<b>CPT</b>⇥
29998⇥paper splint, short
29999⇥paper splint, long

## History

Date⇥Comments
12/01/24⇥Title changed from Card Splints to Paper Splints, approved November 12, 2024.
06/01/23⇥Policy renumbered; replaces 8.01.054.
03/01/23⇥Reinstated policy, approved February 2, 2023, effective June 1, 2023. Paper splints are considered not medically necessary.
10/01/22⇥Policy retired, approved September 6, 2022.
04/01/22⇥Code 29999 added (effective January 1, 2022).
02/15/22⇥Withdrew the change announced 12/01/21.
12/01/21⇥Notification of change posted December 1, 2021: paper splints are considered investigational effective March 10, 2022 after a 60-day member notice.
10/20201⇥Literature search done, no change in policy statement.
07/01/19⇥Interim review, approved Febuary 31, 2019. Position changed.
05/11⇥Minor update.
03/01/98⇥Annually reviewed. No policy change.
02/01/97⇥Adopted policy. Paper splints may be considered medically necessary.
"""
    + TAIL.format(lines="Medicare Advantage")
)

# A notice still running: the header holds the text in force, the last row announces the next.
NOTICE_PENDING = (
    header("2.05.010", "Copper Bracelets", "January 1, 2025", "Last Revised: December 10, 2024")
    + """## Policy Coverage Criteria

Treatment⇥Investigational
Copper bracelets⇥Copper bracelets are considered investigational.

## Coding

Code⇥Description
<b>HCPCS</b>⇥
A9997⇥bracelet of copper

## Description

A bracelet is worn at the wrist.

## History

Date⇥Comments
01/01/25⇥New policy, approved December 10, 2024. Copper bracelets are considered investigational. HCPCS code A9997 added.
04/01/25⇥Interim Review, approved March 11, 2025, effective July 3, 2025, following a 90-day provider notification. Copper bracelets are considered cosmetic.
"""
    + TAIL.format(lines="Medicare Advantage")
)

# Two services of one statement, their codes told apart by words; trials with odd cells; HTML between the lines.
TWO_SERVICES = (
    header("3.03.300", "Ear Candles and Ear Bells", "August 1, 2024", "BCBSA Ref. Policy: 3.03.30")
    + """## Policy Coverage Criteria

<table>
<tr><th>Procedure</th><th>Cosmetic</th></tr>
<tr><td>Ear candles</td><td>Ear candles and ear bells are considered cosmetic.</td></tr>
</table>

## Coding

- 69998: candle in the ear
- 69997: bell at the ear

## Summary of Evidence

For adults who have hay ears who receive ear candles, the evidence includes 2 nonrandomized trials. Relevant outcomes include hearing. The evidence is insufficient to determine the effects of the technology on health outcomes.

For adults who have wax ears who receive ear bells, the evidence includes a systematic review. Relevant outcomes include hearing. The evidence is insufficient to determine the effects of the technology on health outcomes. The systematic review included seven trials.

## Ongoing and Unpublished Clinical Trials

NCT No.⇥Trial⇥Enrollment⇥Completion
<b>Ongoing</b>⇥⇥⇥
[NCT09000001](https://clinicaltrials.gov/ct2/show/NCT09000001)⇥Bells for Wax in Both Ears⇥1,200⇥Jan 2026
NCT09000002⇥Candles, Bells and Silence⇥NR⇥sometime (suspended)

## History

Date⇥Comments
08/01/24⇥New policy, approved July 9, 2024. Ear candles and ear bells are considered cosmetic.
"""
    + TAIL.format(lines="Medicare Advantage")
)

SIX = {
    name: text.replace("⇥", "\t")
    for name, text in {
        "three codes": THREE_CODES,
        "two tables": TWO_TABLES,
        "no trials": NO_TRIALS,
        "twelve rows": TWELVE_ROWS,
        "notice pending": NOTICE_PENDING,
        "two services": TWO_SERVICES,
    }.items()
}
