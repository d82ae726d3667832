"""The split of traffic, read from and written into a rule."""

import pytest

from scripts.errors import Refused
from scripts.release import weights
from scripts.release.weights import Weights
from stacks.naming import Colour
from tests.scripts.examples import actions, manifest


@pytest.mark.parametrize(
    ("found", "sole"),
    [(Weights(1, 0), Colour.BLUE), (Weights(0, 100), Colour.GREEN), (Weights(90, 10), None), (Weights(0, 0), None)],
)
def test_the_sole_colour(found: Weights, sole: Colour | None) -> None:
    assert found.sole is sole


def test_a_third_target_group_is_refused() -> None:
    found = actions(manifest(), 1, 0)
    found[0]["ForwardConfig"]["TargetGroups"].append({"TargetGroupArn": "arn:third", "Weight": 1})
    with pytest.raises(Refused, match="expected the two API target groups"):
        weights.read(manifest(), found)


def test_an_action_before_the_forward_stays() -> None:
    login = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {"Issuer": "me"}}
    written = weights.written(manifest(), [login, *actions(manifest(), 1, 0)], weights.all_on(Colour.GREEN))
    assert written[0] == login
    assert weights.read(manifest(), written) == Weights(0, 100)
