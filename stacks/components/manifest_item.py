"""The manifest, written last: a task that finds it knows that the whole program has run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.accounts import account_of
from stacks.components.capacity import Capacity as CapacityComponent
from stacks.components.cluster import Cluster
from stacks.components.images import Images
from stacks.components.ingress import Ingress
from stacks.components.internal_balancer import InternalBalancer
from stacks.components.secrets import Secrets as SecretsComponent
from stacks.components.state import State
from stacks.components.storage import Storage
from stacks.containers import GATEWAY, GATEWAY_PORT, VLLM, VLLM_PORT
from stacks.manifest import (
    ITEM_KEY,
    Capacity,
    ColourText,
    Door,
    Manifest,
    Policy,
    Secrets,
    Slot,
    SlotPair,
    to_json,
)
from stacks.naming import Colour, Names, Part, Table
from stacks.schema import Settings


@dataclass(frozen=True)
class Facts:
    """What only AWS can say, once it has said it."""

    cluster_arn: str
    load_balancer_arn: str
    dns_name: str
    listener_arn: str
    traffic_rule_arn: str
    preview_rule_arns: Mapping[Colour, str]
    target_group_arns: Mapping[Part, Mapping[Colour, str]]
    vllm_urls: Mapping[Colour, str]
    repository_urls: Mapping[Part, str]
    capacity_provider: str
    autoscaling_group: str
    api_keys_arn: str
    smoke_key_arn: str
    openai_key_arn: str | None
    model_bucket: str
    log_bucket: str


@dataclass(frozen=True)
class ManifestItemArgs:
    settings: Settings
    cluster: Cluster
    ingress: Ingress
    internal: InternalBalancer
    images: Images
    secrets: SecretsComponent
    capacity: CapacityComponent
    state: State
    storage: Storage


class ManifestItem(pulumi.ComponentResource):
    """`body` is the manifest's JSON, the same text as in the table."""

    body: pulumi.Output[str]

    def __init__(self, name: str, args: ManifestItemArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:ManifestItem", name, {}, opts)
        self.body = _facts(args).apply(lambda facts: to_json(manifest(args.settings, facts)))
        aws.dynamodb.TableItem(
            f"{name}-current",
            table_name=args.state.tables[Table.LEDGER].name,
            hash_key="pk",
            range_key="sk",
            item=self.body.apply(_item),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"body": self.body})


def manifest(settings: Settings, facts: Facts) -> Manifest:
    """The manifest of the settings and of what AWS answered."""
    names = Names(settings.environment)
    account = account_of(facts.cluster_arn)
    return Manifest(
        environment=settings.environment,
        region=settings.place.region,
        account_id=account.account_id,
        cluster=names.cluster,
        door=_door(settings, facts),
        api=_pair(names, Part.API, facts, settings.api.api_minimum_count, settings.api.api_maximum_count),
        vllm=_pair(names, Part.VLLM, facts, settings.vllm.vllm_minimum_count, settings.vllm.vllm_maximum_count),
        vllm_urls=_by_colour(facts.vllm_urls),
        repositories={str(part): url for part, url in facts.repository_urls.items()},
        ledger_table=names.table(Table.LEDGER),
        capacity=_capacity(settings, facts),
        secrets=Secrets(facts.api_keys_arn, facts.smoke_key_arn, facts.openai_key_arn),
        policy=_policy(settings),
        kit_version=version("switchyard"),
        model_bucket=facts.model_bucket,
        log_bucket=facts.log_bucket,
    )


def _facts(args: ManifestItemArgs) -> pulumi.Output[Facts]:
    ingress, groups = args.ingress, {Part.API: args.ingress.target_groups, Part.VLLM: args.internal.target_groups}
    known: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
        cluster_arn=args.cluster.arn,
        load_balancer_arn=ingress.load_balancer.arn,
        dns_name=ingress.load_balancer.dns_name,
        listener_arn=ingress.listener.arn,
        traffic_rule_arn=ingress.traffic_rule.arn,
        preview_rule_arns={colour: rule.arn for colour, rule in ingress.preview_rules.items()},
        target_group_arns={part: {colour: one.arn for colour, one in pair.items()} for part, pair in groups.items()},
        vllm_urls=dict(args.internal.urls),
        repository_urls={part: made.repository_url for part, made in args.images.repositories.items()},
        capacity_provider=args.capacity.provider_name,
        autoscaling_group=args.capacity.group_name,
        api_keys_arn=args.secrets.api_keys_arn,
        smoke_key_arn=args.secrets.smoke_key_arn,
        openai_key_arn=args.secrets.openai_key_arn,
        model_bucket=args.storage.model_bucket_name,
        log_bucket=args.storage.log_bucket_name,
    )
    return known.apply(lambda found: Facts(**found))


def _item(body: str) -> str:
    return json.dumps({**{key: {"S": value} for key, value in ITEM_KEY.items()}, "body": {"S": body}})


def _door(settings: Settings, facts: Facts) -> Door:
    return Door(
        url=f"https://{settings.entrance.domain_name}",
        dns_name=facts.dns_name,
        listener_arn=facts.listener_arn,
        load_balancer_arn=facts.load_balancer_arn,
        traffic_rule_arn=facts.traffic_rule_arn,
        preview_rule_arns=_by_colour(facts.preview_rule_arns),
    )


def _pair(names: Names, part: Part, facts: Facts, minimum: int, maximum: int) -> SlotPair:
    groups = facts.target_group_arns[part]
    blue, green = (_slot(names, part, colour, groups[colour], minimum, maximum) for colour in Colour)
    return SlotPair(blue, green)


def _slot(names: Names, part: Part, colour: Colour, group_arn: str, minimum: int, maximum: int) -> Slot:
    container, port = (GATEWAY, GATEWAY_PORT) if part is Part.API else (VLLM, VLLM_PORT)
    name = names.slot(part, colour)
    return Slot(name, name, names.template(part), group_arn, container, port, minimum, maximum)


def _by_colour(values: Mapping[Colour, str]) -> ColourText:
    return ColourText(values[Colour.BLUE], values[Colour.GREEN])


def _capacity(settings: Settings, facts: Facts) -> Capacity:
    hosts = settings.hosts
    return Capacity(
        capacity_provider=facts.capacity_provider,
        autoscaling_group=facts.autoscaling_group,
        instance_type=hosts.instance_type,
        gpus_per_host=hosts.kind.gpus,
        vcpus_per_host=hosts.kind.vcpus,
        zones=settings.place.zones,
        maximum_hosts=hosts.maximum_hosts,
        hourly_usd=hosts.hourly_usd,
        reserved_hosts=hosts.reserved_hosts,
        gpu_ami_id=hosts.gpu_ami_id,
    )


def _policy(settings: Settings) -> Policy:
    return Policy(
        stream_limit_seconds=float(settings.times.stream_limit_seconds),
        deregistration_delay_seconds=float(settings.times.deregistration_delay_seconds),
        **vars(settings.release),
    )
