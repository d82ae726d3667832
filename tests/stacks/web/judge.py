"""What AWS WAF would do with a request under a declared rule set: enough of it to show what the rules let through.

The managed rules are modelled from their documentation (AWS WAF developer guide, "Baseline rule groups", "Use-case
specific rule groups", "IP reputation rule groups", 2026-09): name, what is looked at, the action AWS gives it, label.
AWS does not publish the patterns; those here catch the examples that the documentation gives, and more where that helps
a test to fail. Behind a load balancer only the first 8192 bytes of a body are looked at.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

BODY_BYTES = 8192
_JNDI, _JAVA = r"\$\{jndi:", r"java\.lang\.Runtime"
_SQL = r"(?i)('\s*or\s+|union\s+select|drop\s+table|;\s*--)"
_XSS, _LFI, _METADATA = r"(?i)<script", r"\.\./", r"169\.254\.169\.254"
_RFI = r"(?i)(https?|ftps?|file)://\d+\.\d+\.\d+\.\d+"
_EXTENSION = r"\.(log|ini)\b"


class Part(StrEnum):
    """Where in a request a rule looks."""

    ADDRESS = "address"
    METHOD = "method"
    PATH = "path"
    QUERY = "query"
    COOKIE = "cookie"
    AGENT = "user-agent"
    HOST = "host"
    HEADERS = "headers"
    BODY = "body"
    BODY_SIZE = "body size"


@dataclass(frozen=True)
class Request:
    body: str = ""
    path: str = "/v1/chat/completions"
    query: str = ""
    address: str = "198.51.100.7"
    method: str = "POST"
    headers: Mapping[str, str] = field(
        default_factory=lambda: {
            "authorization": "Bearer sk-client",
            "host": "llm.example.com",
            "user-agent": "OpenAI/Python",
        }
    )

    def text(self, part: Part) -> str:
        whole = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        found = {
            Part.ADDRESS: self.address,
            Part.METHOD: self.method,
            Part.PATH: self.path,
            Part.QUERY: self.query,
            Part.COOKIE: self.headers.get("cookie", ""),
            Part.AGENT: self.headers.get("user-agent", ""),
            Part.HOST: self.headers.get("host", ""),
            Part.HEADERS: whole,
            Part.BODY: self.body.encode()[:BODY_BYTES].decode(errors="ignore"),
            Part.BODY_SIZE: "large" if len(self.body.encode()) > BODY_BYTES else "small",
        }
        return found[part]


@dataclass(frozen=True)
class Managed:
    """One rule of a managed group."""

    name: str
    label: str
    part: Part
    pattern: str
    action: str = "Block"

    def matches(self, request: Request) -> bool:
        return re.search(self.pattern, request.text(self.part)) is not None


def _family(stem: str, pattern: str, *where: tuple[str, str, Part]) -> tuple[Managed, ...]:
    return tuple(Managed(f"{stem}_{name}", f"{stem}_{label}", part, pattern) for name, label, part in where)


_BODY, _COOKIE = ("BODY", "Body", Part.BODY), ("COOKIE", "Cookie", Part.COOKIE)
_PATH, _ARGUMENTS = ("URIPATH", "URIPath", Part.PATH), ("QUERYARGUMENTS", "QueryArguments", Part.QUERY)
_QUERY, _HEADER = ("QUERYSTRING", "QueryString", Part.QUERY), ("HEADER", "Header", Part.HEADERS)

GROUPS: dict[str, tuple[str, tuple[Managed, ...]]] = {
    "AWSManagedRulesCommonRuleSet": (
        "core-rule-set",
        (
            Managed("NoUserAgent_HEADER", "NoUserAgent_Header", Part.AGENT, r"^$"),
            Managed("UserAgent_BadBots_HEADER", "BadBots_Header", Part.AGENT, r"nessus|nmap"),
            Managed("SizeRestrictions_QUERYSTRING", "SizeRestrictions_QueryString", Part.QUERY, r"(?s).{2049}"),
            Managed("SizeRestrictions_Cookie_HEADER", "SizeRestrictions_Cookie_Header", Part.COOKIE, r"(?s).{10241}"),
            Managed("SizeRestrictions_BODY", "SizeRestrictions_Body", Part.BODY_SIZE, r"large"),
            Managed("SizeRestrictions_URIPATH", "SizeRestrictions_URIPath", Part.PATH, r"(?s).{1025}"),
            *_family("EC2MetaDataSSRF", _METADATA, _BODY, _COOKIE, _PATH, _ARGUMENTS),
            *_family("GenericLFI", _LFI, _ARGUMENTS, _PATH, _BODY),
            *_family("RestrictedExtensions", _EXTENSION, _PATH, _ARGUMENTS),
            *_family("GenericRFI", _RFI, _ARGUMENTS, _BODY, _PATH),
            *_family("CrossSiteScripting", _XSS, _COOKIE, _ARGUMENTS, _BODY, _PATH),
        ),
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": (
        "known-bad-inputs",
        (
            *_family("JavaDeserializationRCE", _JAVA, _HEADER, _BODY, _PATH, _QUERY),
            Managed("Host_localhost_HEADER", "Host_Localhost_Header", Part.HOST, r"localhost"),
            Managed("PROPFIND_METHOD", "Propfind_Method", Part.METHOD, r"PROPFIND"),
            Managed("ExploitablePaths_URIPATH", "ExploitablePaths_URIPath", Part.PATH, r"(?i)web-inf|\.env"),
            *_family("Log4JRCE", _JNDI, _HEADER, _QUERY, _BODY, _PATH),
            Managed("ReactJSRCE_BODY", "ReactJSRCE_Body", Part.BODY, r"__proto__"),
        ),
    ),
    "AWSManagedRulesSQLiRuleSet": (
        "sql-database",
        (
            *_family("SQLi", _SQL, _ARGUMENTS, _BODY, _COOKIE, _PATH),
            *_family("SQLiExtendedPatterns", _SQL, _ARGUMENTS, _BODY, _HEADER, ("URIPATH", "UriPath", Part.PATH)),
        ),
    ),
    "AWSManagedRulesAmazonIpReputationList": (
        "amazon-ip-list",
        (
            Managed("AWSManagedIPReputationList", "AWSManagedIPReputationList", Part.ADDRESS, r"^203\.0\.113\.1$"),
            Managed("AWSManagedReconnaissanceList", "AWSManagedReconnaissanceList", Part.ADDRESS, r"^203\.0\.113\.2$"),
            Managed("AWSManagedIPDDoSList", "AWSManagedIPDDoSList", Part.ADDRESS, r"^203\.0\.113\.3$", "Count"),
        ),
    ),
}
Groups = Mapping[str, tuple[str, tuple[Managed, ...]]]


@dataclass(frozen=True)
class Verdict:
    """Who refused, if anybody; what was found on the way."""

    refused_by: str | None
    labels: frozenset[str]


def judge(rules: Sequence[Mapping[str, Any]], request: Request, groups: Groups = GROUPS) -> Verdict:
    """The verdict on one request, rate limits aside."""
    labels: set[str] = set()
    for rule in sorted(rules, key=lambda rule: int(rule["Priority"])):
        statement = rule["Statement"]
        if "ManagedRuleGroupStatement" in statement:
            blocked = _run_group(statement["ManagedRuleGroupStatement"], request, labels, groups)
            stops = blocked and "None" in rule["OverrideAction"]
        elif "RateBasedStatement" in statement:
            stops = False
        else:
            stops = _holds(statement, labels) and "Block" in rule["Action"]
        if stops:
            return Verdict(rule["Name"], frozenset(labels))
    return Verdict(None, frozenset(labels))


def limited(rules: Sequence[Mapping[str, Any]], steps: Iterable[Iterable[tuple[Request, int]]]) -> Counter[str]:
    """How many requests each rate limit refuses. A step lasts ten seconds, which is how often AWS looks at the rate; it
    holds requests and how often each came."""
    limits = [rule for rule in rules if "RateBasedStatement" in rule["Statement"]]
    seen: dict[tuple[str, ...], Counter[int]] = {}
    refused: Counter[str] = Counter()
    for step, requests in enumerate(steps):
        for request, times in requests:
            over = [rule["Name"] for rule in limits if _counted_above_limit(rule, request, seen, step, times)]
            refused.update(dict.fromkeys(over[:1], times))
    return refused


def _counted_above_limit(
    rule: Mapping[str, Any],
    request: Request,
    seen: dict[tuple[str, ...], Counter[int]],
    step: int,
    times: int,
) -> bool:
    rate = rule["Statement"]["RateBasedStatement"]
    key = _key(rate, request)
    if key is None:
        return False
    before = seen.setdefault((rule["Name"], *key), Counter())
    first = step - int(rate["EvaluationWindowSec"]) // 10
    above = sum(count for earlier, count in before.items() if first <= earlier < step) > rate["Limit"]
    before[step] += times
    return bool(above)


def _run_group(statement: Mapping[str, Any], request: Request, labels: set[str], groups: Groups) -> bool:
    """Whether the group ends with a block. A rule that counts lets the next ones be asked."""
    namespace, managed = groups[statement["Name"]]
    overrides = {found["Name"]: next(iter(found["ActionToUse"])) for found in statement["RuleActionOverrides"]}
    for rule in managed:
        if rule.matches(request):
            labels.add(f"awswaf:managed:aws:{namespace}:{rule.label}")
            if overrides.get(rule.name, rule.action) == "Block":
                return True
    return False


def _holds(statement: Mapping[str, Any], labels: set[str]) -> bool:
    if "OrStatement" in statement:
        return any(_holds(inner, labels) for inner in statement["OrStatement"]["Statements"])
    return statement["LabelMatchStatement"]["Key"] in labels


def _key(rate: Mapping[str, Any], request: Request) -> tuple[str, ...] | None:
    """What the request is counted under; None where it lacks a part of the key, because then AWS does not count it."""
    if rate["AggregateKeyType"] == "IP":
        return (request.address,)
    parts = [
        request.address if "IP" in key else request.headers.get(key["Header"]["Name"], "") for key in rate["CustomKeys"]
    ]
    return tuple(parts) if all(parts) else None
