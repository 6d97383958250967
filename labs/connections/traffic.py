"""The load of a dog-walking service: how many requests a minute, and what they ask of the database."""

import math
import random

MINUTE, DAY = 60, 86400
# Monday-to-Friday peak of the week that begins there, in per cent of the first instance's CPU.
WEEKS = {
    "2020-11-02": 27,
    "2020-11-09": 28,
    "2020-11-16": 28.5,
    "2020-11-23": 29.5,
    "2021-01-04": 36,
    "2021-01-11": 40,
    "2021-01-18": 45,
    "2021-01-25": 50,
    "2021-02-01": 57,
    "2021-02-08": 56,
    "2021-02-15": 57,
    "2021-02-22": 59,
    "2021-03-01": 60,
    "2021-03-08": 60,
}
# A weekday evening at 1; fine weekends bring twice as many people out, rainy ones fewer.
SPECIAL_DAYS = {
    "2020-11-03": 1.7,
    "2020-11-23": 1.75,
    "2021-01-11": 1.7,
    "2021-02-11": 1.6,
    "2021-02-23": 1.6,
    "2021-01-09": 1.75,
    "2021-01-10": 1.7,
    "2021-01-16": 1.8,
    "2021-01-17": 1.65,
    "2021-01-23": 1.3,
    "2021-01-24": 1.25,
    "2021-01-30": 1.7,
    "2021-01-31": 1.68,
    "2021-02-06": 1.84,
    "2021-02-07": 1.84,
    "2021-02-13": 1.9,
    "2021-02-14": 1.8,
}
SUNDAYS_EARLIER_H = {"2021-02-07": -0.42}
REQUESTS_PER_CPU = 31  # requests a minute that one per cent of the first instance carries


def day_factor(date):
    if date.isoformat() in SPECIAL_DAYS:
        return SPECIAL_DAYS[date.isoformat()]
    # the same day always has the same weather
    weather = random.Random(date.toordinal())
    return weather.uniform(1.55, 1.9) if date.weekday() >= 5 else weather.uniform(0.95, 1.02)


def demand(moment, monday_peak):
    """Per cent of the first instance's CPU that the users ask for at a local `moment`."""
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    shift = SUNDAYS_EARLIER_H.get(moment.date().isoformat(), 0)
    evening = math.exp(-(((hour - 17.4 - shift) / 1.3) ** 2) / 2)
    morning = 0.62 * math.exp(-(((hour - 7.2) / 1.0) ** 2) / 2)
    day = 0.3 * math.exp(-(((hour - 13) / 4) ** 2) / 2)
    return 3 + monday_peak * day_factor(moment.date()) * (evening + morning + day) * 0.84


def duration_s(load):
    """How long a query takes on a CPU that is `load` full (M/M/1)."""
    return 0.09 / (1 - min(load, 0.98))


def connections(requests_per_min, load, limit):
    """Open connections by Little's law: rate times duration."""
    return min(6 + requests_per_min / 60 * duration_s(load), limit)
