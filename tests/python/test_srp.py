"""Verifiers of `tests/vectors/srp.json` serve a sign-in by pycognito, a client of Cognito.

The server stores such a verifier with every password; the flow that uses it comes later. The Rust
test of the same vectors shows that the server computes them; this one shows that they are right:
the client, which knows the password, and the server's side of SRP-6a, which knows only the
verifier, arrive at the same key.
"""

import hashlib
import json
import os
import pathlib
import secrets

import pytest
from pycognito.aws_srp import AWSSRP, compute_hkdf, hex_hash, hex_to_long, pad_hex

VECTORS = json.loads(
    (pathlib.Path(os.environ["TEST_VECTORS"]) / "srp.json").read_text()
)


def prime():
    """RFC 3526's group 15, computed from its formula: 2^3072 - 2^3008 - 1 + 2^64 * ([2^2942 pi] +
    1690314)."""
    # pi by Machin's formula with 64 spare bits.
    bits = 2942 + 64
    one = 1 << bits

    def arctan(inverse):
        power = one // inverse
        total, number, sign = power, 3, -1
        while power:
            power //= inverse * inverse
            total += sign * (power // number)
            number, sign = number + 2, -sign
        return total

    pi = 4 * (4 * arctan(5) - arctan(239))
    return 2**3072 - 2**3008 - 1 + 2**64 * ((pi >> 64) + 1690314)


def server_side(client, verifier):
    """B, and the key once A is known, from the verifier alone (RFC 5054 2.5.3 and 2.6)."""
    k = hex_to_long(hex_hash(pad_hex(prime()) + pad_hex(2)))
    b = secrets.randbelow(prime())
    big_b = (k * verifier + pow(2, b, prime())) % prime()
    u = hex_to_long(hex_hash(pad_hex(client.large_a_value) + pad_hex(big_b)))
    secret = pow(client.large_a_value * pow(verifier, u, prime()), b, prime())
    key = compute_hkdf(
        bytearray.fromhex(pad_hex(secret)), bytearray.fromhex(pad_hex(u))
    )
    return big_b, key


def test_there_are_salts_of_every_kind():
    firsts = [int(vector["salt"][:2], 16) for vector in VECTORS]
    assert min(firsts) == 0, "one with leading zeros, which clients drop"
    assert max(firsts) >= 0x80, "one that clients pad to stay positive"
    assert any(0 < first < 0x10 for first in firsts), "one with an odd number of digits"


@pytest.mark.parametrize("vector", VECTORS)
def test_the_verifier_is_what_the_formula_says(vector):
    salt = int(vector["salt"], 16)
    # A positive number in two's complement: one zero byte where the first bit would be set.
    length = salt.bit_length() // 8 + 1
    pool = vector["pool_id"].split("_")[1]
    secret = f"{pool}{vector['username']}:{vector['password']}".encode()
    inner = hashlib.sha256(secret).digest()
    x = hashlib.sha256(salt.to_bytes(length, "big") + inner).digest()
    verifier = pow(2, int.from_bytes(x, "big"), prime())
    assert f"{verifier:0768x}" == vector["verifier"]


@pytest.mark.parametrize("vector", VECTORS)
def test_a_client_and_the_verifier_agree_on_a_key(vector, cognito):
    client = AWSSRP(
        vector["username"], vector["password"], vector["pool_id"], "client", client=cognito
    )
    assert client.big_n == prime()
    big_b, key = server_side(client, int(vector["verifier"], 16))
    # Salts travel as numbers: without leading zeros.
    salt = f"{int(vector['salt'], 16):x}"
    arguments = (vector["username"], vector["password"], big_b, salt)
    assert client.get_password_authentication_key(*arguments) == key
    arguments = (vector["username"], "not the password", big_b, salt)
    assert client.get_password_authentication_key(*arguments) != key
