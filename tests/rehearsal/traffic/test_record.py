"""The file says everything after a kill at any byte, and nothing false."""

from dataclasses import replace
from pathlib import Path

import pytest

from rehearsal.traffic.errors import BadRecords
from rehearsal.traffic.record import Outcome, Record, RecordFile, read

BEGUN = Record("a", 10.0, "127.0.0.1:8443", streaming=True)
ENDED = replace(BEGUN, status=200, outcome=Outcome.ANSWERED, colour="blue", first_token_ms=60.5, ms=912.0)


def _write(path: Path, *records: Record) -> Path:
    with RecordFile(path) as file:
        for record in records:
            file.write(record)
    return path


def test_the_end_of_a_request_replaces_its_start(tmp_path: Path) -> None:
    other = replace(BEGUN, id="b", started=9.0)
    assert read(_write(tmp_path / "t", BEGUN, other, ENDED)) == [other, ENDED]


def test_a_second_generator_appends(tmp_path: Path) -> None:
    _write(tmp_path / "t", ENDED)
    assert len(read(_write(tmp_path / "t", replace(ENDED, id="b")))) == 2


def test_a_kill_at_any_byte_of_the_end_leaves_the_request_unfinished(tmp_path: Path) -> None:
    start = len(_write(tmp_path / "start", BEGUN).read_bytes())
    whole = _write(tmp_path / "whole", BEGUN, ENDED).read_bytes()
    for size in range(start, len(whole)):
        (tmp_path / "torn").write_bytes(whole[:size])
        assert read(tmp_path / "torn") == [BEGUN]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = _write(tmp_path / "t", BEGUN)
    path.write_bytes(b'{"id": 1}\n' + path.read_bytes())
    with pytest.raises(BadRecords, match="line 1 is not a record"):
        read(path)


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(BadRecords, match=r"python -m rehearsal\.traffic"):
        read(tmp_path / "none")
