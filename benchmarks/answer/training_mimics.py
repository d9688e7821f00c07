"""Training worlds that only look like memory: trends, shifts, switching levels."""

import numpy as np
from blocks import (
    Worlds,
    arma,
    markov,
    random_shifts,
    returning,
    shifts,
    sign,
    student,
    time,
    unit,
)
from training_short import short

WORLDS = Worlds()
world, add = WORLDS.world, WORLDS.add


def mimic(name, level, noise=None):
    @world("mimics", name)
    def _(rng, n):
        x = short(rng, n, rng.choice([0, 0, 1, 3, 6])) if noise is None else noise(rng, n)
        return unit(x) + level(rng, n), np.nan


for number in (1, 2, 3, 4, 6):
    mimic(f"{number} shifts", lambda rng, n, k=number: shifts(rng, n, k, rng.uniform(0.8, 3.0)))
mimic("3 shifts over AR", lambda rng, n: shifts(rng, n, 3, rng.uniform(1, 3)),
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.8)]))  # fmt: skip
mimic("1 shift over AR", lambda rng, n: shifts(rng, n, 1, rng.uniform(1, 3)),
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.8)]))  # fmt: skip
mimic("2 shifts over heavy tails", lambda rng, n: shifts(rng, n, 2, rng.uniform(1, 3)),
      lambda rng, n: student(4)(rng, n))  # fmt: skip
mimic("away and back", lambda rng, n: returning(rng, n, rng.integers(2, 6), rng.uniform(0.8, 3)))
mimic("random levels few", lambda rng, n: random_shifts(rng, n, rng.uniform(3, 8) / n, rng.uniform(0.7, 2)))  # fmt: skip
mimic("random levels many", lambda rng, n: random_shifts(rng, n, rng.uniform(8, 25) / n, rng.uniform(0.7, 2)))  # fmt: skip
mimic("Markov slow", lambda rng, n: markov(rng, n, 1 - rng.uniform(2, 6) / n, rng.uniform(1, 3)))
mimic(
    "Markov middling", lambda rng, n: markov(rng, n, 1 - rng.uniform(6, 20) / n, rng.uniform(1, 3))
)
mimic(
    "Markov of three",
    lambda rng, n: markov(rng, n, 1 - rng.uniform(4, 16) / n, rng.uniform(0.7, 2), 3),
)
mimic("Markov over AR", lambda rng, n: markov(rng, n, 1 - rng.uniform(3, 15) / n, rng.uniform(1, 3)),
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.7)]))  # fmt: skip
mimic(
    "Markov fast", lambda rng, n: markov(rng, n, 1 - rng.uniform(20, 60) / n, rng.uniform(1.5, 3))
)
mimic("random levels very many", lambda rng, n: random_shifts(rng, n, rng.uniform(25, 60) / n, rng.uniform(1, 2)))  # fmt: skip
mimic("linear trend", lambda rng, n: sign(rng) * rng.uniform(0.5, 4) * time(n) * 1.7)
mimic("linear trend over AR", lambda rng, n: sign(rng) * rng.uniform(1, 5) * time(n) * 1.7,
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.8)]))  # fmt: skip
mimic("quadratic trend", lambda rng, n: rng.uniform(1, 5) * (time(n) - rng.uniform(0, 1)) ** 2 * sign(rng) * 3)  # fmt: skip
mimic("hyperbolic trend", lambda rng, n: rng.uniform(2, 5) * (1 + np.arange(n) / rng.uniform(1, 20)) ** -rng.uniform(0.1, 0.5))  # fmt: skip
mimic("power trend", lambda rng, n: rng.uniform(1, 4) * time(n) ** rng.uniform(0.4, 3))
mimic("broken trend", lambda rng, n: sign(rng) * rng.uniform(2, 8) * np.maximum(time(n) - rng.uniform(0.2, 0.8), 0))  # fmt: skip
mimic("trend there and back", lambda rng, n: rng.uniform(2, 6) * np.abs(time(n) - rng.uniform(0.3, 0.7)))  # fmt: skip
mimic(
    "exponential trend",
    lambda rng, n: rng.uniform(0.5, 2) * np.exp(rng.uniform(1, 3) * time(n)) / 5,
)
mimic("logistic step", lambda rng, n: sign(rng) * rng.uniform(1, 3) / (1 + np.exp(-(time(n) - rng.uniform(0.2, 0.8)) / rng.uniform(0.02, 0.15))))  # fmt: skip
mimic("slow wave", lambda rng, n: rng.uniform(0.5, 2) * np.cos(2 * np.pi * (rng.uniform(0.5, 3) * time(n) + rng.random())))  # fmt: skip
mimic("two slow waves", lambda rng, n: rng.uniform(0.5, 1.5) * np.cos(2 * np.pi * (rng.uniform(0.5, 1.5) * time(n) + rng.random())) + rng.uniform(0.3, 1) * np.cos(2 * np.pi * (rng.uniform(1.5, 4) * time(n) + rng.random())))  # fmt: skip
mimic("trend and shift", lambda rng, n: sign(rng) * rng.uniform(1, 4) * time(n) + shifts(rng, n, 1, rng.uniform(1, 3)))  # fmt: skip
mimic("trend and two shifts", lambda rng, n: sign(rng) * rng.uniform(1, 4) * time(n) + shifts(rng, n, 2, rng.uniform(1, 2.5)))  # fmt: skip
mimic("transient", lambda rng, n: rng.uniform(3, 10) * np.exp(-time(n) / rng.uniform(0.02, 0.3)))
mimic("bump", lambda rng, n: rng.uniform(1, 4) * np.exp(-0.5 * ((time(n) - rng.uniform(0.1, 0.9)) / rng.uniform(0.03, 0.2)) ** 2))  # fmt: skip
mimic("trend over season", lambda rng, n: rng.uniform(1, 5) * time(n) + rng.uniform(0.5, 2) * np.cos(2 * np.pi * np.arange(n) / int(rng.choice([4, 7, 12]))))  # fmt: skip
mimic("shift over MA", lambda rng, n: shifts(rng, n, rng.integers(1, 4), rng.uniform(1, 3)),
      lambda rng, n: arma(rng, n, (), [rng.uniform(-0.6, 0.8)]))  # fmt: skip
mimic("wave over AR", lambda rng, n: rng.uniform(0.7, 2) * np.cos(2 * np.pi * (rng.uniform(0.5, 3) * time(n) + rng.random())),
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.8)]))  # fmt: skip


for number in (1, 2, 3, 5):
    mimic(
        f"{number} shifts over any",
        lambda rng, n, k=number: shifts(rng, n, k, rng.uniform(0.8, 2.5)),
        short,
    )
mimic("linear trend over any", lambda rng, n: sign(rng) * rng.uniform(0.7, 5) * time(n), short)
mimic("quadratic trend over any", lambda rng, n: sign(rng) * rng.uniform(2, 8) * (time(n) - rng.random()) ** 2, short)  # fmt: skip
mimic("broken trend over any", lambda rng, n: sign(rng) * rng.uniform(2, 8) * np.maximum(time(n) - rng.uniform(0.2, 0.8), 0), short)  # fmt: skip
mimic("random levels over any", lambda rng, n: random_shifts(rng, n, rng.uniform(3, 20) / n, rng.uniform(0.7, 2)), short)  # fmt: skip
mimic(
    "Markov over any",
    lambda rng, n: markov(rng, n, 1 - rng.uniform(3, 30) / n, rng.uniform(1, 3)),
    short,
)
mimic("season and shift", lambda rng, n: shifts(rng, n, rng.integers(1, 3), rng.uniform(1, 2.5)) + rng.uniform(0.5, 2) * np.cos(2 * np.pi * np.arange(n) / rng.uniform(4, 30)))  # fmt: skip
