"""Final claims: of originals, replacements, voids and reversals, which lines stand; and keys that stand twice.

Only what is sorted is looked at: lines of a claim that repeats a key, states a frequency code, names an original, is named
as one, or is negative. Every other line is final.

1. A frequency code of 8 voids the original and itself, 7 replaces the original whole; without ``x_original_claim_id`` the
   original is the same claim's. A chain whose original is missing, that goes in a circle, or that forks (two claims replace
   one) is undetermined.
2. Of the lines left with one key, a negative one and the one it cancels exactly go together (``reversal``, ``void``); then
   the latest by paid date, file date and ingest time is final and replaces the others; those that tie are undetermined.
3. Lines with one key that nothing tells apart are a repeated key: all of the key are refused.
"""

from __future__ import annotations

import duckdb

from medpol.claims.lines import LINE_NUMBERS

_LINES_A_PASS = 8_000_000
"""Keys are looked through in as many passes as keep the table of one small."""

_KEY = "data_source, claim_id, claim_line_number"
_AMOUNTS = ("billed_amount", "allowed_amount", "paid_amount")
_DATES = ("paid_date", "file_date", "ingest_datetime")
_COLUMNS = f"line_id, input, position, {_KEY}, frequency, original_claim_id, {', '.join((*_AMOUNTS, *_DATES))}"
_IS_NEGATIVE = " OR ".join(f"coalesce({each} < 0, false)" for each in _AMOUNTS)


def sort_final(engine: duckdb.DuckDBPyConnection, staged: str, lines: int) -> None:
    """Makes ``statuses`` (line_id, final_status), of lines that are not final, and ``repeated`` (line_id, elsewhere).

    ``staged`` is the relation of all lines that are not rejected so far.
    """
    passes = 1 + lines // _LINES_A_PASS
    engine.execute("CREATE OR REPLACE TEMP TABLE twice (key_hash UBIGINT)")
    for at in range(passes):
        engine.execute(
            f"""INSERT INTO twice SELECT key_hash FROM (SELECT hash({_KEY}) AS key_hash FROM {staged})
            WHERE key_hash % {passes} = {at} GROUP BY key_hash HAVING count(*) > 1"""
        )
    for statement in _STATEMENTS:
        engine.execute(statement.format(staged=staged))


_STATEMENTS = (
    # Lines that are looked at: those of every claim of which a line is out of the ordinary.
    f"""CREATE OR REPLACE TEMP TABLE odd_claims AS
        SELECT DISTINCT data_source, claim_id FROM {{staged}}
        WHERE coalesce(frequency, '1') <> '1' OR {_IS_NEGATIVE} OR hash({_KEY}) IN (SELECT key_hash FROM twice)
        UNION SELECT DISTINCT data_source, original_claim_id FROM {{staged}}
        WHERE frequency IN ('7', '8') AND original_claim_id IS NOT NULL""",
    f"""CREATE OR REPLACE TEMP TABLE sorting AS
        SELECT {_COLUMNS}, {_IS_NEGATIVE} AS is_negative, coalesce(frequency, '1') AS code,
            coalesce(original_claim_id, claim_id) AS target
        FROM {{staged}} SEMI JOIN odd_claims USING (data_source, claim_id)""",
    # Rows that are the same in all that could tell them apart: nothing of their key can be trusted.
    f"""CREATE OR REPLACE TEMP TABLE repeated_keys AS
        SELECT DISTINCT {_KEY} FROM (SELECT {_KEY} FROM sorting
        GROUP BY {_KEY}, code, original_claim_id, {", ".join((*_AMOUNTS, *_DATES))} HAVING count(*) > 1)""",
    f"""CREATE OR REPLACE TEMP TABLE kept AS SELECT * FROM sorting ANTI JOIN repeated_keys USING ({_KEY})""",
    # Replacements and voids, claim by claim.
    """CREATE OR REPLACE TEMP TABLE actors AS
        SELECT DISTINCT data_source, claim_id, code, target FROM kept WHERE code IN ('7', '8')""",
    """CREATE OR REPLACE TEMP TABLE links AS
        SELECT DISTINCT a.data_source, a.claim_id, a.code, a.target FROM actors AS a
        JOIN kept AS k ON k.data_source = a.data_source AND k.claim_id = a.target
            AND (k.claim_id <> a.claim_id OR k.code = '1')""",
    """CREATE OR REPLACE TEMP TABLE rooted AS
        WITH RECURSIVE reached AS (
            SELECT DISTINCT data_source, target AS claim_id FROM links AS l
            WHERE NOT EXISTS (SELECT 1 FROM links AS o
                WHERE o.data_source = l.data_source AND o.claim_id = l.target AND o.target <> o.claim_id)
            UNION
            SELECT l.data_source, l.claim_id FROM links AS l JOIN reached AS r
                ON r.data_source = l.data_source AND r.claim_id = l.target
        ) SELECT * FROM reached""",
    """CREATE OR REPLACE TEMP TABLE forks AS
        SELECT data_source, target FROM links WHERE target <> claim_id
        GROUP BY data_source, target HAVING count(DISTINCT claim_id) > 1""",
    """CREATE OR REPLACE TEMP TABLE sound AS
        SELECT * FROM links SEMI JOIN rooted ON rooted.data_source = links.data_source AND rooted.claim_id = links.target""",
    """CREATE OR REPLACE TEMP TABLE linked AS
        SELECT k.*,
            EXISTS (SELECT 1 FROM sound AS s WHERE s.data_source = k.data_source AND s.target = k.claim_id AND s.code = '8'
                AND (s.claim_id <> k.claim_id OR k.code = '1')) AS is_voided,
            EXISTS (SELECT 1 FROM sound AS s WHERE s.data_source = k.data_source AND s.target = k.claim_id AND s.code = '7'
                AND (s.claim_id <> k.claim_id OR k.code = '1')) AS is_replaced,
            EXISTS (SELECT 1 FROM sound AS s WHERE s.data_source = k.data_source AND s.claim_id = k.claim_id
                AND s.code = k.code AND s.target = k.target) AS is_sound,
            k.target <> k.claim_id AND EXISTS (SELECT 1 FROM forks AS f
                WHERE f.data_source = k.data_source AND f.target = k.target) AS is_fork
        FROM kept AS k""",
    """CREATE OR REPLACE TEMP TABLE by_links AS
        SELECT *, CASE WHEN is_voided THEN 'void' WHEN is_replaced THEN 'replaced'
            WHEN code = '8' THEN CASE WHEN is_sound THEN 'void' ELSE 'undetermined' END
            WHEN code = '7' THEN CASE WHEN is_sound AND NOT is_fork THEN NULL ELSE 'undetermined' END
            WHEN code <> '1' THEN 'undetermined' END AS status
        FROM linked""",
    # Reversals: per key and amounts, as many negative lines as lines that they cancel.
    f"""CREATE OR REPLACE TEMP TABLE by_amounts AS
        SELECT * EXCLUDE (status), CASE WHEN negatives = 0 THEN NULL
            WHEN negatives = positives THEN CASE WHEN is_negative THEN 'reversal' ELSE 'void' END
            ELSE 'undetermined' END AS status
        FROM (SELECT *, count(*) FILTER (is_negative) OVER same AS negatives, count(*) FILTER (NOT is_negative) OVER same AS positives
            FROM by_links WHERE status IS NULL
            WINDOW same AS (PARTITION BY {_KEY}, {", ".join(f"CASE WHEN is_negative THEN -{each} ELSE {each} END" for each in _AMOUNTS)}))""",
    f"""CREATE OR REPLACE TEMP TABLE in_order AS
        SELECT * FROM by_amounts WHERE status IS NULL QUALIFY count(*) OVER (PARTITION BY {_KEY}) > 1""",
    f"""INSERT INTO repeated_keys SELECT {_KEY} FROM in_order
        WHERE code = '1' AND {" AND ".join(f"{each} IS NULL" for each in _DATES)}
        GROUP BY {_KEY} HAVING count(*) > 1""",
    f"""CREATE OR REPLACE TEMP TABLE later AS
        SELECT a.line_id AS earlier, b.line_id AS line_id FROM in_order AS a JOIN in_order AS b USING ({_KEY})
        WHERE CASE {" ".join(f"WHEN a.{each} <> b.{each} THEN a.{each} < b.{each}" for each in _DATES)} ELSE false END""",
    f"""CREATE OR REPLACE TEMP TABLE ranked AS
        SELECT line_id, {_KEY}, count(*) OVER one AS lines,
            line_id NOT IN (SELECT earlier FROM later) AS is_top,
            (SELECT count(*) FROM later WHERE later.line_id = o.line_id) AS beaten
        FROM in_order AS o WINDOW one AS (PARTITION BY {_KEY})""",
    f"""CREATE OR REPLACE TEMP TABLE by_dates AS
        SELECT line_id, CASE
            WHEN tops = 1 AND is_top AND beaten = lines - 1 THEN NULL
            WHEN NOT is_top AND line_id IN (SELECT earlier FROM later SEMI JOIN (SELECT line_id FROM ranked WHERE is_top) USING (line_id))
                THEN 'replaced'
            ELSE 'undetermined' END AS status
        FROM (SELECT *, count(*) FILTER (is_top) OVER one AS tops FROM ranked WINDOW one AS (PARTITION BY {_KEY}))""",
    f"""CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT line_id, min(place) OVER others AS first_place, max(place) OVER others AS last_place, place,
            count(*) OVER others AS times
        FROM (SELECT *, CAST(input AS BIGINT) * {1 << LINE_NUMBERS} + position AS place FROM sorting) SEMI JOIN repeated_keys USING ({_KEY})
        WINDOW others AS (PARTITION BY {_KEY})""",
    """CREATE OR REPLACE TEMP TABLE statuses AS
        SELECT line_id, status AS final_status FROM (
            SELECT line_id, status FROM by_links UNION ALL SELECT line_id, status FROM by_amounts
            UNION ALL SELECT line_id, status FROM by_dates)
        WHERE status IS NOT NULL AND line_id NOT IN (SELECT line_id FROM repeated)""",
    *(
        f"DROP TABLE {each}"
        for each in [
            "twice",
            "odd_claims",
            "sorting",
            "repeated_keys",
            "kept",
            "actors",
            "links",
            "rooted",
            "forks",
            "sound",
            "linked",
            "by_links",
            "by_amounts",
            "in_order",
            "later",
            "ranked",
            "by_dates",
        ]
    ),
)
