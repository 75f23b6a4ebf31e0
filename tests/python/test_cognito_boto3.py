"""boto3's `cognito-idp` client, unmodified, against the identity provider of one machine."""

import pathlib
import time

import boto3
import botocore.exceptions
import pytest

from conftest import PASSWORD, new_address

OTHER_PASSWORD = "meadow cloud compass"


def wrong(code):
    """Six digits that are not this code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def refusal(call, **arguments):
    """Class and sentence of a refused call."""
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def wait_until(holds, every=0.2):
    """Waits up to 20 s."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(every)


def signs_up(cognito, server, address):
    """Signs up, unless the address is taken."""
    try:
        cognito.sign_up(ClientId=server["client_id"], Username=address, Password=PASSWORD)
    except cognito.exceptions.UsernameExistsException:
        return False
    return True


def test_the_way_in_and_out(cognito, server, mails, address):
    client_id = server["client_id"]
    answer = cognito.sign_up(
        ClientId=client_id,
        Username=address,
        Password=PASSWORD,
        UserAttributes=[
            {"Name": "email", "Value": address},
            {"Name": "birthdate", "Value": "2010-04-17"},
        ],
    )
    assert answer["UserConfirmed"] is False
    delivery = answer["CodeDeliveryDetails"]
    assert (delivery["DeliveryMedium"], delivery["AttributeName"]) == ("EMAIL", "email")
    assert address not in delivery["Destination"]

    [mail] = mails(address)
    assert (mail["to"], mail["kind"]) == (address, "sign_up")
    assert set(mail) == {"at", "to", "kind", "code"}
    cognito.confirm_sign_up(
        ClientId=client_id, Username=address, ConfirmationCode=mail["code"]
    )
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": address, "PASSWORD": PASSWORD},
    )
    tokens = answer["AuthenticationResult"]
    assert (tokens["TokenType"], tokens["ExpiresIn"]) == ("Bearer", 3600)

    user = cognito.get_user(AccessToken=tokens["AccessToken"])
    attributes = {pair["Name"]: pair["Value"] for pair in user["UserAttributes"]}
    assert attributes == {
        "sub": user["Username"],
        "email": address,
        "email_verified": "true",
    }

    cognito.delete_user(AccessToken=tokens["AccessToken"])
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.get_user(AccessToken=tokens["AccessToken"])


def test_a_birth_date_is_looked_at_and_not_kept(cognito, server, mails, address):
    cognito.sign_up(
        ClientId=server["client_id"],
        Username=address,
        Password=PASSWORD,
        UserAttributes=[{"Name": "birthdate", "Value": "2009-03-14"}],
    )
    files = [path for path in pathlib.Path(server["data_dir"]).rglob("*") if path.is_file()]
    files.append(pathlib.Path(server["data_dir"]).parent / "server.log")
    assert len(files) > 5
    for path in files:
        assert b"2009-03-14" not in path.read_bytes(), path.name


@pytest.mark.parametrize("where", ["UserAttributes", "ValidationData"])
def test_a_child_is_refused_and_stays_refused(cognito, server, mails, address, where):
    def sign_up(**more):
        return cognito.sign_up(
            ClientId=server["client_id"], Username=address, Password=PASSWORD, **more
        )

    child = {where: [{"Name": "birthdate", "Value": f"{time.gmtime().tm_year - 12}-01-01"}]}
    older = {where: [{"Name": "birthdate", "Value": "2000-01-01"}]}
    for attempt in (child, older, {}):
        with pytest.raises(cognito.exceptions.UserLambdaValidationException) as refused:
            sign_up(**attempt)
        assert "13" not in refused.value.response["Error"]["Message"]
    assert mails(address) == []
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.initiate_auth(
            ClientId=server["client_id"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": address, "PASSWORD": PASSWORD},
        )


def test_a_taken_address_and_a_weak_password(cognito, server, teen):
    with pytest.raises(cognito.exceptions.UsernameExistsException):
        cognito.sign_up(
            ClientId=server["client_id"], Username=teen.address, Password=OTHER_PASSWORD
        )
    # The same person by another spelling.
    with pytest.raises(cognito.exceptions.UsernameExistsException):
        cognito.sign_up(
            ClientId=server["client_id"],
            Username=f" {teen.address.upper()} ",
            Password=OTHER_PASSWORD,
        )
    for password in ("elevenchars", "a" * 257):
        with pytest.raises(cognito.exceptions.InvalidPasswordException):
            cognito.sign_up(
                ClientId=server["client_id"], Username=new_address(), Password=password
            )


def test_what_is_no_call_of_this_pool(cognito, server, address):
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.sign_up(ClientId="a" * 26, Username=address, Password=PASSWORD)
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.sign_up(
            ClientId=server["client_id"], Username="not an address", Password=PASSWORD
        )
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.initiate_auth(
            ClientId=server["client_id"], AuthFlow="CUSTOM_AUTH", AuthParameters={}
        )
    # Administrators' calls are signed; there are none here.
    administrator = boto3.client(
        "cognito-idp",
        endpoint_url=server["cognito_url"],
        region_name="eu-central-1",
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )
    code, _ = refusal(administrator.list_users, UserPoolId=server["user_pool_id"])
    assert code == "UnknownOperationException"


def test_a_code_that_was_sent_again_replaces_the_first(cognito, server, mails, address):
    named = {"ClientId": server["client_id"], "Username": address}
    cognito.sign_up(**named, Password=PASSWORD)
    with pytest.raises(cognito.exceptions.UserNotConfirmedException):
        cognito.initiate_auth(
            ClientId=server["client_id"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": address, "PASSWORD": PASSWORD},
        )
    cognito.resend_confirmation_code(**named)
    second, first = [mail["code"] for mail in mails(address)]
    refused = [wrong(second)] + ([first] if first != second else [])
    for code in refused:
        with pytest.raises(cognito.exceptions.CodeMismatchException):
            cognito.confirm_sign_up(**named, ConfirmationCode=code)
    cognito.confirm_sign_up(**named, ConfirmationCode=second)
    # A code works once.
    with pytest.raises(cognito.exceptions.CodeMismatchException):
        cognito.confirm_sign_up(**named, ConfirmationCode=second)


def test_tokens_are_renewed(cognito, teen):
    tokens = teen.sign_in()
    renewed = teen.refresh(tokens["RefreshToken"])
    assert "RefreshToken" not in renewed
    assert renewed["AccessToken"] != tokens["AccessToken"]
    user = cognito.get_user(AccessToken=renewed["AccessToken"])
    assert user["Username"] == teen.sub
    for token in ("x" * 43, tokens["AccessToken"]):
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            teen.refresh(token)


def test_a_password_is_changed(cognito, teen):
    access = teen.sign_in()["AccessToken"]

    def change(previous, proposed):
        cognito.change_password(
            AccessToken=access, PreviousPassword=previous, ProposedPassword=proposed
        )

    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        change("not the password", OTHER_PASSWORD)
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        change(PASSWORD, "too short")
    change(PASSWORD, OTHER_PASSWORD)
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        teen.sign_in(PASSWORD)
    assert teen.sign_in(OTHER_PASSWORD)


def test_a_forgotten_password_is_replaced_and_ends_all_sessions(cognito, server, teen):
    named = {"ClientId": server["client_id"], "Username": teen.address}
    tokens = teen.sign_in()
    cognito.forgot_password(**named)
    assert teen.mails(teen.address)[0]["kind"] == "forgot_password"
    code = teen.code()
    with pytest.raises(cognito.exceptions.CodeMismatchException):
        cognito.confirm_forgot_password(
            **named, ConfirmationCode=wrong(code), Password=OTHER_PASSWORD
        )
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        cognito.confirm_forgot_password(
            **named, ConfirmationCode=code, Password="too short"
        )
    cognito.confirm_forgot_password(
        **named, ConfirmationCode=code, Password=OTHER_PASSWORD
    )
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.get_user(AccessToken=tokens["AccessToken"])
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        teen.refresh(tokens["RefreshToken"])
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        teen.sign_in(PASSWORD)
    assert teen.sign_in(OTHER_PASSWORD)


def test_a_revoked_session_ends_alone(cognito, server, teen):
    one, other = teen.sign_in(), teen.sign_in()
    renewed = teen.refresh(one["RefreshToken"])
    cognito.revoke_token(ClientId=server["client_id"], Token=one["RefreshToken"])
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        teen.refresh(one["RefreshToken"])
    for tokens in (one, renewed):
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            cognito.get_user(AccessToken=tokens["AccessToken"])
    assert cognito.get_user(AccessToken=other["AccessToken"])
    assert teen.refresh(other["RefreshToken"])
    # Again, and one that never was: no error, and no word about it.
    for token in (one["RefreshToken"], "x" * 43):
        cognito.revoke_token(ClientId=server["client_id"], Token=token)


def test_signing_out_everywhere_ends_all_sessions(cognito, teen):
    sessions = [teen.sign_in(), teen.sign_in()]
    cognito.global_sign_out(AccessToken=sessions[0]["AccessToken"])
    for tokens in sessions:
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            cognito.get_user(AccessToken=tokens["AccessToken"])
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            teen.refresh(tokens["RefreshToken"])
    assert cognito.get_user(AccessToken=teen.sign_in()["AccessToken"])


def test_a_deleted_account_is_gone_and_its_address_free(cognito, server, mails, teen):
    tokens = teen.sign_in()
    cognito.delete_user(AccessToken=tokens["AccessToken"])
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.get_user(AccessToken=tokens["AccessToken"])
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        teen.refresh(tokens["RefreshToken"])
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        teen.sign_in()
    # Rows go in the background, mails among them.
    wait_until(lambda: not mails(teen.address))
    wait_until(lambda: signs_up(cognito, server, teen.address), every=2)
    cognito.confirm_sign_up(
        ClientId=server["client_id"], Username=teen.address, ConfirmationCode=teen.code()
    )
    again = cognito.get_user(AccessToken=teen.sign_in()["AccessToken"])
    assert again["Username"] != teen.sub


def test_nothing_personal_is_logged(cognito, server, teen):
    tokens = teen.sign_in()
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        teen.sign_in("a password of nobody")
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.get_user(AccessToken=tokens["AccessToken"] + "x")
    cognito.forgot_password(ClientId=server["client_id"], Username=teen.address)
    personal = [teen.address, teen.password, teen.code(), "a password of nobody"]
    personal += [tokens[name] for name in ("AccessToken", "IdToken", "RefreshToken")]
    log = (pathlib.Path(server["data_dir"]).parent / "server.log").read_text()
    for text in personal:
        assert text not in log
    assert teen.address.split("@")[0] not in log


def test_answers_do_not_tell_who_has_an_account(cognito, server, teen):
    client_id, unknown = server["client_id"], new_address()

    def answers(username):
        named = {"ClientId": client_id, "Username": username}
        password = {"USERNAME": username, "PASSWORD": "not the password"}
        code = {"ConfirmationCode": "000000"}
        return [
            refusal(
                cognito.initiate_auth,
                ClientId=client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters=password,
            ),
            cognito.forgot_password(**named)["CodeDeliveryDetails"],
            cognito.resend_confirmation_code(**named)["CodeDeliveryDetails"],
            refusal(cognito.confirm_sign_up, **named, **code),
        ]

    assert answers(teen.address) == answers(unknown)


def test_guesses_and_mails_are_limited(cognito, server, teen):
    for _ in range(10):
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            teen.sign_in("not the password")
    # From now on not even the right one.
    with pytest.raises(cognito.exceptions.NotAuthorizedException) as locked:
        teen.sign_in()
    assert "exceeded" in locked.value.response["Error"]["Message"]

    named = {"ClientId": server["client_id"], "Username": teen.address}
    sent = 1
    with pytest.raises(cognito.exceptions.LimitExceededException):
        for _ in range(10):
            cognito.forgot_password(**named)
            sent += 1
    assert sent == len(teen.mails(teen.address)) == 5
