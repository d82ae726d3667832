"""Every `aws …` line in the runbooks and docs is a command that exists; a runbook's is the operator's to type.

An item of a runbook that names the owner is for the owner, whose rights the kit does not know.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore import xform_name

from tests.stacks.policies.reading import allowed_actions
from tests.stacks.policies.scopes import documents, scope

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = sorted((ROOT / "runbooks").rglob("*.md"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *RUNBOOKS]
# The command's own: it has no operation for them, and these are the permissions that they need.
OF_THE_COMMAND = {
    ("sso", "login"): set[str](),
    ("ecr", "get-login-password"): {"ecr:GetAuthorizationToken"},
    ("s3", "cp"): {"s3:ListBucket", "s3:GetObject", "s3:PutObject"},
    ("s3", "sync"): {"s3:ListBucket", "s3:GetObject", "s3:PutObject"},
}
OF_EVERY_OPERATION = {"query", "output", "region", "profile"}
# A copy that writes to a bucket has it last.
_FROM_A_BUCKET = re.compile(r"aws s3 cp s3://")
_LINE = re.compile(r"\baws ([a-z][a-z0-9-]*) ([a-z][a-z0-9-]*)([^`\n|#]*)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"", re.DOTALL)
_ITEM = re.compile(r"\n(?:\n(?=\S)|(?=- |\d+\. |#))")
OPERATOR = allowed_actions(documents(scope("production")))


class Line(NamedTuple):
    """One command on a page, and the paragraph or list item around it."""

    page: str
    service: str
    operation: str
    rest: str
    around: str


def lines(page: Path) -> list[Line]:
    found = []
    for item in _ITEM.split(page.read_text().replace("\\\n", " ")):
        for code in _code(item):
            found += [
                Line(page.name, *match.groups(), around=item) for match in _LINE.finditer(_QUOTED.sub("QUOTED", code))
            ]
    return found


def _code(item: str) -> list[str]:
    """Fenced blocks whole, and each span of the text between them."""
    parts = item.split("```")
    return [*parts[1::2], *re.findall(r"`([^`]+)`", "".join(parts[::2]).replace("\n", " "))]


@cache
def operations(service: str) -> dict[str, Any]:
    """By the command's names for them. Raises UnknownServiceError."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


def options(operation: Any) -> set[str]:
    members = operation.input_shape.members.items() if operation.input_shape else ()
    named = {xform_name(name, "-") for name, _ in members}
    return named | {f"no-{xform_name(name, '-')}" for name, shape in members if shape.type_name == "boolean"}


def needs(line: Line) -> set[str]:
    own = OF_THE_COMMAND.get((line.service, line.operation))
    if own is None:
        operation = operations(line.service)[line.operation]
        return {f"{operation.service_model.signing_name}:{operation.name}"}
    reads = _FROM_A_BUCKET.match(f"aws {line.service} {line.operation}{line.rest}")
    return own - {"s3:PutObject"} if reads else own


LINES = [line for page in PAGES for line in lines(page)]
TYPED_ON_CALL = [line for page in RUNBOOKS for line in lines(page)]


def name(line: Line) -> str:
    return f"{line.page}: {line.service} {line.operation}"


@pytest.mark.parametrize("line", LINES, ids=name)
def test_an_aws_line_on_a_page_is_a_command_that_exists(line: Line) -> None:
    if (line.service, line.operation) in OF_THE_COMMAND:
        return
    known = operations(line.service)
    assert line.operation in known
    given = set(re.findall(r"--([a-z][a-z-]*)", line.rest))
    assert given - options(known[line.operation]) - OF_EVERY_OPERATION == set()


@pytest.mark.parametrize("line", TYPED_ON_CALL, ids=name)
def test_what_a_runbook_says_to_type_the_operator_may_or_the_owner_is_named(line: Line) -> None:
    assert "owner" in line.around or needs(line) <= OPERATOR


@pytest.mark.parametrize("page", ["capacity-provider.md", "web-firewall.md"])
def test_what_these_pages_say_to_on_call_people_the_operator_may_too(page: str) -> None:
    found = [line for line in LINES if line.page == page]
    assert found
    assert {need for line in found for need in needs(line)} <= OPERATOR


def test_the_operator_may_type_nothing_of_this_kind_that_no_page_mentions() -> None:
    typed = {need for line in LINES for need in needs(line)}
    own = {action for action in OPERATOR if action.startswith(("logs:", "s3:", "acm:"))}
    assert own - typed == set()


def test_the_pages_do_have_such_lines() -> None:
    assert len(TYPED_ON_CALL) > 8
    assert len(LINES) > 16
