"""A task is its own role in the rehearsal's AWS, and nobody without one."""

from rehearsal.ecs.credentials import none, of_roles

ROLE = "arn:aws:iam::123456789012:role/switchyard-rehearsal-api-task"


def test_a_task_signs_with_its_roles_short_name_because_the_journal_goes_by_it() -> None:
    found = of_roles("http://127.0.0.1:5000", "switchyard-rehearsal-")(ROLE)
    assert found["AWS_ACCESS_KEY_ID"] == "api-task"
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"


def test_a_task_without_a_role_has_no_credentials() -> None:
    assert of_roles("http://127.0.0.1:5000", "switchyard-rehearsal-")("") == none(ROLE) == {}
