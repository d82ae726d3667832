from rehearsal.cloud.calls import Call, identify
from rehearsal.cloud.journal import CallJournal, Need
from stacks.accounts import Account


def headers(service: str, **more: str) -> dict[str, str]:
    credential = f"AWS4-HMAC-SHA256 Credential=deployer/20261122/us-east-1/{service}/aws4_request, SignedHeaders=host"
    return {"authorization": credential, **more}


def test_a_json_call_is_named_by_its_target() -> None:
    call = identify(headers("ecs", **{"x-amz-target": "AmazonEC2ContainerServiceV20141113.UpdateService"}), "/", b"{}")
    assert call is not None
    assert (call.principal, call.actions) == ("deployer", ("ecs:UpdateService",))


def test_a_query_call_is_named_by_its_action() -> None:
    form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    call = identify(headers("elasticloadbalancing", **form), "/", b"Action=ModifyRule&RuleArn=x")
    assert call is not None
    assert call.actions == ("elasticloadbalancing:ModifyRule",)


def test_a_cbor_call_is_named_by_its_path_and_by_iams_prefix() -> None:
    call = identify(headers("monitoring"), "/service/GraniteServiceVersion20100801/operation/PutMetricData", b"")
    assert call is not None
    assert call.actions == ("cloudwatch:PutMetricData",)


def test_an_unsigned_request_is_nobodys_call() -> None:
    assert identify({}, "/moto-api/", b"") is None


def test_registering_a_task_definition_needs_to_pass_its_roles() -> None:
    call = Call("deployer", "ecs", "RegisterTaskDefinition", b'{"taskRoleArn": "x", "tags": []}')
    assert call.actions == ("ecs:RegisterTaskDefinition", "iam:PassRole", "ecs:TagResource")


def test_the_journal_keeps_what_each_principal_needed() -> None:
    journal = CallJournal(Account("aws", "us-east-1", "123456789012"))
    journal.add(Call("deployer", "ecs", "UpdateService", b'{"cluster": "c", "service": "s"}'))
    journal.add(Call("deployer", "ecs", "ListTasks", b"{}"))
    journal.add(Call("pulumi", "ecs", "CreateService"))
    service = "arn:aws:ecs:us-east-1:123456789012:service/c/s"
    assert journal.needs("deployer") == {Need("ecs:UpdateService", service), Need("ecs:ListTasks")}
    assert journal.needs("nobody") == frozenset()
