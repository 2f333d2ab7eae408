"""Prints what Python's safetensors reads of the file named by the first argument, as JSON."""

import json
import sys

from safetensors import safe_open

with safe_open(sys.argv[1], framework="numpy") as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    print(
        json.dumps(
            {
                "metadata": file.metadata(),
                "tensors": {n: {"shape": list(t.shape), "values": t.ravel().tolist()} for n, t in tensors.items()},
            }
        )
    )
