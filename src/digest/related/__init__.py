"""Which papers are near which: exact neighbours, and the links that are shown."""
