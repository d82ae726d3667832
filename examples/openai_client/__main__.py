"""`python -m examples.openai_client whole|stream|tool|structured PROMPT`: one call; who answered goes to stderr.

Exits 0, or 1 with one message.
"""

import argparse
import os
import sys

import openai

from examples.openai_client import calls
from examples.openai_client.answerer import Answerer
from examples.openai_client.calls import StreamIncomplete
from examples.openai_client.connection import Connection, SettingsMissing, connect
from examples.openai_client.failures import explain

_KINDS = ("whole", "stream", "tool", "structured")


def main() -> int:
    parser = argparse.ArgumentParser("python -m examples.openai_client", allow_abbrev=False, description=__doc__)
    parser.add_argument("kind", choices=_KINDS)
    parser.add_argument("prompt")
    given = parser.parse_args()
    try:
        connection = connect(os.environ)
        with connection.client:
            print(_ask(connection, given.kind, given.prompt), file=sys.stderr)
    except SettingsMissing as error:
        return _failed(str(error))
    except StreamIncomplete:
        return _failed("the stream ended early; throw away what came of it, and ask again")
    except openai.OpenAIError as error:
        return _failed(explain(error))
    return 0


def _ask(connection: Connection, kind: str, prompt: str) -> Answerer:
    if kind == "stream":
        answered = calls.streamed(connection, prompt, lambda piece: print(piece, end="", flush=True))
        print()
        return answered.answerer
    if kind == "structured":
        person, answerer = calls.structured(connection, prompt)
        print(person)
        return answerer
    answered = (calls.with_tool if kind == "tool" else calls.whole)(connection, prompt)
    print(answered.text)
    return answered.answerer


def _failed(message: str) -> int:
    print(f"openai_client: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
