"""Hold any vault, ours or not, against what Obsidian and file systems need; nothing is written."""

from digest.check.checker import check
from digest.check.report import Finding, Kind, Report

__all__ = ["Finding", "Kind", "Report", "check"]
