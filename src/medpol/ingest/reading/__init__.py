"""What runs in the child process: formats that need a library of others, to lines and blocks.

The parent imports ``child`` only, for the shape of the answer; ``pdf`` and ``docx`` are programs (``apart`` starts them).
"""
