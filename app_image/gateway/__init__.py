"""The API container: one raw ASGI service that speaks OpenAI's chat API and answers from vLLM, else from OpenAI.

It owns the request's road from the client's bytes to the answer's bytes. It knows nothing of AWS, of releases or
of the rehearsal, and imports nothing of the rest of the kit: what it must know, it is told in its environment.
"""
