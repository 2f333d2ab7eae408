"""Encodings of the built-in encoder by transformers: python test/golden/built_in_encoder.py FOLDER > test/golden/built-in-encoder.json

FOLDER is what packages/model/scripts/built-in-encoder/train.py wrote.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

folder = Path(sys.argv[1])
config = BertConfig(**json.loads((folder / "config.json").read_text()))
stored = load_file(folder / "model.safetensors")
state = {
    name: value.float() * stored[f"{name}.scale"][:, None] if value.dtype == torch.int8 else value
    for name, value in stored.items()
    if not name.endswith(".scale")
}
model = BertModel(config, add_pooling_layer=False).eval()
model.load_state_dict(state)
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
rows = []
for text in ["", "A scary film", "Zwölf Boxkämpfer, 12.99 €!", "The lighthouse of Saltmarsh. A vicar returns to the parish.", "🙂 שלום"]:
    ids = tokenizer.encode(text).ids
    with torch.no_grad():
        pooled = model(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(0)
    rows.append({"text": text, "ids": ids, "encoding": [float(f"{x:.6g}") for x in (pooled / pooled.norm()).tolist()]})
print(json.dumps(rows, ensure_ascii=False))
