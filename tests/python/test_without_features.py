"""The plain program, as `cargo run -- serve` builds it: what it was built without, it says, and how to get it."""

import os
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

PROVIDER_KEY = "sk-or-v1-Quillemboss7719"


@pytest.fixture
def innerworld(tmp_path):
    """Runs the program in a home of its own; gives the exit code and what was said to a person."""

    def run(*words, value="", config=None):
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        if config is not None:
            path = tmp_path / "innerworld.toml"
            path.write_text(config)
            words = [*words, "--config", str(path)]
        done = subprocess.run(
            [os.environ["TEST_SERVER_PROGRAM"], *words],
            input=value,
            env=environment,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_an_encoder_that_was_not_built_in_is_refused_with_how_to_build_it(innerworld):
    code, said = innerworld("check-config", config='[memory]\nencoder = "minilm"\n')
    assert code == 1, said
    for part in ["innerworld.toml:2:", "--features minilm", "memory.model_dir"]:
        assert part in said
    code, said = innerworld("check-config", config='[memory]\nencoder = "lexical"\n')
    assert code == 0, said


def apple_key():
    """A key as Apple gives it out."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


OF_APPLE = "--team-id TEAM123456 --key-id KEY1234567 --client-id org.example.signin"


@pytest.mark.parametrize(
    "words, value",
    [
        (f"secrets set apple --from - {OF_APPLE}", apple_key()),
        ("secrets set model --from -", PROVIDER_KEY),
        ("secrets set model", ""),
        ("secrets set model --promote", ""),
        ("secrets check", ""),
        ("doctor --aws", ""),
    ],
)
def test_a_program_that_cannot_reach_aws_says_which_one_can(innerworld, words, value):
    code, said = innerworld(*words.split(), value=value)
    assert code == 1, said
    assert "--features aws" in said
    assert ("the value is good" in said) == bool(value)
    assert not value or value.strip() not in said
