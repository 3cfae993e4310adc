"""Stable names for pseudo-terminals: symbolic links in a folder, as udev makes them for serial ports."""

import fcntl
import os
import re
from collections.abc import Iterable
from pathlib import Path

from instruments.errors import PortUnavailable


class Links:
    """A link for each port name of a bench, in `folder`, which is made and kept to oneself. Raises PortUnavailable."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._paths: dict[str, Path] = {}
        self._made: dict[str, str] = {}
        for name in names:
            self._paths[name] = folder.absolute() / _free(_plain(name), {path.name for path in self._paths.values()})
        self._folder = _owned(folder)
        for path in self._paths.values():
            if path.exists() and not path.is_symlink():
                os.close(self._folder)
                raise _refused(path, "it is there and no link; move it away", "已存在且不是链接，请移走")

    @property
    def paths(self) -> dict[str, str]:
        """{port name: path of its link}."""
        return {name: str(path) for name, path in self._paths.items()}

    def point(self, name: str, port: str) -> None:
        """Let the link of this name point to a port; one that a killed program left behind is replaced."""
        path = self._paths[name]
        beside = path.with_name(f".{path.name}.new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(port)
        beside.replace(path)
        self._made[name] = port

    def remove(self, name: str) -> None:
        """Take the link away, unless it is another's by now."""
        path, port = self._paths[name], self._made.pop(name, None)
        if port is not None and path.is_symlink() and str(path.readlink()) == port:
            path.unlink()

    def close(self) -> None:
        """Take all links away."""
        for name in tuple(self._made):
            self.remove(name)
        os.close(self._folder)


def _owned(folder: Path) -> int:
    """The folder, opened and locked: two programs would take each other's links away."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _refused(folder, error.strerror or "", error.strerror or "") from error
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(opened)
        raise _refused(folder, "another simulated bench has its links there", "另一仿真试验台正在使用该目录") from error
    return opened


def _plain(name: str) -> str:
    """The last part of a port's path in characters that need no quoting.

    >>> _plain("/dev/serial/by-id/usb-FTDI_A1-port0"), _plain("sim:flow")
    ('usb-FTDI_A1-port0', 'sim-flow')
    """
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", name.rstrip("/").rsplit("/", 1)[-1]).strip(".-") or "port"


def _free(name: str, taken: set[str]) -> str:
    """
    >>> _free("a", {"a", "a-2"})
    'a-3'
    """
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def _refused(path: Path, en: str, zh: str) -> PortUnavailable:
    return PortUnavailable(
        code="link-refused",
        sentence_en=f"{path} cannot be used for links to simulated ports: {en}. Choose another --link-dir.",
        sentence_zh=f"{path} 无法用于仿真端口的链接：{zh}。请另选 --link-dir。",
    )
