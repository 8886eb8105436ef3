"""A home and its store: what is pulled, what is pushed and in what order, who loses, and what a kill leaves."""

from __future__ import annotations

import shutil

import pytest

from etl.errors import LostError, StoreError, UsageError
from etl.store import Scope, kept, pull
from etl.store.bucket import Bucket, bucket

ALL = Scope(("*",))
A = Scope(("lake/_partitions/17-QE.json", "lake/*/legislature=17/question_type=QE/*", "raw/*.jsonl"))
MARKER = "lake/_partitions/17-QE.json"
CHUNK = "lake/questions/legislature=17/question_type=QE/00000-{}.parquet"
NOTE = "warehouse/releases/{}/release.json"


def write(home, path, content="x"):
    file = home.home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


def point(home, name):
    """Makes a release current, as the warehouse does."""
    shutil.rmtree(home.home / f"warehouse/releases/{name}", ignore_errors=True)
    write(home, f"warehouse/releases/{name}/anq.duckdb", f"rows of {name}")
    write(home, NOTE.format(name), "{}")
    link = home.home / "warehouse/current.duckdb"
    link.unlink(missing_ok=True)
    link.symlink_to(f"releases/{name}/anq.duckdb")


def holds(home):
    """What a home holds, locks and state aside."""
    files = [path for path in home.home.rglob("*") if path.is_symlink() or path.is_file()]
    return {
        str(path.relative_to(home.home)): str(path.readlink()) if path.is_symlink() else path.read_text()
        for path in files
        if "/." not in str(path)
    }


def objects(store):
    there = bucket(store)
    return {path: there.read(path)[0].decode() for path in there.objects() if path not in ("anq.json", ".lock")}


def test_without_a_store_nothing_is_done(home):
    with kept(home("a"), ALL):
        pass
    assert not home("a").home.exists()
    with pytest.raises(UsageError, match="ANQ_STORE"):
        pull(home("a"), ALL)


def test_what_one_home_does_another_finds(anywhere, home):
    a, b = home("a"), home("b")
    with kept(a, ALL):
        write(a, CHUNK.format(1))
        write(a, MARKER, "1")
        write(a, "raw/manifest.jsonl", "one\n")
        write(a, "lake/ops/run/17_QE.json", "told")
        point(a, "r1")
        whole = holds(a)
        write(a, "raw/17-QE.json.part", "cut")
        write(a, "airflow/airflow.db")
        write(a, "lake/.17-QE.lock", "")
    with kept(b, ALL):
        assert holds(b) == whole
        write(b, CHUNK.format(2))
        write(b, MARKER, "2")
        (b.home / CHUNK.format(1)).unlink()
        point(b, "r2")
    assert objects(anywhere) == holds(b)
    pull(a, ALL)
    assert holds(b).items() <= holds(a).items()
    assert CHUNK.format(1) not in holds(a)
    assert (a.home / "warehouse/releases/r2/anq.duckdb").stat().st_mode & 0o222 == 0


def test_only_what_the_scope_names_is_pulled(store, home):
    a, b = home("a"), home("b")
    with kept(a, ALL):
        write(a, CHUNK.format(1))
        write(a, MARKER, "1")
        write(a, "raw/" + "1" * 64 + ".zip")
        write(a, "raw/" + "2" * 64 + ".zip")
        write(a, "raw/manifest.jsonl", "one\n")
        point(a, "r1")
    with kept(b, A._replace(also=lambda _: ["raw/" + "2" * 64 + ".zip"])):
        assert set(holds(b)) == {CHUNK.format(1), MARKER, "raw/manifest.jsonl", "raw/" + "2" * 64 + ".zip"}
        write(b, "raw/" + "3" * 64 + ".zip", "new")
    assert objects(store)["raw/" + "3" * 64 + ".zip"] == "new"
    assert len(objects(store)) == 9


def test_who_loses_is_told_and_nothing_of_it_holds(anywhere, home):
    a, b = home("a"), home("b")
    with kept(a, ALL):
        write(a, MARKER, "1")
    with pytest.raises(LostError, match=r"17-QE.*[Rr]un again"), kept(a, ALL):
        write(a, MARKER, "of a")
        write(a, "lake/_partitions/17-QG.json", "of a too")
        with kept(b, ALL):
            write(b, MARKER, "of b")
    assert objects(anywhere) == {MARKER: "of b"}
    with kept(a, ALL):
        assert holds(a) == {MARKER: "of b"}
        write(a, MARKER, "again")
    assert objects(anywhere) == {MARKER: "again"}


def test_two_who_make_the_same_marker_anew(anywhere, home):
    a, b = home("a"), home("b")
    with pytest.raises(LostError), kept(a, ALL):
        write(a, MARKER, "of a")
        with kept(b, ALL):
            write(b, MARKER, "of b")
    assert objects(anywhere)[MARKER] == "of b"


def test_a_put_whose_answer_was_lost_is_ours(store, home):
    there = bucket(store)
    e_tag = there.replace(MARKER, b"1", None)
    assert there.replace(MARKER, b"1", None) == e_tag
    with pytest.raises(LostError):
        there.replace(MARKER, b"2", None)


def test_the_lines_of_two_go_together(anywhere, home):
    a, b = home("a"), home("b")
    with kept(a, ALL):
        write(a, "raw/manifest.jsonl", "one\n")
    with kept(a, ALL):
        with (a.home / "raw/manifest.jsonl").open("a") as file:
            file.write("of a\n")
        with kept(b, ALL), (b.home / "raw/manifest.jsonl").open("a") as file:
            file.write("of b\n")
    assert objects(anywhere)["raw/manifest.jsonl"] == "one\nof b\nof a\n"
    assert (a.home / "raw/manifest.jsonl").read_text() == "one\nof b\nof a\n"


def test_work_that_failed_leaves_word_and_stopped_work_nothing(store, home):
    a = home("a")
    with pytest.raises(ValueError, match="held"), kept(a, ALL):
        write(a, "lake/_held_back/17_QE.json")
        raise ValueError("held back")
    assert set(objects(store)) == {"lake/_held_back/17_QE.json"}
    with pytest.raises(KeyboardInterrupt), kept(a, ALL):
        write(a, MARKER, "half")
        raise KeyboardInterrupt
    assert set(objects(store)) == {"lake/_held_back/17_QE.json"}
    pull(a, ALL)
    assert set(holds(a)) == {"lake/_held_back/17_QE.json"}


def test_an_address_is_the_same_with_a_slash(store, home, monkeypatch):
    with kept(home("a"), ALL):
        write(home("a"), MARKER, "1")
    monkeypatch.setenv("ANQ_STORE", f"{store}/")
    with kept(home("a"), ALL):
        write(home("a"), MARKER, "2")
    assert objects(store) == {MARKER: "2"}


def test_nothing_that_is_there_is_copied_again(store, home, monkeypatch):
    a, copied = home("a"), []
    with kept(a, ALL):
        write(a, MARKER, "1")
        write(a, CHUNK.format(1))
    for name in ("fetch", "send", "replace"):
        monkeypatch.setattr(Bucket, name, lambda _, path, *__: copied.append(path))
    with kept(a, ALL):
        pass
    assert copied == []


def test_a_home_is_put_into_an_empty_store_whole(anywhere, home):
    a, b = home("a"), home("b")
    write(a, MARKER, "1")
    write(a, CHUNK.format(1))
    point(a, "r1")
    before = holds(a)
    with kept(a, A):
        assert holds(a) == before
    assert objects(anywhere) == before
    pull(b, ALL)
    assert holds(b) == before


def test_a_home_that_was_cut_while_it_was_put_in_is_put_in_again(store, home, monkeypatch):
    a, b = home("a"), home("b")
    for number in range(5):
        write(a, CHUNK.format(number))
    write(a, MARKER, "1")
    before, send = holds(a), Bucket.send

    def cut(self, path, file):
        if "00000-3" in path:
            raise KeyboardInterrupt
        return send(self, path, file)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Bucket, "send", cut)
        with kept(a, ALL):
            pass
    with pytest.raises(UsageError, match="part of a home"):
        pull(b, ALL)
    with kept(a, A):
        assert holds(a) == before
    assert objects(store) == before


def test_another_home_is_never_mixed_in(store, home):
    a, b = home("a"), home("b")
    with kept(a, ALL):
        write(a, MARKER, "1")
    write(b, MARKER, "of another")
    with pytest.raises(UsageError, match=r"b has files of its own.*ANQ_HOME"), kept(b, ALL):
        pass
    assert holds(b) == {MARKER: "of another"}
    assert objects(store) == {MARKER: "1"}


def test_a_strangers_files_are_refused_or_left_alone(store, home, s3):
    name = store.split("/")[2]
    s3.put_object(Bucket=name, Key="team/photos/1.jpg", Body=b"a stranger's")
    with pytest.raises(UsageError, match=r"photos/1\.jpg, which is not ours.*ANQ_STORE"), kept(home("a"), ALL):
        pass
    s3.delete_object(Bucket=name, Key="team/photos/1.jpg")
    with kept(home("a"), ALL):
        write(home("a"), MARKER, "1")
    s3.put_object(Bucket=name, Key="team/photos/1.jpg", Body=b"a stranger's")
    with kept(home("a"), ALL):
        assert holds(home("a")) == {MARKER: "1"}
        (home("a").home / MARKER).unlink()
    assert objects(store) == {"photos/1.jpg": "a stranger's"}


def test_a_release_is_there_before_it_is_current(store, home, monkeypatch):
    """A kill when the release is in the store, but not yet current, leaves one that counts for nobody."""
    a, b = home("a"), home("b")
    with kept(a, ALL):
        point(a, "r1")
    replace = Bucket.replace
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt), kept(a, ALL):
        point(a, "r2")

        def killed(self, path, content, e_tag):
            if path.endswith("current.duckdb"):
                raise KeyboardInterrupt
            return replace(self, path, content, e_tag)

        patched.setattr(Bucket, "replace", killed)
    pull(b, ALL)
    assert holds(b)["warehouse/current.duckdb"] == "releases/r1/anq.duckdb"
    assert NOTE.format("r2") not in holds(b)
    pull(a, ALL)
    assert holds(a) == holds(b)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3://no-such-bucket/team", "could not list it: 404 Not Found, NoSuchBucket"),
        ("s4://bucket/team", "is no address of a store"),
        ("bucket/team", "is no address of a store"),
        ("https://example.org/team", "is no address of a store"),
        ("file:///no/such/folder", "is no address of a store"),
    ],
)
def test_a_wrong_address(s3, home, monkeypatch, url, says):
    monkeypatch.setenv("ANQ_STORE", url)
    with pytest.raises((UsageError, StoreError), match=says), kept(home("a"), ALL):
        pass


def test_an_empty_endpoint_is_told_of(s3, home, monkeypatch):
    """As a container has it whose variable was not filled in; obstore panics."""
    monkeypatch.setenv("ANQ_STORE", "s3://bucket/team")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    with pytest.raises(UsageError, match="AWS_ENDPOINT_URL is set and empty"), kept(home("a"), ALL):
        pass
