#!/usr/bin/env python3
"""Seconds that dp-accounting takes for a Poisson-sampled Gaussian, composed and converted.

    pip install dp-accounting
    python dp_accounting_pld.py RATE NOISE_MULTIPLIER STEPS DELTA TURNS
"""
import json
import sys
import time
from importlib.metadata import version

import dp_accounting as dpa
from dp_accounting import pld

rate, noise_multiplier, delta = float(sys.argv[1]), float(sys.argv[2]), float(sys.argv[4])
steps, turns = int(sys.argv[3]), int(sys.argv[5])
seconds = []
for _ in range(turns):
    start = time.perf_counter()
    accountant = pld.PLDAccountant(dpa.NeighboringRelation.ADD_OR_REMOVE_ONE, 1e-4)
    accountant.compose(dpa.PoissonSampledDpEvent(rate, dpa.GaussianDpEvent(noise_multiplier)), steps)
    epsilon = accountant.get_epsilon(delta)
    seconds.append(time.perf_counter() - start)
print(json.dumps(dict(seconds=min(seconds), epsilon=epsilon, version=version("dp-accounting"))))
