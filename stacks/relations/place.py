"""Where an environment is: region, zones, network, the ways out of it."""

from ipaddress import IPv4Network

from stacks.relations.rule import Rule, is_network

# EC2's own answer for us-east-1 (DescribeInstanceTypeOfferings); `fab stack.bootstrap` asks for other regions.
ZONES_WITHOUT_G5 = frozenset({"us-east-1e"})
MOST_SOURCE_RANGES = 50
ENDPOINT_SERVICES = (
    *("ecr.api", "ecr.dkr", "logs", "monitoring", "secretsmanager", "sts", "aps-workspaces"),
    *("ecs", "ecs-agent", "ecs-telemetry", "ssm", "ssmmessages", "ec2", "ec2messages"),
)

RULES = (
    Rule(
        ("region", "zones"), lambda region, zones: all(zone[:-1] == region for zone in zones), "a zone is not in region"
    ),
    Rule(("zones",), lambda zones: 2 <= len(set(zones)) == len(zones) <= 3, "expected two or three different zones"),
    Rule(
        ("cidr",),
        lambda cidr: is_network(cidr) and 16 <= IPv4Network(cidr).prefixlen <= 22 and IPv4Network(cidr).is_private,
        "expected a private network between /16 and /22, for example 10.42.0.0/16",
    ),
    Rule(
        ("zones",),
        lambda zones: not ZONES_WITHOUT_G5 & set(zones),
        f"no g5 in {', '.join(sorted(ZONES_WITHOUT_G5))}: choose other zones",
    ),
    Rule(
        ("allowedSourceRanges",),
        lambda ranges: ranges and all(map(is_network, ranges)),
        "expected at least one network of IPv4 addresses, such as 192.0.2.0/24",
    ),
    Rule(
        ("allowedSourceRanges",),
        lambda ranges: len(set(ranges)) == len(ranges) <= MOST_SOURCE_RANGES,
        f"expected at most {MOST_SOURCE_RANGES} different networks (a security group has 60 rules)",
    ),
    Rule(
        ("interfaceEndpoints",),
        lambda services: len(set(services)) == len(services) and set(services) <= set(ENDPOINT_SERVICES),
        f"expected different ones of {', '.join(ENDPOINT_SERVICES)} (s3 and dynamodb are always there, and free)",
    ),
)
