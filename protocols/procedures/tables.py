"""A dataclass from a table of a TOML file, every mistake told with file, table and key."""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any


def built(kind: type[Any], table: Mapping[str, Any], file: str, where: str) -> Any:
    """Make a dataclass of a table whose keys and kinds of values are those of its fields.

    Raises ValueError naming file, place and key for a key that is unknown, lacking or of a wrong kind.
    """
    known = {one.name: one for one in fields(kind)}
    for key in table:
        if key not in known:
            raise wrong(file, where, f"it has the key {key!r}; known are {', '.join(known)}")
    for name, one in known.items():
        if name not in table and one.default is MISSING:
            raise wrong(file, where, f"it lacks {name}")
    return kind(**{key: _value(file, where, key, value, str(known[key].type)) for key, value in table.items()})


def _value(file: str, where: str, key: str, value: object, annotation: str) -> object:
    if isinstance(value, list):
        value = tuple(value)
    if not _KINDS_OF_VALUES.get(annotation, _is_tuple)(value):
        raise wrong(file, where, f"{key} is {value!r}, which is of the wrong kind")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple)


def _is_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, str) for each in value)


_KINDS_OF_VALUES: Mapping[str, Callable[[object], bool]] = {
    "<class 'str'>": lambda value: isinstance(value, str),
    "<class 'bool'>": lambda value: isinstance(value, bool),
    "<class 'int'>": lambda value: type(value) is int,
    "<class 'float'>": _is_number,
    "tuple[str, ...]": _is_texts,
}


def wrong(file: str, where: str, what: str) -> ValueError:
    """Give the error that tells where in which file something is wrong."""
    return ValueError(f"{file}: {where}: {what}.")
