"""Claims in: files of claim lines as payers hold them, read strictly into one table, every row accounted for.

Parquet, CSV and X12 837 come in; ``columns`` is the one place that says what the table holds. A row that cannot be read
is a reject with its place and its mend, never dropped and never guessed. Nothing is decided here.
"""
