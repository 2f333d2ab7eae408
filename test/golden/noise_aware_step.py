"""One noise-aware step of `implicit-als` (noise-aware-direction.ts), written apart from it: dense NumPy, float64. Prints the golden.

  python3 test/golden/noise_aware_step.py > test/golden/noise-aware-step.json
"""
import json

import numpy as np

M, d, solves, a0, lam, rows_sd, outer_sd = 9, 3, 40.0, 0.2, 0.01, 3.0, 0.8
rng = np.random.default_rng(11)
V = rng.normal(0, 0.4, (M, d)).astype(np.float32).astype(float)
rows = rng.normal(0, 6, (M, d)).astype(np.float32).astype(float)
counts = rng.uniform(-3, 30, M).astype(np.float32).astype(float)
X = rng.normal(0, [1.2, 0.5, 0.05], (40, d))
H = X.T @ X
F = np.c_[np.ones(M), (np.arange(M) % 3 == 0).astype(float), np.linspace(-1, 1, M)]

eigenvalues, Q = np.linalg.eigh(H)
h = np.maximum(eigenvalues, np.sqrt(2 * d) * outer_sd)
c = np.maximum(counts, 0)
r = lam * (c + a0 * solves)
k = (a0 + c / solves)[:, None] * h + r[:, None]
VQ = V @ Q
y = VQ - (rows @ Q + a0 * VQ * h + r[:, None] * VQ) / k
v = (rows_sd / k) ** 2

posterior, t = np.zeros_like(y), np.zeros(d)
for j in range(d):
    t[j] = v[:, j].mean()
    for _ in range(5):
        W = np.diag(1 / (t[j] + v[:, j]))
        beta = np.linalg.inv(F.T @ W @ F + np.trace(W) / M * np.eye(F.shape[1])) @ F.T @ W @ y[:, j]
        residual = y[:, j] - F @ beta
        w2 = np.diag(W) ** 2
        t[j] = max(0.0, (w2 * (residual ** 2 - v[:, j])).sum() / w2.sum())
    posterior[:, j] = F @ beta + t[j] / (t[j] + v[:, j]) * residual

first = dict(observed=y[:, -1], variances=v[:, -1], means=posterior[:, -1], prior_variance=t[-1])
golden = dict(items=M, dimension=d, solves=solves, a0=a0, lam=lam, rows_noise=rows_sd, outer_noise=outer_sd, vectors=V, rows=rows,
              counts=counts, outer=H, columns=F.shape[1], features=F, direction=(posterior - VQ) @ Q.T, largest_eigenvalue=first,
              prior_variances=t, floored=int((eigenvalues < h).sum()))
print(json.dumps(golden, default=lambda a: a.ravel().tolist() if isinstance(a, np.ndarray) else float(a)))
