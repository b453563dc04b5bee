"""Words of clinical prose: regions of the body, ages and stages, outcomes and how they are reported, instruments, harms.

General English of the field, nobody's list: each pattern is meant to be read by a clinician and corrected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def _pattern(words: str) -> re.Pattern[str]:
    """Any of some words; a word that ends in ``*`` may go on."""
    parts = (re.escape(each.strip()).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]") for each in words.split(","))
    return re.compile(rf"\b(?:{'|'.join(parts)})\b", re.IGNORECASE)


def _patterns(table: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: _pattern(words) for name, words in table.items()}


REGIONS = _patterns(
    {
        "jaw": "temporomandibular*, TMJ, TMD, TMDs, jaw, jaws, chewing, masticat*, masseter, mandib*, orofacial",
        "face": "facial, face, maxillofacial, trigeminal",
        "head": "cranial, intracranial, skull, brain, cerebral, scalp",
        "eye": "eye, eyes, ocular, retina*, cornea*, ophthalm*, macula*, eyelid*",
        "ear": "ear, ears, hearing, cochlea*, tinnitus, vestibular",
        "nose": "nose, nasal, sinus, sinuses, sinusitis, rhinosinusitis",
        "mouth": "mouth, oral cavity, tongue, dental, tooth, teeth, gum, gums, periodont*",
        "throat": "throat, larynx, laryngeal, pharyn*, vocal",
        "neck": "neck, cervical, cervicalgia, cervicogenic, whiplash, thyroid",
        "back": "back, lumbar, lumbosacral, lumbopelvic, thoracolumbar, spine, spinal, sacroiliac, vertebra*, vertebro*, "
        "kyphoplasty, disc, discs, disk, facet, sciatica, epidural, sacral, intervertebral",
        "shoulder": "shoulder, shoulders, rotator, subacromial, glenohumeral, acromioclavicular, scapula*",
        "elbow": "elbow, elbows, epicondyl*, cubital",
        "hand": "hand, hands, wrist, wrists, finger*, thumb*, carpal, palmar, dupuytren*",
        "upper limb": "upper limb, upper limbs, upper extremity, upper extremities, arm, arms, forearm, humer*, radial",
        "chest": "chest, thorax, thoracic, rib, ribs, stern*",
        "breast": "breast, breasts, mammar*, mamm*",
        "lung": "lung, lungs, pulmonary, bronch*, airway, airways, pleural, respiratory",
        "heart": "heart, cardiac, coronary, atrial, ventricular, myocardial, valve, valvular, aortic, mitral",
        "liver": "liver, hepat*, biliary, gallbladder",
        "bowel": "bowel, colon, colorectal, rectal, rectum, anal, anus, intestin*, stomach, gastric, gastro*, esophag*, oesophag*, "
        "duoden*, pancrea*",
        "kidney": "kidney, kidneys, renal, ureter*, nephr*",
        "bladder": "bladder, urethra*, urinary, prostat*",
        "pelvis": "pelvis, pelvic, vagina*, vulv*, uter*, endometri*, ovar*, cervix, perineal, penile, testic*",
        "abdomen": "abdomen, abdominal, hernia*, inguinal",
        "hip": "hip, hips, groin, trochanter*, gluteal, femoroacetabular",
        "knee": "knee, knees, patell*, patellofemoral, menisc*, cruciate",
        "thigh": "thigh, thighs, hamstring*, quadriceps, femoral, femur",
        "lower leg": "calf, calves, tibia*, shin, crural, gastrocnemius",
        "foot": "foot, feet, heel, heels, plantar, ankle, ankles, toe, toes, hallux, bunion*, metatars*, achilles, forefoot",
        "lower limb": "lower limb, lower limbs, lower extremity, lower extremities, leg, legs",
    }
)

UPPER_LIMB = frozenset({"shoulder", "elbow", "hand", "upper limb"})
LOWER_LIMB = frozenset({"hip", "knee", "thigh", "lower leg", "foot", "lower limb"})
WHOLES: tuple[frozenset[str], ...] = (frozenset({"neck", "back"}), frozenset({"upper limb", "lower limb"}))
"""Regions that together are all there is of something: the spine, the limbs."""

ANYWHERE = _pattern(
    "pain, painful, myofascial, musculoskeletal, trigger point, trigger points, spasticity, dystonia, osteoarthritis, arthritis, "
    "tendinopath*, tendinitis, tendinosis, neuropath*, neuralgia, wound, wounds, ulcer, ulcers, lymphedema, fracture, fractures, cancer, "
    "cancers, carcinoma, tumor, tumors, tumour, tumours, neoplasm*, malignan*, scar, scars, contracture*, fibromyalgia, joint, joints"
)
"""Conditions that are not bound to one region of the body."""

GROUPS_OF_PEOPLE: tuple[Mapping[str, re.Pattern[str]], ...] = (
    _patterns(
        {
            "adults": "adult, adults, elderly, older people, older persons",
            "children": "child, children, childhood, pediatric, paediatric, adolescen*, infant, infants, neonat*, newborn*, teenage*, youth",
        }
    ),
    _patterns({"acute": "acute", "chronic": "chronic, persistent, long standing"}),
    _patterns({"early": "early, early stage", "advanced": "advanced, late stage, end stage, metastatic"}),
    _patterns({"mild": "mild", "moderate": "moderate", "severe": "severe, refractory, resistant, intractable"}),
)
"""Words that split people in ways that shut each other out: all the words of one part together are everybody."""


def regions_in(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in REGIONS.items() if pattern.search(text))


def is_about(text: str, regions: Iterable[str]) -> bool:
    """Whether a text names one of some regions."""
    return any(REGIONS[region].search(text) for region in regions)


_HARM_WORDS = (
    "adverse, adversely, harm, harms, harmful, harmed, complication*, side effect, side effects, safe, safely, safety, unsafe, "
    "toxic*, tolerated, tolerab*, morbidity, morbidities, mortality, death, deaths, died, bleed*, hemorrhag*, haemorrhag*, "
    "infection*, injury, injuries, bruis*, pneumothorax, perforation*, nausea, rash, soreness, reaction, reactions, "
    "hypoglycemi*, hypoglycaemi*, hypotension, discontinu*, withdrew, withdrawals"
)
HARMS = _pattern(_HARM_WORDS)

_REPORTED_BY: tuple[tuple[str, str], ...] = (
    (
        "treatment-related, adverse, harm*, safety, complication*, side effect*, toxic*, morbidity",
        _HARM_WORDS,
    ),
    (
        "quality of life",
        "quality of life, QOL, HRQOL, HRQL, SF 36, SF36, SF 12, SF12, Short Form, EQ 5D*, EuroQol, wellbeing, well being, QALY*, "
        "quality adjusted, DLQI, SGRQ, WHOQOL*, PROMIS*, QLQ*, FACT G, KDQOL*, life satisfaction",
    ),
    (
        "function*, disability, mobility",
        "function*, disabilit*, disabled, range of motion, range of movement, motion, mobility, movement, opening, strength, grip, walk*, "
        "gait, stairs, activit*, return to work, returned to work, work, Oswestry, ODI, RMDQ, Roland, NDI, DASH, QuickDASH, WOMAC, KOOS, "
        "HOOS, SPADI, FADI, FAAM, FFI, LEFS, ambulat*, balance, motor, independence, cognit*, vision, acuity, hearing, speech, "
        "continence, Barthel, dexterity, performance",
    ),
    (
        "symptom*",
        "symptom*, pain, painful, ache*, relief, relieved, score*, VAS, NRS, severity, intensity, frequency, attacks, headache*, itch*, "
        "fatigue, breathless*, dyspn*, cough*, nausea, vomiting, stiffness, tenderness, spasm*, seizure*, tremor*, depress*, anxiety, mood, "
        "sleep*, leak*, incontinence, urgency, bleed*, flare*, lesion*, remission, respon*, improve*, swelling, numb*, tingl*, discomfort, "
        "reflux, heartburn, snor*, exacerbation*, hot flashes, flush*",
    ),
    (
        "surviv*, mortality, death*",
        "surviv*, mortality, death, deaths, died, dying, dead, hazard, alive, lived, lengthen* life, prolong* life, shorten* life, "
        "live longer, years of life, life expectancy",
    ),
    (
        "morbid events, events",
        "event*, infarction*, stroke*, fracture*, amputat*, hospitali*, admission*, admitted, complication*, thrombo*, embol*, "
        "relapse*, recurren*, reoperation*, revision*, fall, falls, seizure*, infection*, rate, rates, incidence",
    ),
    (
        "disease status",
        "remission, respon*, progress*, relapse*, recurren*, cure, cured, clear*, heal*, resol*, status, control, stable, regress*, activity, "
        "surviv*, level*, reduc*",
    ),
    (
        "accuracy, validity, test *, diagnostic *, clinical utility",
        "accura*, valid*, sensitiv*, specific*, predictive, AUC, area under, detect*, concordan*, agreement, yield, reclassif*, "
        "misclassif*, diagnos*, false positive*, false negative*, utility, management, reliab*, reproducib*, precision, c statistic*",
    ),
    (
        "resource*, cost*, utilization, utilisation, hospitali*",
        "cost*, hospital*, length of stay, stay, visit*, utili*, readmi*, admission*, admitted, resource*, dollars, emergency, days",
    ),
    (
        "medication*, drug use, opioid*",
        "medication*, drug, drugs, opioid*, analgesic*, dose, doses, morphine, NSAID*, prescri*, tablets",
    ),
    (
        "health status",
        "health status, quality of life, SF 36, SF36, EQ 5D*, general health, status, PROMIS*, well being",
    ),
    ("weight*, body mass*, BMI", "weight, kg, kilogram*, BMI, body mass, pounds, lost, obes*"),
    ("blood pressure", "blood pressure, systolic, diastolic, mm Hg, mmHg, hypertens*"),
    ("glyc*, glucose*, HbA1c", "glyc*, glucose, HbA1c, A1c, hypoglyc*, hyperglyc*, time in range, insulin"),
    ("heal*", "heal*, closure, closed, epitheli*, union, united, nonunion"),
    ("recurren*, relapse*, progression*", "recur*, relaps*, progress*, disease free, event free"),
    (
        "reoperation*, revision*, repeat surgery, further surgery, reintervention*",
        "reoperat*, revis*, reinterven*, another operation, another procedure, second operation, second procedure, further operation*, "
        "further surgery, repeat surgery, repeat procedure*, repeat operation*, operated on again",
    ),
    ("respon*", "respon*, half, halved, halving, remission, percent less, percent fewer"),
)
_REPORTED = tuple((_pattern(names), _pattern(words)) for names, words in _REPORTED_BY)
_OWN_WORD = re.compile(r"[^\W\d_]{4,}")
_NO_OWN_WORD = frozenset(
    {
        "with",
        "from",
        "that",
        "other",
        "related",
        "specific",
        "overall",
        "change",
        "changes",
        "measure",
        "measures",
        "outcome",
        "outcomes",
        "health",
    }
)


def is_reported(outcome: str, prose: Iterable[str]) -> bool:
    """Whether prose speaks of an outcome, by its name or by what reports it; a word of its name will do where we know none."""
    said = " ".join(prose)
    known = [words for names, words in _REPORTED if names.search(outcome)]
    if known:
        return any(words.search(said) for words in known)
    own = [word.casefold()[:5] for word in _OWN_WORD.findall(outcome) if word.casefold() not in _NO_OWN_WORD]
    said = said.casefold()
    return not own or any(word in said for word in own)


INSTRUMENTS: tuple[tuple[str, re.Pattern[str], frozenset[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{pattern})\b"), regions)
    for name, pattern, regions in (
        ("Neck Disability Index", r"[Nn]eck [Dd]isability [Ii]nde(?:x|ces)|NDI", frozenset({"neck"})),
        ("Northwick Park Neck Pain Questionnaire", r"Northwick Park(?: Neck)?", frozenset({"neck"})),
        ("Oswestry Disability Index", r"Oswestry(?: (?:Low Back Pain )?Disability (?:Index|Questionnaire))?|ODI", frozenset({"back"})),
        ("Roland-Morris Disability Questionnaire", r"Roland[ –-](?:and )?Morris(?: Disability Questionnaire)?|RMDQ", frozenset({"back"})),
        ("Quebec Back Pain Disability Scale", r"Quebec Back Pain(?: Disability Scale)?", frozenset({"back"})),
        ("Disabilities of the Arm, Shoulder and Hand", r"(?:Quick)?DASH(?! (?:diet|eating))|Disabilities of the Arm,? Shoulder,? and Hand", UPPER_LIMB),
        ("Shoulder Pain and Disability Index", r"SPADI|Shoulder Pain and Disability Index", frozenset({"shoulder", "upper limb"})),
        ("Constant-Murley score", r"Constant[-– ]Murley", frozenset({"shoulder", "upper limb"})),
        ("Oxford Shoulder Score", r"Oxford Shoulder Score", frozenset({"shoulder", "upper limb"})),
        ("Patient-Rated Tennis Elbow Evaluation", r"PRTEE|Patient[- ][Rr]ated Tennis Elbow", frozenset({"elbow", "upper limb"})),
        ("Boston Carpal Tunnel Questionnaire", r"Boston Carpal Tunnel|BCTQ", frozenset({"hand", "upper limb"})),
        ("Patient-Rated Wrist Evaluation", r"PRWE|Patient[- ][Rr]ated Wrist", frozenset({"hand", "upper limb"})),
        ("Harris Hip Score", r"Harris [Hh]ip|HHS(?= score)", frozenset({"hip", "lower limb"})),
        ("Hip disability and Osteoarthritis Outcome Score", r"HOOS|HAGOS|Oxford Hip Score", frozenset({"hip", "thigh", "lower limb"})),
        ("Knee injury and Osteoarthritis Outcome Score", r"KOOS|Knee [Ii]njury and Osteoarthritis Outcome", frozenset({"knee", "lower limb"})),
        ("Lysholm score", r"Lysholm|IKDC|Oxford Knee Score|Kujala", frozenset({"knee", "lower limb"})),
        ("WOMAC", r"WOMAC|Western Ontario and McMaster", frozenset({"knee", "hip", "thigh", "lower limb"})),
        ("Foot Function Index", r"FFI|Foot Function Index|Foot Health Status Questionnaire|FHSQ", frozenset({"foot", "lower leg", "lower limb"})),
        ("Foot and Ankle Ability Measure", r"FAAM|FADI|Foot and Ankle (?:Ability Measure|Disability Index)|AOFAS", frozenset({"foot", "lower leg", "lower limb"})),
        ("VISA-A", r"VISA[- ]A", frozenset({"foot", "lower leg", "lower limb"})),
        ("Lower Extremity Functional Scale", r"LEFS|Lower Extremity Functional Scale", LOWER_LIMB),
        ("Jaw Functional Limitation Scale", r"JFLS|Jaw Functional Limitation Scale", frozenset({"jaw", "face", "mouth"})),
    )
)  # fmt: skip
"""Instruments that measure one region of the body, with the regions they are made for."""
_ANY_INSTRUMENT = re.compile("|".join(pattern.pattern for _, pattern, _ in INSTRUMENTS))


def is_measured(prose: str) -> bool:
    """Whether prose names an instrument that measures one region of the body."""
    return _ANY_INSTRUMENT.search(prose) is not None
