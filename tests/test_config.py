"""Settings from the file and the environment."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from digest import config
from digest.assemble import shipped
from digest.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    return tmp_path


def write(home: Path, text: str) -> Path:
    (home / "config" / "digest.toml").write_text(text, encoding="utf-8")
    return home


def test_the_shipped_file_shows_every_key_with_its_default():
    """config/digest.toml is the documentation: it names all keys, and each as it is when nobody sets it."""
    shown = tomllib.loads((shipped("config") / "digest.toml").read_text(encoding="utf-8"))
    assert shown == msgspec.json.decode(msgspec.json.encode(config.Settings()))


def test_the_environment_overrides_the_file(home):
    write(home, '[arxiv]\ncategories = ["cs.AI"]\n[vault]\nlanguage = "ko"\n')
    settings = config.load(
        home, {"DIGEST_ARXIV__CATEGORIES": '["math.CO"]', "DIGEST_RELATED__LIMIT": "3", "DIGEST_HOME": "x", "PATH": "y"}
    )
    assert settings.arxiv.categories == ("math.CO",)
    assert (settings.related.limit, settings.vault.language) == (3, "ko")


@pytest.mark.parametrize(
    ("text", "environment", "words"),
    [
        pytest.param('[arxiv]\ncategorie = ["cs.AI"]', {}, ["digest.toml", "categorie", "'categories'"], id="key"),
        pytest.param("[arxvi]\n", {}, ["[arxvi]", "'arxiv'"], id="section"),
        pytest.param("[arxiv]\ncategories = 3", {}, ["digest.toml", "[arxiv] categories", "array"], id="kind"),
        pytest.param("[arxiv", {}, ["digest.toml", "cannot be read"], id="no TOML"),
        pytest.param("arxiv = 1", {}, ["arxiv must be a section"], id="no section"),
        pytest.param("[arxiv]\ncategories = []", {}, ["at least one category"], id="no category"),
        pytest.param("[arxiv]\nrequest_interval = 0.5", {}, ["0.5 s is faster than arXiv allows"], id="impolite"),
        pytest.param("[related]\nlimit = 20", {}, ["shown", "limit"], id="more than shown"),
        pytest.param("[topics]\nthreshold = 40", {}, ["[topics] threshold", "between 0 and 1"], id="no probability"),
        pytest.param("[topics]\nlimit = -1", {}, ["[topics] limit"], id="fewer than none"),
        pytest.param("", {"DIGEST_ARXIV__CATEGORIES": "cs.AI"}, ["DIGEST_ARXIV__CATEGORIES", "not JSON"], id="list"),
        pytest.param("", {"DIGEST_ARXIV__CATEGORYS": "[]"}, ["DIGEST_ARXIV__CATEGORYS", "'categories'"], id="variable"),
        pytest.param("", {"DIGEST_RELATED__FLOOR": '"x"'}, ["DIGEST_RELATED__FLOOR", "floor"], id="value"),
    ],
)
def test_errors_name_the_thing(home, text, environment, words):
    """An error names the file or variable, the key, and what is wrong with it."""
    with pytest.raises(ConfigError) as caught:
        config.load(write(home, text), environment)
    for word in words:
        assert word in str(caught.value)


def test_no_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="digest init"):
        config.load(tmp_path, {})


def test_a_loopback_host_may_be_asked_faster(home):
    """The session holds every other host to three seconds even then."""
    write(home, "[arxiv]\nrequest_interval = 0")
    assert config.load(home, {"DIGEST_ARXIV__FEED_URL": "http://127.0.0.1:8100"}).arxiv.request_interval == 0
    with pytest.raises(ConfigError, match="faster"):
        config.load(home, {"DIGEST_ARXIV__FEED_URL": "http://127.example.org"})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8100", True),
        ("http://localhost:1/oai", True),
        ("http://[::1]:8", True),
        ("http://127.0.0.1.example.org", False),
        ("http://localhost.example.org", False),
        ("https://arxiv.org", False),
        ("nonsense", False),
    ],
)
def test_is_loopback(url, expected):
    assert config.is_loopback(url) is expected
