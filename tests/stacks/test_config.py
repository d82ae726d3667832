"""Settings: typed, complete, related to each other, and refused all at once."""

import json
from functools import cache
from typing import Any

import pytest

from stacks.config import parse
from stacks.errors import SettingsError
from stacks.external_fallback import ExternalFallback
from stacks.naming import Part
from stacks.offline.settings import merged
from stacks.schema import NatGateways, Settings
from tests.stacks.examples import ENVIRONMENTS, OWNER, SECRET, plain


@cache
def shipped(environment: str) -> dict[str, str]:
    """Read once: three files each time took most of these tests' time."""
    return plain(merged(environment, OWNER))


def text(environment: str = "staging", **changed: Any) -> dict[str, str]:
    given = {key: value if isinstance(value, str) else json.dumps(value) for key, value in changed.items()}
    return {**shipped(environment), **given}


def problems(environment: str = "staging", **changed: Any) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        parse(environment, text(environment, **changed), SECRET)
    return refused.value.problems


def load(environment: str, **changed: Any) -> Settings:
    return parse(environment, text(environment, **changed), SECRET)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_shipped_environment_loads_once_its_owner_has_filled_in_what_only_they_know(environment: str) -> None:
    assert load(environment).environment == environment


def test_settings_are_typed() -> None:
    settings = load("production")
    assert settings.place.zones == ("us-east-1a", "us-east-1b")
    assert settings.place.nat_gateways is NatGateways.PER_ZONE
    assert settings.fallback.external_fallback is ExternalFallback.ALLOW
    assert settings.hosts.hourly_usd == 1.006
    assert settings.hosts.kind.gpus == 1
    assert settings.health.of(Part.VLLM).unhealthy_count == 4
    assert settings.health.of(Part.API).interval_seconds == 10


def test_a_fresh_stack_is_told_everything_that_is_missing_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        parse("staging", plain(merged("staging", {})), SECRET)
    assert len(refused.value.problems) == len(OWNER)
    assert all(any(key in problem for problem in refused.value.problems) for key in OWNER)


def test_a_secret_in_plain_text_is_refused_without_being_repeated() -> None:
    with pytest.raises(SettingsError) as refused:
        parse("staging", text("staging"), frozenset())
    (problem,) = refused.value.problems
    assert "pulumi config set --secret previewToken" in problem and OWNER["previewToken"] not in problem


@pytest.mark.parametrize("setting", ["openaiModel", "openaiBaseUrl", "domainName"])
def test_somebodys_key_is_refused_wherever_it_stands_and_never_repeated(setting: str) -> None:
    key = "sk-proj-0123456789abcdefghij"
    (problem,) = problems(**{setting: key})
    assert "fab secrets.set" in problem and key not in problem


def test_a_token_on_its_way_out_is_taken_beside_the_present_one() -> None:
    assert load("staging").entrance.preview_tokens == (OWNER["previewToken"],)
    both = load("staging", previousPreviewToken="f" * 64).entrance.preview_tokens
    assert both == (OWNER["previewToken"], "f" * 64)


def test_what_is_missing_comes_with_the_command_that_finds_it() -> None:
    found = "\n".join(problems(gpuAmiId="", certificateArn="", previewToken=""))
    assert "aws ssm get-parameter" in found
    assert "aws acm list-certificates" in found
    assert "openssl rand -hex 32" in found


def test_an_unknown_setting_is_refused_and_the_nearest_one_is_named() -> None:
    (problem,) = problems(streamLimitSecond=5)
    assert "'streamLimitSeconds'" in problem


# fmt: off
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    # times (design, section 3)
    ("staging", {"deregistrationDelaySeconds": 599}, "at least the stream limit"),
    ("staging", {"deregistrationDelaySeconds": 3601, "settleTimeoutSeconds": "4000"}, "0 to 3600"),
    ("staging", {"streamLimitSeconds": 0}, "1 to 3600"),
    ("staging", {"idleTimeoutSeconds": 599}, "silent until it is whole"),
    ("staging", {"idleTimeoutSeconds": 4001, "keepAliveSeconds": 4002}, "1 to 4000"),
    ("staging", {"keepAliveSeconds": 620}, "longer than the load balancer"),
    ("staging", {"stopTimeoutSeconds": 121}, "2 to 120"),
    ("staging", {"settleTimeoutSeconds": "719"}, "outlast draining"),
    ("staging", {"holdSeconds": "119"}, "two minutes late"),
    ("staging", {"intentValidSeconds": "6"}, "within 5 s"),
    ("staging", {"leaseSeconds": "9"}, "two announced writes"),
    ("staging", {"pollSeconds": "0"}, "more than 0"),
    ("staging", {"probeAnswers": 0}, "1 to 1000"),
    # health
    ("staging", {"apiHealthIntervalSeconds": 4, "apiHealthTimeoutSeconds": 2}, "5 to 300"),
    ("staging", {"vllmHealthTimeoutSeconds": 1}, "2 to 120"),
    ("staging", {"vllmHealthTimeoutSeconds": 15}, "time out before the next"),
    ("staging", {"apiHealthyCount": 1}, "2 to 10"),
    ("staging", {"containerCheckIntervalSeconds": 4}, "5 to 300"),
    ("staging", {"vllmGraceSeconds": -1}, "0 to"),
    # sizes
    ("staging", {"apiMinimumCount": 3}, "apiMinimumCount <= apiMaximumCount"),
    ("staging", {"vllmMinimumCount": 0}, "1 <= vllmMinimumCount"),
    ("production", {"vllmMinimumCount": 1}, "production needs two"),
    ("staging", {"maximumHosts": 1}, "both colours at once"),
    ("staging", {"reservedHosts": 3}, "more hosts reserved"),
    ("staging", {"instanceType": "p5.48xlarge"}, "expected one of g5.xlarge"),
    ("staging", {"instanceType": "g5.48xlarge"}, "fewer network interfaces"),
    ("staging", {"vllmMemoryMib": 15000}, "2048 MiB for its system"),
    ("staging", {"instanceType": "g5.12xlarge", "vllmMemoryMib": 49000}, "a task for each GPU"),
    ("staging", {"vllmSharedMemoryMib": 13312}, "counts towards"),
    ("staging", {"apiMemoryMib": 1024}, "two to eight MiB"),
    ("staging", {"gpuAmiId": "latest"}, "expected ami-"),
    ("production", {"reservedHosts": 3}, "paid for at all times"),
    ("staging", {"apiRequestsPerTarget": 0}, "in a minute"),
    ("staging", {"apiCpuPercent": 95}, "nothing left"),
    ("staging", {"vllmQueuePerTask": 0}, "wait for one vLLM task"),
    ("staging", {"hourlyUsd": "0"}, "above 0"),
    ("staging", {"instanceType": "g5.12xlarge"}, "pulumi config set hourlyUsd PRICE"),
    # place and entrance
    ("staging", {"zones": ["us-east-1a"]}, "two or three"),
    ("staging", {"zones": ["us-east-1a", "us-east-1a"]}, "different zones"),
    ("staging", {"zones": ["us-east-1a", "us-west-2b"]}, "not in region"),
    ("staging", {"cidr": "10.0.0.0/8"}, "between /16 and /22"),
    ("staging", {"cidr": "10.0.0.1/16"}, "between /16 and /22"),
    ("staging", {"cidr": "8.8.0.0/16"}, "private network"),
    ("staging", {"allowedSourceRanges": ["everybody"]}, "expected at least one network"),
    ("staging", {"allowedSourceRanges": []}, "expected at least one network"),
    ("staging", {"allowedSourceRanges": ["192.0.2.1"]}, "expected at least one network"),
    ("staging", {"allowedSourceRanges": ["192.0.2.0/255.255.255.0"]}, "expected at least one network"),
    ("staging", {"allowedSourceRanges": ["192.0.2.0/24", "192.0.2.0/24"]}, "at most 50 different"),
    ("staging", {"allowedSourceRanges": [f"10.0.{n}.0/24" for n in range(51)]}, "at most 50 different"),
    ("staging", {"allowedSourceRanges": ["2001:db8::/32"]}, "network of IPv4 addresses"),
    ("staging", {"cidr": "fd00::/16"}, "private network"),
    ("staging", {"zones": ["us-east-1a", "us-east-1e"]}, "no g5 in us-east-1e"),
    ("staging", {"interfaceEndpoints": ["s3"]}, "always there, and free"),
    ("staging", {"interfaceEndpoints": ["ecs", "ecs"]}, "expected different ones"),
    ("staging", {"domainName": "https://llm.example.com"}, "without scheme"),
    ("staging", {"certificateArn": "mine"}, "certificate's ARN"),
    ("staging", {"certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/1"}, "in the region"),
    ("staging", {"certificateArn": ""}, "one of the two is needed"),
    ("staging", {"hostedZoneId": "example.com"}, "id of a hosted zone"),
    ("staging", {"peakRequestsPerSecond": 0}, "ten times this"),
    ("staging", {"peakRequestsPerSecond": 133_334}, "two thousand million"),
    ("staging", {"previewToken": "0123456789abcdef"}, "128 bits"),
    ("staging", {"previewToken": "0" * 129}, "128 bits"),
    ("staging", {"previousPreviewToken": "0123456789abcdef"}, "token of before"),
    ("staging", {"previousPreviewToken": OWNER["previewToken"]}, "another one"),
    # what leaves and what is kept
    ("staging", {"openaiBaseUrl": "http://proxy.example.com/v1"}, "https://"),
    ("staging", {"openaiBaseUrl": "proxy"}, "expected a URL"),
    ("staging", {"openaiBaseUrl": "https://proxy.example.com:8443/v1"}, "port 443 only"),
    ("staging", {"openaiAliases": ["gpt-4o"]}, "ALIAS=MODEL"),
    ("staging", {"openaiAliases": ["a=gpt-4o", "a=gpt-4.1"]}, "comes twice"),
    ("staging", {"openaiAliases": ["a=gpt-4o"], "modelAliases": ["a"]}, "cannot mean"),
    ("staging", {"openaiAliases": ["a=gpt-4o"], "externalFallback": "never"}, "leave it empty"),
    ("staging", {"openaiCompletionsModel": "instruct", "externalFallback": "never"}, "leave it empty"),
    ("staging", {"overflowQueueDepth": "9", "externalFallback": "never"}, "leave it empty"),
    ("staging", {"openaiModel": "another"}, "set this model's own"),
    ("staging", {"openaiInputUsdPerMillion": "-1"}, "0 or more"),
    ("staging", {"openaiMonthlyCapUsd": "0"}, "spends nothing"),
    ("staging", {"openaiMaxInFlight": 257}, "than it answers at all"),
    ("staging", {"openaiMaxInFlight": 0}, "1 to 10000"),
    # how requests are treated
    ("staging", {"modelAliases": ["a,b"]}, "different names"),
    ("staging", {"modelAliases": ["a", "a"]}, "different names"),
    ("staging", {"apiMaximumInFlight": 0}, "1 to 10000"),
    ("staging", {"breakerFailures": 0}, "1 to 1000"),
    ("staging", {"breakerOpenSeconds": "0"}, "more than 0"),
    ("staging", {"cacheSeconds": -1}, "0 keeps no answer"),
    ("staging", {"maxOutputTokens": "0"}, "above 0"),
    ("staging", {"promptLimitCharacters": "many"}, "whole number"),
    ("staging", {"overflowQueueDepth": "5"}, "long enough"),
    ("staging", {"collectorImage": "unpinned"}, "pulumi config set collectorImage"),
    ("staging", {"collectorImage": "collector:latest"}, "@sha256"),
    ("staging", {"gpuExporterImage": "unpinned"}, "pulumi config set gpuExporterImage"),
    ("staging", {"logRetentionDays": 31}, "CloudWatch Logs keeps"),
    ("staging", {"alertEmails": ["the team"]}, "e-mail addresses"),
    ("staging", {"alertEmails": [f"{n}@example.com" for n in range(11)]}, "at most ten"),
    ("staging", {"monthlyBudgetUsd": 0}, "whole US dollars"),
    ("staging", {"unsettledAlarmHours": "0.5"}, "whole hours"),
    # who may do what
    ("staging", {"githubRepository": "https://github.com/o/n"}, "OWNER/NAME"),
    ("staging", {"githubRepository": "o@1/n"}, "OWNER@ID/NAME@ID"),
    ("staging", {"githubEnvironment": "any:*", "githubRepository": "o/n"}, "GitHub environment"),
    ("staging", {"githubEnvironment": "staging"}, "without a repository"),
    ("staging", {"operatorPrincipalArns": ["*"]}, "let others in"),
    ("staging", {"operatorPrincipalArns": ["arn:aws:iam::111122223333:role/*"]}, "let others in"),
    # types
    ("staging", {"streamLimitSeconds": "ten"}, "whole number"),
    ("staging", {"hourlyUsd": "nan"}, "expected a number"),
    ("staging", {"zones": "us-east-1a"}, "list of strings"),
    ("staging", {"zones": []}, "two or three"),
    ("staging", {"executeCommand": "yes"}, "true or false"),
    ("staging", {"natGateways": "two"}, "one, per-zone"),
    ("staging", {"externalFallback": "maybe"}, "allow, never"),
]
# fmt: on


@pytest.mark.parametrize(("environment", "changed", "words"), REFUSED, ids=lambda value: str(value)[:60])
def test_settings_that_cannot_work_are_refused(environment: str, changed: dict[str, Any], words: str) -> None:
    found = problems(environment, **changed)
    assert any(words in problem for problem in found), found
    assert any(next(iter(changed)) in problem for problem in found)


def test_another_host_type_comes_with_its_own_price() -> None:
    hosts = load("staging", instanceType="g5.12xlarge", hourlyUsd="5.5").hosts
    assert (hosts.kind.gpus, hosts.hourly_usd) == (4, 5.5)


def test_another_model_of_openais_comes_with_its_own_prices() -> None:
    prices = {"openaiInputUsdPerMillion": "1", "openaiOutputUsdPerMillion": "4"}
    assert load("staging", openaiModel="another", **prices).fallback.openai_output_usd_per_million == 4


def test_a_limit_that_is_left_empty_is_none() -> None:
    assert load("staging").treatment.max_output_tokens is None
    assert load("staging", maxOutputTokens="4096").treatment.max_output_tokens == 4096


def test_all_problems_are_told_at_once_and_an_unreadable_value_hides_no_other() -> None:
    found = problems(streamLimitSeconds="ten", natGateways="two", keepAliveSeconds=1, vllmMinimumCount=9, typo=1)
    assert {problem.split(":")[0].split(" ")[0].strip(",") for problem in found} == {
        "streamLimitSeconds",
        "natGateways",
        "keepAliveSeconds",
        "vllmMinimumCount",
        "instanceType",
        "typo",
    }


def test_only_the_rehearsal_may_look_at_targets_more_often_than_aws_does() -> None:
    often = {"apiHealthIntervalSeconds": 1, "apiHealthTimeoutSeconds": 1}
    assert load("rehearsal", **often).health.api_health_interval_seconds == 1
    assert len(problems("staging", **often)) == 3


def test_the_preview_token_is_shown_nowhere() -> None:
    wrong = "not-hex-but-very-secret"
    assert wrong not in "\n".join(problems(previewToken=wrong))
    assert OWNER["previewToken"] not in repr(load("staging"))


def test_an_environment_whose_name_aws_would_refuse_is_refused_with_the_rest() -> None:
    with pytest.raises(SettingsError) as refused:
        parse("production-europe", text("production", probeAnswers=0), SECRET)
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("repository", ["acme/llm", "acme@123/llm@456"])
def test_a_repository_is_named_as_githubs_subjects_name_it(repository: str) -> None:
    assert load("staging", githubRepository=repository).access.github_repository == repository
