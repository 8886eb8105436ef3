"""Zips cut, wrong and hostile, written byte by byte."""

import stat
import zipfile
from pathlib import Path

import pytest

from etl.errors import SourceError
from etl.fetch import archive_file
from etl.fetch.archive_file import TransferDefect, verify_members, verify_zip
from tests.fetch.zips import Member, big_zip, pack, zip_of

GOOD = Member(b"json/QANR5L17QE1.json", b'{"question": {}}')
REAL = Path(__file__).parents[3] / "shared" / "realdata" / "json"


def verify(body, archive, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(body)
    verify_zip(path, archive)
    return path


def several(*members):
    return pack(GOOD, *members)


FINE = {
    "one member": pack(GOOD),
    "stored": pack(Member(b"a.json", b"{}", stored=True)),
    "folder": several(Member(b"json/", b"", stored=True, external=0o40755 << 16)),
    "comment": pack(GOOD, comment=b"made at night"),
    "made by zipfile": zip_of("json/a.json", "json/b.json"),
    "another file beside": several(Member(b"LISEZMOI.txt", b"Bonjour")),
    "empty file beside": several(Member(b"LISEZMOI.txt", b"", stored=True)),
    "accents": several(Member("json/été.json".encode())),
    "capitals": pack(Member(b"JSON/A.JSON")),
    "dots in a name": several(Member(b"json/a..b.json")),
    "small and repetitive": several(Member(b"b.json", b" " * 500_000)),
    "zip in a member named json": several(Member(b"b.json", pack(GOOD))),
}


@pytest.mark.parametrize("case", FINE)
def test_good_zip_passes(case, archive, tmp_path):
    verify_members(verify(FINE[case], archive, tmp_path), archive)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data are not here")
def test_real_archives_pass(archive):
    paths = sorted(REAL.glob("*.zip"))
    assert paths
    for path in paths:
        verify_zip(path, archive)


WHOLE = big_zip(kilobytes=50)
DEFECTIVE = {
    "no byte": b"",
    "one byte": b"P",
    "page": b"<html>The page cannot be found</html>",
    "end record cut": WHOLE[:-1],
    "directory cut": WHOLE[:-400],
    "body cut": WHOLE[: len(WHOLE) // 2],
    "start missing": WHOLE[10_000:],
    "middle missing": WHOLE[:10_000] + WHOLE[20_000:],
    "bytes before": b"MZ" + WHOLE,
    "directory with fewer bytes than it says": pack(GOOD)[:-20] + pack(GOOD, GOOD)[-20:],
    "directory zeroed": WHOLE[:-400] + bytes(378) + WHOLE[-22:],
}


@pytest.mark.parametrize("case", DEFECTIVE)
def test_zip_that_did_not_come_whole_is_worth_another_try(case, archive, tmp_path):
    with pytest.raises(TransferDefect, match=r"^17/QE: "):
        verify(DEFECTIVE[case], archive, tmp_path)


def test_zip_cut_anywhere_is_a_defect(archive, tmp_path):
    body = zip_of("json/a.json", "json/b.json", letters=100)
    for length in range(len(body)):
        with pytest.raises(TransferDefect):
            verify(body[:length], archive, tmp_path)


LINK = (stat.S_IFLNK | 0o777) << 16
HOSTILE = {
    "nothing in it": (pack(), "no JSON document"),
    "no document": (pack(Member(b"a.xml", b"<a/>")), "no JSON document"),
    "parent": (several(Member(b"../a.json")), "leads outside"),
    "parent inside": (several(Member(b"json/../../a.json")), "leads outside"),
    "absolute": (several(Member(b"/etc/a.json")), "leads outside"),
    "backslash": (several(Member(b"..\\a.json")), "leads outside"),
    "backslash in a folder": (several(Member(b"json\\a.json")), "has a backslash in its name"),
    "drive": (several(Member(b"C:a.json")), "leads outside"),
    "NUL in the name": (several(Member(b"a.json\0.exe")), "leads outside"),
    "no name": (several(Member(b"")), "leads outside"),
    "link": (several(Member(b"b.json", b"/etc/passwd", external=LINK)), "link or a device"),
    "link from a Mac": (several(Member(b"b.json", b"/x", external=LINK, made_by=19)), "link or a device"),
    "device": (several(Member(b"b.json", external=(stat.S_IFCHR | 0o600) << 16)), "link or a device"),
    "encrypted": (several(Member(b"b.json", flags=0x801)), "encrypted"),
    "bzip2": (several(Member(b"b.json", method=12)), "method 12"),
    "same name twice": (several(Member(GOOD.name, b"{}")), "two members named"),
    "zip inside": (several(Member(b"b.zip", pack(GOOD))), "archive in the archive"),
    "zip inside, disguised": (several(Member(b"b.bin", pack(GOOD))), "archive in the archive"),
    "gzip inside": (several(Member(b"b.JSON.GZ", b"\x1f\x8b")), "archive in the archive"),
    "bomb": (several(Member(b"b.json", bytes(4 * 2**20))), "inflates more than 200 times"),
    "overlap": (several(Member(b"b.json", b'{"a": 1}'), Member(b"c.json", offset=70)), "overlaps"),
    "all on one body": (several(*(Member(b"%d.json" % n, offset=0) for n in range(50))), "overlaps"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_zip_is_refused_for_good(case, archive, tmp_path):
    body, why = HOSTILE[case]
    with pytest.raises(SourceError, match=why) as caught:
        verify(body, archive, tmp_path)
    assert not isinstance(caught.value, TransferDefect)
    assert str(caught.value).startswith(f"17/QE ({archive.path}): ")


@pytest.mark.parametrize(
    ("limit", "value", "why"),
    [
        ("MAX_MEMBERS", 1, "2 members, more than 1"),
        ("MAX_MEMBER_BYTES", 999, "of 1,000 bytes, more than 999"),
        ("MAX_TOTAL_BYTES", 1015, "1,016 bytes once inflated"),
    ],
)
def test_limits(*, limit, value, why, archive, tmp_path, monkeypatch):
    body = several(Member(b"b.json", b"x" * 1000))
    verify(body, archive, tmp_path)
    monkeypatch.setattr(archive_file, limit, value)
    with pytest.raises(SourceError, match=why):
        verify(body, archive, tmp_path)


def test_declared_sizes_count_before_anything_is_inflated(archive, tmp_path):
    with pytest.raises(SourceError, match="inflates more than 200 times"):
        verify(several(Member(b"b.json", declared=2**32 - 2)), archive, tmp_path)


def test_limits_let_a_million_questions_through():
    assert archive_file.MAX_MEMBERS >= 1_000_000
    assert archive_file.MAX_MEMBER_BYTES > 1_000_000 * 5_000
    assert archive_file.MAX_TOTAL_BYTES >= archive_file.MAX_MEMBER_BYTES


def test_wrong_crc_is_found_by_the_long_way_only(archive, tmp_path):
    body = bytearray(zip_of("json/a.json"))
    body[80] ^= 1
    path = verify(bytes(body), archive, tmp_path)
    with pytest.raises(TransferDefect, match="do not fit"):
        verify_members(path, archive)


def test_only_the_directory_is_read(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("a member was opened"))
    verify(WHOLE, archive, tmp_path)
