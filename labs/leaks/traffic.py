"""How many requests five minutes bring: days, weeks, growth, holidays, pushes, noise."""

import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import instant

DAY_S = 86400
# Relative load by hour (Japan) for each shape; each averages about 1 over a working day.
PEAKS = {
    "office": [(14, 4.0, 1.9)],
    "evening": [(12.5, 2.0, 0.8), (21, 2.4, 2.3)],
    "lunch": [(12.3, 0.8, 4.0), (18.5, 3.0, 1.4)],
    "flat": [(14, 9.0, 0.5)],
}
NIGHT = {"office": 0.12, "evening": 0.15, "lunch": 0.15, "flat": 0.7}


def hour(at):
    return (at / 3600 + 9) % 24


def weekday(at):
    """0 is Monday, in Japan."""
    return int((at / 3600 + 9) // 24 + 3) % 7


class Traffic:
    """Requests of each tick. `base` is the mean of a working day's ticks."""

    def __init__(self, dice, base=40, shape="office", weekend=0.5, growth_per_week=0.0, holidays=(), pushes=()):
        self.dice, self.base, self.shape, self.weekend = dice, base, shape, weekend
        self.growth_per_week = growth_per_week
        self.holidays = [(instant(begin), instant(end)) for begin, end in holidays]
        self.pushes = [(instant(pushed), size) for pushed, size in pushes]
        self.day, self.mood, self.begun = None, 1.0, None

    def is_holiday(self, at):
        return any(begin <= at < end for begin, end in self.holidays)

    def at(self, at):
        self.begun = self.begun or at
        day = int((at / 3600 + 9) // 24)
        if day != self.day:  # some days are simply better
            self.day, self.mood = day, math.exp(self.dice.gauss(0, 0.08))
        load = NIGHT[self.shape]
        for centre, width, height in PEAKS[self.shape]:
            apart = (hour(at) - centre + 12) % 24 - 12
            load += height * math.exp(-((apart / width) ** 2) / 2)
        if weekday(at) >= 5 or self.is_holiday(at):
            load *= self.weekend
        for pushed, size in self.pushes:  # a push brings its users within half an hour
            if pushed <= at < pushed + 3 * 3600:
                load += size * math.exp(-(at - pushed) / 1800)
        load *= self.mood * (1 + self.growth_per_week) ** ((at - self.begun) / (7 * DAY_S))
        mean = self.base * load
        return max(0, round(mean + self.dice.gauss(0, 1) * math.sqrt(mean) * 1.5))
