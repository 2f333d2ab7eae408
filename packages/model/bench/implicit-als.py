"""One federated round of implicit-als in NumPy with a threaded LAPACK: the peer of implicit-als.ts.

  python3 implicit-als.py PROBLEM   (JSON: {"dimension", "items", "unobservedWeight", "regularisation", "vectors", "histories"})

`vectors` and `histories` are files of little-endian float32 [items * dimension] and uint32 (each history: its length, then its
items). Reads commands from stdin: `round` runs one round and prints its seconds; `step PATH` also writes the next vectors.
"""
import json
import sys
import time

import numpy as np


def load(path):
    problem = json.load(open(path))
    vectors = np.fromfile(problem['vectors'], '<f4').reshape(problem['items'], problem['dimension'])
    flat = np.fromfile(problem['histories'], '<u4').astype(np.int64)
    histories, at = [], 0
    while at < len(flat):
        histories.append(flat[at + 1:at + 1 + flat[at]])
        at += 1 + flat[at]
    return vectors, histories, problem['unobservedWeight'], problem['regularisation']


def one_round(V, histories, a0, lam, step=0.5):
    """All local solves, their sums, and the coordinator's step."""
    M, d = V.shape
    n = len(histories)
    gram = a0 * (V.T @ V)
    g, counts, X = np.zeros_like(V), np.zeros(M, np.float32), np.empty((n, d), np.float32)
    diagonal = np.arange(d)
    for u, items in enumerate(histories):
        rows = V[items]
        A = rows.T @ rows
        A += gram
        A[diagonal, diagonal] += lam * (len(items) + a0 * M)
        x = np.linalg.solve(A, rows.sum(0))
        X[u] = x
        g[items] += np.outer(rows @ x - 1, x)
        counts[items] += 1
    H = (X.T @ X).astype(np.float64)
    w, Q = np.linalg.eigh(H)
    reg = lam * (counts + a0 * n)
    gradient = g + a0 * V @ H + reg[:, None] * V
    curvature = (a0 + counts / n)[:, None] * w[None, :] + reg[:, None]
    return (V - step * (gradient @ Q / curvature) @ Q.T).astype(np.float32)


def main():
    V, histories, a0, lam = load(sys.argv[1])
    print('ready', np.__version__, flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        moved = one_round(V, histories, a0, lam)
        print(time.perf_counter() - started, flush=True)
        command = line.split()
        if command[0] == 'step':
            moved.tofile(command[1])


if __name__ == '__main__':
    main()
