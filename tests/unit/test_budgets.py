"""Budgets of strangers: free at first, then for work that grows; others pay no more for a flood than they must."""

from api.budgets import MOST_ORIGINS, Act, Budget, Budgets, Limits
from api.work import LEAST, MOST


class Clock:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def budgets(clock: Clock) -> Budgets:
    return Budgets({Act.OPENING: Limits(Budget(10, 1), Budget(4, 0.5))}, clock)


def take(made: Budgets, origin: str, count: int) -> None:
    for _ in range(count):
        made.take(Act.OPENING, origin)


def test_a_few_are_free_and_more_cost_more_and_more_up_to_a_bound() -> None:
    made = budgets(Clock())
    prices = []
    for _ in range(200):
        prices.append(made.price(Act.OPENING, "flood"))
        take(made, "flood", 1)
    assert prices[:4] == [0] * 4 and prices[4] == LEAST
    assert prices == sorted(prices) and prices[-1] == MOST


def test_an_origin_that_did_nothing_pays_less_than_the_one_that_floods() -> None:
    made = budgets(Clock())
    take(made, "flood", 30)
    assert 0 < made.price(Act.OPENING, "other") < made.price(Act.OPENING, "flood")


def test_others_pay_nothing_while_the_total_is_within_its_budget() -> None:
    made = budgets(Clock())
    take(made, "one", 5)
    assert made.price(Act.OPENING, "one") >= LEAST
    assert made.price(Act.OPENING, "other") == 0


def test_time_makes_it_free_again() -> None:
    clock = Clock()
    made = budgets(clock)
    take(made, "flood", 1000)
    assert made.price(Act.OPENING, "flood") == MOST
    clock.seconds += 1000
    assert made.price(Act.OPENING, "flood") == 0


def test_looking_at_the_price_costs_nothing() -> None:
    made = budgets(Clock())
    assert {made.price(Act.OPENING, "one") for _ in range(50)} == {0}


def test_origins_that_are_remembered_are_bounded() -> None:
    made = budgets(Clock())
    for number in range(MOST_ORIGINS + 500):
        made.price(Act.OPENING, str(number))
    assert len(made._of_origin) == MOST_ORIGINS
