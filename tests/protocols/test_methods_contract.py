"""What every method keeps, however many there are: a new one joins by existing.

Its example stands in EXAMPLES (method id -> function giving a Case) of any module of tests/protocols/examples.
"""

import inspect
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from protocols.limits import Limit
from protocols.method import Method, NotEvaluable, methods, outcome_to_dict
from protocols.record import Record
from protocols.symbols import quantity
from tests.protocols.conftest import ROOT, Case, examples

EVERY = pytest.mark.parametrize("method", methods().values(), ids=list(methods()))


@pytest.fixture
def example() -> Callable[[Method], Case]:
    """Give a record that each method can evaluate; a method without one fails here."""
    return lambda method: examples()[method.id]()


def test_every_example_is_of_a_method_that_exists() -> None:
    assert set(examples()) == set(methods())


def test_there_is_a_method() -> None:
    assert "iso9806-2017-qdt" in methods()


@EVERY
def test_a_method_takes_its_three_arguments_by_keyword_only(method: Method) -> None:
    parameters = inspect.signature(method.evaluate).parameters.values()
    assert [each.name for each in parameters] == ["record", "item", "limits"]
    assert {each.kind for each in parameters} == {inspect.Parameter.KEYWORD_ONLY}


@EVERY
def test_a_method_declares_the_units_of_the_glossary(method: Method) -> None:
    for symbol, unit in {**method.inputs, **method.optional_inputs, **method.outputs}.items():
        assert quantity(symbol).unit == unit


@EVERY
def test_a_method_names_itself_and_its_item_in_both_languages(method: Method) -> None:
    assert method.title_en
    assert method.title_zh
    for each in method.item:
        assert each.name_en
        assert each.name_zh
        assert each.kind in ("number", "text", "pairs")
        assert each.unit or each.kind != "number"


@EVERY
def test_the_limit_table_of_a_method_exists(method: Method) -> None:
    assert (ROOT / "config" / "limits" / f"{method.limit_table}.toml").exists()


@EVERY
def test_an_outcome_has_the_declared_coefficients_and_points_of_one_length(
    method: Method, example: Callable[[Method], Case]
) -> None:
    outcome = example(method).evaluate()
    assert outcome.method_id == method.id
    assert {each.symbol: each.unit for each in outcome.coefficients} == dict(method.outputs)
    assert outcome.covariance.shape == (len(outcome.coefficients),) * 2
    assert {"time", "used", "refusal"} <= set(outcome.points)
    assert len({each.size for each in outcome.points.values()}) == 1
    assert all(quantity(name) for name in outcome.points)


@EVERY
def test_too_few_points_are_refused_with_a_clause(method: Method, example: Callable[[Method], Case]) -> None:
    case = example(method)
    rows = slice(case.few)
    few = Record(time=case.record.time[rows], columns={s: v[rows] for s, v in case.record.columns.items()})
    with pytest.raises(NotEvaluable) as refusal:
        replace(case, record=few).evaluate()
    assert refusal.value.clause
    assert refusal.value.sentence_zh


@EVERY
def test_a_column_of_nothing_but_nan_is_refused_with_a_clause(
    method: Method, example: Callable[[Method], Case]
) -> None:
    case = example(method)
    for symbol in method.inputs:
        columns = {**case.record.columns, symbol: np.full_like(case.record.time, np.nan)}
        with pytest.raises(NotEvaluable) as refusal:
            replace(case, record=Record(time=case.record.time, columns=columns)).evaluate()
        assert refusal.value.clause


@EVERY
def test_a_missing_column_is_refused_by_name(method: Method, example: Callable[[Method], Case]) -> None:
    case = example(method)
    for symbol in method.inputs:
        columns = {s: v for s, v in case.record.columns.items() if s != symbol}
        with pytest.raises(NotEvaluable, match=f"column {symbol} "):
            replace(case, record=Record(time=case.record.time, columns=columns)).evaluate()


@EVERY
def test_the_order_of_rows_does_not_matter(method: Method, example: Callable[[Method], Case]) -> None:
    case = example(method)
    backwards = Record.from_rows(
        time=case.record.time[::-1], columns={s: v[::-1] for s, v in case.record.columns.items()}
    )
    assert outcome_to_dict(replace(case, record=backwards).evaluate()) == outcome_to_dict(case.evaluate())


@EVERY
def test_an_unknown_entry_of_the_item_is_refused_by_name(method: Method, example: Callable[[Method], Case]) -> None:
    case = example(method)
    with pytest.raises(NotEvaluable, match="'colour'"):
        replace(case, item={**case.item, "colour": "blue"}).evaluate()


@EVERY
def test_every_required_entry_of_the_item_is_asked_for_by_name(
    method: Method, example: Callable[[Method], Case]
) -> None:
    case = example(method)
    for each in method.item:
        if each.required and each.default is None:
            without = {s: v for s, v in case.item.items() if s != each.symbol}
            with pytest.raises(NotEvaluable, match=f"lacks {each.symbol} "):
                replace(case, item=without).evaluate()


@EVERY
def test_a_record_and_its_limits_are_not_changed(method: Method, example: Callable[[Method], Case]) -> None:
    case = example(method)
    before = {s: v.copy() for s, v in case.record.columns.items()}
    limits: dict[str, Limit] = dict(case.limits)
    case.evaluate()
    for symbol, column in case.record.columns.items():
        np.testing.assert_array_equal(column, before[symbol])
    assert case.limits == limits
