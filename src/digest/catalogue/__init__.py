"""The catalogue: SQLite tables, what is written to them, and what pages read from them."""
