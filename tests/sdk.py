"""Sessions of the AWS SDK that share what they read from disk: it is most of what a client costs, and never changes."""

from botocore.loaders import Loader
from botocore.session import Session

DESCRIPTIONS = Loader()


def session(access_key_id: str) -> Session:
    """For moto: it judges nobody by the secret."""
    found = Session()
    found.register_component("data_loader", DESCRIPTIONS)
    found.set_credentials(access_key_id, "rehearsal")
    return found
