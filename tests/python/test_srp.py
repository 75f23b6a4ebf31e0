"""pycognito, an unmodified client of Cognito, signs in without sending the password.

It also checks `tests/vectors`, by which the Rust tests know that the program computes what
Cognito's clients do: the client, which knows the password, and the server's side of SRP-6a, which
knows only the verifier, arrive at the same key. `srp-sign-in.json` was made by a client of another
maker.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import secrets

import pytest
from pycognito.aws_srp import AWSSRP, compute_hkdf, hex_hash, hex_to_long, pad_hex

from conftest import PASSWORD, new_address

FOLDER = pathlib.Path(os.environ["TEST_VECTORS"])
VECTORS = json.loads((FOLDER / "srp.json").read_text())
SIGN_INS = json.loads((FOLDER / "srp-sign-in.json").read_text())["sign_ins"]


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


@pytest.mark.parametrize("vector", SIGN_INS)
def test_two_makers_clients_agree(vector, cognito):
    client = AWSSRP(
        vector["username"], vector["password"], vector["pool_id"], "client", client=cognito
    )
    client.small_a_value = int(vector["client_secret"], 16)
    client.large_a_value = client.calculate_a()
    assert f"{client.large_a_value:x}" == vector["client_value"]
    salt = f"{int(vector['salt'], 16):x}"
    key = client.get_password_authentication_key(
        vector["username"], vector["password"], int(vector["server_value"], 16), salt
    )
    assert key.hex() == vector["key"]
    pool = vector["pool_id"].split("_")[1]
    message = (pool + vector["username"]).encode()
    message += base64.b64decode(vector["secret_block"]) + vector["timestamp"].encode()
    signature = hmac.new(key, message, hashlib.sha256).digest()
    assert base64.b64encode(signature).decode() == vector["signature"]


@pytest.fixture
def sign_in(cognito, server):
    """Signs in by SRP; the tokens."""

    def sign_in(address, password):
        client = AWSSRP(
            address, password, server["user_pool_id"], server["client_id"], client=cognito
        )
        return client.authenticate_user()["AuthenticationResult"]

    return sign_in


def test_the_password_signs_in_and_no_other(sign_in, teen):
    tokens = sign_in(teen.address, PASSWORD)
    user = teen.cognito.get_user(AccessToken=tokens["AccessToken"])
    assert user["Username"] == teen.sub
    assert teen.refresh(tokens["RefreshToken"])
    for address, password in ((teen.address, "not the password"), (new_address(), PASSWORD)):
        with pytest.raises(teen.cognito.exceptions.NotAuthorizedException) as refused:
            sign_in(address, password)
        message = refused.value.response["Error"]["Message"]
        assert message == "Incorrect username or password."


def test_who_is_not_confirmed_is_told_so(sign_in, cognito, server, address):
    cognito.sign_up(ClientId=server["client_id"], Username=address, Password=PASSWORD)
    with pytest.raises(cognito.exceptions.UserNotConfirmedException):
        sign_in(address, PASSWORD)
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_in(address, "not the password")


def test_a_challenge_looks_as_cognitos(cognito, server, teen):
    def ask(address):
        return cognito.initiate_auth(
            ClientId=server["client_id"],
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": address, "SRP_A": "f" * 700},
        )

    for answer in (ask(teen.address), ask(new_address())):
        assert answer["ChallengeName"] == "PASSWORD_VERIFIER"
        assert "AuthenticationResult" not in answer and "Session" not in answer
        parameters = answer["ChallengeParameters"]
        assert set(parameters) == {
            "SALT",
            "SECRET_BLOCK",
            "SRP_B",
            "USERNAME",
            "USER_ID_FOR_SRP",
        }
        assert parameters["USERNAME"] == parameters["USER_ID_FOR_SRP"]
        assert 0 < int(parameters["SRP_B"], 16) < prime()
        assert 0 < int(parameters["SALT"], 16) < 2**128
        assert len(base64.b64decode(parameters["SECRET_BLOCK"])) > 400
    for value in (0, prime(), 2 * prime()):
        with pytest.raises(cognito.exceptions.InvalidParameterException):
            cognito.initiate_auth(
                ClientId=server["client_id"],
                AuthFlow="USER_SRP_AUTH",
                AuthParameters={"USERNAME": teen.address, "SRP_A": f"{value:x}"},
            )
