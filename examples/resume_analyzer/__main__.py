"""`python -m examples.resume_analyzer FILE`: prints name, years of experience and skills, and on stderr who answered.

Exits 0, or 1 with one message.
"""

import argparse
import os
import sys
from pathlib import Path

from examples.resume_analyzer import settings
from examples.resume_analyzer.errors import AnalysisFailed, FileUnusable

# BAML logs each prompt and answer by default, and a resume is personal data.
os.environ.setdefault("BAML_LOG", "off")


def main() -> int:
    parser = argparse.ArgumentParser("python -m examples.resume_analyzer", allow_abbrev=False, description=__doc__)
    parser.add_argument("file", type=Path, help="a resume as plain text")
    try:
        return _report(_text(parser.parse_args().file))
    except AnalysisFailed as error:
        print(f"resume_analyzer: {error}", file=sys.stderr)
        return 1


def _report(text: str) -> int:
    told = settings.read(os.environ)
    # Loading the generated client takes longer than saying what is wrong before it is needed.
    from examples.resume_analyzer.analysis import analyze

    found = analyze(text, told)
    print(f"Name: {found.resume.name}")
    print(f"Years of experience: {found.resume.years_of_experience}")
    print(f"Skills: {', '.join(found.resume.skills)}")
    because = f" ({found.fallback_reason})" if found.fallback_reason else ""
    print(f"client {found.client}, answered by {found.tier or 'the provider itself'}{because}", file=sys.stderr)
    return 0


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise FileUnusable(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileUnusable(f"{path}: not UTF-8 text; convert it first, a PDF with pdftotext for example") from None
    if not text:
        raise FileUnusable(f"{path}: empty")
    return text


if __name__ == "__main__":
    sys.exit(main())
