"""Evidence computed: what the trials of one question say together, and how sure that is.

Nothing here decides a case: a determination cites a conclusion that a person signed, and never computes one. So no room
that decides imports this one, and floats are fine here. It needs numpy and scipy, which the extra `evidence` brings.
"""
