"""By what a colour grows and shrinks between its bounds: requests and CPU for the API, the queue for vLLM.

The policies attach to the scalable targets; minimum, maximum and suspension are the release engine's. A colour whose
bounds are both 0 stays at 0 whatever its metrics say, and during a release no colour shrinks.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.collectors import FAMILY_DIMENSION, QUEUE_METRIC
from stacks.components.api import Api
from stacks.components.inference import Inference
from stacks.components.ingress import Ingress
from stacks.naming import Colour, Names, Part
from stacks.schema import Settings

_Tracking = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
_Predefined = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
_Customized = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs
_Dimension = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensionArgs


@dataclass(frozen=True)
class Pace:
    """How long one change is given to show before the next."""

    out_seconds: int
    in_seconds: int


# A gateway task serves within a minute; five keep a lull from taking away what the next wave needs.
_API_PACE = Pace(out_seconds=60, in_seconds=300)
# A vLLM task may first need a host, its image and the model: until it serves, the queue says nothing new. One that
# goes takes its host along, and to have it back takes as long again.
_VLLM_PACE = Pace(out_seconds=600, in_seconds=1800)


@dataclass(frozen=True)
class AutoscalingArgs:
    names: Names
    settings: Settings
    ingress: Ingress
    api: Api
    inference: Inference


class Autoscaling(pulumi.ComponentResource):
    """Target tracking for both colours of both parts."""

    def __init__(self, name: str, args: AutoscalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Autoscaling", name, {}, opts)
        self._stem, self._args = name, args
        policies = [policy for colour in Colour for policy in (*self._api(colour), self._vllm(colour))]
        self.register_outputs({"policyNames": [policy.name for policy in policies]})

    def _api(self, colour: Colour) -> list[aws.appautoscaling.Policy]:
        """The colour grows when either metric asks for it and shrinks when both do (target tracking's own rule)."""
        target, size = self._args.api.services[colour].target, self._args.settings.api
        requests = _Predefined(predefined_metric_type="ALBRequestCountPerTarget", resource_label=self._label(colour))
        cpu = _Predefined(predefined_metric_type="ECSServiceAverageCPUUtilization")
        wanted = {"requests": (requests, size.api_requests_per_target), "cpu": (cpu, size.api_cpu_percent)}
        return [
            self._policy(f"api-{colour}-{which}", target, limit, _API_PACE, predefined_metric_specification=metric)
            for which, (metric, limit) in wanted.items()
        ]

    def _vllm(self, colour: Colour) -> aws.appautoscaling.Policy:
        """The average over the colour's tasks. While none runs there is no data, and nothing changes."""
        family = _Dimension(name=FAMILY_DIMENSION, value=self._args.names.slot(Part.VLLM, colour))
        queue = _Customized(
            namespace=self._args.names.metric_namespace(),
            metric_name=QUEUE_METRIC,
            dimensions=[family],
            statistic="Average",
        )
        target, limit = self._args.inference.services[colour].target, self._args.settings.vllm.vllm_queue_per_task
        return self._policy(f"vllm-{colour}-queue", target, limit, _VLLM_PACE, customized_metric_specification=queue)

    def _label(self, colour: Colour) -> pulumi.Output[str]:
        """How the metric names a load balancer with one of its target groups (Application Auto Scaling API)."""
        ingress = self._args.ingress
        return pulumi.Output.concat(ingress.load_balancer.arn_suffix, "/", ingress.target_groups[colour].arn_suffix)

    def _policy(
        self, which: str, target: aws.appautoscaling.Target, limit: float, pace: Pace, **metric: Any
    ) -> aws.appautoscaling.Policy:
        return aws.appautoscaling.Policy(
            f"{self._stem}-{which}",
            name=f"{self._args.names.environment}-{which}",
            policy_type="TargetTrackingScaling",
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            service_namespace=target.service_namespace,
            target_tracking_scaling_policy_configuration=_Tracking(
                target_value=limit, scale_out_cooldown=pace.out_seconds, scale_in_cooldown=pace.in_seconds, **metric
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
