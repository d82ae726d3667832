"""Tables, buckets, images: all by use.

Tables: a request writes at most its answer, for the day when no model answers, and the counters of its minute and its
month; one that OpenAI answers also two sums. Requests of one key within a moment share counters, which is not counted
here. Each gateway task says every five seconds that it is there, and looks at switches, keys, the live release, the
other tasks and the month: a unit each, which holds for up to 4 KB, some 16 keys. Not counted: the few requests to S3.
"""

import math
from collections.abc import Iterable

from scripts.cost.assumptions import Assumptions
from scripts.cost.family import Family, of_type
from scripts.cost.model import HOURS_A_MONTH, Used
from scripts.cost.scene import Moment, Scene

_TABLE = "aws:dynamodb/table:Table"
_BUCKET = "aws:s3/bucket:Bucket"
_IMAGES = "aws:ecr/repository:Repository"
_MILLION = 1e6
# Units of each gateway task in an hour: switches every 2 s; keys, live release, other tasks every 5 s; the month, 30 s.
_READS_AN_HOUR = 1800 + 3 * 720 + 120
_SIGNS_AN_HOUR = 720
_COUNTERS, _SUMS = 2, 2
# A kept answer: its envelope, and a token's text before it is compressed. A write unit is 1 KiB.
_ENVELOPE_BYTES, _TOKEN_BYTES, _UNIT_BYTES = 400, 4, 1024


def _uses(scene: Scene, month: Assumptions) -> Iterable[Used]:
    if of_type(scene, _TABLE):
        yield from _tables(scene, month)
    if of_type(scene, _BUCKET):
        yield Used("models and logs in buckets", "s3.storage", month.stored_gb, "--stored-gb")
    if of_type(scene, _IMAGES):
        yield Used("images", "ecr.storage", month.image_gb, "--image-gb")


def _tables(scene: Scene, month: Assumptions) -> Iterable[Used]:
    task_hours = scene.gateway_tasks(Moment.IDLE) * HOURS_A_MONTH
    answer = math.ceil((_ENVELOPE_BYTES + month.tokens_out * _TOKEN_BYTES) / _UNIT_BYTES)
    a_request = _COUNTERS + answer + _SUMS * month.fallback_share
    writes = month.requests_per_month * a_request + task_hours * _SIGNS_AN_HOUR
    yield Used(
        "writes to tables",
        "dynamodb.write",
        writes / _MILLION,
        f"at most {_COUNTERS + answer} a request ({_SUMS} more at OpenAI), one in 5 s of each gateway task",
    )
    reads = task_hours * _READS_AN_HOUR
    yield Used("reads of tables", "dynamodb.read", reads / _MILLION, "17 in 15 s of each gateway task")
    yield Used("tables", "dynamodb.storage", month.table_gb, "--table-gb")
    if any(table.inputs.get("pointInTimeRecovery", {}).get("enabled") for table in of_type(scene, _TABLE)):
        yield Used("tables, kept recoverable", "dynamodb.recovery", month.table_gb, "--table-gb")


FAMILY = Family("storage", frozenset({_TABLE, _BUCKET, _IMAGES}), lambda _: (), lambda s, m: [*_uses(s, m)])
