"""A sentence's numbers beside its expression's: what agrees, what differs, and what is no amount at all."""

from __future__ import annotations

import pytest
from tests.check.written import findings, one_item

from medpol.check.amounts import said

RULES = ("number-differs", "comparison-differs", "number-not-read")
SESSIONS = "count(sessions of needling, rolling 12 months {side}) {rest}"

AGREE = [
    "Given on more than one day of the calendar year. `count(sessions of needling, calendar year before) > 1`",
    "The patient is an adult. `age >= 18 years`",
    "Aged 18 or over. `age >= 18 years`",
    "At or above 18 years. `age >= 18 years`",
    "Pressure at or below 140 mmHg. `pressure <= 140 mmHg`",
    "Pressure equal to or less than 140 mmHg. `pressure <= 140 mmHg`",
    "The patient is 18 years of age or older. `age >= 18 years`",
    "An 18-year-old or older patient. `age >= 18 years`",
    "Younger than 18. `age < 18 years`",
    "64 years or younger. `age < 65 years`",
    "Older than 64 years. `age >= 65 years`",
    "Between 18 and 65 years of age. `age >= 18 years and age < 65 years`",
    "Age 18 to 65. `age >= 18 years and age <= 65 years`",
    "At least 9 months old. `age >= 9 months`",
    "At least six weeks of therapy failed. `therapy.duration >= 6 weeks`",
    "At least six (6) weeks of therapy. `therapy.duration >= 6 weeks`",
    "At least 6 consecutive weeks of therapy. `therapy.duration >= 6 weeks`",
    "6 or more weeks of therapy. `therapy.duration >= 6 weeks`",
    "Used 4 hours per night, 6 weeks long. `therapy.duration >= 6 weeks`",
    "A child of 6 to 17 years. `age >= 6 years and age < 18 years`",
    "No more than three (3) visits. `visits <= 3`",
    "A 6-week trial of therapy. `therapy.duration >= 6 weeks`",
    "At least 1.5 months of therapy. `therapy.duration >= 6 weeks`",
    "At least 3 months of therapy. `therapy.duration >= 12 weeks`",
    "At least 42 days of therapy. `therapy.duration >= 6 weeks`",
    "Therapy lasted less than 6 weeks. `not therapy.duration >= 6 weeks`",
    "Not more than 6 weeks of therapy. `therapy.duration <= 6 weeks`",
    "The patient did not have more than 6 weeks of therapy. `therapy.duration <= 6 weeks`",
    "Therapy for up to 6 weeks. `therapy.duration <= 6 weeks`",
    "Therapy for no longer than six weeks. `therapy.duration <= 6 weeks`",
    "Therapy went on for over 6 weeks. `therapy.duration > 6 weeks`",
    "Therapy for 6 to 8 weeks. `therapy.duration >= 6 weeks and therapy.duration <= 8 weeks`",
    "The pain was halved or better. `relief >= 0.5`",
    "Pain lessened by at least half. `relief >= 50 %`",
    "At least 50 percent relief. `relief >= 50 %`",
    "At least 50% relief. `relief >= 0.5`",
    "A BMI of 40, or of 35 to 39.9 with illness. `bmi >= 40 kg/m2 or (bmi >= 35 kg/m2 and band)`",
    "A BMI of 35 to 39.9 kg/m2. `bmi >= 35 kg/m2 and bmi < 40 kg/m2`",
    "BMI ≥ 40 kg/m². `bmi >= 40 kg/m2`",
    "A body mass index greater than or equal to 40 kg/m2. `bmi >= 40 kg/m2`",
    "Blood pressure of 140/90 or more. `pressure >= 140 mmHg`",
    "No more than 4 g a day. `dose <= 4000 mg/day`",
    "No more than 4,000 mg daily. `dose <= 4 g/day`",
    "At least 15 events per hour. `ahi >= 15 /hour`",
    "Between 15 and 65 per hour. `ahi >= 15 /hour and ahi <= 65 /hour`",
    "A 6-minute walk of less than 350 m. `walk < 350 m`",
    "HbA1c of 7 % or more. `hba1c >= 7 %`",
    "At least 150 cells per microliter in the last 6 months. `latest(eosinophils, rolling 6 months through) >= 150 cells/uL`",
    "At least 150 cells/uL. `latest(eosinophils, rolling 6 months through) >= 150 cells/uL`",
    "Weight of 15 kg or more. `weight >= 15 kg`",
    "At least 33 pounds and up. `weight >= 33 lb`",
    f"No more than 3 sessions in any 12 months, this one included. `{SESSIONS.format(side='through', rest='<= 3')}`",
    f"No more than 3 sessions in any 12 months. `{SESSIONS.format(side='before', rest='<= 2')}`",
    f"No more than 3 sessions in any 12 months. `{SESSIONS.format(side='before', rest='< 3')}`",
    f"Fewer than 4 sessions in any year. `{SESSIONS.format(side='through', rest='<= 3')}`",
    f"More than 3 sessions before. `{SESSIONS.format(side='before', rest='>= 4')}`",
    f"At least one session in the 12 months before. `{SESSIONS.format(side='before', rest='> 0')}`",
    f"None in the 12 months before, in one or two muscles. `{SESSIONS.format(side='before', rest='= 0')}`",
    f"A later session on 2 muscles. `{SESSIONS.format(side='before', rest='>= 1')}`",
    f"Not more than 3 sessions in the last year. `{SESSIONS.format(side='through', rest='<= 3')}`",
    "At least 6 weeks have passed since the last session. `since(last(needling)) >= 6 weeks`",
    "No session within the last 6 weeks. `since(last(needling)) >= 6 weeks`",
    "A session within 6 weeks. `since(last(needling)) <= 6 weeks`",
    "The last session, 50 % better. `last(needling).gain >= 50 %`",
    "At least 2 of 3 drugs, each for 8 weeks. `count(sessions of needling where tried_for >= 8 weeks, lifetime before) >= 2`",
    "Type 2 diabetes, with pain at L5 for 6 weeks. `therapy.duration >= 6 weeks`",
    "After COVID-19, vitamin B12 and at least 6 weeks of therapy [17]. `therapy.duration >= 6 weeks`",
    "Stage 3 to 4 disease with therapy of 6 weeks. `therapy.duration >= 6 weeks`",
    "As section 1862 and criterion 2 say, therapy of 6 weeks. `therapy.duration >= 6 weeks`",
    "Since July 1, 2024, at least 6 weeks of therapy. `therapy.duration >= 6 weeks`",
    "Strength of grade 3 or less. `strength <= 3 points`",
    "24-hour monitoring and at least 6 weeks of therapy. `therapy.duration >= 6 weeks`",
    "Between 6 and 12 visits. `visits >= 6 and visits <= 12`",
    "More than two visits. `visits >= 3`",
    "Up to 20 visits a year. `visits <= 20`",
    "At least 1 of the following 3 muscles hurts; no more than 4 visits. `visits <= 4`",
    "Pain began after 2024-01-31. `onset > 2024-01-31`",
    "At least 6 weeks of therapy within the last 6 months. `therapy.recent >= 6 weeks`",
    "Pain for 6 weeks. `band`",
    "Therapy given over 6 weeks. `therapy.duration <= 6 weeks`",
    "At least 18. `adult`",
    "If under 18, therapy of at least 12 weeks. `if age < 18 years then therapy.duration >= 12 weeks`",
    "A taut band in 3 muscles. `diagnosis in muscle-pain`",
]

DIFFER = {
    "At least 6 weeks of therapy. `therapy.duration >= 8 weeks`": 'says "6 weeks", its expression `>= 8 weeks`',
    "At least two months of therapy. `therapy.duration >= 6 weeks`": 'says "two months", its expression `>= 6 weeks`',
    "At least twelve (12) consecutive weeks. `therapy.duration >= 6 weeks`": 'says "12',
    "8 or more weeks of therapy. `therapy.duration >= 6 weeks`": 'says "8", its expression `>= 6 weeks`',
    "Pain for more than six (6) weeks. `therapy.duration >= 6 weeks`": "says more than 6",
    "A 12-week trial. `therapy.duration >= 6 weeks`": 'says "12-week", its expression `>= 6 weeks`',
    "Pain halved. `relief >= 30 %`": 'says "halved", its expression `>= 30 %`',
    "Pain lessened by 30 percent. `relief >= 0.5`": 'says "30 percent", its expression `>= 50 %`',
    "Aged 21 or older. `age >= 18 years`": 'says "21", its expression `>= 18 years`',
    "Between 18 and 65 years of age. `age >= 18 years and age < 60 years`": "its expression `< 60 years`",
    "A BMI of 35 or more. `bmi >= 40 kg/m2`": 'says "35", its expression `>= 40 kg/m2`',
    "No more than 3 sessions in any 12 months. `count(sessions of needling, rolling 12 months through) <= 4`": '"3"',
    "No more than 3 sessions in any 6 months. `count(sessions of needling, rolling 12 months through) <= 3`": "12 months",
    "Up to 20 visits a year. `visits <= 12`": 'says "20", its expression `<= 12`',
    "No more than 4 g a day. `dose <= 3000 mg/day`": 'says "4 g a day"',
    "At least 15 events per hour. `ahi >= 5 /hour`": 'says "15 events per hour"',
    "Weight of at least 15 kg. `weight >= 15 lb`": 'says "15 kg", its expression `>= 15 lb`',
    "At least 6 weeks of therapy. `therapy.duration < 6 weeks`": "says at least 6 weeks, its expression `< 6 weeks`",
    "At least 6 weeks of therapy. `not therapy.duration >= 6 weeks`": "its expression `< 6 weeks`",
    "More than 6 weeks of therapy. `therapy.duration >= 6 weeks`": "says more than 6 weeks",
    "No more than 6 weeks of therapy. `therapy.duration < 6 weeks`": "says at most 6 weeks",
    "18 or younger. `age >= 18 years`": "says at most 18",
    "Under 18 years. `age <= 18 years`": "says less than 18 years",
    "At least 3 visits. `visits > 3`": "its expression `> 3`",
    "Within 6 weeks of the last session. `since(last(needling)) >= 6 weeks`": "says at most 6 weeks",
    "A BMI over 40 kg/m2. `bmi < 40 kg/m2`": "says more than 40 kg/m2",
    "6 weeks of therapy in the last 6 months. `therapy.duration >= 6 weeks`": '"6 months" is read by no part',
    "No relief of 50 % after 6 weeks. `therapy.duration >= 6 weeks`": '"50 %" is read by no part',
}


@pytest.mark.parametrize("item", AGREE)
def test_a_sentence_that_says_what_its_expression_does_is_no_finding(item: str) -> None:
    assert findings(one_item(item), RULES) == []


@pytest.mark.parametrize("item", DIFFER)
def test_a_sentence_that_says_otherwise_than_its_expression_is_found_once(item: str) -> None:
    (only,) = findings(one_item(item), RULES)
    assert DIFFER[item] in only


@pytest.mark.parametrize(
    "words",
    [
        "one of these",
        "2 of the following",
        "one or two muscles",
        "pain at C5-C6 or L4/5",
        "code 20560, 20561",
        "the second request",
        "grades 3 and 4",
        "Table 2, Figure 3",
        "3 times the upper limit",
        "a T-score of −2.5",
        "the 4 drugs above",
        "12-lead recording",
    ],
)
def test_what_is_no_amount_is_not_read_as_one(words: str) -> None:
    assert said(words) == ()
