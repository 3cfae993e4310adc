"""An item file says what the method asks, in any unit of the quantity, or is refused in one sentence."""

from pathlib import Path

import pytest

from lims.errors import BadInput
from lims.runs.itemfile import Item, item_from, read_item
from protocols.method import ItemField, Method


def _never(**_: object) -> None:
    raise AssertionError("reading an item evaluates nothing")


METHOD = Method(
    id="x",
    standard="X",
    edition="1",
    clause="1",
    title_en="x",
    title_zh="x",
    inputs={"G": "W/m2"},
    optional_inputs={},
    item=(
        ItemField(symbol="A_G", unit="m2", name_en="gross area", name_zh="总面积", least=0.001),
        ItemField(symbol="tilt", unit="deg", required=False, name_en="tilt", name_zh="倾角"),
        ItemField(symbol="fluid", kind="text", default="water", choices=("water", "glycol")),
        ItemField(symbol="horizon", kind="pairs", required=False),
    ),
    outputs={},
    limit_table="x",
    evaluate=_never,
)


def item(**described: object) -> Item:
    return item_from({"A_G": 2.5} | described, METHOD, where="item.toml")


@pytest.mark.parametrize("area", [2.5, "2.5 m2", "25000 cm2", "2.5"])
def test_a_number_may_be_plain_or_carry_its_unit(area: object) -> None:
    assert item(A_G=area).values["A_G"] == pytest.approx(2.5)


def test_defaults_are_filled_in_and_pairs_kept() -> None:
    found = item(horizon=[[0, 5], [180, 10.5]])
    assert found.values["fluid"] == "water"
    assert found.values["horizon"] == ((0.0, 5.0), (180.0, 10.5))
    assert "tilt" not in found.values


def test_the_offset_to_the_middle_of_a_sample_is_zero_or_as_given() -> None:
    assert item().midpoint_offset == 0.0
    assert item(sample_midpoint_offset=30).midpoint_offset == 30.0
    assert item(sample_midpoint_offset="0.5 min").midpoint_offset == pytest.approx(30.0)


def test_uncertainties_are_differences_in_the_unit_of_the_quantity() -> None:
    found = item(uncertainty={"t_in": {"absolute": "50 mK", "source": "certificate 7"}, "G": {"relative": "1 %"}})
    t_in, irradiance = found.uncertainties
    assert (t_in.symbol, t_in.relative, t_in.source) == ("t_in", 0.0, "certificate 7")
    assert t_in.absolute == pytest.approx(0.05)
    assert (irradiance.symbol, irradiance.absolute) == ("G", 0.0)
    assert irradiance.relative == pytest.approx(0.01)


REFUSED = [
    ({"A_G": None}, "lacks A_G (gross area)"),
    ({"area": 2.5}, "'area', which this method does not know"),
    ({"A_G": "2.5 kg"}, "A_G: The unit kg is of another quantity than m2"),
    ({"A_G": "large"}, "“large” is not a number with a unit"),
    ({"A_G": -1.0}, "A_G (gross area) is -1.0"),
    ({"A_G": [1, 2]}, "A_G (gross area) is [1, 2]"),
    ({"A_G": True}, "A_G (gross area) is True"),
    ({"tilt": "30 %"}, "another quantity than deg"),
    ({"fluid": "oil"}, "'oil'"),
    ({"horizon": [1, 2, 3]}, "must be a list of pairs"),
    ({"sample_midpoint_offset": 1e9}, "at most 3600"),
    ({"sample_midpoint_offset": "soon"}, "not a number with a unit"),
    ({"sample_midpoint_offset": True}, "sample_midpoint_offset = True is not a number"),
    ({"uncertainty": 0.01}, "write [uncertainty.G]"),
    ({"uncertainty": {"G": 0.01}}, "[uncertainty.G] may hold"),
    ({"uncertainty": {"G": {"percent": 1}}}, "[uncertainty.G] may hold"),
    ({"uncertainty": {"X": {"relative": 0.01}}}, "[uncertainty.X] is for no known quantity"),
    ({"uncertainty": {"G": {"relative": -0.01}}}, "not negative"),
    ({"uncertainty": {"G": {"absolute": "1 K"}}}, "uncertainty.G.absolute: The unit K is of another quantity"),
]


@pytest.mark.parametrize(("change", "complaint"), REFUSED)
def test_what_is_wrong_with_an_item_is_one_sentence_with_file_and_key(
    change: dict[str, object], complaint: str
) -> None:
    described = {key: value for key, value in ({"A_G": 2.5} | change).items() if value is not None}
    with pytest.raises(BadInput) as refusal:
        item_from(described, METHOD, where="item.toml")
    assert refusal.value.sentence_en.startswith("item.toml: ")
    assert complaint in refusal.value.sentence_en
    assert refusal.value.sentence_zh.startswith("item.toml：")


def test_a_file_is_read_as_toml(tmp_path: Path) -> None:
    path = tmp_path / "item.toml"
    path.write_text('A_G = "2.5 m2"\n[uncertainty.G]\nrelative = 0.01\n', encoding="utf-8")
    assert read_item(path, METHOD) == item(uncertainty={"G": {"relative": 0.01}})


@pytest.mark.parametrize("text", [b"A_G = ", b"A_G: 2.5", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "item.toml"
    path.write_bytes(text)
    with pytest.raises(BadInput, match=r"item\.toml: not a TOML file"):
        read_item(path, METHOD)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.toml cannot be read"):
        read_item(tmp_path / "nowhere.toml", METHOD)
