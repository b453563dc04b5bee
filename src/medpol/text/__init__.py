"""The printed face of policies, both ways: a document to values with positions kept, and values to a document.

Every misfit of a document becomes a diagnostic with its place and its mend; the reader carries on.
"""
