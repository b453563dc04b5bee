"""Contracts, laws, a Medicare source, states, plans, and policies that disagree or hand over."""

from __future__ import annotations

from medpol.claims.synth.planting import (
    ARCHIVED,
    BY_CONTRACT,
    COVERED,
    CROSSES,
    EXCLUDED,
    MEDICARE_ADVANTAGE,
    NOBODY,
    NOT_COVERED,
    NOT_YET_VALID,
    OUT_OF_SCOPE,
    Member,
    Said,
    line,
    plant,
)

_RIDER = Member("zz-needling-rider")
_NO_INVESTIGATIONAL = Member("zz-no-investigational")
_ACUPUNCTURE = Member("zz-acupuncture")
_VERMONT, _OHIO = Member("zz-vermont"), Member("zz-ohio")
_EMPLOYER = Member("zz-vermont-employer")
_SELF_FUNDED = Member("zz-self-funded")
_GROUP = Member(group_id="ZZ-RIDER-GROUP")
"""The map gives the members of this group the contract zz-rider."""

_CONTRACTS = (
    plant(
        "contract-covers",
        line("20560", "2024-07-01", BY_CONTRACT, "the rider names dry needling and is stronger than the policy"),
        line("20561", "2020-03-01", BY_CONTRACT, "the rider needs no policy in force"),
        line("20560", "2019-12-31", NOT_YET_VALID, "no rider covers a code that does not exist that day"),
        member=_RIDER,
    ),
    plant(
        "contract-excludes",
        line("20560", "2024-07-01", EXCLUDED, "the booklet excludes what the policy calls investigational"),
        line("20561", "2020-03-01", ARCHIVED, "no policy calls it anything that day, so nothing is excluded"),
        member=_NO_INVESTIGATIONAL,
    ),
    plant(
        "contract-silent",
        line("20560", "2024-07-01", NOT_COVERED, "the booklet speaks of acupuncture alone: investigational"),
        member=_ACUPUNCTURE,
    ),
    plant("contract-absent", line("ZZ0903", "2024-07-01", NOT_COVERED, "no contract is joined: investigational")),
    plant(
        "contract-by-group",
        line("ZZ0903", "2024-07-01", BY_CONTRACT, "the group's contract, joined by the map, covers the shoe"),
        member=_GROUP,
    ),
    plant(
        "contract-by-claim",
        line(
            "ZZ0903",
            "2024-07-01",
            BY_CONTRACT,
            "the claim names the contract that covers it",
            x_member_contract_id="zz-rider",
        ),
        line(
            "ZZ0101",
            "2019-07-01",
            EXCLUDED,
            "the claim names the booklet that excludes massage",
            x_member_contract_id="zz-booklet",
        ),
    ),
    plant(
        "contract-ends",
        line("ZZ0903", "2023-06-30", BY_CONTRACT, "the last day of the rider"),
        line("ZZ0903", "2023-07-01", NOT_COVERED, "the rider ended the day before: investigational"),
        line(
            "ZZ0903",
            "2023-06-30",
            CROSSES,
            "covered by the rider at first, investigational at last",
            claim_line_end_date="2023-07-01",
        ),
        member=Member("zz-rider-ended"),
    ),
    plant(
        "contract-excludes-code",
        line("ZZ0101", "2019-07-01", EXCLUDED, "the booklet excludes massage, which the policy would cover"),
        line("ZZ0101", "2021-07-01", EXCLUDED, "the booklet excludes it, though the policy is archived"),
        member=Member("zz-booklet"),
    ),
)
_LAWS = (
    plant(
        "law",
        line("ZZ0901", "2024-07-01", Said("covered", "covered-by-mandate"), "the law of Vermont covers soft shoes"),
        line("ZZ0902", "2024-07-01", Said("not_covered", "excluded-by-mandate"), "the law of Vermont bars hard shoes"),
        member=_VERMONT,
    ),
    plant(
        "law-of-another-state",
        line("ZZ0901", "2024-07-01", NOT_COVERED, "the law is Vermont's, and the member's state is Ohio"),
        line("ZZ0902", "2024-07-01", COVERED, "the law is Vermont's, and the member's state is Ohio"),
        member=_OHIO,
    ),
    plant(
        "law-for-the-insured",
        line("ZZ0901", "2024-07-01", NOT_COVERED, "the law binds insured plans, and the employer pays itself"),
        member=_EMPLOYER,
    ),
    plant(
        "law-and-unknown-state",
        line("ZZ0901", "2024-07-01", Said("information_needed", "state-unknown"), "in Vermont covered, else not"),
    ),
    plant(
        "medicare-source",
        line("ZZ0903", "2024-07-01", Said("covered", "medicare-source"), "the Medicare source is above the policy"),
        line("ZZ0503", "2024-07-01", COVERED, "the policy names Medicare Advantage"),
        line("ZZ0101", "2019-07-01", OUT_OF_SCOPE, "the policy names commercial and individual alone"),
        member=MEDICARE_ADVANTAGE,
    ),
    plant(
        "medicare-source-elsewhere",
        line("ZZ0903", "2024-07-01", NOT_COVERED, "a Medicare source says nothing of commercial: investigational"),
        line("ZZ0503", "2024-07-01", OUT_OF_SCOPE, "the policy names Medicare Advantage alone"),
    ),
)
_SCOPES = (
    plant("state-in", line("ZZ0501", "2024-07-01", COVERED, "the policy speaks for Vermont"), member=_VERMONT),
    plant(
        "state-out",
        line("ZZ0501", "2024-07-01", Said("not_addressed", "state-out-of-scope"), "Ohio is not in the policy's list"),
        member=_OHIO,
    ),
    plant(
        "state-unknown",
        line("ZZ0501", "2024-07-01", Said("information_needed", "state-unknown"), "covered where the policy speaks"),
    ),
    plant(
        "state-by-claim",
        line("ZZ0501", "2024-07-01", COVERED, "the claim says the state", x_state="WA"),
    ),
    plant("plan-in", line("ZZ0502", "2024-07-01", COVERED, "the policy leaves out another plan alone")),
    plant(
        "plan-out",
        line("ZZ0502", "2024-07-01", Said("not_addressed", "plan-out-of-scope"), "the policy leaves this plan out"),
        member=_SELF_FUNDED,
    ),
    plant(
        "plan-unknown",
        line(
            "ZZ0502",
            "2024-07-01",
            Said("information_needed", "plan-unknown"),
            "the claim says the line of business; the plan may be the one left out",
            x_line_of_business="commercial",
        ),
        member=NOBODY,
    ),
    plant(
        "line-by-claim",
        line("20560", "2024-07-01", NOT_COVERED, "a spelling of commercial", x_line_of_business="Commercial"),
        line("20560", "2024-07-01", OUT_OF_SCOPE, "a spelling of the line", x_line_of_business="Medicare-Advantage"),
        line(
            "20560",
            "2024-07-01",
            Said("information_needed", "line-of-business-unknown"),
            "a name that nobody declares is unknown",
            x_line_of_business="zz gold",
        ),
        member=NOBODY,
    ),
)
_ANSWERS = (
    plant(
        "looked-at",
        line("ZZ0601", "2024-07-01", Said("refer", "text-orders-review"), "the text sends it to a director"),
        line("ZZ0602", "2024-07-01", Said("refer", "delegated"), "the text leaves it to an outside company"),
    ),
    plant(
        "policies-disagree",
        line("ZZ0801", "2024-07-01", Said("refer", "sources-disagree"), "one policy covers it, another does not"),
        line("ZZ0802", "2024-07-01", NOT_COVERED, "investigational and not medically necessary: not covered by both"),
    ),
    plant(
        "diagnosis-outside",
        line(
            "ZZ1101",
            "2024-07-01",
            Said("refer", "diagnosis-outside"),
            "its one diagnosis is where another page speaks",
            diagnosis_code_1="L89.152",
        ),
        line(
            "ZZ1101",
            "2024-07-01",
            COVERED,
            "one of two diagnoses is not where another page speaks",
            diagnosis_code_1="L89.152",
            diagnosis_code_2="M79.18",
        ),
    ),
)

SOURCES = (*_CONTRACTS, *_LAWS, *_SCOPES, *_ANSWERS)
