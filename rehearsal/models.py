"""The models that the rehearsal's bucket holds: those that its stories release, as markers alone.

Nothing is brought to a host here: a task finds the folder of its model, made for it (`containers.py`).
"""

from rehearsal.cloud.backends import Backends
from rehearsal.invitation import MODELS
from stacks.naming import model_marker


def mark_all(backends: Backends, bucket: str) -> None:
    """Put the marker of each model into the bucket: a release of another model is refused, as in an account.

    Past S3's requests: the bucket refuses what comes without TLS, and this AWS has none.
    """
    for model in MODELS:
        backends.put_object(bucket, model_marker(model))
