"""The gateway's secrets: putting values there, seeing who may read them, replacing them while requests go on.

A value comes from a hidden prompt, from standard input or from the random source of this machine, and goes to AWS or
to Pulumi. It never reaches an argument, the ledger, a log line or an error; only a client's new key is printed, once.
"""
