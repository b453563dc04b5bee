"""The plan read in bulk: a table of claim lines in, a table of determinations out.

Lines that no source can tell apart are one *class*. SQL finds the classes of a table, by one fixed text over small
tables that come from the plan and from the values that occur; ``decide.one`` answers one line of each class, and SQL
spreads the answer. Every class is checked as it is answered: the bits that SQL found are those that the single reading
finds.
"""
