"""The one text of a JSON document: equal values are equal bytes, so that a digest names a document."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys, no spaces and plain Unicode, as UTF-8; NaN is refused.

    >>> canonical_json({"b": 1.5, "a": "试"}).decode()
    '{"a":"试","b":1.5}'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def finite(value: Any) -> Any:
    """The value for JSON, which has no NaN and no infinity: what is no number is null.

    >>> finite({"limit": float("nan"), "rows": (1.5, float("inf"))})
    {'limit': None, 'rows': [1.5, None]}
    """
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
