"""A library to flat rows, and a case to an answer: the plan, one case, the words of an answer, its smallest sets.

Nothing here opens a document or reads a clock. A later room reads the same plan in bulk.
"""
