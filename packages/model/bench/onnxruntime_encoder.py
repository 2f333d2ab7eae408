"""Texts a second of a BERT encoder by onnxruntime on one CPU thread: python3 onnxruntime_encoder.py FOLDER SIZE LENGTH SECONDS

The graph is exported from the folder by torch.onnx where its exporter is installed. Prints one line of JSON.
"""

import json
import sys
import tempfile
import time
import warnings

import numpy
import onnxruntime
import torch
from transformers import AutoModel

warnings.filterwarnings("ignore")
folder, size, length, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
torch.set_num_threads(1)


class MeanPooled(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()

    def forward(self, input_ids, attention_mask):
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return torch.nn.functional.normalize((hidden * weight).sum(1) / weight.sum(1))


ids = torch.tensor((numpy.arange(size * length) * 7919 % 20000 + 1000).reshape(size, length))
mask = torch.ones_like(ids)
with tempfile.NamedTemporaryFile(suffix=".onnx") as file, torch.no_grad():
    model = MeanPooled()
    expected = model(ids, mask).numpy()
    torch.onnx.export(model, (ids, mask), file.name, input_names=["ids", "mask"], output_names=["out"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file.name, options, providers=["CPUExecutionProvider"])
feed = {"ids": ids.numpy(), "mask": mask.numpy()}
out = session.run(None, feed)[0]
times = []
start = time.perf_counter()
while time.perf_counter() - start < seconds or len(times) < 3:
    before = time.perf_counter()
    session.run(None, feed)
    times.append(time.perf_counter() - before)
middle = sorted(times)[len(times) // 2]
print(json.dumps({"textsPerSecond": size / middle, "difference": float(abs(out - expected).max()), "first": out[0].tolist(), "version": onnxruntime.__version__}))
