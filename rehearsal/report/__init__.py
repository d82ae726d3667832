"""What a rehearsal leaves behind: a table on the terminal, report.json for machines, report.html for people."""

from rehearsal.report.facts import Machine, Permissions, ReportFacts, Resources
from rehearsal.report.files import ReportPaths, write
from rehearsal.report.terminal import terminal_table
from rehearsal.report.verdict import origin_problems, passed

__all__ = [
    "Machine",
    "Permissions",
    "ReportFacts",
    "ReportPaths",
    "Resources",
    "origin_problems",
    "passed",
    "terminal_table",
    "write",
]
