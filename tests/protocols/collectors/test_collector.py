"""The parameters of a collector: the model term by term, its conventions, and the files they are read from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from protocols.collectors.collector import FORM_2013, FORM_2025, SYMBOLS, CollectorParameters, long_wave_balance
from protocols.collectors.file import read_collector, read_models
from protocols.collectors.modifier import Ambrosetti, Biaxial, Modifier, TwoTerm, Unity, ten_degree_table
from tests.protocols.conftest import ROOT

FILES = ROOT / "config" / "collectors"
PLAIN = CollectorParameters(name="plain", area=2.0, eta0b=0.8, Kd=0.9, a1=3.0, modifier=Unity())


# One term at a time: 600 W/m2 of beam, 200 of diffuse, 50 K, 5 m/s, -100 W/m2 long-wave, 0.01 K/s.
@pytest.mark.parametrize(
    ("symbol", "value", "change"),
    [
        ("a2", 0.01, -25.0),  # 0.01 * 50^2
        ("a3", 0.5, -50.0),  # 0.5 * 2 * 50
        ("a4", 0.4, -40.0),  # 0.4 * -100
        ("a5", 7000.0, -70.0),  # 7000 * 0.01
        ("a6", 0.01, -16.0),  # 0.01 * 2 * 800
        ("a7", 0.02, 4.0),  # -0.02 * 2 * -100
        ("a8", 1e-6, -6.25),  # 1e-6 * 50^4
    ],
)
def test_every_term_of_the_model_stands_as_the_standard_writes_it(symbol: str, value: float, change: float) -> None:
    def power(collector: CollectorParameters) -> float:
        return float(collector.power(Gb=600.0, Gd=200.0, rise=50.0, Kb=0.95, rate=0.01, u=5.0, long_wave=-100.0))

    # 0.8 * 0.95 * 600 + 0.8 * 0.9 * 200 - 3 * 50
    assert power(PLAIN) == pytest.approx(450.0)
    assert power(replace(PLAIN, **{symbol: value})) - power(PLAIN) == pytest.approx(change)


def test_the_editions_differ_in_the_wind() -> None:
    windy = replace(PLAIN, a3=0.5, a6=0.01)
    old, new = replace(windy, form=FORM_2013), replace(windy, form=FORM_2025)
    sun = {"Gb": 600.0, "Gd": 200.0, "rise": 50.0, "Kb": 0.95, "u": 5.0}
    assert old.power(**sun) == pytest.approx(450.0 - 0.5 * 5.0 * 50.0 - 0.01 * 5.0 * 800.0)
    assert new.power(**sun) == pytest.approx(450.0 - 0.5 * 2.0 * 50.0 - 0.01 * 2.0 * (0.95 * 600.0 + 0.9 * 200.0))


def test_the_wind_does_not_matter_where_it_is_not_given() -> None:
    windy = replace(PLAIN, a3=0.5, a6=0.01, a7=0.02)
    assert windy.power(Gb=600.0, Gd=200.0, rise=50.0) == PLAIN.power(Gb=600.0, Gd=200.0, rise=50.0)


def test_a_missing_input_is_carried_only_where_it_counts() -> None:
    assert np.isnan(PLAIN.power(Gb=[np.nan], Gd=0.0, rise=0.0)).all()
    assert np.isnan(replace(PLAIN, a3=0.5).power(Gb=1.0, Gd=0.0, rise=0.0, u=np.nan))
    assert np.isfinite(PLAIN.power(Gb=1.0, Gd=0.0, rise=0.0, u=np.nan))


@pytest.mark.parametrize("form", ["ISO 9806:2013", "ISO 9806:2017", "ISO 9806:2025"])
def test_the_terms_are_the_derivatives_of_the_power(form: str) -> None:
    collector = replace(
        PLAIN, form=form, a2=0.01, a3=0.5, a4=0.4, a5=7e3, a6=0.01, a7=0.02, a8=1e-9, modifier=TwoTerm(b0=0.1)
    )
    sun = {"Gb": 600.0, "Gd": 200.0, "rise": 50.0, "Kb": 0.95, "rate": 0.01, "u": 5.0, "long_wave": -100.0}
    terms = collector.terms(**sun)
    for symbol in SYMBOLS:
        step = 1e-4 * getattr(collector, symbol)
        up, down = (replace(collector, **{symbol: getattr(collector, symbol) + s}).power(**sun) for s in (step, -step))
        assert (up - down) / (2.0 * step) == pytest.approx(float(terms[symbol]), rel=1e-6)


def test_arrays_are_taken_by_broadcasting() -> None:
    power = PLAIN.power(Gb=np.full((1, 4), 600.0), Gd=200.0, rise=np.arange(3.0)[:, None])
    assert power.shape == (3, 4)


def test_the_long_wave_balance_vanishes_under_a_sky_as_warm_as_the_air() -> None:
    # sigma 293.15^4 = 418.74 W/m2
    assert long_wave_balance(EL=418.74, t_amb=20.0) == pytest.approx(0.0, abs=0.01)


def test_the_hemispherical_modifier_is_one_at_normal_incidence() -> None:
    assert PLAIN.hemispherical_modifier(1.0) == pytest.approx(1.0)
    # ISO 24194: eta0hem Khem = eta0b (0.85 Kb + 0.15 Kd)
    assert PLAIN.eta0hem * PLAIN.hemispherical_modifier(0.5) == pytest.approx(0.8 * (0.425 + 0.135))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"form": "ISO 9806"}, "form of collector 'plain'"),
        ({"area_basis": "absorber"}, "gross or aperture"),
        ({"a1": float("nan")}, "a1 of collector 'plain' is no number"),
        ({"area": 0.0}, "area of collector 'plain' must be positive"),
        ({"eta0b": -0.1}, "eta0b"),
        ({"tested_rise": float("nan")}, "tested_rise of collector 'plain' is nan K"),
        ({"covariance": np.eye(3)}, "10 by 10"),
        ({"covariance": -np.eye(10)}, "variances"),
    ],
)
def test_parameters_that_cannot_be_are_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(PLAIN, **change)


# --- files ---


@pytest.mark.parametrize("file", sorted(FILES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_shipped_collectors_can_be_read(file: Path) -> None:
    collector, models = read_collector(file), read_models(file)
    assert collector.area == models[0].length * models[0].width
    assert collector.source
    assert 0.0 < collector.power(Gb=850.0, Gd=150.0, rise=30.0) < 850.0


MINIMAL = 'name = "x"\narea = 2.5\neta0b = 0.8\nKd = 0.9\na1 = 3\n[modifier]\nkind = "b0"\nb0 = 0.1\n'


def file_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "collector.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("modifier", "expected"),
    [
        ('kind = "none"', Unity()),
        ('kind = "b0"\nb0 = 0.1', TwoTerm(b0=0.1)),
        ('kind = "K50"\nK50 = 1', TwoTerm(b0=0.0)),
        ('kind = "two-term"\nb0 = 0.1\nb1 = 0.02', TwoTerm(b0=0.1, b1=0.02)),
        ('kind = "srcc"\nB0 = -0.1\nB1 = -0.02', TwoTerm(b0=0.1, b1=0.02)),
        ('kind = "ambrosetti"\nkappa = 3.5', Ambrosetti(kappa=3.5)),
        ('kind = "table"\nK = [[10, 1], [20, 1], [30, 1], [40, 1], [50, 1], [60, 1], [70, 1], [80, 0.5]]', None),
        (
            'kind = "biaxial"\ntransversal = [1,1,1,1,1,1,1,0.5]\nlongitudinal = [1,1,1,1,1,1,1,0.5]',
            Biaxial(transversal=ten_degree_table([1.0] * 7 + [0.5]), longitudinal=ten_degree_table([1.0] * 7 + [0.5])),
        ),
    ],
)
def test_every_kind_of_modifier_can_be_written(tmp_path: Path, modifier: str, expected: Modifier | None) -> None:
    text = MINIMAL.split("[modifier]")[0] + "[modifier]\n" + modifier
    assert read_collector(file_of(tmp_path, text)).modifier == (expected or ten_degree_table([1.0] * 7 + [0.5]))


def test_standard_uncertainties_become_a_covariance(tmp_path: Path) -> None:
    text = MINIMAL + "[standard_uncertainty]\neta0b = 0.004\na1 = 0.1\n"
    covariance = read_collector(file_of(tmp_path, text)).covariance
    assert covariance is not None
    np.testing.assert_allclose(np.sqrt(np.diag(covariance))[:3], [0.004, 0.0, 0.1])
    assert read_collector(file_of(tmp_path, MINIMAL)).covariance is None


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("a1 = 3\n", "", "it lacks a1"),
        ("area = 2.5\n", "", "it lacks area"),
        ("a1 = 3\n", 'a1 = "3"\n', "a1 is '3'; give a number"),
        ("a1 = 3\n", "a1 = nan\n", "give a number"),
        ("a1 = 3\n", "a1 = 3\nc1 = 3\n", "c1 is not a key"),
        ('"x"', "7", "name is 7; give a text"),
        ("area = 2.5", "area = -2.5", "area of collector 'x' must be positive"),
        ('kind = "b0"', 'kind = "c0"', "needs a kind, one of none, b0"),
        ("b0 = 0.1", "b0 = [1]", r"b0 is \[1\]; give a number"),
        ("b0 = 0.1", "b1 = 0.1", "exactly the keys kind, b0"),
        ('"b0"\nb0 = 0.1', '"table"\nK = "x"', "K of modifier must be a list"),
        ('"b0"\nb0 = 0.1', '"table"\nK = [1, 1]', "2 modifiers were given"),
        ("b0 = 0.1\n", 'b0 = 0.1\n[[models]]\nname = "s"\n', "models 1 needs the keys"),
        (
            "b0 = 0.1\n",
            'b0 = 0.1\n[[models]]\nname = "s"\nlength = 0\nwidth = 1\n',
            "length of models 1 must be positive",
        ),
        ("b0 = 0.1\n", "b0 = 0.1\n[models]\n", "models must be a list"),
        ("b0 = 0.1\n", "b0 = 0.1\n[standard_uncertainty]\nb0 = 1\n", "standard_uncertainty may have only"),
        ("b0 = 0.1\n", "b0 = 0.1\n[standard_uncertainty]\na1 = -1\n", "never negative"),
        ("a1 = 3\n", "a1 = \n", "not valid TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_name(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in MINIMAL
    with pytest.raises(ValueError, match=rf"^collector\.toml: .*{sentence}"):
        read_collector(file_of(tmp_path, MINIMAL.replace(old, new)))
