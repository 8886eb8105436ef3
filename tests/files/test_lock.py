"""The lock between processes: a waiter says whom it waits for, and gives up; no stranger can hold it."""

import logging
import multiprocessing
import os
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from etl.errors import AnqError
from etl.fetch.manifest import append_line
from etl.files.lock import locked

HOLDER = "import fcntl, sys; file = open(sys.argv[1]); fcntl.flock(file, {how}); print(flush=True); sys.stdin.read()"
NOBODY = 65534
QUICK = {"say_after": 0.2, "say_again_after": 60, "give_up_after": 0.5}


@contextmanager
def held(path, how="fcntl.LOCK_EX", **options):
    """Another process, which needs no more than to read the file, holds the lock; gives its id."""
    command = [sys.executable, "-c", HOLDER.format(how=how), path]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
    try:
        assert process.stdout.readline()
        yield process.pid
    finally:
        process.communicate()


@pytest.fixture
def lock(tmp_path):
    """A lock's file as an earlier version made it."""
    path = tmp_path / "lake" / ".17-QE.lock"
    path.parent.mkdir()
    path.touch(0o644)
    return path


@pytest.mark.parametrize("how", ["fcntl.LOCK_EX", "fcntl.LOCK_SH"])
def test_a_waiter_says_whom_it_waits_for_and_gives_up(lock, caplog, how):
    caplog.set_level(logging.WARNING)
    with held(lock, how) as process:
        named = f"{Path(f'/proc/{process}/comm').read_text().strip()} (process {process})"
        with pytest.raises(AnqError) as error, locked(lock, **QUICK):
            pass
    [said] = caplog.messages
    assert said == f"waiting for {named}, which holds {lock}; gives up in 0 seconds"
    assert str(error.value).startswith(f"{lock} was held for 0 seconds, now by {named}: ")
    assert error.value.exit_code == 1


def test_a_waiter_repeats_itself_rarely(lock, caplog):
    caplog.set_level(logging.WARNING)
    with held(lock), pytest.raises(AnqError), locked(lock, say_after=0.1, say_again_after=1, give_up_after=2.5):
        pass
    assert 2 <= len(caplog.messages) <= 3


def test_who_waits_for_a_short_time_says_nothing(lock, caplog):
    with held(lock) as process:
        threading.Timer(0.3, os.kill, (process, 15)).start()
        began = time.monotonic()
        with locked(lock):
            assert time.monotonic() - began > 0.2
    assert caplog.messages == []


def wait_as_nobody(path, told):
    os.setuid(NOBODY)
    try:
        with locked(path, **QUICK):
            pass
    except AnqError as error:
        told.send(str(error))


def told_to_nobody(path):
    """What another user is told who wants the lock."""
    here, there = multiprocessing.Pipe()
    waiter = multiprocessing.get_context("fork").Process(target=wait_as_nobody, args=(path, there))
    waiter.start()
    assert here.poll(30)
    waiter.join()
    return here.recv()


@pytest.mark.skipif(os.getuid() != 0, reason="only root may run a process as another user")
def test_another_users_process_is_named_and_another_users_lock_refused():
    with TemporaryDirectory() as folder:
        lock = Path(folder) / ".lock"
        lock.touch(0o600)
        os.chown(folder, NOBODY, NOBODY)
        assert told_to_nobody(lock) == f"{lock} is another user's: run as its owner, who works in this home"
        os.chown(lock, NOBODY, NOBODY)
        with held(lock) as process:
            assert f"(process {process})" in told_to_nobody(lock)


def test_only_its_owner_can_open_a_lock(lock):
    new = lock.with_name(".new.lock")
    for path in (lock, new):
        with locked(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_reader_of_the_manifest_stops_no_run(tmp_path):
    manifest = tmp_path / "manifest.jsonl"
    append_line(manifest, b"1")
    with held(manifest):
        append_line(manifest, b"2")
    assert manifest.read_bytes() == b"1\n2\n"
