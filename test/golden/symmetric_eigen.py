"""Eigenvalues of symmetric matrices by NumPy (LAPACK), to compare the package's own decomposition with.

  python3 symmetric_eigen.py > symmetric-eigen.json
"""
import json

import numpy as np

rng = np.random.default_rng(1)
cases = {}
half = rng.normal(size=(6, 6))
cases['random, 6 x 6'] = half + half.T
tall = rng.normal(size=(5, 9))
cases['rank 5 of 9'] = tall.T @ tall
cases['condition number 1e12'] = np.diag(10.0 ** -np.arange(0, 13, 2)) + 1e-13
cases['Hilbert, 8 x 8'] = 1 / (np.arange(8)[:, None] + np.arange(8)[None, :] + 1)
cases['one by one'] = np.array([[-3.0]])
print(json.dumps([
    dict(name=name, matrix=matrix.tolist(), values=np.linalg.eigvalsh(matrix).tolist()) for name, matrix in cases.items()
]))
