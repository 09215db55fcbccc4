"""Trains the ranking model and writes it to models/."""

import json
import pathlib
import random

import numpy

import config

MODELS = pathlib.Path(__file__).parent / "models"


def load(path: str) -> list[dict]:
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def split(rows: list[dict], share: float = 0.8) -> tuple[list[dict], list[dict]]:
    random.seed(config.SEED)
    random.shuffle(rows)
    at = int(len(rows) * share)
    return rows[:at], rows[at:]


def score(weights: dict[str, float], row: dict) -> float:
    return sum(weights.get(name, 0.0) * value for name, value in row["features"].items())


def step(weights: dict[str, float], row: dict, rate: float) -> None:
    error = row["label"] - score(weights, row)
    for name, value in row["features"].items():
        weights[name] = weights.get(name, 0.0) + rate * error * value


def train(rows: list[dict], unseen: list[dict]) -> dict[str, float]:
    weights: dict[str, float] = {}
    best = numpy.inf
    for epoch in range(config.EPOCHS):
        rate = config.RATE * config.DECAY**epoch
        for row in rows:
            step(weights, row, rate)
        reached = loss(weights, unseen)
        if reached > best - config.LEAST_GAIN:
            break
        best = reached
    return weights


def loss(weights: dict[str, float], rows: list[dict]) -> float:
    return sum((row["label"] - score(weights, row)) ** 2 for row in rows) / len(rows)


if __name__ == "__main__":
    known, unseen = split(load("data/clicks.jsonl"))
    weights = train(known, unseen)
    print(f"loss {loss(weights, unseen):.4f}")
    (MODELS / "weights.json").write_text(json.dumps(weights))
