def rank(items: list[dict]) -> list[dict]:
    return sorted(items, key=lambda item: -item["score"])
