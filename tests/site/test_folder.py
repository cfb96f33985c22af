"""Bringing a site to where it lives."""

from __future__ import annotations

import pytest

from digest.errors import VaultError
from digest.site.folder import MANIFEST, bring, check_place
from digest.testing.fakes import vault_bytes


def put(folder, **files):
    for name, text in files.items():
        file = folder / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def test_only_what_changed_is_written(tmp_path):
    made, out = tmp_path / "made", tmp_path / "out"
    put(made, a="1", sub__b="2", sub__c="3")
    assert bring(made, out) == (3, 0, 0)
    put(made, a="new")
    before = (out / "sub/b").stat().st_mtime_ns
    assert bring(made, out) == (1, 0, 2)
    assert (out / "sub/b").stat().st_mtime_ns == before
    assert (out / "a").read_text() == "new"


def test_what_is_made_no_more_goes_and_what_was_never_ours_stays(tmp_path):
    made, out = tmp_path / "made", tmp_path / "out"
    put(made, a="1", sub__b="2", other__c="3")
    bring(made, out)
    put(out, CNAME="example.org", other__theirs="x")
    for name in ("sub/b", "other/c"):
        (made / name).unlink()
    assert bring(made, out) == (0, 2, 1)
    assert set(vault_bytes(out)) == {MANIFEST, "a", "CNAME", "other/theirs"}
    assert not (out / "sub").exists()


@pytest.mark.parametrize("line", ["../kept", "/etc/x", "a/../../kept"])
def test_a_list_that_names_files_elsewhere_removes_none(tmp_path, line):
    made, out = tmp_path / "made", tmp_path / "out"
    put(made, a="1")
    put(tmp_path, kept="mine")
    bring(made, out)
    (out / MANIFEST).write_text(f"a\n{line}\n")
    bring(made, out)
    assert (tmp_path / "kept").read_text() == "mine"


def test_places_that_are_refused(tmp_path):
    vault = tmp_path / "vault"
    put(vault, note="x")
    put(tmp_path, file="x")
    for place in (vault, vault / "site", tmp_path, tmp_path / "file"):
        with pytest.raises(VaultError):
            check_place(place, vault)
    put(tmp_path / "taken", other="x")
    with pytest.raises(VaultError, match="did not write"):
        check_place(tmp_path / "taken", vault)


def test_places_that_are_not(tmp_path):
    (tmp_path / "empty").mkdir()
    for place in ("new", "empty", "a/b"):
        check_place(tmp_path / place, tmp_path / "vault")
