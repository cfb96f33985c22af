"""Hold any vault, ours or not, against what Obsidian and file systems need; nothing is written.

``check`` finds, ``plan`` says how what needs no guessing is mended; who may write carries the plan out.
"""

from digest.check.checker import check, plan
from digest.check.repair import Change, Plan, Rewrite
from digest.check.report import Finding, Kind, Report, Severity

__all__ = ["Change", "Finding", "Kind", "Plan", "Report", "Rewrite", "Severity", "check", "plan"]
