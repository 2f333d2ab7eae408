"""Trains the built-in encoder on the pairs of generate-corpus.ts and writes it as a Hugging Face folder with int8 rows.

    npx tsx --conditions=source packages/model/scripts/built-in-encoder/generate-corpus.ts pairs.jsonl
    OMP_NUM_THREADS=1 python packages/model/scripts/built-in-encoder/train.py pairs.jsonl packages/model/src/encoder/built-in/files

Objectives, in one forward pass: InfoNCE of a pair's mean-pooled encodings against the batch (Gao et al. 2021, SimCSE, with
generated positives in place of dropout alone), and masked words (Devlin et al. 2019) in the pair's right text.
Seeded, one thread: the same versions of torch and tokenizers on the same processor give the same bytes.
"""

import argparse
import hashlib
import json
import math
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from torch.nn import functional as F
from transformers import BertConfig, BertModel

HELD_OUT = 1000
SAME_TOPIC_WEIGHT = 0.25
TEMPERATURE = 0.05
MASKED_SHARE = 0.15
MASKED_LOSS_WEIGHT = 0.2
LONGEST = 64
CHUNK = 64
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def train_tokenizer(texts, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    # Every letter and digit gets a piece of its own inside words too, so that no Latin word is unknown.
    every = [f"{first}{letters}" for first in letters]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=3, special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=list(letters + "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~€£"),
    )
    tokenizer.train_from_iterator([*texts, *every], trainer)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)],
    )
    return tokenizer


def padded(rows):
    length = max(map(len, rows))
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row)
    return ids


def encode(model, ids):
    mask = (ids != 0).long()
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return hidden, F.normalize((hidden * weights).sum(1) / weights.sum(1), dim=-1)


class MaskedWords(nn.Module):
    """BERT's head with the decoder tied to the word embeddings; left out of the written file."""

    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, hidden, embeddings):
        return F.linear(self.norm(F.gelu(self.dense(hidden))), embeddings, self.bias)


def mask_words(ids, generator, mask_id, vocabulary):
    chosen = (torch.rand(ids.shape, generator=generator) < MASKED_SHARE) & (ids >= len(SPECIAL))
    fate = torch.rand(ids.shape, generator=generator)
    masked = ids.clone()
    masked[chosen & (fate < 0.8)] = mask_id
    other = torch.randint(len(SPECIAL), vocabulary, ids.shape, generator=generator)
    swapped = chosen & (fate >= 0.8) & (fate < 0.9)
    masked[swapped] = other[swapped]
    return masked, chosen


def contrastive_loss(left, right, topics, same_text):
    logits = left @ right.T / TEMPERATURE
    same_topic = (topics[:, None] == topics[None, :]) & (topics[:, None] >= 0)
    diagonal = torch.eye(len(left), dtype=torch.bool)
    logits = logits + math.log(SAME_TOPIC_WEIGHT) * (same_topic & ~diagonal)
    logits = logits.masked_fill(same_text & ~diagonal, -1e4)
    target = torch.arange(len(left))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def quantised(state):
    """Symmetric int8 a row for matrices, float32 for vectors; and the floats that a reader gets back."""
    tensors, restored = {}, {}
    for name, value in state.items():
        value = value.detach().float().contiguous()
        if value.ndim != 2:
            tensors[name] = restored[name] = value
            continue
        scale = value.abs().amax(1).clamp_min(1e-12) / 127
        whole = torch.round(value / scale[:, None]).clamp(-127, 127)
        tensors[name], tensors[f"{name}.scale"] = whole.to(torch.int8), scale
        restored[name] = whole * scale[:, None]
    return tensors, restored


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs", type=Path)
    parser.add_argument("to", type=Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--vocabulary", type=int, default=6000)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)

    pairs = [json.loads(line) for line in options.pairs.read_text().splitlines()]
    texts = [text for pair in pairs for text in (pair["left"], pair["right"])]
    tokenizer = train_tokenizer(texts, options.vocabulary)
    ids = [row.ids[: LONGEST - 1] + row.ids[-1:] if len(row.ids) > LONGEST else row.ids for row in tokenizer.encode_batch(texts)]
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=128, num_hidden_layers=options.layers, num_attention_heads=4,
        intermediate_size=512, max_position_embeddings=128, type_vocab_size=2, pad_token_id=0,
        hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False)
    head = MaskedWords(config)
    parameters = [*model.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=options.rate, weight_decay=0.01, betas=(0.9, 0.98))
    warm = options.steps // 20
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / warm) * max(0.02, 0.5 + 0.5 * math.cos(math.pi * step / options.steps))
    )
    training = len(pairs) - HELD_OUT
    mask_id = tokenizer.token_to_id("[MASK]")
    started = time.time()
    model.train()
    for step in range(options.steps):
        chosen = torch.randint(0, training, (options.batch,), generator=generator).tolist()
        rows = [ids[2 * at + side] for side in (0, 1) for at in chosen]
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        encodings, predictions, words_there = [], [], []
        # Texts of like length together: a batch padded to its longest text costs three times as much.
        for start in range(0, len(order), CHUNK):
            part = order[start : start + CHUNK]
            whole = padded([rows[row] for row in part])
            masked, places = mask_words(whole, generator, mask_id, config.vocab_size)
            is_right = torch.tensor([row >= options.batch for row in part])[:, None]
            hidden, encoded = encode(model, torch.where(is_right, masked, whole))
            encodings.append(encoded)
            predictions.append(hidden[places & is_right])
            words_there.append(whole[places & is_right])
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        left_encodings, right_encodings = torch.cat(encodings)[back].split(options.batch)
        topics = torch.tensor([pairs[at]["topic"] for at in chosen])
        rights = [pairs[at]["right"] for at in chosen]
        lefts = [pairs[at]["left"] for at in chosen]
        same = torch.tensor([[a == b or c == b or c == d for b, d in zip(rights, lefts)] for a, c in zip(rights, lefts)])
        contrast = contrastive_loss(left_encodings, right_encodings, topics, same)
        predicted = head(torch.cat(predictions), model.embeddings.word_embeddings.weight)
        words = F.cross_entropy(predicted, torch.cat(words_there))
        optimiser.zero_grad()
        (contrast + MASKED_LOSS_WEIGHT * words).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 99:
            print(f"step {step + 1}  contrast {contrast.item():.3f}  words {words.item():.3f}  {time.time() - started:.0f} s", flush=True)

    model.eval()
    tensors, restored = quantised(model.state_dict())
    with torch.no_grad():
        rows = [padded(ids[2 * at : 2 * at + 200]) for at in range(training, len(pairs), 100)]
        float_encodings = torch.cat([encode(model, batch)[1] for batch in rows])
        model.load_state_dict(restored)
        int8_encodings = torch.cat([encode(model, batch)[1] for batch in rows])
    distance = 1 - (float_encodings * int8_encodings).sum(1)
    left, right = int8_encodings[0::2], int8_encodings[1::2]
    accuracy = (torch.cat([(l @ r.T).argmax(1) == torch.arange(len(l)) for l, r in zip(left.split(100), right.split(100))])).float().mean()

    options.to.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(options.to / "tokenizer.json"), pretty=False)
    save_file(tensors, options.to / "model.safetensors", metadata={"format": "pt"})
    write_json(options.to / "config.json", {
        "architectures": ["BertModel"], "model_type": "bert", "vocab_size": config.vocab_size, "hidden_size": 128,
        "num_hidden_layers": options.layers, "num_attention_heads": 4, "intermediate_size": 512, "hidden_act": "gelu",
        "max_position_embeddings": 128, "type_vocab_size": 2, "layer_norm_eps": config.layer_norm_eps, "pad_token_id": 0,
        "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.0, "position_embedding_type": "absolute",
    })
    transformer = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    pooling = {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
    normalise = {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}
    write_json(options.to / "modules.json", [transformer, pooling, normalise])
    write_json(options.to / "1_Pooling/config.json", {
        "word_embedding_dimension": 128, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False,
    })
    write_json(options.to / "sentence_bert_config.json", {"max_seq_length": 128, "do_lower_case": False})
    print(json.dumps({
        "vocabulary": config.vocab_size, "parameters": sum(p.numel() for p in model.parameters()), "steps": options.steps,
        "seconds": round(time.time() - started), "heldOutPairAccuracyIn100": round(accuracy.item(), 4),
        "int8CosineDistance": {"mean": float(f"{distance.mean():.3g}"), "max": float(f"{distance.max():.3g}")},
        "bytes": (options.to / "model.safetensors").stat().st_size,
        "sha256": hashlib.sha256((options.to / "model.safetensors").read_bytes()).hexdigest(),
    }, indent=2))


if __name__ == "__main__":
    main()
