#!/usr/bin/env python3
"""Requests, connections and CPU of a service whose database runs out of both.

Simulates what CloudWatch showed, a sample every 5 minutes:

    outage  2021-01-04 .. 02-15  growth, the two evenings, a bigger instance, the push at 18:00
    fixed   2021-02-15 .. 03-10  half the CPU for the same load, pushes spread over 10 minutes
    quiet   2020-11-02 .. 11-30  a month before, two public holidays in it

Published are the two evenings, the 100 %, the 55 %, the half, the push's 60 % and
the 5 % after it was spread; rates, limits and the weeks between are ours.
"""

import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import JST, instant
from openmetrics import INCIDENTS, Family, write
from traffic import REQUESTS_PER_CPU, WEEKS, connections, demand

OUT = INCIDENTS / "2021-02-06-too-many-connections/evidence"
STEP_S = 300
BIGGER = instant("2021-02-07T23:00")
# instant, minutes that it is felt, per cent of the first instance's CPU: at once, later spread over 10 minutes
PUSHES = [
    ("2020-11-13T18:00", 10, 6),
    ("2021-01-15T18:00", 10, 7),
    ("2021-01-29T18:00", 10, 6),
    ("2021-02-12T18:00", 10, 64),
    ("2021-02-19T18:00", 15, 10),
    ("2021-02-26T18:00", 15, 9),
    ("2021-03-05T18:00", 15, 10),
]


def push(at):
    return sum(asked for start, minutes, asked in PUSHES if 0 <= at - instant(start) < minutes * 60)


def simulate(name, start, end, seed):
    dice = random.Random(seed)
    labels = {"dbinstance_identifier": "walk-prod"}
    cpu = Family("aws_rds_cpuutilization_average", "gauge", "CloudWatch AWS/RDS CPUUtilization, average, percent.")
    conns = Family("aws_rds_database_connections_average", "gauge", "CloudWatch AWS/RDS DatabaseConnections, average.")
    count = Family("aws_apigateway_count_sum", "gauge", "CloudWatch AWS/ApiGateway Count, sum over 5 minutes.")
    errors = Family("aws_lambda_errors_sum", "gauge", "CloudWatch AWS/Lambda Errors, sum over 5 minutes.")
    at, slow = instant(start), 0.0
    while at < instant(end):
        moment = datetime.fromtimestamp(at, JST)
        monday = (moment.date() - timedelta(days=moment.weekday())).isoformat()
        slow = 0.9 * slow + dice.gauss(0, 0.012)  # showers, a fair, a news item
        asked = demand(moment, WEEKS[monday]) * (1 + slow) + push(at)
        if 3 <= moment.hour < 4:
            asked += 7 * dice.random()  # nightly aggregation
        size, limit = (2.0, 300) if at >= BIGGER else (1.0, 150)
        load = asked / 100 / size
        refused = max(load - 0.985, 0) * 2.2  # people try again, and again
        requests = max(asked - 2.5, 0) * REQUESTS_PER_CPU * (1 + refused) * dice.uniform(0.98, 1.02)
        used = min(100, 100 * load * dice.uniform(0.97, 1.03) + dice.gauss(0, 0.4))
        open_now = connections(requests, load, limit) * dice.uniform(0.95, 1.0)
        failed = requests * 5 * min(refused, 0.6) * dice.uniform(0.8, 1.1) if refused else dice.choice([0, 0, 0, 1, 2])
        at += STEP_S
        if dice.random() < 0.001 or BIGGER <= at < BIGGER + 900:
            continue
        cpu.add(at, round(max(used, 1.5), 2), **labels)
        conns.add(at, round(open_now, 1), **labels)
        count.add(at, max(0, int(requests * 5)), api_name="walk")
        errors.add(at, int(failed), function_name="walk-start")
    write(OUT / name / "metrics.om.zst", [count, errors, conns, cpu])


if __name__ == "__main__":
    simulate("outage", "2021-01-04T00:00", "2021-02-15T00:00", 20210207)
    simulate("fixed", "2021-02-15T00:00", "2021-03-10T00:00", 20210215)
    simulate("quiet", "2020-11-02T00:00", "2020-11-30T00:00", 20201102)
