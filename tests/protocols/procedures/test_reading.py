"""Files of procedures: what is wrong is told with file, procedure and key."""

from pathlib import Path

import pytest

from protocols.limits import read_limits
from protocols.procedures.procedure import instructions
from protocols.procedures.reading import procedures
from tests.protocols.conftest import DATA, ROOT
from tests.protocols.procedures.records import PROCEDURES, shipped

SMALL = (DATA / "procedures" / "small.toml").read_text("utf-8")
TAKEN_OVER = '\n[other]\nsame_as = "small"\ndiffers_en = "d"\ndiffers_zh = "异"\n'


def read(folder: Path, text: str) -> dict[str, object]:
    folder.mkdir(exist_ok=True)
    (folder / "x.toml").write_text(text, "utf-8")
    return dict(procedures(folder))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('edition = "X:1"\n', "", "x.toml: the file must begin with edition as a text"),
        ("[small]", "[[small]]", "x.toml: small: it is not a table"),
        ('title_en = "Small test"\n', "", "x.toml: small: it lacks title_en"),
        ("order = 1", 'order = "1"', "x.toml: small: order is '1', which is of the wrong kind"),
        ("order = 1", "order = true", "order is True"),
        ("order = 1", "order = 1\nvisual = true", "small: it says it is visual and p, t decides"),
        ("order = 1", "order = 1\ncolour = 1", "small: it has the key 'colour'; known are id, edition"),
        ("order = 1", 'order = 1\nafter = ["nowhere"]', "small: it comes after 'nowhere', which no file has"),
        ("order = 1", "order = 1\nafter = [1]", "after is \\(1,\\)"),
        ("order = 1", 'order = 1\nenvironment = ["Gx"]', "environment names 'Gx', which is no symbol"),
        ("order = 1", 'order = 1\nsteps = [{ en = "{p_max}", zh = "无" }]', "names other limits in Chinese"),
        ("order = 1", "order = 1\nsteps = 1", "small: steps must be a list of tables"),
        ("order = 1", "order = 1\nsteps = [1]", "small: steps, number 1 is not a table"),
        ('symbol = "t", kind = "number"', 'symbol = "p", kind = "number"', "the symbol 'p' is used twice"),
        ('symbol = "p", kind = "number"', 'symbol = "p", kind = "digit"', "of the kind 'digit'; known are number"),
        ('unit = "kPa", ', "", "entry p must have a unit if it is a number"),
        ("least = 0.0, most = 1000.0", 'least = "0"', "entries, number 1: least is '0'"),
        ("least = 0.0, most = 1000.0", "least = nan", "entries, number 1: least is nan"),
        ('choices = ["a", "b"], ', "", "entry kind must have choices"),
        ('kind = "yes-no", name_en = "leak"', 'kind = "yes-no", double = true, name_en = "leak"', "is no number and"),
        ('each = "row"', 'each = "line"', "entry hit stands in 'line', which is no repetition"),
        ('entry = "p", comparison', 'entry = "leak", comparison', "'leak' is compared and is no number"),
        ('comparison = "at most"', 'comparison = "below"', "p is compared by 'below'; known are at least"),
        ('limit = "p_max"', 'limit = "p_max", declared = "t"', "p needs either a limit or a declared value"),
        ('limit = "p_max"', 'limit = "p_max", tolerance = "w"', "p needs a tolerance for “within”, and only then"),
        (', tolerance = "t_width"', "", "t needs a tolerance for “within”"),
        ('limit = "p_max"', 'limit = "p_max", by = "leak"', "'leak' chooses the limit of p and is no choice"),
        ('limit = "p_max"', 'limit = "p_max", by = "kind"', "entry kind decides and must be required"),
        ('limit = "p_max"', 'limit = "p_max", unless = "t"', "'t' leaves out rows of p"),
        ('limit = "p_max"', 'limit = "p_max", otherwise = "maybe"', "p has otherwise = 'maybe'"),
        ('entry = "leak", fails = ["yes"]', 'entry = "leek", fails = ["yes"]', "'leek' is no entry"),
        ('entry = "leak", fails = ["yes"]', 'entry = "leak", fails = ["2"]', "leak must fail by some of yes, no"),
        ('entry = "leak", fails = ["yes"]', 'entry = "leak", fails = []', "leak must fail by some of yes, no"),
        ("order = 1", "order = = 1", "x.toml is not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_in_a_sentence(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    assert old in SMALL
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path, SMALL.replace(old, new, 1))


@pytest.mark.parametrize(
    ("derived", "sentence"),
    [
        ('kind = "sum", of = ["p", "t"]', "d is derived by 'sum'; known are difference"),
        ('kind = "difference", of = ["p"]', "d needs 2 numbers"),
        ('kind = "difference per", of = ["p", "t", "leak"]', "d needs 3 numbers"),
        ('kind = "highest passed", of = ["p"]', "d needs a number and then yes-no entries"),
    ],
)
def test_a_derived_number_that_cannot_be_computed_is_refused(tmp_path: Path, derived: str, sentence: str) -> None:
    line = f'derived = [{{ symbol = "d", {derived}, unit = "1", name_en = "d", name_zh = "差" }}]\norder = 1'
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path, SMALL.replace("order = 1", line))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SMALL + TAKEN_OVER.replace('"small"', '"none"'), "other: same_as names 'none'"),
        (SMALL + TAKEN_OVER.replace('"small"', '"other"'), "other: same_as names 'other', which is no procedure or"),
        (SMALL + TAKEN_OVER.replace('differs_en = "d"\n', ""), "must say in differs_en what is known to differ"),
        (SMALL[: SMALL.index("bounds")], "it has no criterion, so that nothing could fail"),
    ],
)
def test_a_procedure_taken_over_says_from_where_and_what_differs(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path, text)


def test_an_id_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SMALL, "utf-8")
    with pytest.raises(ValueError, match=r"x.toml: small: this id stands in a.toml too"):
        read(tmp_path, SMALL)


def test_a_procedure_taken_over_has_everything_but_what_it_says_itself(tmp_path: Path) -> None:
    found = procedures(tmp_path) if read(tmp_path, SMALL + TAKEN_OVER + 'title_en = "Other"\n') else {}
    small, other = found["small"], found["other"]
    assert (other.entries, other.bounds, other.title_zh) == (small.entries, small.bounds, small.title_zh)
    assert (other.title_en, other.same_as, other.differs_en) == ("Other", "small", "d")


def test_gbt4271_states_its_own_edition_over_the_tests_of_iso9806() -> None:
    mine = PROCEDURES["gbt4271-2021-rain"]
    assert (mine.edition, mine.same_as) == ("GB/T 4271-2021", "iso9806-2017-rain")
    assert mine.entries == PROCEDURES["iso9806-2017-rain"].entries
    assert mine.after == ("gbt4271-2021-exposure",)


def test_an_instruction_shows_the_number_its_unit_and_that_nobody_has_confirmed_it() -> None:
    freeze = PROCEDURES["iso9806-2017-freeze"]
    step = instructions(freeze, shipped(freeze))[1]
    assert "-20 degC (unconfirmed)" in step.en
    assert "-20 degC（未确认）" in step.zh
    ice = PROCEDURES["iso9806-2017-impact-ice"]
    assert "[not found] shots" in instructions(ice, shipped(ice))[1].en


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "limits").glob("*_durability.toml")), ids=lambda p: p.stem)
def test_every_limit_of_a_table_of_manual_tests_is_used_by_one(path: Path) -> None:
    used = "".join(file.read_text("utf-8") for file in (ROOT / "config" / "procedures").glob("*.toml"))
    for symbol in read_limits(path):
        stem = symbol.removesuffix("_A").removesuffix("_B").removesuffix("_C").rstrip("0123456789").rstrip("_")
        assert stem in used, symbol


def test_a_test_in_which_no_number_decides_says_that_eyes_are_enough(tmp_path: Path) -> None:
    seen = SMALL.split("conditions = [")[0] + 'observations = [{ entry = "leak", fails = ["yes"] }]\n'
    with pytest.raises(ValueError, match="small: no number decides: it must say visual = true"):
        read(tmp_path / "silent", seen)
    (only,) = read(tmp_path / "said", seen.replace("order = 1", "order = 1\nvisual = true")).values()
    assert only.visual
    assert {id_ for id_, one in PROCEDURES.items() if one.visual} == {
        "gbt6424-2007-appearance", "iso9806-2017-final-inspection", "gbt4271-2021-final-inspection",
    }  # fmt: skip
