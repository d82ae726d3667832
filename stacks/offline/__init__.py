"""The Pulumi program without the engine: run in a process of its own, with stand-ins where the providers stand.

What a stand-in does is its owner's business: the rehearsal realises, this package records.
"""
