"""Writes tensors.safetensors beside this file: pip install safetensors==0.8.0 numpy; python3 make.py"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

tensors = {
    "item.vectors": (np.arange(12, dtype=np.float32) / 8 - 0.5).reshape(4, 3),
    "item.bias": np.array([1.5, -2.25, 3.0e-38, 3.0e38], dtype=np.float32),
    "empty": np.zeros((0, 3), dtype=np.float32),
    "scalar": np.array(7.125, dtype=np.float32),
}
save_file(tensors, Path(__file__).with_name("tensors.safetensors"), metadata={"format": "tributary", "note": "flüsse"})
