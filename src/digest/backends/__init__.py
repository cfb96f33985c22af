"""Parts that are chosen by name and imported when used."""
