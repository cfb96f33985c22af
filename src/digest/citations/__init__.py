"""Who cites whom: references read, and matched with papers. Pure; the catalogue applies it."""
