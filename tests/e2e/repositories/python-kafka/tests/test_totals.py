from orders.totals import Totals


def test_orders_of_one_item_are_added():
    totals = Totals()
    for count in (2, 3):
        totals.add({"item": "lamp", "count": count})
    assert totals.by_item() == {"lamp": 5}


def test_what_is_no_order_is_not_counted():
    totals = Totals()
    for strange in (None, [], {"item": "lamp"}, {"item": "lamp", "count": -1}):
        totals.add(strange)
    assert totals.by_item() == {}
