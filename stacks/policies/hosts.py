"""What tasks and hosts may do: the execution roles' and the GPU host's permissions, each with its reason. Pure."""

from stacks.policies.statements import Statement


def execution(repository_arn: str, log_group_arns: tuple[str, ...], secret_arns: tuple[str, ...]) -> list[Statement]:
    """What ECS needs to start a task of one part, before the task's own code runs."""
    found = [
        Statement("RegistryLogin", "a login names no repository", ("ecr:GetAuthorizationToken",), ("*",)),
        Statement(
            "PullImage",
            "the image of this part",
            ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            (repository_arn,),
        ),
        write_logs(log_group_arns),
    ]
    if secret_arns:
        found.append(
            Statement("ReadSecrets", "variables by reference", ("secretsmanager:GetSecretValue",), secret_arns)
        )
    return found


def write_logs(log_group_arns: tuple[str, ...]) -> Statement:
    """All that ECS needs to start a task whose images are public and which mounts no secret."""
    return Statement(
        "WriteLogs",
        "each container's lines",
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        tuple(f"{arn}:*" for arn in log_group_arns),
    )


def read_models(bucket_arn: str) -> list[Statement]:
    """A host brings models to its own disk; tasks see the disk and never the bucket."""
    return [
        Statement("ListModels", "what there is to bring", ("s3:ListBucket",), (bucket_arn,)),
        Statement(
            "ReadModels", "models, and nothing else of the bucket", ("s3:GetObject",), (f"{bucket_arn}/models/*",)
        ),
    ]


def gpu_host(cluster_arn: str, container_instances_arn: str) -> list[Statement]:
    """What the ECS agent and the SSM agent of a GPU host need. Tasks never get these credentials."""
    agent = ("DeregisterContainerInstance", "RegisterContainerInstance")
    running = ("Poll", "StartTelemetrySession", "UpdateContainerInstancesState")
    submits = ("SubmitAttachmentStateChanges", "SubmitContainerStateChange", "SubmitTaskStateChange")
    channels = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    return [
        Statement("JoinCluster", "only this cluster", tuple(f"ecs:{verb}" for verb in agent), (cluster_arn,)),
        Statement(
            "RunTasks",
            "only hosts of this cluster",
            tuple(f"ecs:{verb}" for verb in running),
            (container_instances_arn,),
        ),
        Statement("ReportState", "only this cluster", tuple(f"ecs:{verb}" for verb in submits), (cluster_arn,)),
        Statement("FindEndpoint", "the agent asks where to poll", ("ecs:DiscoverPollEndpoint",), ("*",)),
        Statement(
            "BeManaged",
            "it registers with Systems Manager and opens sessions there, so that no host needs SSH",
            ("ssm:UpdateInstanceInformation", *(f"ssmmessages:{verb}" for verb in channels)),
            ("*",),
        ),
    ]
