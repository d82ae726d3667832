"""Runs the Pulumi program in this process, as `pulumi up` would, with the given stand-in for the providers.

Once a process: a program that failed leaves the SDK unusable for the next.
"""

import asyncio
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, set_all_config, settings, stack

from stacks.offline.settings import PROJECT, REPOSITORY

PROGRAM = REPOSITORY / "stacks"


def run(
    environment: str,
    config: Mapping[str, str],
    secrets: list[str],
    providers: mocks.Mocks,
    *,
    preview: bool = False,
    before: Callable[[], None] = lambda: None,
    program: Path = PROGRAM,
) -> dict[str, Any]:
    """The stack's outputs; one that is not known yet is None. `before` runs inside the stack, before the program."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        set_all_config(dict(config), secrets)
        mocks.set_mocks(providers, project=PROJECT, stack=environment, preview=preview)
        return loop.run_until_complete(_run(program, before))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _run(program: Path, before: Callable[[], None]) -> dict[str, Any]:
    def body() -> None:
        before()
        runpy.run_path(str(program), run_name="__main__")

    await stack.run_pulumi_func(body)
    root = settings.get_root_resource()
    exported = root.outputs if isinstance(root, stack.Stack) else {}
    return {key: await _value(value) for key, value in exported.items()}


async def _value(value: Any) -> Any:
    output = pulumi.Output.from_input(value)
    return await output.future() if await output.is_known() else None
