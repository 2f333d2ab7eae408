"""Flower's aggregate of 100 updates of 2^20 float32, once for each line on standard input: the updates are in memory, as it takes them."""

import sys

import flwr
import numpy
from flwr.server.strategy.aggregate import aggregate

updates, size = 100, 2**20
distinct = [numpy.random.rand(size).astype(numpy.float32) for _ in range(8)]
results = [([distinct[k % 8]], k + 1) for k in range(updates)]
print(f"ready {flwr.__version__}", flush=True)
for _ in sys.stdin:
    aggregate(results)
    print("done", flush=True)
