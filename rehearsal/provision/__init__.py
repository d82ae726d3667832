"""The Pulumi program, realised in the rehearsal's AWS without the Pulumi engine.

Runs in a process of its own each time, because a program that failed leaves the SDK unusable for the next.
There is no state and no difference: what exists is what this run made.
"""
