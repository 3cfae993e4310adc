"""The one text of a JSON document: equal values are equal bytes, so that a digest names a document."""

from __future__ import annotations

import json


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys, no spaces and plain Unicode, as UTF-8; NaN is refused.

    >>> canonical_json({"b": 1.5, "a": "试"}).decode()
    '{"a":"试","b":1.5}'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()
