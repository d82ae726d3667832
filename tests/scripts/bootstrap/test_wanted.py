"""Settings are judged before they are complete, and what Pulumi keeps encrypted is never asked for."""

import pytest

from scripts.bootstrap import wanted
from scripts.bootstrap.finding import Status
from scripts.errors import Refused
from stacks.offline.settings import merged


def text(**changes: str) -> dict[str, str]:
    """Staging's settings, completed."""
    own = {key.partition(":")[2]: value for key, value in merged("staging", {}).items()}
    digest = "@sha256:" + "0" * 64
    known = {
        "domainName": "llm.example.com",
        "hostedZoneId": "Z0123456789",
        "gpuAmiId": "ami-0123456789abcdef0",
        "collectorImage": f"collector{digest}",
        "gpuExporterImage": f"exporter{digest}",
        "alertEmails": '["oncall@example.com"]',
        "previewToken": '{"secure": "v1:abc:def"}',
    }
    return {**own, **known, **changes}


def test_complete_settings_have_no_problem_and_an_encrypted_token_counts_as_there() -> None:
    found = wanted.judged("staging", text())
    assert [finding.status for finding in found.problems] == [Status.OK]
    assert found.text("gpuAmiId") == "ami-0123456789abcdef0"
    assert found.instance_type is not None


def test_what_is_missing_says_the_command_for_this_very_stack() -> None:
    found = wanted.judged("staging", text(previewToken=""))
    (missing,) = found.problems
    assert (missing.matter, missing.status) == ("setting previewToken", Status.MISSING)
    assert missing.next_command is not None
    assert missing.next_command.endswith("--stack staging")


def test_a_token_in_plain_text_is_wrong_and_is_not_repeated() -> None:
    token = "0123456789abcdef" * 4
    (wrong,) = wanted.judged("staging", text(previewToken=token)).problems
    assert (wrong.matter, wrong.status) == ("setting previewToken", Status.WRONG)
    assert token not in wrong.says


def test_one_bad_setting_does_not_hide_another() -> None:
    found = wanted.judged("staging", text(domainName="", gpuAmiId="ami-x"))
    assert {finding.matter for finding in found.problems} == {"setting domainName", "setting gpuAmiId"}


def test_an_environment_without_a_usable_name_is_refused() -> None:
    with pytest.raises(Refused, match="lower-case"):
        wanted.of("Not-A-Name")
