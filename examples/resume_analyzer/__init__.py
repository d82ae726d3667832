"""Reads a resume with a language model and prints the facts in it. Prompt, types and clients are in baml_src/.

baml_client/ is what `baml-cli generate` makes of them; nobody edits it, and a test says when it is stale.
"""
