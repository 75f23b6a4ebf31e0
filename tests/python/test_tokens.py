"""PyJWT, as an app's own backend would use it: the published keys fit the tokens."""

import json
import pathlib
import re
import time
import urllib.error
import urllib.request

import jwt
import pytest


def fetch(url, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def issuer(server):
    return f"{server['cognito_url'].rstrip('/')}/{server['user_pool_id']}"


@pytest.fixture(scope="module")
def discovery(issuer):
    return fetch(f"{issuer}/.well-known/openid-configuration")


@pytest.fixture(scope="module")
def verify(discovery):
    # An unknown key is looked up at once, not after 30 s: one test makes one.
    keys = jwt.PyJWKClient(discovery["jwks_uri"], cooldown_duration=0)

    def check(token, **options):
        key = keys.get_signing_key_from_jwt(token)
        return jwt.decode(
            token,
            key,
            algorithms=discovery["id_token_signing_alg_values_supported"],
            issuer=discovery["issuer"],
            options={"require": ["exp", "iat", "iss", "sub"]},
            **options,
        )

    return check


def test_the_pool_id_is_what_clients_split_and_check(server):
    # The strictest form that a client was seen to ask for.
    assert re.fullmatch(r"[a-z]{2}-[a-z]+-\d_[0-9A-Za-z]+", server["user_pool_id"])
    assert re.fullmatch(r"[0-9a-z]{26}", server["client_id"])


def test_discovery_names_the_issuer_and_the_keys(discovery, issuer):
    assert discovery["issuer"] == issuer
    assert discovery["jwks_uri"].startswith(issuer)
    for key in fetch(discovery["jwks_uri"])["keys"]:
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
        # Nothing of the private key.
        assert set(key) == {"kty", "alg", "use", "kid", "n", "e"}


def test_both_tokens_hold_and_say_what_cognito_says(server, teen, verify):
    before = int(time.time())
    tokens = teen.sign_in()
    identity = verify(tokens["IdToken"], audience=server["client_id"])
    access = verify(tokens["AccessToken"])
    for claims, use in ((identity, "id"), (access, "access")):
        assert claims["token_use"] == use
        assert claims["sub"] == teen.sub
        assert claims["exp"] - claims["iat"] == tokens["ExpiresIn"]
        assert before - 1 <= claims["iat"] <= time.time() + 1
        assert claims["auth_time"] == claims["iat"]
    assert identity["email"] == teen.address
    assert identity["email_verified"] is True
    assert identity["cognito:username"] == teen.sub
    assert "birthdate" not in identity
    assert access["client_id"] == server["client_id"]
    assert access["username"] == teen.sub
    assert access["scope"] == "aws.cognito.signin.user.admin"
    assert "email" not in access and "aud" not in access
    assert identity["origin_jti"] == access["origin_jti"]
    assert identity["jti"] != access["jti"]


def test_a_renewed_token_remembers_when_the_teen_signed_in(teen, verify):
    tokens = teen.sign_in()
    first = verify(tokens["AccessToken"])
    time.sleep(1.1)
    renewed = verify(teen.refresh(tokens["RefreshToken"])["AccessToken"])
    assert renewed["auth_time"] == first["auth_time"] < renewed["iat"]
    assert renewed["origin_jti"] == first["origin_jti"]
    assert renewed["jti"] != first["jti"]


def test_a_new_key_signs_and_the_old_one_is_still_published(server, teen, verify):
    before = teen.sign_in()
    token = (pathlib.Path(server["data_dir"]) / "admin.token").read_text().strip()
    url = f"{server['admin_url']}/admin/v1/keys/rotate"
    for headers, status in (({}, 401), ({"Authorization": f"Bearer {token}"}, 200)):
        request = urllib.request.Request(url, method="POST", headers=headers)
        try:
            answered = urllib.request.urlopen(request).status
        except urllib.error.HTTPError as refused:
            answered = refused.code
        assert answered == status
    after = teen.sign_in()
    kids = [jwt.get_unverified_header(tokens["IdToken"])["kid"] for tokens in (before, after)]
    assert kids[0] != kids[1]
    for tokens in (before, after):
        assert verify(tokens["IdToken"], audience=server["client_id"])["sub"] == teen.sub
        assert teen.cognito.get_user(AccessToken=tokens["AccessToken"])


def test_a_changed_token_does_not_hold(server, teen, verify):
    tokens = teen.sign_in()
    header, body, signature = tokens["AccessToken"].split(".")
    other = tokens["IdToken"].split(".")
    for forged in (
        f"{header}.{other[1]}.{signature}",
        f"{header}.{body}.{other[2]}",
        f"{header}.{body}.",
    ):
        with pytest.raises(jwt.InvalidTokenError):
            verify(forged)
    with pytest.raises(jwt.InvalidAudienceError):
        verify(tokens["IdToken"], audience="another client")


def test_the_access_token_opens_the_teens_own_routes(server, teen):
    tokens = teen.sign_in()
    me = fetch(f"{server['http_url']}/v1/me", tokens["AccessToken"])
    assert teen.sub in json.dumps(me)
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(f"{server['http_url']}/v1/me", tokens["IdToken"])
    assert refused.value.code == 401
