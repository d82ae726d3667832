"""AWS's managed rule groups, rule by rule: which of their findings may refuse a request, and which only count.

Source: AWS WAF developer guide, "Baseline rule groups", "Use-case specific rule groups" (SQL database) and "IP
reputation rule groups", as of 2026-09. A label does not follow from a rule's name: one group writes `_URIPath` and
`_UriPath`. AWS says what they are now:
`aws wafv2 describe-managed-rule-group --scope REGIONAL --vendor-name AWS --name GROUP`.

What refuses looks at a place where a client of a JSON API puts nothing of its own: path, query, cookies, address. What
looks into the body counts, because a prompt may quote any attack; so do the rules about User-Agent, which the client's
library writes or leaves out, and about SQL in headers, one of which is the API key.
"""

from dataclasses import dataclass
from typing import Final

_LABELS = "awswaf:managed:aws"


@dataclass(frozen=True)
class ManagedGroup:
    """`refusing` are pairs of a rule and the last part of its label."""

    name: str
    namespace: str
    refusing: tuple[tuple[str, str], ...]
    counting: tuple[str, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        return (*(rule for rule, _ in self.refusing), *self.counting)

    @property
    def refusing_labels(self) -> tuple[str, ...]:
        return tuple(f"{_LABELS}:{self.namespace}:{label}" for _, label in self.refusing)


_REPUTATION = ManagedGroup(
    name="AWSManagedRulesAmazonIpReputationList",
    namespace="amazon-ip-list",
    refusing=(
        ("AWSManagedIPReputationList", "AWSManagedIPReputationList"),
        ("AWSManagedReconnaissanceList", "AWSManagedReconnaissanceList"),
    ),
    counting=("AWSManagedIPDDoSList",),
)

_CORE = ManagedGroup(
    name="AWSManagedRulesCommonRuleSet",
    namespace="core-rule-set",
    refusing=(
        ("SizeRestrictions_QUERYSTRING", "SizeRestrictions_QueryString"),
        ("SizeRestrictions_Cookie_HEADER", "SizeRestrictions_Cookie_Header"),
        ("SizeRestrictions_URIPATH", "SizeRestrictions_URIPath"),
        ("EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_Cookie"),
        ("EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_URIPath"),
        ("EC2MetaDataSSRF_QUERYARGUMENTS", "EC2MetaDataSSRF_QueryArguments"),
        ("GenericLFI_QUERYARGUMENTS", "GenericLFI_QueryArguments"),
        ("GenericLFI_URIPATH", "GenericLFI_URIPath"),
        ("RestrictedExtensions_URIPATH", "RestrictedExtensions_URIPath"),
        ("RestrictedExtensions_QUERYARGUMENTS", "RestrictedExtensions_QueryArguments"),
        ("GenericRFI_QUERYARGUMENTS", "GenericRFI_QueryArguments"),
        ("GenericRFI_URIPATH", "GenericRFI_URIPath"),
        ("CrossSiteScripting_COOKIE", "CrossSiteScripting_Cookie"),
        ("CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_QueryArguments"),
        ("CrossSiteScripting_URIPATH", "CrossSiteScripting_URIPath"),
    ),
    counting=(
        *("NoUserAgent_HEADER", "UserAgent_BadBots_HEADER", "SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY"),
        *("GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY"),
    ),
)

_KNOWN_BAD = ManagedGroup(
    name="AWSManagedRulesKnownBadInputsRuleSet",
    namespace="known-bad-inputs",
    refusing=(
        ("JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_Header"),
        ("JavaDeserializationRCE_URIPATH", "JavaDeserializationRCE_URIPath"),
        ("JavaDeserializationRCE_QUERYSTRING", "JavaDeserializationRCE_QueryString"),
        ("Host_localhost_HEADER", "Host_Localhost_Header"),
        ("PROPFIND_METHOD", "Propfind_Method"),
        ("ExploitablePaths_URIPATH", "ExploitablePaths_URIPath"),
        ("Log4JRCE_HEADER", "Log4JRCE_Header"),
        ("Log4JRCE_QUERYSTRING", "Log4JRCE_QueryString"),
        ("Log4JRCE_URIPATH", "Log4JRCE_URIPath"),
    ),
    counting=("JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"),
)

_SQL = ManagedGroup(
    name="AWSManagedRulesSQLiRuleSet",
    namespace="sql-database",
    refusing=(
        ("SQLi_QUERYARGUMENTS", "SQLi_QueryArguments"),
        ("SQLiExtendedPatterns_QUERYARGUMENTS", "SQLiExtendedPatterns_QueryArguments"),
        ("SQLiExtendedPatterns_URIPATH", "SQLiExtendedPatterns_UriPath"),
        ("SQLi_COOKIE", "SQLi_Cookie"),
        ("SQLi_URIPATH", "SQLi_URIPath"),
    ),
    counting=("SQLi_BODY", "SQLiExtendedPatterns_BODY", "SQLiExtendedPatterns_HEADER"),
)

GROUPS: Final = (_REPUTATION, _CORE, _KNOWN_BAD, _SQL)
