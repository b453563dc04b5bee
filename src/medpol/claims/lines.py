"""The relation ``claim_lines``: its columns as data, and the one SQL that makes them of the cells of an input.

A line means what a case of the same values means: codes and diagnoses are normalised as ``model.codes`` does, and what
cannot be known is null. Rows that cannot be answered carry a reject key instead; nothing is dropped here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from medpol.claims import fence
from medpol.claims.cells import EXPECTED, MENDS, Cell, absent
from medpol.claims.columns import BY_NAME, COLUMNS, ColumnType
from medpol.claims.maps import ContractRule, LineRule
from medpol.claims.npi import check_digit_sql
from medpol.model.codes import SHAPES
from medpol.model.lines import STATES

SCHEMA: dict[str, str] = {
    "line_id": "BIGINT",
    "input": "SMALLINT",
    "position": "BIGINT",
    "data_source": "VARCHAR",
    "claim_id": "VARCHAR",
    "claim_line_number": "INTEGER",
    "date_of_service": "DATE",
    "date_of_service_from": "VARCHAR",
    "last_day": "DATE",
    "code_system": "VARCHAR",
    "code": "VARCHAR",
    "is_code_malformed": "BOOLEAN",
    "modifiers": "VARCHAR[]",
    "diagnoses": "VARCHAR[]",
    "diagnosis_scope": "VARCHAR",
    "member_id": "VARCHAR",
    "line_of_business": "VARCHAR",
    "state": "VARCHAR",
    "plan": "VARCHAR",
    "contract": "VARCHAR",
    "contract_given": "BOOLEAN",
    "last_line_of_business": "VARCHAR",
    "last_plan": "VARCHAR",
    "last_contract": "VARCHAR",
    "birth_date": "DATE",
    "sex": "VARCHAR",
    "units": "DECIMAL(12,3)",
    "unit_basis": "VARCHAR",
    "place_of_service": "VARCHAR",
    "provider_specialty": "VARCHAR",
    "claim_type": "VARCHAR",
    "rendering_npi": "VARCHAR",
    "billing_npi": "VARCHAR",
    "payer": "VARCHAR",
    "prior_auth_number": "VARCHAR",
    "billed_amount": "DECIMAL(12,2)",
    "allowed_amount": "DECIMAL(12,2)",
    "paid_amount": "DECIMAL(12,2)",
    "paid_date": "DATE",
    "history_complete_from": "DATE",
    "findings": "VARCHAR[]",
}
"""What each input gives; ``final_status`` joins them when all inputs are read, and carried columns stand at the end."""

ADJUSTING: dict[str, str] = {
    "frequency": "VARCHAR",
    "original_claim_id": "VARCHAR",
    "file_date": "DATE",
    "ingest_datetime": "TIMESTAMP",
}
"""What sorts the final claims, and is not looked at afterwards."""

REJECTED: dict[str, str] = {"reject_key": "VARCHAR", "reject_column": "VARCHAR", "reject_found": "VARCHAR"}

LINE_NUMBERS = 40
"""``line_id`` is the number of the input moved up by so many bits, and the position of the line in it."""
FOUND_LENGTH = 200
_ICD_10 = "DATE '2015-10-01'"
"""The day from which claims carry ICD-10-CM (45 CFR 162.1002)."""
_NAMED = {"HC": None, "CPT": "CPT", "CPT4": "CPT", "HCPCS": "HCPCS", "HCPCSII": "HCPCS", "CDT": "CDT", "AD": "CDT"}
"""``x_service_code_system`` by what it may say; ``HC`` of an 837 leaves it to the shape (CPT or HCPCS)."""
_BY_SHAPE = ("CPT", "HCPCS", "CDT")
_BETWEEN = "chr(31)"
"""The sign between texts that are joined and split again; in a text of its own it is replaced."""


@dataclass(frozen=True, slots=True)
class Joins:
    """What is joined to the lines of an input, and the rules of its map. Names of relations; ``None``: not given."""

    spans: str | None = None
    spans_by: tuple[str, ...] = ()
    """Of ``payer`` and ``plan``, those that the spans know."""
    line_names: str = ""
    """Relation (found, line) of the names of lines of business that this input uses."""
    sexes: str = ""
    known_contracts: str | None = None
    line_rules: tuple[LineRule, ...] = ()
    contract_rules: tuple[ContractRule, ...] = ()
    complete_from: Mapping[str, date] = field(default_factory=dict)
    is_history_whole: bool = False
    is_strict_on_pointers: bool = False
    """Codes of a claim whose lines point at none stand as ``~`` and the code: each may be that of another line."""
    declared_systems: tuple[tuple[str, str], ...] = ()


def staging_sql(
    relation: str,
    position: str,
    cells: Mapping[str, Cell],
    joins: Joins,
    *,
    number: int,
    data_source: str | None,
    carried: Mapping[str, str],
) -> str:
    """The SELECT of one input: SCHEMA, ADJUSTING and REJECTED, then the carried columns, one row per row read."""
    all_cells = [
        cells.get(name) or absent(column, name) for column in COLUMNS for name in column.names if _is_used(name, cells)
    ]
    extra = "".join(f", {source} AS {fence.name(f'carry {name}')}" for name, source in carried.items())
    steps = {
        "found": f"SELECT {position} AS position, "
        + ", ".join(f"{each.first} AS {each.held}" for each in all_cells)
        + f"{extra} FROM {relation}",
        "cells": "SELECT * EXCLUDE ("
        + ", ".join(each.held for each in all_cells)
        + "), "
        + ", ".join(f"{each.value} AS {fence.name(each.name)}" for each in all_cells)
        + f", {_problem(all_cells)} AS problem FROM found",
        "dated": _dated(data_source),
        "coded": _coded(joins),
        "diagnosed": _diagnosed(cells),
        "normalised": _normalised(cells),
        "joined": _joined(joins),
        "judged": _judged(joins),
    }
    body = ",\n".join(f"{step} AS ({sql})" for step, sql in steps.items())
    return f"WITH {body}\n{_columns(number, cells, joins, carried)}"


def _is_used(name: str, cells: Mapping[str, Cell]) -> bool:
    """Families of columns are used as far as the file has them; a single one always has a cell."""
    return name in cells or not BY_NAME[name].repeats


def _problem(cells: Sequence[Cell]) -> str:
    """The first thing for which the row is rejected: its key, and what could not be read."""
    bad = [
        (each.bad, each.reject_key, each.name, each.shown)
        for each in cells
        if each.column.type is not ColumnType.TEXT and each.shown != "NULL::VARCHAR"
    ]
    arms = "".join(
        f" WHEN {condition} THEN {_problem_of(key or '', name, shown)}" for condition, key, name, shown in bad
    )
    return f"CASE{arms} END" if arms else f"CAST(NULL AS {_PROBLEM})"


_PROBLEM = 'STRUCT("key" VARCHAR, "column" VARCHAR, "found" VARCHAR)'


def _problem_of(key: str, column: str, found: str = "NULL::VARCHAR") -> str:
    return f"{{'key': {fence.text(key)}, 'column': {fence.text(column)}, 'found': {found}}}"


def _dated(data_source: str | None) -> str:
    source = "data_source" if data_source is None else f"coalesce(data_source, {fence.text(data_source)})"
    return f"""SELECT * REPLACE ({source} AS data_source),
        coalesce(claim_line_start_date, claim_start_date) AS date_of_service,
        CASE WHEN claim_line_start_date IS NOT NULL THEN 'line' ELSE 'claim' END AS date_of_service_from,
        coalesce(claim_line_end_date, claim_end_date, claim_line_start_date, claim_start_date) AS last_day,
        coalesce(member_id, person_id) AS member,
        trim(hcpcs_code, ' ') AS trimmed_code, upper(trim(hcpcs_code, ' ')) AS raised_code,
        upper(regexp_replace(trim(x_service_code_system, ' '), '[ _-]', '', 'g')) AS named_system
        FROM cells"""


def _coded(joins: Joins) -> str:
    """The service code, its system by name or by shape."""
    shapes = {system: SHAPES[system] for system in _BY_SHAPE} | dict(joins.declared_systems)
    by_shape = " ".join(f"WHEN {_fits('raised_code', shape)} THEN {fence.text(name)}" for name, shape in shapes.items())
    named = {word: system for word, system in _NAMED.items() if system is not None}
    named |= {_squeezed(name): name for name, _ in joins.declared_systems}
    known = " ".join(f"WHEN {fence.text(word)} THEN {fence.text(system)}" for word, system in named.items())
    misfits = " ".join(
        f"WHEN {fence.text(system)} THEN NOT {_fits('raised_code', shapes[system])}"
        for system in dict.fromkeys(named.values())
    )
    return f"""SELECT *, CASE WHEN raised_code IS NULL OR is_code_malformed THEN hcpcs_code ELSE raised_code END AS code
        FROM (SELECT *, CASE WHEN raised_code IS NULL THEN false WHEN code_system IS NULL THEN true
            ELSE CASE code_system {misfits} ELSE false END END AS is_code_malformed
        FROM (SELECT *, CASE WHEN raised_code IS NULL THEN NULL
            WHEN named_system IS NULL OR named_system = 'HC' THEN CASE {by_shape} END
            ELSE CASE named_system {known} ELSE trim(x_service_code_system, ' ') END END AS code_system FROM dated))"""


def _squeezed(name: str) -> str:
    return name.upper().replace(" ", "").replace("_", "").replace("-", "")


def _fits(code: str, shape: str) -> str:
    return f"regexp_full_match({code}, {fence.text(shape)})"


def _diagnosed(cells: Mapping[str, Cell]) -> str:
    """Each diagnosis trimmed, raised and without its dot, and what says of which system it is."""
    names = _family(cells, "diagnosis_code")
    steps = "".join(
        f""", replace(trim({fence.name(name)}, ' '), {_BETWEEN}, chr(26)) AS dx_{at}, upper(dx_{at}) AS raised_{at},
            CASE WHEN length(raised_{at}) > 4 AND raised_{at}[4] = '.' THEN raised_{at}[1:3] || raised_{at}[5:]
                ELSE raised_{at} END AS plain_{at}"""
        for at, name in enumerate(names, 1)
    )
    pointers = (
        "CASE WHEN regexp_full_match(trim(x_diagnosis_pointers, ' '), '[0-9]{1,2}([,:][0-9]{1,2})*') THEN"
        " [CAST(each AS INTEGER) FOR each IN regexp_split_to_array(trim(x_diagnosis_pointers, ' '), '[,:]')] END"
        if "x_diagnosis_pointers" in cells
        else "CAST(NULL AS INTEGER[])"
    )
    qualifiers = (
        "[nullif(trim(each, ' '), '') FOR each IN string_split(x_diagnosis_qualifiers, ',')]"
        if "x_diagnosis_qualifiers" in cells
        else "CAST(NULL AS VARCHAR[])"
    )
    return f"""SELECT *{steps}, {pointers} AS pointers, {qualifiers} AS qualifiers,
        coalesce(discharge_date, date_of_service) >= {_ICD_10} AS is_ten_due,
        CASE WHEN diagnosis_code_type IS NULL THEN CASE WHEN is_ten_due THEN '10' ELSE '9' END
            ELSE CASE lower(regexp_replace(diagnosis_code_type, '[ _-]', '', 'g'))
                WHEN 'icd10cm' THEN '10' WHEN 'icd9cm' THEN '9' ELSE '?' END END AS said_system
        FROM coded"""


def _family(cells: Mapping[str, Cell], name: str) -> list[str]:
    return [each for each in BY_NAME if each in cells and BY_NAME[each].name == name]


def _normalised(cells: Mapping[str, Cell]) -> str:
    """The diagnoses of the line; one that fits no system, or is of none, stands as ``!`` and its text."""
    count = len(_family(cells, "diagnosis_code"))
    places = range(1, count + 1)
    tokens = "".join(f", {_token(at, 'x_diagnosis_qualifiers' in cells)} AS token_{at}" for at in places)
    of_claim = _joined_list([f"token_{at}" for at in places])
    tokens_of_line = of_claim
    if "x_diagnosis_pointers" in cells:
        chosen = " ".join(f"WHEN {at} THEN token_{at}" for at in places)
        tokens_of_line = f"""CASE WHEN pointers IS NULL OR len({of_claim}) = 0 THEN {of_claim}
            ELSE [coalesce(CASE nth {chosen} END, '!pointer') FOR nth IN pointers] END"""
    flags = {
        "is_dx_trimmed": [f"length(dx_{at}) < length({fence.name(name)})" for at, name in _numbered(cells)],
        "is_dx_raised": [f"raised_{at} <> dx_{at}" for at in places],
        "is_dx_dotted": [f"plain_{at} <> raised_{at}" for at in places],
        "is_dx_mismatched": [f"qualifiers[{at}] IN ('BK', 'BF') AND {_only_ten(at)}" for at in places]
        if "x_diagnosis_qualifiers" in cells
        else [],
    }
    any_of = "".join(
        f", coalesce({' OR '.join(f'coalesce({each}, false)' for each in tests) or 'false'}, false) AS {name}"
        for name, tests in flags.items()
    )
    return f"SELECT *, {tokens_of_line} AS tokens FROM (SELECT *{tokens}{any_of} FROM diagnosed)"


def _numbered(cells: Mapping[str, Cell]) -> list[tuple[int, str]]:
    return list(enumerate(_family(cells, "diagnosis_code"), 1))


def _token(at: int, has_qualifiers: bool) -> str:
    ten, nine = _fits(f"plain_{at}", SHAPES["ICD-10-CM"]), _fits(f"plain_{at}", SHAPES["ICD-9-CM"])
    fits = f"CASE said_system WHEN '10' THEN {ten} WHEN '9' THEN {nine} ELSE false END"
    if has_qualifiers:
        old = f"CASE WHEN is_ten_due THEN ({ten}) <> ({nine}) ELSE {nine} END"
        fits = f"""CASE WHEN qualifiers IS NULL THEN {fits} ELSE CASE qualifiers[{at}] WHEN 'ABK' THEN {ten} WHEN 'ABF' THEN {ten}
            WHEN 'BK' THEN {old} WHEN 'BF' THEN {old} ELSE false END END"""
    return f"CASE WHEN {fits} THEN plain_{at} WHEN dx_{at} IS NOT NULL THEN '!' || dx_{at} END"


def _only_ten(at: int) -> str:
    """Whether a token marked as ICD-9-CM is of a day and a shape of ICD-10-CM alone."""
    ten, nine = _fits(f"plain_{at}", SHAPES["ICD-10-CM"]), _fits(f"plain_{at}", SHAPES["ICD-9-CM"])
    return f"is_ten_due AND {ten} AND NOT {nine}"


def _joined_list(columns: Sequence[str]) -> str:
    """SQL for the list of those that are not null: joined and split, which is several times cheaper than a filter."""
    if not columns:
        return "CAST([] AS VARCHAR[])"
    return f"coalesce(string_split(nullif(concat_ws({_BETWEEN}, {', '.join(columns)}), ''), {_BETWEEN}), [])"


def _joined(joins: Joins) -> str:
    """Eligibility by the first and by the last day of care; the names of lines and sexes in their one spelling."""
    key = "''"
    if joins.spans is not None:
        parts = [f"coalesce(n.{each}, '')" if each in joins.spans_by else "''" for each in ("payer", "plan")]
        key = " || chr(31) || ".join(["n.member", *parts])
        spans = f"""LEFT JOIN {joins.spans} AS e
            ON e.span_key = {key} AND e.starts <= n.date_of_service AND n.date_of_service < e.ends
            LEFT JOIN {joins.spans} AS z
            ON n.last_day > n.date_of_service AND z.span_key = {key} AND z.starts <= n.last_day AND n.last_day < z.ends
            LEFT JOIN {joins.spans}_first AS f ON f.member_id = n.member"""
        later = ", ".join(
            f"CASE WHEN n.last_day > n.date_of_service THEN z.{each} ELSE e.{each} END AS last_{shown}"
            for each, shown in (("line", "span_line"), ("plan", "span_plan"), ("group_id", "group_id"))
        )
        columns = f"""{later}, e.span_key IS NOT NULL AS has_span, e.disagrees AS spans_disagree, e.line AS span_line,
            e.plan AS span_plan, e.group_id AS group_id, e.birth_date AS span_birth, e.sex AS span_sex, f.first_day AS first_span"""
    else:
        spans = ""
        columns = """NULL::VARCHAR AS last_span_line, NULL::VARCHAR AS last_span_plan, NULL::VARCHAR AS last_group_id,
            NULL::BOOLEAN AS has_span, NULL::BOOLEAN AS spans_disagree, NULL::VARCHAR AS span_line, NULL::VARCHAR AS span_plan,
            NULL::VARCHAR AS group_id, NULL::DATE AS span_birth, NULL::VARCHAR AS span_sex, NULL::DATE AS first_span"""
    return f"""SELECT n.*, {columns}, l.line AS named_line, s.sex AS patient_sex FROM normalised AS n
        {spans}
        LEFT JOIN {joins.line_names} AS l ON l.found = n.x_line_of_business
        LEFT JOIN {joins.sexes} AS s ON s.found = n.x_patient_sex"""


_OF_CLAIM = "pointers IS NULL AND len(tokens) > 1 AND lower(trim(claim_type, ' ')) IS DISTINCT FROM 'institutional'"
"""Whether a line has the diagnoses of its claim since it points at none; those of an institutional claim are every line's."""


def _marked(joins: Joins) -> str:
    if not joins.is_strict_on_pointers:
        return "tokens"
    shared = "[CASE WHEN starts_with(each, '!') THEN each ELSE '~' || each END FOR each IN tokens]"
    return f"CASE WHEN {_OF_CLAIM} THEN {shared} ELSE tokens END"


def line_rules_sql(rules: Sequence[LineRule], columns: Mapping[str, str]) -> str:
    """SQL for the line of business of the first rule that fits; ``columns`` gives the SQL of each key."""
    return _rules_sql(
        [
            (
                each.line,
                {
                    "payer": each.payer,
                    "plan": each.plan,
                    "payer_type": each.payer_type,
                    "filing_code": each.filing_code,
                },
            )
            for each in rules
        ],
        columns,
    )


def _rules_sql(rules: Sequence[tuple[str, Mapping[str, str | None]]], columns: Mapping[str, str]) -> str:
    arms = []
    for result, keys in rules:
        wanted = {key: value for key, value in keys.items() if value is not None}
        if set(wanted) <= set(columns):
            test = " AND ".join(f"{columns[key]} = {fence.text(value)}" for key, value in wanted.items())
            arms.append(f"WHEN {test} THEN {fence.text(result)}")
    return f"CASE {' '.join(arms)} END" if arms else "NULL::VARCHAR"


def _judged(joins: Joins) -> str:
    rules = line_rules_sql(joins.line_rules, {"payer": "payer", "plan": "plan", "filing_code": "x_claim_filing_code"})
    contract, last_contract = (
        _rules_sql(
            [(each.contract, {"plan": each.plan, "group_id": each.group_id}) for each in joins.contract_rules],
            {"plan": f"coalesce(plan, {last}span_plan)", "group_id": f"{last}group_id"},
        )
        for last in ("", "last_")
    )
    unknown = (
        f"WHEN contract IS NOT NULL AND contract NOT IN (SELECT contract FROM {joins.known_contracts}) "
        f"THEN {_problem_of('unknown-contract', 'x_member_contract_id', 'contract')}"
        if joins.known_contracts
        else ""
    )
    complete = _complete_from(joins)
    return f"""SELECT * REPLACE (CASE
            WHEN data_source IS NULL THEN {_problem_of("no-claim-id", "data_source")}
            WHEN claim_id IS NULL THEN {_problem_of("no-claim-id", "claim_id")}
            WHEN problem IS NOT NULL THEN problem
            WHEN claim_line_number IS NULL THEN {_problem_of("no-line-number", "claim_line_number")}
            WHEN date_of_service IS NULL THEN {_problem_of("no-date-of-service", "claim_line_start_date")}
            WHEN last_day < date_of_service THEN {_problem_of("end-before-start", "claim_line_end_date", "strftime(last_day, '%Y-%m-%d')")}
            {unknown} END AS problem),
            {complete} AS history_complete_from
        FROM (SELECT *, coalesce(trim(x_member_contract_id, ' '), {contract}) AS contract,
            CASE WHEN x_line_of_business IS NOT NULL THEN named_line ELSE coalesce({rules}, span_line) END AS line_of_business,
            coalesce(trim(x_member_contract_id, ' '), {last_contract}) AS last_contract,
            CASE WHEN x_line_of_business IS NOT NULL THEN named_line ELSE coalesce({rules}, last_span_line) END
                AS last_line_of_business,
            coalesce(span_birth, x_patient_birth_date) AS born FROM joined)"""


def _complete_from(joins: Joins) -> str:
    days = " ".join(
        f"WHEN {fence.text(source)} THEN DATE '{day}'" for source, day in sorted(joins.complete_from.items())
    )
    held = f"CASE data_source {days} END" if days else "NULL::DATE"
    if joins.spans is None or joins.is_history_whole:
        return held
    # greatest() passes over a null, and a member without a span is complete from no day
    return f"CASE WHEN first_span IS NOT NULL AND {held} IS NOT NULL THEN greatest({held}, first_span) END"


def _columns(number: int, cells: Mapping[str, Cell], joins: Joins, carried: Mapping[str, str]) -> str:
    states = ", ".join(fence.text(each) for each in sorted(STATES))
    raised = [f"upper(trim({fence.name(name)}, ' '))" for name in _family(cells, "hcpcs_modifier")]
    odd = [f"coalesce(NOT regexp_full_match({each}, '[0-9A-Z]{{2}}'), false)" for each in raised]
    odd_modifier = f"({' OR '.join(odd)})" if odd else "false"
    columns = {name: name for name in SCHEMA} | {
        "line_id": f"CAST({number} AS BIGINT) * {1 << LINE_NUMBERS} + position",
        "input": f"{number}",
        "code": "code",
        "modifiers": f"CASE WHEN NOT {odd_modifier} THEN list_sort(list_distinct({_joined_list(raised)})) END"
        if raised
        else "NULL",
        "diagnoses": f"""CASE WHEN len(tokens) > 1 THEN list_sort(list_distinct({_marked(joins)}))
            WHEN len(tokens) = 1 THEN tokens END""",
        "diagnosis_scope": "CASE WHEN len(tokens) > 0 THEN CASE WHEN pointers IS NULL THEN 'claim' ELSE 'line' END END",
        "member_id": "member",
        "state": f"CASE WHEN upper(trim(x_state, ' ')) IN ({states}) THEN upper(trim(x_state, ' ')) END",
        "plan": "coalesce(trim(plan, ' '), span_plan)",
        "last_plan": "coalesce(trim(plan, ' '), last_span_plan)",
        "contract_given": "contract IS NOT NULL",
        "birth_date": "CASE WHEN born <= date_of_service THEN born END",
        "sex": "coalesce(span_sex, patient_sex)",
        "units": "CASE WHEN service_unit_quantity >= 0 THEN service_unit_quantity END",
        "unit_basis": "upper(trim(x_unit_basis, ' '))",
        "place_of_service": f"CASE WHEN {_PLACE} THEN trim(place_of_service_code, ' ') END",
        "provider_specialty": f"CASE WHEN {_TAXONOMY} THEN upper(trim(x_rendering_taxonomy, ' ')) END",
        "claim_type": "CASE WHEN lower(trim(claim_type, ' ')) IN ('professional', 'institutional') "
        "THEN lower(trim(claim_type, ' ')) ELSE 'undetermined' END",
        "prior_auth_number": "x_prior_auth_number",
        "billed_amount": "charge_amount",
        "findings": _findings(cells, states, odd_modifier),
    }
    typed = [f"CAST({sql} AS {SCHEMA[name]}) AS {name}" for name, sql in columns.items()]
    typed += [
        "trim(x_claim_frequency_code, ' ') AS frequency",
        "x_original_claim_id AS original_claim_id",
        "file_date",
        "ingest_datetime",
        "problem.key AS reject_key",
        "problem.column AS reject_column",
        f"left(problem.found, {FOUND_LENGTH}) AS reject_found",
    ]
    typed += [f"{fence.name(f'carry {name}')} AS {fence.name(name)}" for name in carried]
    return "SELECT " + ",\n    ".join(typed) + "\nFROM judged"


_PLACE = "regexp_full_match(trim(place_of_service_code, ' '), '[0-9]{2}')"
_TAXONOMY = "regexp_full_match(upper(trim(x_rendering_taxonomy, ' ')), '[0-9A-Z]{9}X')"


def _findings(cells: Mapping[str, Cell], states: str, odd_modifier: str) -> str:
    """The keys of ``findings.FINDINGS`` that are so; conditions on columns the file does not have are left out."""
    conditions: dict[str, tuple[tuple[str, ...], str]] = {
        "bad-npi-check-digit": (
            ("rendering_npi", "billing_npi"),
            f"NOT {check_digit_sql('rendering_npi')} OR NOT {check_digit_sql('billing_npi')}",
        ),
        "birth-after-service": ((), "born > date_of_service"),
        "code-malformed": ((), "is_code_malformed"),
        "code-raised": ((), "NOT is_code_malformed AND raised_code <> trimmed_code"),
        "code-trimmed": ((), "NOT is_code_malformed AND trimmed_code <> hcpcs_code"),
        "diagnoses-of-claim": (
            (),
            _OF_CLAIM,
        ),
        "diagnosis-dot-dropped": ((), "is_dx_dotted"),
        "diagnosis-malformed": ((), "contains(array_to_string(tokens, ' '), '!') AND said_system <> '?'"),
        "diagnosis-raised": ((), "is_dx_raised"),
        "diagnosis-system-unknown": (("diagnosis_code_type",), "said_system = '?' AND len(tokens) > 0"),
        "diagnosis-trimmed": ((), "is_dx_trimmed"),
        "eligibility-disagrees": ((), "spans_disagree"),
        "frequency-code-unknown": (
            ("x_claim_frequency_code",),
            "trim(x_claim_frequency_code, ' ') NOT IN ('1', '7', '8')",
        ),
        "line-of-business-undeclared": (
            ("x_line_of_business",),
            "x_line_of_business IS NOT NULL AND named_line IS NULL",
        ),
        "malformed-modifier": ((), odd_modifier),
        "malformed-place-of-service": (("place_of_service_code",), f"NOT {_PLACE}"),
        "malformed-taxonomy": (("x_rendering_taxonomy",), f"NOT {_TAXONOMY}"),
        "negative-units": (("service_unit_quantity",), "service_unit_quantity < 0"),
        "no-eligibility-span": ((), "has_span IS NOT NULL AND NOT has_span AND member IS NOT NULL"),
        "pointer-dangling": (
            ("x_diagnosis_pointers",),
            "pointers IS NOT NULL AND list_contains(tokens, '!pointer')",
        ),
        "pointers-malformed": (
            ("x_diagnosis_pointers",),
            "x_diagnosis_pointers IS NOT NULL AND pointers IS NULL",
        ),
        "qualifier-mismatch": (("x_diagnosis_qualifiers",), "is_dx_mismatched"),
        "state-unknown": (("x_state",), f"upper(trim(x_state, ' ')) NOT IN ({states})"),
    }
    arms = [
        f"CASE WHEN {condition} THEN {fence.text(key)} END"
        for key, (needed, condition) in conditions.items()
        if not needed or any(name in cells for name in needed)
    ]
    return _joined_list(arms)


def expected_of(reject_key: str, column: str) -> tuple[str, str]:
    """What a reject of a row expected, and its mend."""
    fixed = {
        "no-claim-id": (
            "a data source and a claim id on every row",
            "fill it in, or name the source with --data-source",
        ),
        "no-line-number": ("the number of the line in its claim, from 1", "number the lines of each claim"),
        "no-date-of-service": ("a first day of care, of the line or of the claim", "fill it in"),
        "end-before-start": ("a last day on or after the first", "correct one of the two"),
        "unknown-contract": ("a contract that is held", "add the contract, or correct its id"),
    }
    if reject_key in fixed:
        return fixed[reject_key]
    kind = BY_NAME[column].type if column in BY_NAME else ColumnType.TEXT
    return EXPECTED[kind], MENDS.get(reject_key, "correct it")
