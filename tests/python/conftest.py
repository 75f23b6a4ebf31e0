"""What the tests stand on: a running server and unmodified clients of it.

`cargo xtask test --stage server` starts the server and names it in the environment. Without that,
every test fails: nothing here may pass because something was not there.
"""

import json
import os
import subprocess
import uuid

import boto3
import pytest

PASSWORD = "river stone lantern"


@pytest.fixture(scope="session")
def server():
    """The object that `innerworld serve --json` printed once it was ready."""
    return json.loads(os.environ["TEST_SERVER_READY"])


@pytest.fixture(scope="session")
def cognito(server):
    """boto3's client as an app would make it: endpoint and region, no credentials."""
    return boto3.client(
        "cognito-idp",
        endpoint_url=server["cognito_url"],
        region_name=server["user_pool_id"].split("_")[0],
    )


@pytest.fixture
def mails(server):
    """Reads an address's mails, the newest first."""

    def read(address):
        done = subprocess.run(
            [os.environ["TEST_SERVER_PROGRAM"], "outbox", "--json"]
            + ["--data-dir", server["data_dir"], "--to", address],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return read


@pytest.fixture
def address():
    return new_address()


def new_address():
    """An address that nobody signed up with."""
    return f"robin-{uuid.uuid4().hex[:12]}@example.org"


class Teen:
    """Somebody with a confirmed account."""

    def __init__(self, cognito, client_id, mails, address):
        self.cognito, self.client_id, self.mails = cognito, client_id, mails
        self.address, self.password = address, PASSWORD
        answer = cognito.sign_up(ClientId=client_id, Username=address, Password=PASSWORD)
        self.sub = answer["UserSub"]
        cognito.confirm_sign_up(
            ClientId=client_id, Username=address, ConfirmationCode=self.code()
        )

    def code(self):
        """The code mailed last."""
        return self.mails(self.address)[0]["code"]

    def sign_in(self, password=None):
        """Tokens of a fresh sign-in."""
        answer = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={
                "USERNAME": self.address,
                "PASSWORD": password or self.password,
            },
        )
        return answer["AuthenticationResult"]

    def refresh(self, token):
        """Tokens for a refresh token."""
        answer = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": token},
        )
        return answer["AuthenticationResult"]


@pytest.fixture
def teen(cognito, server, mails, address):
    return Teen(cognito, server["client_id"], mails, address)
