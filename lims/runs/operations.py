"""Verbs about runs: prepare, take in what the bench sends or a logger's file, seal, abort."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from instruments.segment import GENESIS, Segment, read_segment
from lims.canonical import canonical_json
from lims.clock import iso
from lims.equipment import queries as equipment_queries
from lims.equipment.benches import bench_named
from lims.errors import BadInput, Forbidden, NotFound, Refused, Sentence, refuse
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Laboratory, Work
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.orders import sampled
from lims.orders.models import Job
from lims.parties import queries as party_queries
from lims.permissions import Actor, Role
from lims.runs import columncache, live, preflight, queries
from lims.runs.filemap import FileMap, FileSeries, read_file
from lims.runs.models import UNFINISHED, Run, RunFile, RunMark, RunSegment
from lims.workflow import RUN, Facts, competent, complete, not_the_sampler

SYSTEM_CLOCK, RECORD_CLOCK, FILE_CLOCK = "system", "record", "file"
LONGEST_MARK = 1000  # characters


def prepare(work: Work, job_number: str, *, clock: str = SYSTEM_CLOCK, at_bench: str = "") -> tuple[Run, str]:
    """Start a job's run: checks competence and calibrations, and returns the run and the token for its uplink.

    A job whose runs were all aborted is run again. A bench has one unfinished run at a time. ``at_bench``: the bench
    at which the person stands, when it was scanned.

    ``clock`` is "record" when a measured record is replayed: its scans then carry the record's times, and the
    calibrations are those of the record's days.
    """
    work.actor.require("run.record")
    if work.actor.id is None:
        raise Refused("A named person starts a run.", "检测须由具名人员启动。")
    job = order_queries.job_by_number(work.session, job_number)
    orders.require_method(job)
    bench = bench_named(job.bench)
    able = party_queries.is_competent(
        work.session, person_id=work.actor.id, method_id=job.method_id, activity="test", day=work.today
    )
    refuse(preflight.other_bench(job, at_bench))
    busy = preflight.busy(work.session, bench.name)
    unfit = tuple(preflight.not_fit(work.session, bench, work.today)) if clock == SYSTEM_CLOCK else ()
    _begin(work, job, Facts(competent=able, missing=(*([busy] if busy else []), *unfit)))
    token = secrets.token_urlsafe(32)
    run = Run(
        number=work.number("YX"), job_id=job.id, bench=bench.name, clock=clock, started_by_id=work.actor.id,
        token_sha256=hashlib.sha256(token.encode()).hexdigest(), created_at=work.now,
    )  # fmt: skip
    work.session.add(run)
    work.session.flush()
    work.record("run", run.number, "prepare", target=run.state, job=job.number, bench=bench.name, clock=clock)
    return run, token


def _begin(work: Work, job: Job, facts: Facts) -> None:
    """Start job and item; only what guards the start is asked when a job runs again after an abort."""
    if preflight.runs_again(work.session, job):
        told = sampled.told(work.session, job, work.actor.id, facts)
        refuse(
            not_the_sampler(job, work.actor, told)
            or competent(job, work.actor, facts)
            or complete(job, work.actor, facts)
        )
        return
    orders.act_on_job(work, job.number, "start", facts)
    item = item_queries.of_job(work.session, job)
    if item.state != "in_test":  # another job on the same item may be under way
        items.act(work, item.number, "start_test")


def require_token(laboratory: Laboratory, run_number: str, token: str) -> None:
    """Check that ``token`` is the run's; `Forbidden` if not, `NotFound` if there is no such run."""
    with laboratory.database.read() as session:
        run = queries.by_number(session, run_number)
    if not hmac.compare_digest(run.token_sha256, hashlib.sha256(token.encode()).hexdigest()):
        raise Forbidden("The token is not that of this run.", "令牌与该试验记录不符。")


def ingest(laboratory: Laboratory, run_number: str, index: int, data: bytes) -> RunSegment:
    """Take in one segment of a run's spool; the same segment again is answered with what is there.

    Every line's hash is checked, and that the chain goes on where the last segment ended. Raises `BadInput` for
    damaged bytes, `Refused` for a segment that does not fit. The bytes are in the store before the row is written.
    """
    bench = Actor(id=None, name=f"uplink {run_number}", roles=frozenset({Role.TECHNICIAN}))
    with laboratory.work(bench) as work:
        run = queries.by_number(work.session, run_number, lock=True)
        known = next((one for one in run.segments if one.index == index), None)
        digest = hashlib.sha256(data).hexdigest()
        if known is not None:
            return _same(known, digest, run_number)
        segment = read_segment(data, previous=run.head or GENESIS)
        _require_next(run, index, segment)
        _require_same_wiring(work, run, segment)
        row = _keep(work, run, index, segment, data)
        _move_on(work, run, segment)
    columncache.keep(laboratory.store, digest, segment)
    return row


def preview(laboratory: Laboratory, run_number: str, data: bytes) -> int:
    """Keep what a bench shows of its open segment, beside the records; gives the number of the last scan known.

    Raises `Refused` for a run that has ended, and `BadInput` for a message that is none.
    """
    with laboratory.database.read() as session:
        run = queries.by_number(session, run_number)
        stored = run.last_sequence
    if run.state not in UNFINISHED:
        raise _takes_no_more(run)
    symbols = [symbol for one in bench_named(run.bench).instruments for symbol in one.channels]
    now = laboratory.clock().timestamp()
    return live.take(laboratory.live, run.number, data, symbols=symbols, stored=stored, now=now)


def _takes_no_more(run: Run) -> Refused:
    return Refused(f"{run.number} is '{run.state}' and takes no more segments.", f"{run.number} 已不再接收数据段。")


def _same(known: RunSegment, digest: str, number: str) -> RunSegment:
    if known.sha256 != digest:
        raise Refused(
            f"Segment {known.index} of {number} was received before with other bytes; nothing was replaced.",
            f"{number} 的第 {known.index} 段此前已收到，且内容不同；未作替换。",
        )
    return known


def _require_next(run: Run, index: int, segment: Segment) -> None:
    expected = len(run.segments) + 1
    if run.state not in UNFINISHED:
        raise _takes_no_more(run)
    if index != expected or segment.index != index or segment.run != run.number:
        raise Refused(
            f"{run.number} expects segment {expected} of its own spool, not segment {segment.index} of {segment.run}.",
            f"{run.number} 应接收本试验记录的第 {expected} 段，而收到的是 {segment.run} 的第 {segment.index} 段。",
        )
    if segment.bench["name"] != run.bench or not segment.sealed:
        raise BadInput(
            f"Segment {index} must be sealed and of bench {run.bench}.",
            f"第 {index} 段须已封存且属于试验台 {run.bench}。",
        )


def _require_same_wiring(work: Work, run: Run, segment: Segment) -> None:
    """A spool continues only on the same instruments; their ports may have new names (instruments/spool.py)."""
    if run.segments:
        first = read_segment(work.store.get(run.segments[0].sha256))
        if _wiring(first) != _wiring(segment):
            raise BadInput(
                f"Segment {segment.index} of {run.number} was wired otherwise than its first; start a new run.",
                f"{run.number} 第 {segment.index} 段的接线配置与首段不同；请新建试验记录。",
            )


def _wiring(segment: Segment) -> list[dict[str, Any]]:
    return [{**one, "port": ""} for one in segment.bench["instrument"]]


def _keep(work: Work, run: Run, index: int, segment: Segment, data: bytes) -> RunSegment:
    row = RunSegment(
        run_id=run.id, index=index, received_at=work.now, sha256=work.store.put(data, compress=True), size=len(data),
        scans=len(segment.scans), first_sequence=segment.first, last_sequence=segment.last,
        previous=run.head or GENESIS, head=segment.head_hash,
    )  # fmt: skip
    work.session.add(row)
    run.head = segment.head_hash
    run.scans += len(segment.scans)
    run.faults += sum(len(scan["faults"]) for scan in segment.scans)
    if segment.scans:
        run.first_scan_at = run.first_scan_at or _moment(segment.scans[0])
        run.last_scan_at = _moment(segment.scans[-1])
    work.session.flush()
    work.session.refresh(run, ["segments"])
    return row


def _move_on(work: Work, run: Run, segment: Segment) -> None:
    work.record("run", run.number, "ingest", segment=segment.index, scans=len(segment.scans), head=segment.head_hash)
    if run.state == "prepared":
        work.move(RUN, "record", run)
    if segment.final:
        missing = () if run.scans else (Sentence("The run holds no scan.", "该试验记录没有任何采样。"),)
        work.move(RUN, "seal", run, Facts(missing=missing), head=run.head, scans=run.scans)
        run.sealed_at = work.now
        orders.act_on_job(work, run.job.number, "measure")
        live.drop(work.laboratory.live, run.number)


def import_file(laboratory: Laboratory, actor: Actor, job_number: str, mapped: FileMap, data: bytes) -> Run:
    """Keep a logger's file as a job's sealed run; the same file for the same job again gives the run that is there.

    The file is read whole before anything is written, and outside the transaction, so that nobody waits for it.
    Raises `BadInput` with the place for a file that cannot be read as ``mapped`` says, `Refused` for a job that cannot
    be run, `Damaged` for other bytes than those of ``mapped``.
    """
    actor.require("run.record")
    if actor.id is None:
        raise Refused("A named person imports a file.", "文件须由具名人员导入。")
    read = read_file(mapped, data)
    with laboratory.work(actor) as work:
        job = order_queries.job_by_number(work.session, job_number)
        here = [run for run in queries.holding(work.session, mapped.sha256) if run.job_id == job.id]
        if here:
            return here[-1]
        _require_registered(work, mapped)
        able = party_queries.is_competent(
            work.session, person_id=actor.id, method_id=job.method_id, activity="test", day=work.today
        )
        _begin(work, job, Facts(competent=able))
        run = _imported(work, actor.id, job, mapped, read, data)
        work.move(RUN, "record", run)
        work.move(RUN, "seal", run, head=run.head, scans=run.scans)
        run.sealed_at = work.now
        orders.act_on_job(work, job.number, "measure")
        return run


def _require_registered(work: Work, mapped: FileMap) -> None:
    """Every instrument that is named stands in the register."""
    named = {one.equipment for one in mapped.columns if one.equipment}
    known = {one.number for one in equipment_queries.of_numbers(work.session, named)}
    for number in sorted(named - known):
        raise BadInput(
            f"{number} is not in the equipment register: choose the instrument that measured.",
            f"{number} 未在设备台账中登记：请选择实际测量的设备。",
        )


def _imported(work: Work, person_id: int, job: Job, mapped: FileMap, read: FileSeries, data: bytes) -> Run:
    first, last = (datetime.fromtimestamp(float(read.time[row]), UTC) for row in (0, -1))
    run = Run(
        number=work.number("YX"), job_id=job.id, bench=job.bench, clock=FILE_CLOCK, started_by_id=person_id,
        token_sha256=hashlib.sha256(secrets.token_bytes(32)).hexdigest(), created_at=work.now, head=mapped.digest,
        scans=read.time.size, faults=sum(read.missing.values()), first_scan_at=first, last_scan_at=last,
    )  # fmt: skip
    work.session.add(run)
    work.session.flush()
    digest = work.store.put(data, compress=True)
    work.session.add_all(
        [
            RunSegment(
                run_id=run.id, index=1, received_at=work.now, sha256=digest, size=len(data), scans=run.scans,
                first_sequence=1, last_sequence=run.scans, previous=GENESIS, head=run.head,
            ),
            RunFile(
                run_id=run.id, sha256=digest, name=mapped.name, reader=mapped.layout.reader,
                map_json=canonical_json(mapped.as_dict()).decode(), map_sha256=mapped.digest, imported_at=work.now,
                imported_by_id=person_id,
            ),
        ]
    )  # fmt: skip
    work.session.flush()
    work.session.refresh(run, ["segments", "file"])
    work.record(
        "run", run.number, "import", target=run.state, job=job.number, bench=job.bench, file=digest,
        name=mapped.name, map=mapped.digest,
    )  # fmt: skip
    return run


def mark(
    work: Work, number: str, kind: str, *, text: str, first: datetime | None = None, last: datetime | None = None
) -> RunMark:
    """Note what happened during a run: a "remark", or an interval to "exclude" with the reason.

    ``first``, ``last``: on the bench's clock; a remark without them is about now. Marks change no record: the
    evaluation takes the intervals to leave out as part of its inputs and says so in its notes.
    """
    run = _markable(work, number)
    if kind not in ("remark", "exclude"):
        raise BadInput("Choose a remark or an interval to leave out.", "请选择备注或剔除时段。")
    begin = first or bench_now(work.laboratory, run)
    end = last or begin
    _require_interval(work, run, kind, begin, end)
    made = _marked(work, run, kind, text, begin, end)
    work.record("run", run.number, kind, reason=made.text, mark=made.id, first=iso(begin), last=iso(end))
    return made


def withdraw_mark(work: Work, number: str, mark_id: int, reason: str) -> RunMark:
    """Take a mark back, with the reason; both stay on record."""
    run = _markable(work, number)
    known = next((one for one in run.standing_marks if one.id == mark_id), None)
    if known is None:
        raise NotFound(f"{number} has no such mark that stands.", f"{number} 没有该项有效标记。")
    made = _marked(work, run, "withdraw", reason, known.first_at, known.last_at, withdraws_id=known.id)
    work.record("run", run.number, "withdraw_mark", reason=made.text, mark=known.id)
    return made


def _markable(work: Work, number: str) -> Run:
    work.actor.require("run.record")
    run = queries.by_number(work.session, number, lock=True)
    if run.state == "aborted":
        raise Refused(f"{number} was aborted; nothing is noted on it any more.", f"{number} 已中止，不再添加标记。")
    return run


def _marked(
    work: Work, run: Run, kind: str, text: str, first: datetime, last: datetime, withdraws_id: int | None = None
) -> RunMark:
    words = text.strip()
    if not words or len(words) > LONGEST_MARK or work.actor.id is None:
        raise BadInput(
            f"Say in words what happened (at most {LONGEST_MARK} characters): it is kept with the record.",
            f"请用文字说明（不超过 {LONGEST_MARK} 个字符）：内容将随记录一并保存。",
        )
    made = RunMark(
        run_id=run.id, kind=kind, first_at=first, last_at=last, text=words, withdraws_id=withdraws_id,
        made_at=work.now, made_by_id=work.actor.id,
    )  # fmt: skip
    work.session.add(made)
    work.session.flush()
    work.session.refresh(run, ["marks"])
    return made


def bench_now(laboratory: Laboratory, run: Run) -> datetime:
    """Now on the clock of a run's scans: that of the last scan known where a record is replayed."""
    if run.clock == SYSTEM_CLOCK and run.state in UNFINISHED:
        return laboratory.clock()
    shown = live.read(laboratory.live, run.number, stored=run.last_sequence)
    if shown and shown.scans:
        return datetime.fromtimestamp(shown.scans[-1].time, UTC)
    return run.last_scan_at or laboratory.clock()


def _require_interval(work: Work, run: Run, kind: str, first: datetime, last: datetime) -> None:
    if last < first or (kind == "exclude" and last == first):
        raise BadInput("The interval must end after it begins.", "时段的结束须晚于开始。")
    begun = run.first_scan_at or (run.created_at if run.clock == SYSTEM_CLOCK else None)
    ended = bench_now(work.laboratory, run)
    if last > ended or (begun is not None and last < begun):
        raise BadInput(
            f"That time lies outside {run.number}: give one between the first scan and now.",
            f"该时间不在 {run.number} 范围内：请填写首次采样至当前之间的时间。",
        )


def _moment(scan: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(scan["time"]).astimezone(UTC)


def act(work: Work, number: str, action: str, reason: str = "") -> Run:
    """What a person may do to a run: abort it. It seals itself when the bench has sent its last segment."""
    run = queries.by_number(work.session, number)
    if action == "abort":
        work.move(RUN, "abort", run, Facts(reason=reason))
        live.drop(work.laboratory.live, run.number)
        return run
    raise Refused(
        "A run begins and is sealed by what its bench sends; only 'abort' is for a person.",
        "试验记录由试验台上传的数据开始和封存；人工操作仅限“中止”。",
    )
