"""Who may do what: policy documents as plain data, each statement with its reason. Pure; components attach them.

Identity policies are made of `statements.py` (deployer, operator, tasks, hosts), resource policies stand for themselves
(buckets, topic), `trust.py` says who takes a role, `unnameable.py` why a statement must say `*`.
"""
