"""What a rehearsal leaves behind: a table on the terminal, report.json for machines, report.html for people."""

from rehearsal.report.facts import Fallback, Machine, Permissions, ReportFacts, Resources
from rehearsal.report.files import ReportPaths, write
from rehearsal.report.terminal import terminal_table
from rehearsal.report.verdict import origin_problems, outage_problems, passed
from rehearsal.report.words import headline, stood_in

__all__ = [
    "Fallback",
    "Machine",
    "Permissions",
    "ReportFacts",
    "ReportPaths",
    "Resources",
    "headline",
    "origin_problems",
    "outage_problems",
    "passed",
    "stood_in",
    "terminal_table",
    "write",
]
