from collections import Counter
from typing import Any


class Totals:
    """How many were ordered of each item. What is no order is not counted."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, order: Any) -> None:
        if not isinstance(order, dict):
            return
        item, count = order.get("item"), order.get("count")
        if isinstance(item, str) and isinstance(count, int) and count > 0:
            self._counts[item] += count

    def by_item(self) -> dict[str, int]:
        return dict(sorted(self._counts.items()))
