"""1,000 seeded texts with the ids that Python tokenizers give them, for the tests of packages/model/src/encoder/tokenization.

    python test/golden/tokenizer_goldens.py TOKENIZER_JSON OUT_JSON     ids of one tokenizer
    python test/golden/tokenizer_goldens.py --byte-level OUT_JSON       a small byte-level BPE tokenizer, trained on the texts
    python test/golden/tokenizer_goldens.py --classes OUT_JSON          classes of characters, from which unicode.generated.ts is

The texts are in tokenizer-texts.json (written where missing), the ids of each tokenizer in a file of its own: one line a text,
ids in base 36. Padding and truncation are off. Made with tokenizers 0.23.3.
"""

import json
import random
import sys
from pathlib import Path

from tokenizers import Tokenizer, normalizers, pre_tokenizers

TEXTS = Path(__file__).parent / "tokenizer-texts.json"
WORDS = """the of a love war Story star night 1995 Matrix comedy drama unbelievable antidisestablishmentarianism café naïve Zürich
façade résumé Größe straße ΟΔΟΣ Σίσυφος İstanbul ısı Привет мир Война שלום עולם مرحبا العالم नमस्ते สวัสดี 你好 世界 東京 こんにちは
カタカナ 한국어 𠀀 𪜀 𫝀 丽 e\u0301 a\u0308\u0323 o\u0302\u0301 👍 👩‍👩‍👧‍👦 🇩🇪 🏳️‍🌈 ☺️ 1️⃣ 3.14159 1,000,000 -42 1e-9 ½ ² Ⅷ don't it's we'll rock'n'roll C++ C#
user@example.org https://example.org/a?b=c&d=e#f [CLS] [SEP] [MASK] [PAD] [UNK] ##ing <s> </s> \u00ad \ufeff \u200b \u200d \u202e \u0000 \u0007
\ufffd \x7f \x85 \t \n \r\n \x0b \x0c \u00a0 \u3000 \u2028 \u1680 ﬁ ﬀ Ａ １ ㍿ ẞ ǅ ŉ \ue000 \U000e0001 \U0001f9ff \u166d \u1885 \u08d4 \u0378""".split(" ")
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~…–—“”‘’«»¿¡、。「」€£¥§¶†•"
SPACES = [" ", " ", " ", " ", "  ", "\t", "\n", "\u00a0", "\u3000", ""]


def text(rng):
    kind = rng.random()
    if kind < 0.02:
        return rng.choice(["", " ", "\n", "\u200b", "\u0301"])
    if kind < 0.06:  # a long word, on either side of WordPiece's 100 characters
        return rng.choice("aé世Zж") * rng.choice([50, 99, 100, 101, 150])
    if kind < 0.25:  # any characters
        limit = rng.choice([0x100, 0x3000, 0x10000, 0x30000])
        points = (rng.randrange(limit) for _ in range(rng.randrange(1, 24)))
        return "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000)
    parts = []
    for _ in range(rng.randrange(1, 14)):
        word = rng.choice(WORDS).replace("\n", " ")
        if rng.random() < 0.2:
            word = "".join(rng.choice("abcdefghijklmnopqrstuvwxyzABCDE0123456789") for _ in range(rng.randrange(1, 16)))
        if rng.random() < 0.1:
            word = word.upper()
        parts += [word, rng.choice(PUNCTUATION) if rng.random() < 0.2 else "", rng.choice(SPACES)]
    return "".join(parts)


def base36(value):
    digits = ""
    while True:
        value, rest = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
        if value == 0:
            return digits


def ids(tokenizer_json, out):
    if not TEXTS.exists():
        rng = random.Random(1)
        TEXTS.write_text(json.dumps([text(rng) for _ in range(1000)], ensure_ascii=True, separators=(",\n", ":")) + "\n")
    tokenizer = Tokenizer.from_file(tokenizer_json)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    texts = json.loads(TEXTS.read_text())
    lines = [" ".join(base36(i) for i in tokenizer.encode(t).ids) for t in texts]
    Path(out).write_text(json.dumps(lines, separators=(",\n", ":")) + "\n")


def byte_level(out):
    """As GPT-2's and RoBERTa's tokenizers are made, with RoBERTa's special tokens."""
    from tokenizers import models, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<s>", "<pad>", "</s>"], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(json.loads(TEXTS.read_text()), trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    Path(out).write_text(tokenizer.to_str() + "\n")


def ranges(points):
    """Ranges as unicode.generated.ts has them; surrogates count as in a range that goes on behind them."""
    runs = []
    for p in points:
        if runs and (runs[-1][1] == p or (runs[-1][1] == 0xD800 and p == 0xE000)):
            runs[-1][1] = p + 1
        else:
            runs.append([p, p + 1])
    at, out = 0, []
    for start, end in runs:
        out.append(base36(start - at) + (":" + base36(end - start) if end - start > 1 else ""))
        at = end
    return " ".join(out)


def classes(out):
    import unicodedata

    rules = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    clean = normalizers.BertNormalizer(**{**rules, "clean_text": True})
    strip = normalizers.BertNormalizer(**{**rules, "strip_accents": True})
    split = pre_tokenizers.BertPreTokenizer()
    points = [p for p in range(0x110000) if not 0xD800 <= p < 0xE000]
    found = {"removed": [], "accents": [], "punctuation": [], "undecomposed": []}
    for p in points:
        between = "a" + chr(p) + "b"
        if clean.normalize_str(between) == "ab":
            found["removed"].append(p)
        stripped = strip.normalize_str(between)
        if stripped == "ab":
            found["accents"].append(p)
        if stripped == between and unicodedata.normalize("NFD", chr(p)) != chr(p):
            found["undecomposed"].append(p)
        if len(split.pre_tokenize_str(between)) == 3:
            found["punctuation"].append(p)
    Path(out).write_text(json.dumps({name: ranges(of) for name, of in found.items()}, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "--classes":
        classes(sys.argv[2])
    elif sys.argv[1] == "--byte-level":
        byte_level(sys.argv[2])
    else:
        ids(sys.argv[1], sys.argv[2])
