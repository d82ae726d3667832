"""What may become a secret's value, and that no refusal shows it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from scripts.errors import Refused
from scripts.secrets import keyring, values
from scripts.secrets.names import Kept, arn
from tests.scripts.examples import manifest

GOOD = "k3y-" + "a" * 40
BAD_VALUES = [
    (Kept.SMOKE_KEY, "", "nothing was given"),
    (Kept.SMOKE_KEY, "\n", "nothing was given"),
    (Kept.SMOKE_KEY, f"{GOOD}\n{GOOD}\n", "more than one line"),
    (Kept.SMOKE_KEY, f"{GOOD}\n\n", "more than one line"),
    (Kept.SMOKE_KEY, f"{GOOD} {GOOD}", "printable ASCII without spaces"),
    (Kept.SMOKE_KEY, GOOD + "é", "printable ASCII without spaces"),
    (Kept.SMOKE_KEY, "secret-that-is-too-short", "24 characters, expected at least 32"),
    (Kept.OPENAI_KEY, "sk-too-short", "12 characters, expected at least 20"),
    (Kept.OPENAI_KEY, "k" * 70000, "70000 bytes, Secrets Manager takes at most 65536"),
    (Kept.API_KEYS, GOOD, "not JSON"),
    (Kept.API_KEYS, json.dumps([GOOD]), "one JSON object of names and keys"),
    (Kept.API_KEYS, json.dumps(GOOD), "one JSON object of names and keys"),
    (Kept.API_KEYS, "{}", "at least one name"),
    (Kept.API_KEYS, json.dumps({"ana": {"key": GOOD}}), "the key of ana is no text"),
    (Kept.API_KEYS, json.dumps({"ana": 17}), "the key of ana is no text"),
    (Kept.API_KEYS, json.dumps({"ana": GOOD + "\u00e9"}), "key of ana: expected printable ASCII"),
    (Kept.API_KEYS, json.dumps({"ana": "secret-that-is-too-short"}), "key of ana: 24 characters"),
    (Kept.API_KEYS, json.dumps({"": GOOD}), "expected up to 64 letters"),
    (Kept.API_KEYS, json.dumps({"(smoke)": GOOD}), "expected up to 64 letters"),
    (Kept.API_KEYS, f'{{"ana": "{GOOD}", "ana": "{GOOD}2"}}', "ana comes twice"),
    (Kept.API_KEYS, json.dumps({"ana": GOOD, "bob": GOOD}), "two clients have the same key"),
]


@pytest.mark.parametrize(("name", "given", "says"), BAD_VALUES)
def test_a_value_that_no_task_could_use_is_refused_without_showing_it(name: Kept, given: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        values.checked(name, given)
    assert GOOD not in str(refused.value)
    assert "too-short" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("layout", [{"indent": 2}, {"separators": (",", ":")}])
def test_clients_keys_may_be_laid_out_in_any_way_and_are_kept_in_one(layout: dict[str, Any]) -> None:
    keys = {"ana": GOOD, "bob": GOOD + "b"}
    assert values.checked(Kept.API_KEYS, json.dumps(keys, **layout) + "\n") == json.dumps(keys)


def test_keys_that_fit_only_as_they_were_given_are_refused() -> None:
    """As they are kept there is a space after each colon and comma."""
    tight = json.dumps({f"c{n:03}": "k" * 641 + f"{n:03}" for n in range(100)}, separators=(",", ":"))
    assert len(tight) <= values.LARGEST_VALUE < len(json.dumps(json.loads(tight)))
    with pytest.raises(Refused, match="at most 65536"):
        values.checked(Kept.API_KEYS, tight)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_one_newline_at_the_end_is_not_part_of_the_value(ending: str) -> None:
    assert values.checked(Kept.SMOKE_KEY, GOOD + ending) == GOOD


def test_fresh_values_pass_their_own_check() -> None:
    assert values.checked(Kept.SMOKE_KEY, values.fresh_key())
    assert len(bytes.fromhex(values.fresh_token())) == 32


def test_a_client_that_moves_has_both_keys_and_then_only_the_new_one() -> None:
    keys = {"ana": "old", "bob": "other"}
    begun = keyring.begun(keys, "ana", "new")
    assert begun == {"ana": "new", "ana.previous": "old", "bob": "other"}
    assert (keyring.moving(begun), keyring.client_names(begun)) == (["ana"], ["ana", "bob"])
    assert keyring.ended(begun, "ana") == {"ana": "new", "bob": "other"}


def test_a_client_may_be_called_previous() -> None:
    """Only beside the name that it would be the previous one of does it mean an old key."""
    keys = {"eve.previous": "key"}
    assert (keyring.moving(keys), keyring.client_names(keys)) == ([], ["eve.previous"])


def test_an_environment_without_external_fallback_has_no_openai_key() -> None:
    found = manifest()
    without = replace(found, secrets=replace(found.secrets, openai_key=None))
    with pytest.raises(Refused, match="staging has no openai-key: external fallback is `never`"):
        arn(without, Kept.OPENAI_KEY)
