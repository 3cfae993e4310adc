"""The command line: `heliobench COMMAND`.

Commands are found in one table and imported only when they run, so that `heliobench --help` starts at once. Exit codes:
0 done; 1 checked, and found not valid, different or silent; 2 bad input, with one sentence on stderr.
"""

import os
import sys
from importlib import import_module
from typing import NamedTuple

import click

from lims.errors import Damaged


class Entry(NamedTuple):
    """Where a command lives, and its one line of help."""

    target: str  # module:attribute
    english: str
    chinese: str


COMMANDS = {
    "demo": Entry("lims.commands.demo:demo", "Do the whole main job on simulated instruments", "完整演示"),
    "serve": Entry("lims.commands.serve:serve", "Serve the web pages", "启动网页服务"),
    "methods": Entry("lims.commands.methods:methods", "List the methods and what they need", "列出检测方法"),
    "evaluate": Entry("lims.commands.evaluate:evaluate", "Evaluate a record by a method", "按方法计算记录"),
    "inspect": Entry("lims.commands.inspect:inspect", "Look at a file of a logger", "查看记录仪文件"),
    "procedures": Entry("lims.commands.procedures:procedures", "Show and judge manual tests", "人工试验与判定"),
    "yield": Entry("lims.commands.yields:gross_yield", "Gross thermal yield of a collector", "计算年得热量"),
    "probe": Entry("lims.commands.probe:probe", "Read one instrument on a port", "读取一台仪器"),
    "bench": Entry("lims.commands.bench:bench", "Look at a bench, set its thermostats", "检查试验台、设定恒温槽"),
    "record": Entry("lims.commands.record:record", "Record a run on a bench", "在试验台上记录"),
    "simulate": Entry("lims.commands.simulate:simulate", "A bench of simulated instruments", "仿真试验台"),
    "verify": Entry("lims.commands.verify:verify", "Check whether a report is genuine", "验证报告真伪"),
    "reproduce": Entry("lims.commands.reproduce:reproduce", "Compute the printed digits again", "复算报告数值"),
    "audit": Entry("lims.commands.audit:audit", "Check the audit trail", "核查审计记录"),
    "db": Entry("lims.commands.db:db", "Create and migrate the database", "建立和升级数据库"),
    "notices": Entry("lims.commands.notices:notices", "Send the e-mails of the outbox", "发送邮件"),
    "user": Entry("lims.commands.user:user", "Add people and set their roles", "管理用户"),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now; None for an unknown name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands from the table, without importing any."""
        with formatter.section("Commands 命令"):
            formatter.write_dl([(name, f"{entry.english} {entry.chinese}") for name, entry in COMMANDS.items()])


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"heliobench {version('heliobench')}")
        ctx.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Print the version 版本.",
)
def heliobench() -> None:
    """Heliobench: every digit on a certificate, followed to the raw bytes.

    太阳能热利用产品检测实验室信息管理系统。

    Messages are Chinese or English by HELIOBENCH_LANGUAGE=zh|en or LANG, otherwise both.
    """


def in_your_language(english: str, chinese: str) -> str:
    """One of the two texts by HELIOBENCH_LANGUAGE or LANG, or both where neither says zh or en."""
    for name in ("HELIOBENCH_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        language = os.environ.get(name, "")[:2].lower()
        if language in ("zh", "en"):
            return chinese if language == "zh" else english
    return f"{chinese} {english}"


def main() -> None:
    """Run the command line and leave with its exit code.

    An exception that carries a sentence for people (`sentence_en`, `sentence_zh`: a refusal, a method that cannot be
    evaluated, an instrument's error) is bad input. Any other exception is our mistake and keeps its traceback.
    """
    try:
        result = heliobench.main(standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)  # a group of commands without one: what there is
        sys.exit(2)
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "heliobench"
        message = error.format_message().rstrip(".")
        leave(f"{message}: see {where} --help.", f"用法有误，请看 {where} --help。")
    except Exception as error:
        if not (hasattr(error, "sentence_en") and hasattr(error, "sentence_zh")):
            raise
        leave(error.sentence_en, error.sentence_zh, code=1 if isinstance(error, Damaged) else 2)
    sys.exit(result if isinstance(result, int) else 0)


def leave(english: str, chinese: str, *, code: int = 2) -> None:
    """Print one sentence on stderr and exit."""
    click.echo(" ".join(in_your_language(english, chinese).split()), err=True)
    sys.exit(code)
