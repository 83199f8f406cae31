from pricing.prices import price_of


def test_each_one_costs_the_same():
    assert price_of("lamp", 2) == 3998


def test_ten_are_cheaper():
    assert price_of("chair", 10) == 44550
