"""Set points while a run is recorded: the recorder owns the port, so orders are handed to it.

`heliobench bench set` finds the port in use, and gives the order to the recorder of that bench through a socket beside
the bench file (only the recorder's user and group may write to it). The thread of the port carries it out between two
scans, by the same rules as without a recorder. One line of JSON each way:

    {"instrument": "inlet bath", "celsius": 55.0, "person": "陈立"}
    {"found": 55.0, "log": "bench.setpoints.jsonl"} or {"refused": {"code": …, "sentence_en": …, "sentence_zh": …}}
"""

import json
import socket
import socketserver
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from instruments.beside import Beside
from instruments.errors import InstrumentError, PortUnavailable

Carry = Callable[[str, float, str], dict[str, Any]]
"""Carries out an order (instrument, set point [degC], person): what came of it. Raises InstrumentError."""

_LONGEST = 4096  # bytes of a message; ours
_PATIENCE = 60.0  # s; ours: a scan under way, the order, its settling time and the read-back


class OrderDesk(Beside):
    """Takes orders at `path` while its block runs.

    Raises PortUnavailable where no socket can be made there, OSError never.
    """

    def __init__(self, path: Path, carry: Carry) -> None:
        self.path = path
        try:
            path.unlink(
                missing_ok=True
            )  # of a recorder that was killed: two of one bench cannot be, the ports are locked
            self._server = _Server(str(path), carry)
            path.chmod(0o660)
        except OSError as error:
            raise _no_desk(path, error) from error
        super().__init__(partial(self._server.serve_forever, 0.1), name="order desk")

    def _ask_to_stop(self) -> None:
        self._server.shutdown()

    def _end(self, error: BaseException | None) -> None:
        self._server.server_close()
        self.path.unlink(missing_ok=True)


def desk_of(bench_file: Path) -> Path:
    """Where the recorder of this bench file takes orders."""
    return bench_file.with_suffix(".orders")


def hand_over(path: Path, *, instrument: str, celsius: float, person: str) -> dict[str, Any] | None:
    """Give an order to the recorder at `path` and wait for what comes of it; None where no recorder takes orders.

    Raises InstrumentError with the recorder's sentences when the set point was not taken.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_PATIENCE)
        try:
            line.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise _no_desk(path, error) from error
        order = {"instrument": instrument, "celsius": celsius, "person": person}
        try:
            line.sendall(json.dumps(order).encode() + b"\n")
            answer = line.makefile("rb").readline(_LONGEST)
        except OSError as error:
            raise _unknown_outcome() from error
    if not answer.endswith(b"\n"):
        raise _unknown_outcome()
    found: dict[str, Any] = json.loads(answer)
    if "refused" in found:
        raise InstrumentError(**found["refused"])
    return found


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, carry: Carry) -> None:
        super().__init__(path, _Handler)
        self.carry = carry


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = _PATIENCE

    def handle(self) -> None:
        answer = json.dumps(self._answer(self.rfile.readline(_LONGEST)), ensure_ascii=False)
        self.wfile.write(answer.encode() + b"\n")

    def _answer(self, message: bytes) -> dict[str, Any]:
        try:
            order = json.loads(message)
            instrument, celsius, person = str(order["instrument"]), float(order["celsius"]), str(order["person"])
        except (ValueError, KeyError, TypeError):
            return {"refused": _sentences(_garbled())}
        try:
            return self.server.carry(instrument, celsius, person)
        except InstrumentError as failed:
            return {"refused": _sentences(failed)}


def _sentences(error: InstrumentError) -> dict[str, str]:
    return {"code": error.code, "sentence_en": error.sentence_en, "sentence_zh": error.sentence_zh}


def _garbled() -> InstrumentError:
    return InstrumentError(
        code="order-garbled",
        sentence_en="The order cannot be read; nothing was sent. Use heliobench bench set.",
        sentence_zh="指令无法识别，未发送任何内容；请使用 heliobench bench set。",
    )


def _unknown_outcome() -> InstrumentError:
    return InstrumentError(
        code="outcome-unknown",
        sentence_en="The recorder did not say what came of the order: look at the thermostat's display and at the log "
        "of set points before ordering again.",
        sentence_zh="记录程序未回报执行结果：再次设定前，请查看恒温槽显示和设定日志。",
    )


def _no_desk(path: Path, error: OSError) -> PortUnavailable:
    why = error.strerror or str(error)
    return PortUnavailable(
        code="no-order-desk",
        sentence_en=f"Set points cannot be handed to the recorder through {path} ({why}); use a folder with a shorter "
        "name that may be written, or order before the run begins.",
        sentence_zh=f"无法通过 {path} 向记录程序传递设定指令（{why}）；"
        "请将台架文件放在路径较短且可写的目录，或在试验记录开始前设定。",
    )
