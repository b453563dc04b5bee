"""Where a bulk decision runs: one module an engine, each a ``Connection`` of ``decide.table``."""
