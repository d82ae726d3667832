"""The actions that the kit's policies allow on `*`, each with AWS's reason. Nothing else may (a test holds it).

Source: the Service Authorization Reference, in whose table such an action has no resource type, or the reason given.
"""

_NO_RESOURCE = "AWS offers no resource type for it"

UNNAMEABLE = {
    "autoscaling:DescribeAutoScalingGroups": _NO_RESOURCE,
    "autoscaling:DescribeScalingActivities": _NO_RESOURCE,
    "cloudwatch:DescribeAlarms": "composite alarms are answered only to a permission on all (CloudWatch API reference)",
    "ec2:DescribeCapacityReservations": _NO_RESOURCE,
    "ec2:DescribeImages": _NO_RESOURCE,
    "ec2:DescribeReservedInstances": _NO_RESOURCE,
    "ecr:GetAuthorizationToken": _NO_RESOURCE,
    "ecs:DescribeTaskDefinition": _NO_RESOURCE,
    "ecs:DiscoverPollEndpoint": _NO_RESOURCE,
    "ecs:ListTasks": "AWS names hosts here and not services; a condition limits the cluster",
    "elasticloadbalancing:DescribeRules": _NO_RESOURCE,
    "elasticloadbalancing:DescribeTargetHealth": _NO_RESOURCE,
    "iam:ListRoles": "IAM lists by path and not by name",
    "logs:DescribeLogGroups": "the ECS developer guide names none for the agent of execute-command",
    "ssm:UpdateInstanceInformation": "AWS's own policy for it, AmazonSSMManagedInstanceCore, names none",
    "ssmmessages:CreateControlChannel": _NO_RESOURCE,
    "ssmmessages:CreateDataChannel": _NO_RESOURCE,
    "ssmmessages:OpenControlChannel": _NO_RESOURCE,
    "ssmmessages:OpenDataChannel": _NO_RESOURCE,
    "sts:GetCallerIdentity": _NO_RESOURCE,
}
