"""Alarms, the topic they publish to with its key, and the budget."""

from typing import Any

from rehearsal.provision.realisations.network import owner
from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:cloudwatch/metricAlarm:MetricAlarm")
def metric_alarm(declared: Declared) -> Realised:
    cloudwatch, name = declared.aws("cloudwatch"), declared.inputs["name"]
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription=declared.inputs["alarmDescription"],
        AlarmActions=declared.inputs["alarmActions"],
        OKActions=declared.inputs["okActions"],
        **declared.given("comparisonOperator", "threshold", "evaluationPeriods", "datapointsToAlarm"),
        **declared.given("treatMissingData"),
        Metrics=[_query(query) for query in declared.inputs["metricQueries"]],
        Tags=declared.tag_list(),
    )
    arn = f"arn:aws:cloudwatch:{declared.aws.region}:{owner(declared)}:alarm:{name}"
    return Realised(name, {"arn": arn, **declared.empty("evaluateLowSampleCountPercentiles")})


@REGISTRY.realises("aws:sns/topic:Topic")
def topic(declared: Declared) -> Realised:
    sns, inputs = declared.aws("sns"), declared.inputs
    attributes = {"KmsMasterKeyId": inputs["kmsMasterKeyId"]}
    arn = sns.create_topic(Name=inputs["name"], Attributes=attributes, Tags=declared.tag_list())["TopicArn"]
    outputs = {
        "arn": arn,
        "owner": owner(declared),
        **declared.empty("beginningArchiveTime", "fifoThroughputScope", "maximumMessageSize", "namePrefix", "policy"),
        **declared.empty("signatureVersion", "tracingConfig"),
    }
    return Realised(arn, outputs)


@REGISTRY.realises("aws:sns/topicPolicy:TopicPolicy")
def topic_policy(declared: Declared) -> Realised:
    arn = declared.inputs["arn"]
    declared.aws("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=declared.inputs["policy"]
    )
    return Realised(arn, {"owner": owner(declared)})


@REGISTRY.realises("aws:sns/topicSubscription:TopicSubscription")
def topic_subscription(declared: Declared) -> Realised:
    """A mail address stays pending until somebody confirms it, as in a real account."""
    inputs = declared.inputs
    made = declared.aws("sns").subscribe(
        TopicArn=inputs["topic"], Protocol=inputs["protocol"], Endpoint=inputs["endpoint"], ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    outputs = {
        "arn": made,
        "ownerId": owner(declared),
        "pendingConfirmation": True,
        **declared.empty("confirmationWasAuthenticated", "filterPolicyScope"),
    }
    return Realised(made, outputs)


@REGISTRY.realises("aws:kms/key:Key")
def key(declared: Declared) -> Realised:
    kms = declared.aws("kms")
    made = kms.create_key(**declared.given("description", "policy"), Tags=declared.tag_list("TagKey", "TagValue"))[
        "KeyMetadata"
    ]
    if declared.inputs.get("enableKeyRotation"):
        kms.enable_key_rotation(KeyId=made["KeyId"])
    outputs = {
        "arn": made["Arn"],
        "keyId": made["KeyId"],
        "rotationPeriodInDays": 365,
        **declared.empty("multiRegion"),
    }
    return Realised(made["KeyId"], outputs)


@REGISTRY.realises("aws:kms/alias:Alias")
def alias(declared: Declared) -> Realised:
    kms, inputs = declared.aws("kms"), declared.inputs
    kms.create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
    prefix = f"arn:aws:kms:{declared.aws.region}:{owner(declared)}"
    outputs = {
        "arn": f"{prefix}:{inputs['name']}",
        "targetKeyArn": f"{prefix}:key/{inputs['targetKeyId']}",
        **declared.empty("namePrefix"),
    }
    return Realised(inputs["name"], outputs)


@REGISTRY.realises("aws:budgets/budget:Budget")
def budget(declared: Declared) -> Realised:
    inputs, account_id = declared.inputs, owner(declared)
    declared.aws("budgets").create_budget(
        AccountId=account_id,
        Budget={
            "BudgetName": inputs["name"],
            "BudgetLimit": {"Amount": inputs["limitAmount"], "Unit": inputs["limitUnit"]},
            "BudgetType": inputs["budgetType"],
            "TimeUnit": inputs["timeUnit"],
            "CostFilters": {found["name"]: found["values"] for found in inputs["costFilters"]},
        },
        NotificationsWithSubscribers=[_notification(found) for found in inputs["notifications"]],
    )
    outputs = {
        "accountId": account_id,
        "arn": f"arn:aws:budgets::{account_id}:budget/{inputs['name']}",
        **declared.empty("costTypes", "namePrefix", "timePeriodStart"),
    }
    return Realised(f"{account_id}:{inputs['name']}", outputs)


def _query(query: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Id": query["id"], "ReturnData": bool(query.get("returnData"))}
    if "expression" in query:
        return {**found, "Expression": query["expression"], "Label": query["label"]}
    metric = query["metric"]
    dimensions = [{"Name": name, "Value": value} for name, value in (metric.get("dimensions") or {}).items()]
    series = {"Namespace": metric["namespace"], "MetricName": metric["metricName"], "Dimensions": dimensions}
    return {**found, "MetricStat": {"Metric": series, "Period": metric["period"], "Stat": metric["stat"]}}


def _notification(found: Any) -> dict[str, Any]:
    topics = [{"SubscriptionType": "SNS", "Address": arn} for arn in found["subscriberSnsTopicArns"]]
    mails = [{"SubscriptionType": "EMAIL", "Address": mail} for mail in found.get("subscriberEmailAddresses") or []]
    return {
        "Notification": {
            "NotificationType": found["notificationType"],
            "ComparisonOperator": found["comparisonOperator"],
            "Threshold": found["threshold"],
            "ThresholdType": found["thresholdType"],
        },
        "Subscribers": [*topics, *mails],
    }
