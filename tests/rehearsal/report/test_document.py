"""report.json has the agreed shape, and what it says is what was counted."""

import json
from dataclasses import replace
from pathlib import Path

from rehearsal.report import write
from rehearsal.report.document import document
from rehearsal.traffic.accounting import StepWindow, account
from tests.rehearsal.report.made_up import BEGAN, FACTS, FACTS_OF_OUTAGE, bad_run, good_run, outage_run


def test_the_shape_is_the_agreed_one() -> None:
    report = document(good_run(), FACTS)
    assert list(report) == [
        "lost",
        "requests",
        "cut_streams",
        "duplicated",
        "cut_by_outage",
        "fallback",
        "steps",
        "resources",
        "permissions",
        "not_proven",
        "machine",
    ]
    assert [set(step) for step in report["steps"]] == [
        {"name", "seconds", "requests", "lost", "p50_ms", "p95_ms", "exit_code"}
    ] * 3
    assert report["resources"] == {"realised": 94, "accepted_only": ["aws:wafv2/webAcl:WebAcl"]}
    assert report["permissions"] == {
        "denied": [],
        "unused": ["ecs:TagResource"],
        "roles": {
            "deployer": {"denied": [], "unused": ["ecs:TagResource"]},
            "operator": {"denied": [], "unused": []},
        },
    }
    assert report["machine"]["peak_memory_mb"] == 1234.5


def test_what_was_counted_is_what_is_said() -> None:
    report = document(bad_run(), FACTS)
    assert (report["requests"], report["lost"], report["cut_streams"], report["duplicated"]) == (300, 2, 1, 1)
    assert [step["lost"] for step in report["steps"]] == [1, 0, 0]
    assert [step["requests"] for step in report["steps"]] == [100, 60, 70]
    assert [step["exit_code"] for step in report["steps"]] == [0, 0, 2]


def test_an_outage_of_the_storys_own_is_told_apart_from_what_counts_against_the_run() -> None:
    assert document(good_run(), FACTS)["fallback"] is None
    report = document(outage_run(), FACTS_OF_OUTAGE)
    assert (report["cut_streams"], report["cut_by_outage"]) == (0, 1)
    assert report["fallback"] == {
        "seconds": 12.5,
        "requests": 90,
        "prompt_tokens": 63_000,
        "completion_tokens": 9_000,
        "usd": 0.2475,
        "usd_per_hour": 71.28,
        "gpu_usd_per_hour": 2.012,
    }


def test_a_step_without_traffic_has_no_percentiles() -> None:
    (step,) = document(account([], [], [StepWindow("provision", BEGAN, BEGAN + 9)]), FACTS)["steps"]
    assert (step["seconds"], step["p50_ms"], step["p95_ms"]) == (9.0, None, None)


def test_both_files_are_written_and_no_draft_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    paths = write(folder, good_run(), FACTS)
    assert json.loads(paths.json.read_text()) == document(good_run(), FACTS)
    assert paths.html.read_text().startswith("<!doctype html>")
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.json"]


def test_a_new_report_replaces_the_old_one(tmp_path: Path) -> None:
    write(tmp_path, bad_run(), FACTS)
    paths = write(tmp_path, good_run(), replace(FACTS, story="second"))
    assert json.loads(paths.json.read_text())["lost"] == 0
    assert "second" in paths.html.read_text()
