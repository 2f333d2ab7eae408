"""Rotations by NumPy, with the Hadamard matrix written out from its definition and float64 throughout.

  python3 encoding.py > encoding.json     (needs numpy and cryptography)
"""
import hashlib
import hmac
import json
import struct

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms


def frame(label, *parts):
    return label.encode() + b'\0' + b''.join(struct.pack('<I', len(part)) + part for part in parts)


def signs(round_hash, section, count, start):
    """Bit e of the stream is bit e & 7 of byte e >> 3; 1 is minus."""
    extracted = hmac.new(bytes(32), round_hash, hashlib.sha256).digest()
    info = frame('tributary/v1/rotation', struct.pack('<I', section))
    key = hmac.new(extracted, info + b'\1', hashlib.sha256).digest()
    nonce = struct.pack('<I', 0) + struct.pack('<I', section) + bytes(8)  # block counter, then RFC 8439's nonce
    stream = Cipher(algorithms.ChaCha20(key, nonce), None).encryptor().update(bytes((start + count + 7) // 8))
    bits = np.unpackbits(np.frombuffer(stream, np.uint8), bitorder='little')[start:start + count]
    return 1.0 - 2.0 * bits


def rotate(x, round_hash, section):
    size = 1 << (len(x).bit_length() - 1)
    hadamard = np.array([[(-1.0) ** bin(r & c).count('1') for c in range(size)] for r in range(size)])
    x = np.array(x, np.float64)
    x[:size] = hadamard @ (signs(round_hash, section, size, 0) * x[:size]) / np.sqrt(size)
    if len(x) > size:
        x[-size:] = hadamard @ (signs(round_hash, section, size, size) * x[-size:]) / np.sqrt(size)
    return x


rng = np.random.default_rng(4)
round_hash = hashlib.sha256(b'encoding').digest()
cases = []
for section, length in enumerate([1, 2, 3, 5, 8, 12, 33, 100]):
    x = rng.normal(size=length).astype(np.float32)
    cases.append(dict(section=section, x=x.tolist(), rotated=rotate(x, round_hash, section).tolist()))
print(json.dumps(dict(round_hash=round_hash.hex(), cases=cases)))
