"""What ``[llm]`` refuses, and that it never tells what may be a key."""

from __future__ import annotations

import pytest

from digest import config
from digest.assemble import Assembly
from digest.errors import ConfigError
from digest.testing.fakes import make_home

LOCAL = {"BASE_URL": "http://127.0.0.1:8080/v1", "MODEL": "small"}


def load(tmp_path, **llm: str) -> config.Settings:
    return config.load(make_home(tmp_path), {f"DIGEST_LLM__{key}": value for key, value in llm.items()})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"BASE_URL": "127.0.0.1:8080"}, "base_url"),
        ({"BASE_URL": "ftp://example.org"}, "base_url"),
        ({"BASE_URL": "https://me:hunter2@example.org/v1"}, "api_key_env"),
        ({"BASE_URL": "http://example.org/v1", "API_KEY_ENV": "MY_KEY"}, "https"),
        ({"MODEL": ""}, "model"),
        ({"API_KEY_ENV": "sk-hunter2-0123"}, "api_key_env"),
        ({"TASKS": '["poems"]'}, "tasks"),
        ({"LANGUAGE": "Korean, please"}, "language"),
        ({"TIMEOUT": "0"}, "timeout"),
        ({"NIGHTLY_TOKENS": "-1"}, "nightly_tokens"),
        ({"NIGHTLY_COST": "1.5"}, "price_prompt"),
        ({"PRICE_ANSWER": "-0.1"}, "price_answer"),
    ],
)
def test_a_wrong_setting_is_told_and_no_secret(tmp_path, wrong, told):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, **(LOCAL | wrong))
    assert told in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost:11434/v1", "https://api.example.org/v1", "http://[::1]:8080/v1"])
def test_a_key_goes_to_this_machine_or_by_https(tmp_path, url):
    assert load(tmp_path, BASE_URL=url, MODEL="small", API_KEY_ENV="MY_KEY").llm.base_url == url


def test_without_an_address_there_is_no_language_model(tmp_path):
    home = make_home(tmp_path)
    with Assembly(home, config.load(home, {"DIGEST_LLM__MODEL": "small"})) as parts:
        assert parts.writer is None


def test_languages_are_named_for_who_is_to_write_them(tmp_path):
    home = make_home(tmp_path)
    for tag, name in (("ko", "Korean"), ("pt-BR", "Portuguese (Brazil)"), ("qqq", "qqq")):
        with Assembly(home, config.load(home, {"DIGEST_LLM__LANGUAGE": tag})) as parts:
            assert parts.writer_rules.named == name
