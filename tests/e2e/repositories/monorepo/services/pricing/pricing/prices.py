CENTS = {"lamp": 1999, "chair": 4950}
DEFAULT = 1000


def price_of(item: str, count: int) -> int:
    """In cents; from ten on a tenth is taken off."""
    full = CENTS.get(item, DEFAULT) * count
    return full * 9 // 10 if count >= 10 else full
