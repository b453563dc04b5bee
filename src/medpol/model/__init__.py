"""The words of the field as plain frozen values: truth, dates, codes, criteria, evidence, policy, case, determination.

Standard library only. No clock, file, network or locale: every value is handed in and every function is pure.
"""
