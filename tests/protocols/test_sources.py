"""Sources of limits are read in Chinese: names, numbers and addresses stay, every sentence has its Chinese one."""

from __future__ import annotations

import re

import pytest

from protocols.limits import read_limits
from protocols.sources import source_zh
from tests.protocols.conftest import ROOT

# Standards, makers, addresses and units that stay as they are.
KEPT = re.compile(
    r"ISO|GB/T|EN|IEC|Heliobench|Solar Keymark|DS_3663|DualSun|Suneco|EuroSun|EnergyProfessional|sunpeek|W/m2|m/s|min|"
    r"lrmdw\.cn|17huanbao|freesmiily\.com|fasterrecord_web|24c556e"
)


@pytest.mark.parametrize(
    ("source", "chinese"),
    [
        ("not found", "未查得"),
        ("recalled, not read in the standard [unverified, shaky]", "凭记忆，未在标准中查阅［未核实，不确切］"),
        ("memory of ISO 9459-2, not read", "凭对 ISO 9459-2 的记忆，未查阅"),
        (
            "as ISO 9806:2017, of which GB/T 4271-2021 is recalled to be a modified adoption [memory]; there: "
            "recalled, not read in the standard [memory]; ISO 9806-1:1994 had 800 [conflict]",
            "同 ISO 9806:2017（凭记忆，GB/T 4271-2021 系修改采用该标准）；该标准的来源："
            "凭记忆，未在标准中查阅［凭记忆］；ISO 9806-1:1994 为 800［相互矛盾］",
        ),
        ("受控文本 No. 12; 王芳 2026-11-28", "受控文本 No. 12; 王芳 2026-11-28"),
        ("", ""),
    ],
)
def test_a_source_keeps_names_and_numbers_and_says_the_rest_in_chinese(source: str, chinese: str) -> None:
    assert source_zh(source) == chinese


def test_every_source_of_a_limit_is_read_in_chinese() -> None:
    tables = [read_limits(path) for path in (ROOT / "config" / "limits").glob("*.toml")]
    every = {limit.source for table in tables for limit in table.values()}
    assert len(every) > 50
    assert {one for one in every if re.search("[A-Za-z]{3,}", KEPT.sub("", source_zh(one)))} == set()
