"""The official `openai` client against the gateway: nothing but the base URL is special.

Each module shows one thing: connection.py the client, calls.py what can be asked, answerer.py who answered,
failures.py what an error means.
"""
