"""Evidence for probabilities of conformance, guard bands and global risks."""

from protocols.conformity import Rule, conformance_probability, nonconformance_probability
from protocols.metrology.comparison import FULL, ROUNDED, compare
from protocols.metrology.risk import GammaPrior, NormalPrior, acceptance_factor, global_risk, guard_for_consumer_risk
from tests.protocols.test_conformity import CASES, bounds
from tests.validation.evidence import Evidence

_SPECIFIC = [case for case in CASES["jcgm106_specific_conformance_probability"]["cases"] if case["published"]]
_CPK = CASES["specific_risk_cpk"]["cases"]
_BANDS = CASES["ilac_g8_guard_bands"]["expected_recomputed"]
_BEARINGS = GammaPrior(shape=4.0, scale=0.25)
_RESISTORS = NormalPrior(mean=1500.0, standard_deviation=0.12)


def _deaver() -> list[float]:
    risks = []
    for row in CASES["deaver_pfa"]["rows"]:
        limit, accepted = row["SL_sigma"], row["SL_sigma"] * row["gb_factor"]
        found = global_risk(
            NormalPrior(mean=0.0, standard_deviation=1.0),
            1.0 / row["TUR_sigma_ratio"],
            lower=-limit,
            upper=limit,
            lower_acceptance=-accepted,
            upper_acceptance=accepted,
        )
        risks += [found.consumer, found.producer]
    return risks


def _resistors() -> list[float]:
    simple = global_risk(_RESISTORS, 0.04, lower=1499.8, upper=1500.2)
    guarded = global_risk(
        _RESISTORS, 0.04, lower=1499.8, upper=1500.2, lower_acceptance=1499.88, upper_acceptance=1500.12
    )
    return [100.0 * risk for found in (simple, guarded) for risk in (found.consumer, found.producer)]


def _judgements() -> list[float]:
    return [
        float(compare(case["inputs"]["x"], **bounds(case["inputs"]["limit"]), way=way).within)
        for case in CASES["judgements"]
        for way in (FULL, ROUNDED)
    ]


EVIDENCE = (
    Evidence(
        subject="protocols.conformity.conformance_probability",
        what="probability that the value conforms, among them the Zener diode",
        kind="published",
        reference="JCGM 106:2012, 7, as retold",
        expected=[case["published"] for case in _SPECIFIC],
        computed=lambda: [
            conformance_probability(case["y"], case["u"], lower=case["T_L"], upper=case["T_U"]) for case in _SPECIFIC
        ],
        absolute=8e-4,
    ),
    Evidence(
        subject="protocols.conformity.nonconformance_probability",
        what="specific risk of a process of Cpk 0.83, 0.42 and -0.83",
        kind="published",
        reference="test suite of suncal",
        expected=[case["published"]["risk"] for case in _CPK],
        computed=lambda: [
            nonconformance_probability(case["mean"], case["sd"], lower=case["LL"], upper=case["UL"]) for case in _CPK
        ],
        absolute=5.1e-6,
    ),
    Evidence(
        subject="protocols.conformity.Rule",
        what="risk at the acceptance limit for guard bands of 0 to 3 U",
        kind="exact",
        reference="normal tail; ILAC-G8:09/2019 table 1 prints its bounds (< 50 %, 5 %, 2.5 %, 0.16 %, 1 ppm)",
        expected=[row["max_specific_PFA"] for row in _BANDS],
        computed=lambda: [
            Rule(name_en="", name_zh="", guard=row["w_over_U"], coverage_factor=2.0).risk_at_limit for row in _BANDS
        ],
        absolute=1e-16,
        relative=1e-12,
        remark="The reference subtracts from one and has seven digits of the smallest risk.",
    ),
    Evidence(
        subject="protocols.metrology.risk.global_risk",
        what="consumer's and producer's risk of Deaver's four cases",
        kind="program",
        reference="quadrature by an independent program; the paper prints 0.008, 0.015, 0.0025, 0.005, 0.066",
        expected=[risk for row in CASES["deaver_pfa"]["rows"] for risk in (row["PFA"], row["PFR"])],
        computed=_deaver,
        relative=1e-10,
    ),
    Evidence(
        subject="protocols.metrology.risk.global_risk",
        what="resistors, risks [%] without and with a guard band of U",
        kind="published",
        reference="JCGM 106:2012 9.5.3: 1.894 %, 3.721 %, 0.047 %, 24.8 %",
        expected=(1.894, 3.721, 0.047, 24.8),
        computed=_resistors,
        absolute=5e-4,
        relative=2e-3,
        remark="The inputs are unconfirmed; they give all four printed risks.",
    ),
    Evidence(
        subject="protocols.metrology.risk.guard_for_consumer_risk",
        what="ball bearings: share not conforming, consumer's risk, guard band for 0.1 % [um]",
        kind="published",
        reference="JCGM 106:2012 9.5.4: 0.042, 0.008, 0.33 um",
        expected=(0.042, 0.008, 0.33),
        computed=lambda: (
            global_risk(_BEARINGS, 0.25, upper=2.0).nonconforming,
            global_risk(_BEARINGS, 0.25, upper=2.0).consumer,
            guard_for_consumer_risk(_BEARINGS, 0.25, target=0.001, upper=2.0),
        ),
        absolute=5e-4,
        relative=5e-3,
    ),
    Evidence(
        subject="protocols.metrology.risk.acceptance_factor",
        what="acceptance limit over tolerance at a test uncertainty ratio of 2.5: RSS, w = U, RP-10, Dobbert",
        kind="program",
        reference="test suite of suncal",
        expected=list(CASES["guardband_tur_methods"]["expected"].values()),
        computed=lambda: [acceptance_factor(2.5, method=method) for method in ("rss", "test95", "rp10", "dobbert")],
        relative=1e-12,
    ),
    Evidence(
        subject="protocols.metrology.comparison.compare",
        what="judgements by full and by rounded value (1 = within)",
        kind="exact",
        reference="follows from the rule of GB/T 8170; the standard's own table is unconfirmed",
        expected=[float(case["published"][way]) for case in CASES["judgements"] for way in ("full", "rounded")],
        computed=_judgements,
        absolute=1e-9,
    ),
)
