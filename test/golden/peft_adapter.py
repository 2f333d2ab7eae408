"""LoRA adapters by Hugging Face peft for tiny encoders, and the other way round.

    python3 test/golden/peft_adapter.py                  writes peft-adapter.json: an adapter as peft saves it, with its encoder
    python3 test/golden/peft_adapter.py --check FOLDER   loads the adapter that `writePeftAdapter` wrote (base.json, adapter_config.json,
                                                         adapter_model.safetensors, expected.json) and compares the outputs

torch 2.15, transformers 5.24, peft 0.21, float32.
"""

import base64
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import BertConfig, BertModel

SIZES = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, vocab_size=60, max_position_embeddings=24)
IDS = torch.tensor([[1, 7, 23, 9, 2], [1, 5, 2, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def base_model():
    return BertModel(BertConfig(**SIZES, hidden_dropout_prob=0, attention_probs_dropout_prob=0), add_pooling_layer=False).eval()


def mean(model):
    with torch.no_grad():
        states = model(input_ids=IDS, attention_mask=MASK).last_hidden_state
    weights = MASK[:, :, None].float()
    return (states * weights).sum(1) / weights.sum(1)


def packed(tensor):
    values = tensor.detach().numpy().astype("<f4")
    return {"shape": list(values.shape), "float32": base64.b64encode(values.tobytes()).decode()}


def make():
    torch.manual_seed(1)
    model = base_model()
    for parameter in model.parameters():
        parameter.data = torch.randn_like(parameter) * 0.3
    weights = {name: packed(tensor) for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
    before = mean(model)
    targets = ["query", "value", "intermediate.dense"]
    wrapped = get_peft_model(model, LoraConfig(r=3, lora_alpha=6, lora_dropout=0.1, target_modules=targets)).eval()
    for name, parameter in wrapped.named_parameters():
        if ".lora_" in name:
            parameter.data = torch.randn_like(parameter) * 0.3
    with tempfile.TemporaryDirectory() as folder:
        wrapped.save_pretrained(folder)
        config = (Path(folder) / "adapter_config.json").read_text()
        adapter = base64.b64encode((Path(folder) / "adapter_model.safetensors").read_bytes()).decode()
    golden = {
        "weights": weights,
        "ids": IDS.flatten().tolist(),
        "mask": MASK.flatten().tolist(),
        "before": packed(before),
        "config": config,
        "adapter": adapter,
        "after": packed(mean(wrapped)),
    }
    path = Path(__file__).with_name("peft-adapter.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size)


def check(folder):
    golden = json.loads(Path(__file__).with_name("peft-adapter.json").read_text())
    unpack = lambda p: torch.from_numpy(np.frombuffer(base64.b64decode(p["float32"]), "<f4").reshape(p["shape"]).copy())
    model = base_model()
    model.load_state_dict({name: unpack(p) for name, p in golden["weights"].items()}, strict=False)
    wrapped = PeftModel.from_pretrained(model, folder).eval()
    expected = torch.tensor(json.loads((Path(folder) / "expected.json").read_text()))
    difference = (mean(wrapped).flatten() - expected).abs().max().item()
    moved = (mean(wrapped).flatten() - unpack(golden["before"]).flatten()).abs().max().item()
    print(json.dumps({"difference": difference, "moved": moved}))
    assert difference < 1e-5 < moved


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1:2] == ["--check"] else make()
