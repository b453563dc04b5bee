"""The SQL of a bulk decision: one fixed text over claim lines and small tables. No policy ever changes a statement.

Each statement makes one table. A line that lasts into other days is asked about twice, by its first and by its last day;
``asked`` is ``line_id * 2``, one more for the last day. Lines are asked as known on the one day of ``known``, but for those
that ``known_by_line`` gives a day of their own.
"""

from __future__ import annotations

_OF_LINE = """code_system, code, is_code_malformed, modifiers, diagnoses, member_id, state, birth_date, sex, units,
        place_of_service, provider_specialty, history_complete_from,
        data_source, claim_id, claim_line_number, billed_amount, allowed_amount, paid_amount, final_status, diagnosis_scope,
        findings"""

_FIRST_DAYS = f"""SELECT line_id * 2 AS asked, date_of_service AS day, line_id, line_of_business, plan, contract,
        {_OF_LINE}
    FROM claim_lines"""
_LAST_DAYS = f"""SELECT line_id * 2 + 1, last_day, line_id, last_line_of_business, last_plan, last_contract,
        {_OF_LINE}
    FROM claim_lines WHERE last_day > date_of_service"""
_ASKED = """
CREATE OR REPLACE TEMP VIEW {name} AS
WITH days AS (
    {days}
),
planned AS (
    SELECT l.*, coalesce(k.known_on, o.known_on) AS known_on,
        p.plan IS NOT NULL
            AND (l.line_of_business IS NULL OR p.line_of_business IS NULL OR l.line_of_business = p.line_of_business)
            AND (l.contract IS NULL OR p.contract IS NULL OR l.contract = p.contract)
            AND (l.state IS NULL OR array_length(p.states) = 0 OR list_contains(p.states, l.state)) AS is_agreed,
        p.plan AS held_plan, p.line_of_business AS plan_line, p.states AS plan_states, p.funding AS plan_funding,
        p.contract AS plan_contract, p.plan_year AS plan_plan_year
    FROM days l
    CROSS JOIN known o
    LEFT JOIN known_by_line k ON k.line_id = l.line_id
    LEFT JOIN member_plans p ON p.plan = l.plan AND l.day >= p.first_day AND l.day < p.day_after
)
SELECT asked, day, known_on, line_id, code_system, code, is_code_malformed, modifiers, diagnoses, member_id,
    coalesce(line_of_business, CASE WHEN is_agreed THEN plan_line END) AS line_of_business,
    coalesce(state, CASE WHEN is_agreed AND array_length(plan_states) = 1 THEN plan_states[1] END) AS state,
    CASE WHEN is_agreed THEN held_plan END AS plan,
    coalesce(contract, CASE WHEN is_agreed THEN plan_contract END) AS contract,
    CASE WHEN is_agreed THEN plan_funding END AS funding,
    CASE WHEN is_agreed THEN plan_plan_year END AS plan_year,
    CASE WHEN birth_date <= day THEN birth_date END AS birth_date,
    sex, CASE WHEN units >= 0 THEN units END AS units, place_of_service, provider_specialty, history_complete_from,
    data_source, claim_id, claim_line_number, billed_amount, allowed_amount, paid_amount, final_status, diagnosis_scope,
    findings,
    CASE WHEN held_plan IS NOT NULL AND NOT is_agreed THEN 'plan-disagrees' END AS plan_finding
FROM planned
"""
FIRST_ASKED = _ASKED.format(name="first_asked", days=_FIRST_DAYS)
"""Every line by its first day, with all that its rows say of it."""
ASKED = _ASKED.format(name="asked", days=f"{_FIRST_DAYS} UNION ALL {_LAST_DAYS}")

MEMBERS = """
SELECT DISTINCT coalesce(s.service, 0) AS service, a.contract, a.line_of_business, a.state, a.plan, a.funding
FROM asked a LEFT JOIN services s ON s.code_system = a.code_system AND s.code = a.code
WHERE a.code IS NOT NULL AND NOT a.is_code_malformed
ORDER BY ALL
"""
"""Which services are asked about, for whom: what a member's line, state, plan and funding come to is looked up by it."""

PLACED = """
CREATE OR REPLACE TEMP TABLE placed AS
WITH named AS (
    SELECT a.asked, a.day, a.known_on, a.code_system, a.code, a.contract, a.line_of_business, a.state, a.plan, a.funding,
        a.is_code_malformed OR a.code IS NULL AS is_apart, coalesce(s.service, 0) AS service
    FROM asked a
    LEFT JOIN services s ON s.code_system = a.code_system AND s.code = a.code AND NOT a.is_code_malformed
)
SELECT n.asked,
    CASE WHEN n.is_apart THEN -1 ELSE c.cell END AS cell,
    CASE WHEN n.is_apart THEN -1 ELSE m.profile END AS profile,
    CASE WHEN n.is_apart OR n.service = 0 THEN n.code_system END AS code_system,
    CASE WHEN n.is_apart OR n.service = 0 THEN n.code END AS code
FROM named n
LEFT JOIN spans c
    ON NOT n.is_apart AND c.service = n.service AND c.contract = coalesce(n.contract, '')
    AND n.day >= c.first_day AND n.day < c.day_after AND n.known_on >= c.known_first AND n.known_on < c.known_after
LEFT JOIN profiles m
    ON NOT n.is_apart AND m.service = n.service AND m.contract = coalesce(n.contract, '')
    AND m.line_of_business = coalesce(n.line_of_business, '') AND m.state = coalesce(n.state, '')
    AND m.plan = coalesce(n.plan, '') AND m.funding = coalesce(n.funding, '')
"""

KNOWN_DAYS = "SELECT DISTINCT known_on FROM asked ORDER BY ALL"

PLACES = "SELECT DISTINCT cell, profile FROM placed WHERE cell >= 0 ORDER BY ALL"

JUDGED = """
CREATE OR REPLACE TEMP TABLE judged AS
WITH aged AS (
    SELECT p.asked, a.line_id, p.cell, p.profile, a.day, a.known_on, a.member_id, a.sex, a.state, a.line_of_business, a.plan,
        a.place_of_service, a.provider_specialty, a.units, a.diagnoses, a.modifiers, a.birth_date,
        a.code_system, a.code, a.plan_year, a.history_complete_from,
        (year(a.day) - year(a.birth_date)) * 12 + month(a.day) - month(a.birth_date) AS months,
        least(day(a.birth_date), day(last_day(a.day))) AS birthday
    FROM placed p
    JOIN asked a ON a.asked = p.asked
    JOIN (SELECT DISTINCT cell, profile FROM place_units) u ON u.cell = p.cell AND u.profile = p.profile
)
SELECT asked, line_id, cell, profile, day, known_on, member_id, sex, state, line_of_business, plan, place_of_service,
    provider_specialty, units, diagnoses, modifiers, code_system, code, plan_year, history_complete_from,
    CASE WHEN birth_date IS NOT NULL THEN least(
        2 * (months - CASE WHEN day(day) < birthday THEN 1 ELSE 0 END) + CASE WHEN day(day) = birthday THEN 0 ELSE 1 END,
        $oldest_months) END AS age_in_months,
    CASE WHEN birth_date IS NOT NULL THEN least(date_diff('day', birth_date, day), $oldest_days) END AS age_in_days
FROM aged
"""
"""An age is looked up by twice its whole months, one more past the very day; ``least`` passes over a null, so none gets in."""

JUDGED_UNITS = """
CREATE OR REPLACE TEMP TABLE judged_units AS
SELECT j.asked, p.unit FROM judged j JOIN place_units p ON p.cell = j.cell AND p.profile = j.profile
"""

LINE_FACTS = """
CREATE OR REPLACE TEMP TABLE line_facts AS
WITH seen AS (
    SELECT j.asked, f.name, f.value, f.unit,
        rank() OVER (PARTITION BY j.asked, f.name ORDER BY f.observed_on DESC) AS place
    FROM (SELECT DISTINCT u.asked, n.name FROM judged_units u JOIN unit_facts n USING (unit) WHERE NOT n.is_series) r
    JOIN judged j USING (asked)
    JOIN facts f ON f.member_id = j.member_id AND f.name = r.name
    WHERE f.observed_on <= j.day AND (f.recorded_on IS NULL OR f.recorded_on <= j.known_on)
)
SELECT asked, name, min(value) AS value, min(unit) AS unit,
    count(DISTINCT value || chr(31) || coalesce(unit, '')) = 1 AS is_agreed
FROM seen WHERE place = 1 GROUP BY asked, name
"""

SCALARS = """
SELECT DISTINCT 'sex' AS fact, sex AS value FROM judged WHERE sex IS NOT NULL
UNION ALL SELECT DISTINCT 'member.state', state FROM judged WHERE state IS NOT NULL
UNION ALL SELECT DISTINCT 'member.line', line_of_business FROM judged WHERE line_of_business IS NOT NULL
UNION ALL SELECT DISTINCT 'member.plan', plan FROM judged WHERE plan IS NOT NULL
UNION ALL SELECT DISTINCT 'service.place', place_of_service FROM judged WHERE place_of_service IS NOT NULL
UNION ALL SELECT DISTINCT 'provider.specialty', provider_specialty FROM judged WHERE provider_specialty IS NOT NULL
UNION ALL SELECT DISTINCT 'service.units', CAST(units AS VARCHAR) FROM judged WHERE units IS NOT NULL
UNION ALL SELECT DISTINCT 'diagnosis', unnest(diagnoses) FROM judged WHERE diagnoses IS NOT NULL
UNION ALL SELECT DISTINCT 'service.modifier', unnest(modifiers) FROM judged WHERE modifiers IS NOT NULL
"""

DOCUMENTED = "SELECT DISTINCT name, value, unit FROM line_facts WHERE is_agreed ORDER BY ALL"

SAID = """
CREATE OR REPLACE TEMP TABLE said AS
SELECT j.asked, v.number FROM judged j JOIN "values" v ON v.fact = 'sex' AND v.value = j.sex
UNION ALL SELECT j.asked, v.number FROM judged j JOIN "values" v ON v.fact = 'member.state' AND v.value = j.state
UNION ALL SELECT j.asked, v.number FROM judged j JOIN "values" v
    ON v.fact = 'member.line' AND v.value = j.line_of_business
UNION ALL SELECT j.asked, v.number FROM judged j JOIN "values" v ON v.fact = 'member.plan' AND v.value = j.plan
UNION ALL SELECT j.asked, v.number FROM judged j JOIN "values" v
    ON v.fact = 'service.place' AND v.value = j.place_of_service
UNION ALL SELECT j.asked, v.number FROM judged j JOIN "values" v
    ON v.fact = 'provider.specialty' AND v.value = j.provider_specialty
UNION ALL SELECT j.asked, v.number FROM judged j JOIN "values" v
    ON v.fact = 'service.units' AND v.value = CAST(j.units AS VARCHAR)
UNION ALL SELECT d.asked, v.number
    FROM (SELECT asked, unnest(diagnoses) AS value FROM judged) d
    JOIN "values" v ON v.fact = 'diagnosis' AND v.value = d.value
UNION ALL SELECT d.asked, v.number
    FROM (SELECT asked, unnest(modifiers) AS value FROM judged) d
    JOIN "values" v ON v.fact = 'service.modifier' AND v.value = d.value
UNION ALL SELECT j.asked, v.number FROM judged j JOIN "values" v ON v.fact = 'diagnosis' AND v.value = $whole
    WHERE j.diagnoses IS NOT NULL AND array_length(list_filter(j.diagnoses,
        lambda code: starts_with(code, '!') OR starts_with(code, '~'))) = 0
UNION ALL SELECT j.asked, v.number FROM judged j JOIN "values" v ON v.fact = 'service.modifier' AND v.value = $whole
    WHERE j.modifiers IS NOT NULL
UNION ALL SELECT j.asked, v.number FROM judged j
    JOIN ages v ON v.family = 'months' AND v.age = j.age_in_months
UNION ALL SELECT j.asked, v.number FROM judged j JOIN ages v ON v.family = 'days' AND v.age = j.age_in_days
UNION ALL SELECT f.asked, v.number FROM line_facts f
    JOIN documented v ON v.name = f.name AND v.value = f.value AND v.unit IS NOT DISTINCT FROM f.unit
    WHERE f.is_agreed
"""

HISTORY_LINES = """
CREATE OR REPLACE TEMP TABLE history_lines AS
SELECT j.asked, j.line_id, j.member_id, j.day, j.code_system, j.code, j.units, coalesce(j.plan_year, '') AS plan_year,
    j.history_complete_from AS whole_from, p.reading
FROM judged j JOIN place_readings p ON p.cell = j.cell AND p.profile = j.profile
"""
"""The lines whose case holds a history, and which codes of it."""

WINDOWS = """
SELECT DISTINCT m.span, l.day, l.plan_year
FROM history_lines l
JOIN judged_units u ON u.asked = l.asked
JOIN unit_measures n ON n.unit = u.unit
JOIN measures m ON m.measure = n.measure
"""

OCCURRING_CODES = """
SELECT DISTINCT code FROM history WHERE member_id IN (SELECT member_id FROM history_lines) ORDER BY ALL
"""

OWN_CODES = "SELECT DISTINCT code_system, code FROM history_lines WHERE code IS NOT NULL ORDER BY ALL"

LINE_EVENTS = """
CREATE OR REPLACE TEMP TABLE line_events AS
SELECT l.asked, e.number, h.day, h.units
FROM history_lines l
JOIN history h ON h.member_id = l.member_id
JOIN event_codes e ON e.code = h.code
JOIN reading_codes r ON r.reading = l.reading AND r.number = e.number
WHERE h.day <= l.day AND (h.line_id IS NULL OR h.line_id <> l.line_id)
"""
"""The events that the case of a line holds."""

TALLIES = """
CREATE OR REPLACE TEMP TABLE tallies AS
WITH measured AS (
    SELECT DISTINCT u.asked, n.measure FROM judged_units u JOIN unit_measures n ON n.unit = u.unit
),
windowed AS (
    SELECT d.asked, d.measure, m.codes, m.kind, m.takes_this, l.day, l.code_system, l.code, l.units, l.whole_from,
        w.first_day, w.last_day
    FROM measured d
    JOIN measures m ON m.measure = d.measure
    JOIN history_lines l ON l.asked = d.asked
    JOIN window_days w ON w.span = m.span AND w.day = l.day AND w.plan_year = l.plan_year
),
events AS (
    SELECT w.asked, w.measure, e.day, e.units, c.parts
    FROM windowed w
    JOIN line_events e ON e.asked = w.asked
    JOIN counted_codes c ON c.codes = w.codes AND c.number = e.number
    WHERE e.day >= w.first_day AND e.day <= w.last_day
    UNION ALL
    SELECT w.asked, w.measure, w.day, w.units, o.parts
    FROM windowed w
    JOIN own_codes o ON o.codes = w.codes AND o.code = w.code AND o.code_system IS NOT DISTINCT FROM w.code_system
    WHERE w.takes_this AND w.first_day IS NOT NULL
),
added AS (
    SELECT asked, measure, count(DISTINCT day) AS sessions, count(*) AS lines, count(units) AS stated, sum(units) AS units,
        bit_or(parts) AS parts, min(day) AS earliest, max(day) AS latest
    FROM events GROUP BY asked, measure
),
told AS (
    SELECT w.asked, w.measure, w.kind, w.kind IN ('last', 'first and last') AS is_dated, w.day, w.whole_from, w.first_day,
        a.sessions, a.lines, a.stated, a.units, a.parts, a.earliest, a.latest
    FROM windowed w LEFT JOIN added a ON a.asked = w.asked AND a.measure = w.measure
)
SELECT asked, measure,
    CAST(coalesce(CASE kind WHEN 'sessions' THEN sessions WHEN 'lines' THEN lines WHEN 'units' THEN units
        WHEN 'groups' THEN parts END, 0) AS DECIMAL(18, 3)) AS amount,
    kind <> 'units' OR coalesce(lines = stated, true) AS is_stated,
    NOT is_dated AND coalesce(whole_from <= first_day, false) AS is_whole,
    CASE WHEN is_dated THEN day END AS day,
    CASE WHEN kind = 'first and last' THEN earliest END AS earliest,
    CASE WHEN is_dated THEN latest END AS latest,
    CASE WHEN NOT is_dated THEN NULL WHEN whole_from > day THEN day WHEN kind = 'last' AND whole_from <= latest THEN latest
        ELSE whole_from END AS whole_from
FROM told
"""
"""What each measure of a line comes to. What is known whole matters from the last event on, and up to the day."""

TALLIED = """
SELECT DISTINCT n.question, t.amount, t.is_stated, t.is_whole, t.day, t.earliest, t.latest, t.whole_from
FROM tallies t JOIN (SELECT DISTINCT measure, question FROM unit_measures) n ON n.measure = t.measure
"""

TOLD_BITS = """
CREATE OR REPLACE TEMP TABLE told_bits AS
SELECT asked, unit, word, bit_or(settled) AS settled, bit_or(met) AS met FROM (
    SELECT asked, unit, word, settled, met FROM read_bits
    UNION ALL
    SELECT u.asked, u.unit, n.word, n.bit, CASE WHEN k.is_met THEN n.bit ELSE 0 END
    FROM tallies t
    JOIN unit_measures n ON n.measure = t.measure
    JOIN judged_units u ON u.asked = t.asked AND u.unit = n.unit
    JOIN tally_truths k ON k.question = n.question AND k.amount = t.amount AND k.is_stated = t.is_stated
        AND k.is_whole = t.is_whole AND k.day IS NOT DISTINCT FROM t.day AND k.earliest IS NOT DISTINCT FROM t.earliest
        AND k.latest IS NOT DISTINCT FROM t.latest AND k.whole_from IS NOT DISTINCT FROM t.whole_from
)
GROUP BY asked, unit, word
"""
"""The bits that histories tell, and those that were read line by line."""

READ_BY_LINE = """
SELECT j.asked, list_sort(list(DISTINCT j.unit)) AS units
FROM judged_units j
JOIN units u USING (unit)
JOIN judged l USING (asked)
WHERE u.by_line <> 0
    OR u.of_diagnoses <> 0 AND array_length(list_filter(l.diagnoses, lambda code: starts_with(code, '~'))) > 0
GROUP BY j.asked ORDER BY j.asked
"""

BITS = """
CREATE OR REPLACE TEMP TABLE bits AS
WITH settled AS (
    SELECT s.asked, m.unit, m.word, bit_or(m.settled) AS settled, bit_or(m.met) AS met, bit_or(m.taken_back) AS taken_back
    FROM said s
    JOIN judged j USING (asked)
    JOIN judged_units c USING (asked)
    JOIN marks m ON m.unit = c.unit AND m.number = s.number
    WHERE j.day >= m.first_day AND j.day < m.day_after
    GROUP BY s.asked, m.unit, m.word
)
SELECT j.asked, j.unit, u.word, u.is_wide,
    (u.met | coalesce(s.met, 0) | coalesce(r.met, 0)) & ~coalesce(s.taken_back, 0) AS met,
    u.every & ~(u.settled | coalesce(s.settled, 0) | coalesce(r.settled, 0)) AS unknown
FROM judged_units j
JOIN units u USING (unit)
LEFT JOIN settled s ON s.asked = j.asked AND s.unit = j.unit AND s.word = u.word
LEFT JOIN told_bits r ON r.asked = j.asked AND r.unit = j.unit AND r.word = u.word
"""

PATTERNS = """
CREATE OR REPLACE TEMP TABLE patterns AS
SELECT asked, unit, [met] AS met, [unknown] AS unknown FROM bits WHERE NOT is_wide
UNION ALL
SELECT asked, unit, list_transform(words, lambda each: each.met), list_transform(words, lambda each: each.unknown)
FROM (
    SELECT asked, unit, list_sort(list({'word': word, 'met': met, 'unknown': unknown})) AS words
    FROM bits WHERE is_wide GROUP BY asked, unit
)
"""

FOUND_PATTERNS = "SELECT DISTINCT unit, met, unknown FROM patterns ORDER BY ALL"

CLASSED = """
CREATE OR REPLACE TEMP TABLE classed AS
WITH stated AS (
    SELECT p.asked, list_sort(list({'unit': p.unit, 'state': s.state})) AS pattern
    FROM patterns p JOIN states s ON s.unit = p.unit AND s.met = p.met AND s.unknown = p.unknown
    GROUP BY p.asked
)
SELECT p.*, b.pattern FROM placed p LEFT JOIN stated b USING (asked)
"""

CLASSES = """
CREATE OR REPLACE TEMP TABLE classes AS
SELECT row_number() OVER (ORDER BY asked) AS number, * FROM (
    SELECT cell, profile, code_system, code, pattern, min(asked) AS asked FROM classed GROUP BY ALL
)
"""

CLASS_OF = """
CREATE OR REPLACE TEMP TABLE class_of AS
SELECT d.asked, k.class
FROM classed d
JOIN classes c
    ON c.cell = d.cell AND c.profile = d.profile
    AND c.code_system IS NOT DISTINCT FROM d.code_system AND c.code IS NOT DISTINCT FROM d.code
    AND c.pattern IS NOT DISTINCT FROM d.pattern
JOIN class_numbers k ON k.number = c.number
"""

LINE_CLASSES = """
CREATE OR REPLACE TEMP TABLE line_classes AS
SELECT f.asked >> 1 AS line_id, f.class, coalesce(l.class, -1) AS last_class
FROM class_of f LEFT JOIN class_of l ON l.asked = f.asked + 1
WHERE f.asked % 2 = 0
"""
"""Of each line the class of its first day, and that of its last where it lasts into other days."""

WANTED = """
SELECT a.asked, p.cell, a.day, a.known_on, a.line_of_business, a.state, a.plan, a.contract, a.code_system, a.code, a.diagnoses,
    a.modifiers, a.birth_date, a.sex, a.units, a.place_of_service, a.provider_specialty, a.history_complete_from
FROM wanted w JOIN asked a USING (asked) JOIN placed p USING (asked)
ORDER BY a.asked
"""
"""What goes into the cases of some lines."""

WANTED_FACTS = """
SELECT w.asked, f.name, f.value, f.unit, NULL::DATE AS observed_on, false AS is_series
FROM wanted w JOIN line_facts f USING (asked) WHERE f.is_agreed
UNION ALL
SELECT j.asked, f.name, f.value, f.unit, f.observed_on, true
FROM (SELECT DISTINCT w.asked, n.name
    FROM wanted w JOIN judged_units u USING (asked) JOIN unit_facts n USING (unit) WHERE n.is_series) r
JOIN judged j USING (asked)
JOIN facts f ON f.member_id = j.member_id AND f.name = r.name
WHERE f.observed_on <= j.day AND (f.recorded_on IS NULL OR f.recorded_on <= j.known_on)
ORDER BY ALL
"""

WANTED_HISTORY = """
SELECT w.asked, h.code, h.day, h.units
FROM wanted w JOIN judged j USING (asked) JOIN history h ON h.member_id = j.member_id
WHERE h.day <= j.day AND (h.line_id IS NULL OR h.line_id <> j.line_id)
ORDER BY ALL
"""


def _escaped(text: str) -> str:
    """SQL for a text as it stands in JSON; of control signs, those that a cell of a file may hold."""
    for sign, spelled in (
        ("chr(92)", "chr(92) || chr(92)"),
        ("chr(34)", "chr(92) || chr(34)"),
        ("chr(9)", "chr(92) || 't'"),
    ):
        text = f"replace({text}, {sign}, {spelled})"
    return text


def _member(name: str, value: str, column: str) -> str:
    """SQL for a member of a JSON object with its comma; nothing where the column is null."""
    return f"""CASE WHEN {column} IS NULL THEN '' ELSE concat(',"{name}":', {value}) END"""


def _text(name: str, column: str) -> str:
    return _member(name, f"chr(34), {_escaped(column)}, chr(34)", column)


def _texts(name: str, column: str) -> str:
    """A list of texts, sorted, each once."""
    each = f"list_transform(list_sort(list_distinct({column})), lambda each: {_escaped('each')})"
    quoted = f"""CASE WHEN array_length({column}) = 0 THEN '' ELSE concat(chr(34), array_to_string({each}, '","'), chr(34)) END"""
    return _member(name, f"'[', {quoted}, ']'", column)


TOLD = """
CREATE OR REPLACE TEMP TABLE told AS
SELECT f.asked, array_to_string(list_sort(list(d.canonical)), ',') AS facts
FROM line_facts f
JOIN documented d ON d.name = f.name AND d.value = f.value AND d.unit IS NOT DISTINCT FROM f.unit
WHERE f.is_agreed
GROUP BY f.asked
"""

PAST = """
CREATE OR REPLACE TEMP TABLE past AS
WITH spelled AS (
    SELECT v.asked, concat('{"code":', c.canonical, ',"date":"', CAST(v.day AS VARCHAR), '","facts":{},"group":null,"units":',
        CASE WHEN v.units IS NULL THEN 'null'
            ELSE concat(chr(34), regexp_replace(CAST(v.units AS VARCHAR), '[.]?0+$', ''), chr(34)) END, '}') AS event
    FROM line_events v JOIN event_codes c ON c.number = v.number
    WHERE v.asked % 2 = 0
),
held AS (
    SELECT asked, array_to_string(list_sort(list(event)), ',') AS events FROM spelled GROUP BY asked
)
SELECT l.asked, coalesce(h.events, '') AS events,
    CASE WHEN l.whole_from IS NULL THEN ''
        WHEN l.whole_from <= DATE '0001-01-01' THEN ',"history_complete_from":"birth"'
        ELSE concat(',"history_complete_from":"', CAST(l.whole_from AS VARCHAR), chr(34)) END AS whole_from
FROM history_lines l LEFT JOIN held h ON h.asked = l.asked
WHERE l.asked % 2 = 0
"""
"""The history of a case as it is hashed."""

_CASE_PARTS = (
    """'{"answers":{},"assumed":{}'""",
    _member("birth_date", "chr(34), CAST(n.birth_date AS VARCHAR), chr(34)", "n.birth_date"),
    _text("code", "n.code"),
    f"CASE WHEN n.code IS NULL THEN '' ELSE {_text('code_system', 'n.code_system')} END",
    _text("contract", "n.contract"),
    _texts("diagnoses", "n.diagnoses"),
    """',"facts":{', coalesce(t.facts, ''), '}'""",
    _text("funding", "n.funding"),
    """',"history":[', coalesce(p.events, ''), ']', coalesce(p.whole_from, '')""",
    """',"history_incomplete_for":[],"is_code_malformed":'""",
    "CASE WHEN n.is_code_malformed THEN 'true' ELSE 'false' END",
    _text("line_of_business", "n.line_of_business"),
    _texts("modifiers", "n.modifiers"),
    _text("place_of_service", "n.place_of_service"),
    _text("plan", "n.plan"),
    _text("plan_year", "n.plan_year"),
    _text("provider_specialty", "n.provider_specialty"),
    """',"records_complete":[]'""",
    _text("sex", "n.sex"),
    _text("state", "n.state"),
    _member("units", "chr(34), regexp_replace(CAST(n.units AS VARCHAR), '[.]?0+$', ''), chr(34)", "n.units"),
    "'}'",
)
_CASE = f"coalesce(r.case_text, concat({', '.join(_CASE_PARTS)}))"
"""The case of a line as it is hashed: the canonical JSON of ``decide.identity``, keys sorted, no white space."""

_COPIED = """
    n.line_id, n.data_source, n.claim_id, n.claim_line_number, '{kind}' AS row_kind, n.day AS date_of_service, n.known_on,
    n.line_of_business, n.contract AS member_contract, n.contract IS NOT NULL AS contract_given,
    n.code_system, n.code"""

_IDENTIFIED = f"""
    'det_' || left(sha256(concat('{{"case":', {_CASE}, ',"date_of_service":"', CAST(n.day AS VARCHAR), '","known_on":"',
        CAST(n.known_on AS VARCHAR), '","semantics":', $semantics, ',"sources":', v.sources, '}}')), 32) AS determination_id,
    $plan_hash AS plan_hash, $engine_version AS engine_version"""

_ANSWERED = """v.source_kind, v.source_rank, v.publisher, v.policy, v.policy_effective, v.policy_published, v.policy_hash,
    v.payer_label, v.coverage_position, v.outcome, v.reason_kind, v.reason_key, v.reason, v.criteria, v.unconditional,
    v.rule, {bits}, v.criteria_not_met, v.criteria_unknown, v.cites, v.missing_facts,
    v.authorization_required, v.needs_review, v.group_code, v.carc, v.rarc_1, v.rarc_2"""

_BITS_OF = """coalesce(b.met, CASE WHEN v.rule IS NOT NULL THEN [0] END) AS met_bits,
    coalesce(b.unknown, CASE WHEN v.rule IS NOT NULL THEN [0] END) AS unknown_bits"""

ANSWERS = """
CREATE OR REPLACE TEMP TABLE answers AS
WITH answered AS (
    SELECT c.class, c.last_class, v.sources,
        coalesce(w.class IS NOT NULL AND (w.outcome <> v.outcome OR w.policy IS DISTINCT FROM v.policy
            OR w.policy_hash IS DISTINCT FROM v.policy_hash), false) AS crosses,
        coalesce(w.outcome <> v.outcome, false) AS differs,
        'the first day falls under the version of ' || coalesce(CAST(v.policy_effective AS VARCHAR), 'no policy')
            || ' (' || replace(v.outcome, '_', ' ') || '), the last under that of '
            || coalesce(CAST(w.policy_effective AS VARCHAR), 'no policy') || ' (' || replace(w.outcome, '_', ' ') || ')'
            AS both_days,
        v.source_kind, v.source_rank, v.publisher, v.policy, v.policy_effective, v.policy_published, v.policy_hash,
        v.payer_label, v.coverage_position, v.outcome, v.reason_kind, v.reason_key, v.reason, v.criteria, v.unconditional,
        v.rule, v.unit, v.criteria_not_met, v.criteria_unknown, v.cites, v.missing_facts, v.authorization_required,
        v.needs_review, v.group_code, v.carc, v.rarc_1, v.rarc_2
    FROM (SELECT DISTINCT class, last_class FROM line_classes) c
    JOIN verdicts v ON v.class = c.class AND v.place = 0
    LEFT JOIN verdicts w ON w.class = c.last_class AND w.place = 0
)
SELECT class, last_class, sources, crosses, source_kind, source_rank, publisher, policy, policy_effective, policy_published,
    policy_hash,
    CASE WHEN NOT differs THEN payer_label END AS payer_label,
    CASE WHEN NOT differs THEN coverage_position END AS coverage_position,
    CASE WHEN differs THEN 'refer' ELSE outcome END AS outcome,
    CASE WHEN differs THEN 'conflict' ELSE reason_kind END AS reason_kind,
    CASE WHEN differs THEN 'span-crosses-change' ELSE reason_key END AS reason_key,
    CASE WHEN differs THEN both_days ELSE reason END AS reason,
    CASE WHEN NOT differs THEN criteria END AS criteria, unconditional,
    CASE WHEN NOT differs THEN rule END AS rule, CASE WHEN NOT differs THEN unit END AS unit,
    criteria_not_met, criteria_unknown, cites, missing_facts,
    CASE WHEN NOT differs THEN authorization_required END AS authorization_required,
    differs OR needs_review AS needs_review,
    CASE WHEN NOT differs THEN group_code END AS group_code, CASE WHEN NOT differs THEN carc END AS carc,
    CASE WHEN NOT differs THEN rarc_1 END AS rarc_1, CASE WHEN NOT differs THEN rarc_2 END AS rarc_2
FROM answered
"""
"""What lines say of their class; where first and last day get different answers, a person is asked."""

LINE_ROWS = f"""
SELECT {_COPIED.format(kind="line")}, {_ANSWERED.format(bits=_BITS_OF)},
    n.billed_amount, n.allowed_amount, n.paid_amount,
    CASE WHEN n.final_status = 'final' AND v.outcome IN ('not_covered', 'information_needed', 'refer')
        THEN n.allowed_amount END AS at_risk_amount,
    n.final_status, n.diagnosis_scope, v.crosses AS span_crosses_change,
    list_sort(CASE WHEN n.plan_finding IS NULL THEN n.findings ELSE list_append(n.findings, n.plan_finding) END)
        AS findings,
    {_IDENTIFIED}
FROM first_asked n
JOIN line_classes c ON c.line_id = n.line_id
JOIN answers v ON v.class = c.class AND v.last_class = c.last_class
LEFT JOIN told t ON t.asked = n.asked
LEFT JOIN past p ON p.asked = n.asked
LEFT JOIN read_cases r ON r.asked = n.asked
LEFT JOIN patterns b ON b.asked = n.asked AND b.unit = v.unit
"""

POLICY_ROWS = f"""
SELECT {_COPIED.format(kind="policy")}, {_ANSWERED.format(bits=_BITS_OF)},
    CAST(NULL AS DECIMAL(12,2)) AS billed_amount, CAST(NULL AS DECIMAL(12,2)) AS allowed_amount,
    CAST(NULL AS DECIMAL(12,2)) AS paid_amount, CAST(NULL AS DECIMAL(12,2)) AS at_risk_amount,
    n.final_status, n.diagnosis_scope, false AS span_crosses_change, CAST([] AS VARCHAR[]) AS findings,
    {_IDENTIFIED}
FROM first_asked n
JOIN line_classes c ON c.line_id = n.line_id
JOIN verdicts v ON v.class = c.class AND v.place > 0 AND v.names_code
LEFT JOIN told t ON t.asked = n.asked
LEFT JOIN past p ON p.asked = n.asked
LEFT JOIN read_cases r ON r.asked = n.asked
LEFT JOIN patterns b ON b.asked = n.asked AND b.unit = v.unit
"""

WANTED_UNITS = """
SELECT w.asked, list_sort(list(u.unit)) AS units FROM wanted w JOIN judged_units u USING (asked) GROUP BY w.asked
"""

WANTED_BITS = "SELECT p.* FROM wanted w JOIN patterns p USING (asked)"
