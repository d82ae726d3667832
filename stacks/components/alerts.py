"""Who is told: the encrypted topic, its subscribers, and the alarms that publish to it.

What is alarmed on, and why, is data in `stacks/alarms.py`.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.accounts import account_of
from stacks.alarms import Alarm, Watched, alarms
from stacks.components.capacity import Capacity
from stacks.components.cluster import Cluster
from stacks.components.ingress import Ingress
from stacks.components.internal_balancer import InternalBalancer
from stacks.naming import Names, Part
from stacks.policies.topic import key_policy, topic_policy
from stacks.schema import Settings

_RESULT = "breach"


@dataclass(frozen=True)
class AlertsArgs:
    names: Names
    settings: Settings
    cluster: Cluster
    ingress: Ingress
    internal: InternalBalancer
    capacity: Capacity

    @property
    def watched(self) -> Watched:
        balancers = {Part.API: self.ingress.load_balancer, Part.VLLM: self.internal.load_balancer}
        groups = {Part.API: self.ingress.target_groups, Part.VLLM: self.internal.target_groups}
        return Watched(
            names=self.names,
            balancers={part: made.arn_suffix for part, made in balancers.items()},
            target_groups={part: {c: made.arn_suffix for c, made in pair.items()} for part, pair in groups.items()},
            hosts_group=self.capacity.group_name,
            certificate_arn=self.ingress.listener.certificate_arn,
            unsettled_hours=int(self.settings.release.unsettled_alarm_hours),
        )


class Alerts(pulumi.ComponentResource):
    """One topic for all alarms of the environment."""

    topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Alerts", name, {}, opts)
        self._stem, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.topic_arn = self._topic()
        for alarm in alarms(args.watched):
            self._alarm(alarm)
        for email in args.settings.observation.alert_emails:
            self._subscribe(email)
        self.register_outputs({"topicArn": self.topic_arn})

    def _topic(self) -> pulumi.Output[str]:
        names = self._args.names
        topic = aws.sns.Topic(
            f"{self._stem}-topic", name=names.topic("alerts"), kms_master_key_id=self._key().arn, opts=self._child
        )
        policy = topic.arn.apply(lambda arn: topic_policy(account_of(arn), arn))
        allowed = aws.sns.TopicPolicy(f"{self._stem}-topic-policy", arn=topic.arn, policy=policy, opts=self._child)
        # The policy's, so that who publishes waits until it may.
        arn: pulumi.Output[str] = allowed.arn
        return arn

    def _key(self) -> aws.kms.Key:
        names = self._args.names
        key = aws.kms.Key(
            f"{self._stem}-key",
            description=f"Switchyard: encrypts the alerts of {names.environment}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=self._args.cluster.arn.apply(lambda arn: key_policy(account_of(arn))),
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        aws.kms.Alias(
            f"{self._stem}-key-alias", name=names.key_alias("alerts"), target_key_id=key.key_id, opts=self._child
        )
        return key

    def _subscribe(self, email: str) -> None:
        """Named after the address: by its place in the list, taking one away would unsubscribe another."""
        aws.sns.TopicSubscription(
            f"{self._stem}-email-{email}", topic=self.topic_arn, protocol="email", endpoint=email, opts=self._child
        )

    def _alarm(self, alarm: Alarm) -> None:
        """Told when it begins and when it ends."""
        aws.cloudwatch.MetricAlarm(
            f"{self._stem}-{alarm.full_name}",
            name=self._args.names.alarm(alarm.full_name),
            alarm_description=alarm.description,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.breaching_periods,
            treat_missing_data="notBreaching",
            metric_queries=_queries(alarm),
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            tags={"blocks-release": str(alarm.blocks_release).lower(), "severity": alarm.severity.value},
            opts=self._child,
        )


def _queries(alarm: Alarm) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    result = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=_RESULT, expression=alarm.filled_expression, label=alarm.name, return_data=True
    )
    return [result, *(_query(alarm, key) for key in alarm.metrics)]


def _query(alarm: Alarm, key: str) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    metric = alarm.metrics[key]
    series = aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=dict(metric.dimensions),
        period=alarm.period_seconds,
        stat=metric.statistic,
    )
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(id=key, metric=series)
