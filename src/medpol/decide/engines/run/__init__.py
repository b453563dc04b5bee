"""A run: files of claims to a folder of determinations, exactly once, resumable, byte for byte."""
