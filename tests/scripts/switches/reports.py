"""Gateway tasks as they report themselves."""

import json
from typing import Any

from scripts.shared_items import Record
from tests.scripts.fake_clock import START


def report(task: str = "r-1-aaaaaaaa", *, age: float = 1, **said: Any) -> Record:
    """An item of a task that obeys nothing yet. `vllm` and `openai` are its breakers, `modes` what it obeys."""
    closed = {"state": "closed", "seconds_left": 0.0, "reset_number": 0}
    breakers = {name: {**closed, **said.pop(name, {})} for name in ("vllm", "openai")}
    modes = {"vllm": "auto", "openai": "auto", "cache": "auto", **said.pop("modes", {})}
    return {
        "pk": "task",
        "sk": task,
        "at": START.timestamp() - age,
        "release": "r-1",
        "colour": "green",
        "model_colour": "blue",
        "serving": 1,
        "breakers": json.dumps(breakers),
        "modes": json.dumps(modes),
        **said,
    }
