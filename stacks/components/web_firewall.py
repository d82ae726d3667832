"""The web firewall before the public load balancer: its rule set, and a log of what it refused or counted.

What the rules are, and why no prompt is refused, is data in `stacks/web/rules.py`. Who may connect at all is decided
in `firewall.py`.
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.naming import Names
from stacks.schema import Settings
from stacks.web import rules as web_rules

# A managed rule that was made to count may be logged under either of the last two names.
_KEPT = ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")


@dataclass(frozen=True)
class WebFirewallArgs:
    names: Names
    settings: Settings
    load_balancer_arn: pulumi.Input[str]


class WebFirewall(pulumi.ComponentResource):
    """One web ACL for one load balancer."""

    acl: aws.wafv2.WebAcl

    def __init__(self, name: str, args: WebFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:WebFirewall", name, {}, opts)
        self._stem, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.acl = self._acl()
        self._associate()
        self._log(self._log_group())
        self.register_outputs({"aclArn": self.acl.arn})

    def _acl(self) -> aws.wafv2.WebAcl:
        name, peak = self._args.names.web_acl(), self._args.settings.entrance.peak_requests_per_second
        return aws.wafv2.WebAcl(
            f"{self._stem}-acl",
            name=name,
            description="Switchyard: limits rates, refuses attacks outside the body, refuses no prompt",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rule_json=json.dumps(web_rules.rules(peak)),
            custom_response_bodies=[
                aws.wafv2.WebAclCustomResponseBodyArgs(key=key, content=body, content_type="APPLICATION_JSON")
                for key, body in web_rules.bodies().items()
            ],
            data_protection_config=_hidden(),
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, sampled_requests_enabled=False, metric_name=name
            ),
            opts=self._child,
        )

    def _associate(self) -> None:
        aws.wafv2.WebAclAssociation(
            f"{self._stem}-association",
            resource_arn=self._args.load_balancer_arn,
            web_acl_arn=self.acl.arn,
            opts=self._child,
        )

    def _log_group(self) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._stem}-logs",
            name=self._args.names.firewall_log_group(),
            retention_in_days=self._args.settings.observation.log_retention_days,
            opts=self._child,
        )

    def _log(self, group: aws.cloudwatch.LogGroup) -> None:
        """What passed untouched is dropped: the load balancer's own log has it, and each line costs."""
        kept = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
            behavior="KEEP", requirement="MEETS_ANY", conditions=[_action(action) for action in _KEPT]
        )
        aws.wafv2.WebAclLoggingConfiguration(
            f"{self._stem}-logging",
            resource_arn=self.acl.arn,
            log_destination_configs=[group.arn],
            redacted_fields=[_redacted(header) for header in web_rules.HIDDEN_HEADERS],
            logging_filter=aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs(
                default_behavior="DROP", filters=[kept]
            ),
            opts=self._child,
        )


def _hidden() -> aws.wafv2.WebAclDataProtectionConfigArgs:
    """The log's own redaction reaches neither the values that a rate limit goes by, nor matched pieces of a body."""
    headers = aws.wafv2.WebAclDataProtectionConfigDataProtectionFieldArgs(
        field_type="SINGLE_HEADER", field_keys=list(web_rules.HIDDEN_HEADERS)
    )
    body = aws.wafv2.WebAclDataProtectionConfigDataProtectionFieldArgs(field_type="BODY")
    return aws.wafv2.WebAclDataProtectionConfigArgs(
        data_protections=[
            aws.wafv2.WebAclDataProtectionConfigDataProtectionArgs(
                action="SUBSTITUTION",
                field=field,
                exclude_rate_based_details=False,
                exclude_rule_match_details=False,
            )
            for field in (headers, body)
        ]
    )


def _redacted(header: str) -> aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs:
    single = aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
    return aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(single_header=single)


def _action(action: str) -> aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs:
    condition = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs(action=action)
    return aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs(action_condition=condition)
