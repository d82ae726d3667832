"""Tables, buckets, images: all by use.

Tables: the gateway is assumed to write and read one unit a request, and each of its tasks to look for switches every
two seconds. Not counted: requests to S3, of which there are few.
"""

from collections.abc import Iterable

from scripts.cost.assumptions import Assumptions
from scripts.cost.family import Family, of_type
from scripts.cost.model import HOURS_A_MONTH, Used
from scripts.cost.scene import Moment, Scene

_TABLE = "aws:dynamodb/table:Table"
_BUCKET = "aws:s3/bucket:Bucket"
_IMAGES = "aws:ecr/repository:Repository"
_MILLION = 1e6
_POLLS_AN_HOUR = 1800


def _uses(scene: Scene, month: Assumptions) -> Iterable[Used]:
    if of_type(scene, _TABLE):
        yield from _tables(scene, month)
    if of_type(scene, _BUCKET):
        yield Used("models and logs in buckets", "s3.storage", month.stored_gb, "--stored-gb")
    if of_type(scene, _IMAGES):
        yield Used("images", "ecr.storage", month.image_gb, "--image-gb")


def _tables(scene: Scene, month: Assumptions) -> Iterable[Used]:
    polls = scene.gateway_tasks(Moment.IDLE) * _POLLS_AN_HOUR * HOURS_A_MONTH
    requests = month.requests_per_month
    yield Used("writes to tables", "dynamodb.write", requests / _MILLION, "one a request: --requests-per-month")
    yield Used(
        "reads of tables",
        "dynamodb.read",
        (requests + polls) / _MILLION,
        "one a request, one in 2 s of each gateway task",
    )
    yield Used("tables", "dynamodb.storage", month.table_gb, "--table-gb")
    if any(table.inputs.get("pointInTimeRecovery", {}).get("enabled") for table in of_type(scene, _TABLE)):
        yield Used("tables, kept recoverable", "dynamodb.recovery", month.table_gb, "--table-gb")


FAMILY = Family("storage", frozenset({_TABLE, _BUCKET, _IMAGES}), lambda _: (), lambda s, m: [*_uses(s, m)])
