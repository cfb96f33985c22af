"""Where mathematics stands in a text of arXiv."""

from __future__ import annotations

import re

# Pandoc's rule for a single dollar: no space just inside, no digit just after. So "$5 and $6" is money.
MATHEMATICS = re.compile(
    r"\$\$[^$]+\$\$"
    r"|(?<!\\)\$(?![\s$])(?:[^$\\\n]|\\[^\n]){0,400}?(?<![\s\\])\$(?!\d)"
    r"|\\\((?:(?!\\\)).){1,400}\\\)"
    r"|\\\[(?:(?!\\\]).){1,400}\\\]",
    re.DOTALL,
)
"""``$…$``, ``$$…$$``, ``\\(…\\)`` and ``\\[…\\]``, delimiters included."""
