"""CPU seconds of what Flower's SecAgg+ does for one device, for one secret and for one mask at the server: one line of JSON.

  python3 flower_secagg.py PARAMETERS SHARES THRESHOLD

Its own functions (flwr.common.secure_aggregation), in the order of its client mod and its server workflow. Needs flwr.
"""
import json
import sys
import time

import flwr
import numpy as np
from flwr.common.secure_aggregation.crypto.shamir import combine_shares, create_shares
from flwr.common.secure_aggregation.crypto.symmetric_encryption import decrypt, encrypt, generate_shared_key
from flwr.common.secure_aggregation.ndarrays_arithmetic import parameters_addition, parameters_mod, parameters_subtraction
from flwr.common.secure_aggregation.quantization import quantize
from flwr.common.secure_aggregation.secaggplus_utils import (
    pseudo_rand_gen, share_keys_plaintext_concat, share_keys_plaintext_separate,
)
from flwr.supercore.primitives.asymmetric import (
    bytes_to_private_key, bytes_to_public_key, generate_key_pairs, private_key_to_bytes, public_key_to_bytes,
)

parameters, shares, threshold = (int(argument) for argument in sys.argv[1:4])
mod_range, target_range, clipping = 1 << 32, 1 << 22, 8.0
sk1, sk2 = (private_key_to_bytes(generate_key_pairs()[0]) for _ in range(2))
others = [[public_key_to_bytes(generate_key_pairs()[1]) for _ in range(2)] for _ in range(shares - 1)]
seed = bytes(range(32))
vector = np.random.default_rng(1).standard_normal(parameters).astype(np.float32)
shape = [(parameters,)]


def cpu(work, times=1, series=3):
    """CPU seconds of one run, all threads of the process together: the median of the series, after a run that is not counted."""
    work()
    seconds = []
    for _ in range(series):
        started = time.process_time()
        for _ in range(times):
            work()
        seconds.append((time.process_time() - started) / times)
    return sorted(seconds)[series // 2]


def mask(total, key, add):
    noise = pseudo_rand_gen(key, mod_range, shape)
    return parameters_addition(total, noise) if add else parameters_subtraction(total, noise)


def pair_key(public):
    return generate_shared_key(bytes_to_private_key(sk1), bytes_to_public_key(public))


def client():
    """share_keys and collect_masked_vectors of secaggplus_mod.py; a box opened for each that is sealed."""
    b_shares, sk1_shares = create_shares(seed, threshold, shares), create_shares(sk1, threshold, shares)
    for place, (_, public) in enumerate(others):
        key = generate_shared_key(bytes_to_private_key(sk2), bytes_to_public_key(public))
        box = encrypt(key, share_keys_plaintext_concat(0, place, b_shares[place], sk1_shares[place]))
        share_keys_plaintext_separate(decrypt(key, box))
    total = mask(quantize([vector], clipping, target_range), seed, True)
    for place, (public, _) in enumerate(others):
        total = mask(total, pair_key(public), place % 2 == 0)
    return parameters_mod(total, mod_range)


# unmask of secaggplus_workflow.py. It combines all shares that came; here no more than the threshold.
total = quantize([vector], clipping, target_range)
b_shares, sk1_shares = (create_shares(secret, threshold, shares)[:threshold] for secret in (seed, sk1))
print(json.dumps({
    'client': cpu(client),
    'combineSelf': cpu(lambda: combine_shares(b_shares), 3),
    'combineKey': cpu(lambda: bytes_to_private_key(combine_shares(sk1_shares))),
    'selfMask': cpu(lambda: mask(total, seed, False), 10),
    'pairwiseMask': cpu(lambda: mask(total, pair_key(others[0][0]), True), 10),
    'version': flwr.__version__,
}))
