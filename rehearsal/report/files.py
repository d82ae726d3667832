"""Writes the report. A reader never meets half a file, and an old report stays until the new one is whole."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from rehearsal.report.document import document
from rehearsal.report.facts import ReportFacts
from rehearsal.report.page import page
from rehearsal.traffic.accounting import Account


@dataclass(frozen=True)
class ReportPaths:
    json: Path
    html: Path


def write(folder: Path, account: Account, facts: ReportFacts) -> ReportPaths:
    """Write report.json and report.html into the folder, which is made if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = ReportPaths(folder / "report.json", folder / "report.html")
    _replace(paths.html, page(account, facts))
    _replace(paths.json, json.dumps(document(account, facts), indent=2) + "\n")
    return paths


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
