"""CPU seconds of what Flower's SecAgg+ does for one device and for one secret at the server: prints one line of JSON.

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


def cpu(work):
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


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


def survivor(dealt, total):
    """unmask of secaggplus_workflow.py, for one that uploaded: all shares that came are combined."""
    return mask(total, combine_shares(dealt), False)


def dropout(dealt, total):
    """The same for one that did not."""
    bytes_to_private_key(combine_shares(dealt))
    for place, (public, _) in enumerate(others):
        total = mask(total, pair_key(public), place % 2 == 0)
    return total


client_seconds, total = cpu(client)
b_shares, sk1_shares = create_shares(seed, threshold, shares), create_shares(sk1, threshold, shares)
survivor_seconds, _ = cpu(lambda: survivor(b_shares, total))
dropout_seconds, _ = cpu(lambda: dropout(sk1_shares, total))
print(json.dumps({
    'client': client_seconds, 'survivor': survivor_seconds, 'dropout': dropout_seconds, 'version': flwr.__version__,
}))
