"""The files of the Journal officiel's issues: LZW against gzip and by hand, tars that must be refused."""

from __future__ import annotations

import contextlib
import gzip
import io
import shutil
import subprocess
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import SourceError
from etl.files import lzw, taz
from tests.tazes import compress, tar_of

WHOLE = {"REDIF_ANQ10.xml": b"<a>" + bytes(range(256)) * 40 + b"</a>", "XML2JO_AN.xml": b""}
TEXTS = st.one_of(st.binary(max_size=3000), st.text("ab", max_size=3000).map(str.encode))


def codes(*values: int, header: int = 0x90) -> bytes:
    """Up to eight codes of 9 bits, by hand."""
    bits = sum(code << (rank * 9) for rank, code in enumerate(values))
    return b"\x1f\x9d" + bytes([header]) + bits.to_bytes((len(values) * 9 + 7) // 8, "little")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((), b""),
        ((65,), b"A"),
        ((65, 66, 257, 258), b"ABABBA"),
        ((65, 257, 258), b"AAAAAA"),  # a code that is used as it is made
        ((65, 256), b"A"),  # cleared
    ],
)
def test_codes_by_hand(values, text):
    assert lzw.decompress(codes(*values), 100) == text


def test_without_clear_codes_256_is_a_string():
    assert lzw.decompress(codes(65, 66, 256, 257, header=0x10), 100) == b"ABABBA"


@given(TEXTS, st.integers(10, 16), st.none() | st.integers(0, 2000))
def test_what_was_compressed_comes_back(data, width, clear_at):
    assert lzw.decompress(compress(data, width, clear_at), len(data)) == data


@pytest.mark.parametrize("width", [10, 12, 16])
def test_gzip_reads_the_same(width):
    if not shutil.which("gzip"):
        pytest.skip("no gzip")
    data = b"".join(f"{number * number % 977} question {number}\n".encode() for number in range(20_000))
    packed = compress(data, width, clear_at=150_000)
    assert subprocess.run(["gzip", "-dc"], input=packed, capture_output=True, check=True).stdout == data
    assert lzw.decompress(packed, len(data)) == data


@given(st.binary(max_size=400), st.integers(0x80, 0x9F))
def test_any_bytes_are_read_or_refused_within_the_limit(data, header):
    with contextlib.suppress(lzw.LzwError):
        assert len(lzw.decompress(b"\x1f\x9d" + bytes([header]) + data, 5000)) <= 5000


@pytest.mark.parametrize(
    "raw", [b"", b"\x1f\x9d", b"\x1f\x8b\x90A", b"\x1f\x9d\x91", b"\x1f\x9d\xd0", codes(300), codes(65, 259)]
)
def test_what_is_no_lzw(raw):
    with pytest.raises(lzw.LzwError):
        lzw.decompress(raw, 100)


def test_a_bomb_stops_at_the_limit():
    with pytest.raises(lzw.LzwError, match="more than 1,000 bytes"):
        lzw.decompress(compress(bytes(10**6)), 1000)


@pytest.mark.parametrize("pack", [compress, gzip.compress, bytes], ids=["compress", "gzip", "plain"])
def test_members_whatever_compressed_them(pack, tmp_path):
    path = tmp_path / "a.taz"
    path.write_bytes(pack(tar_of(WHOLE)))
    assert taz.members(path, "ANQ20260010") == WHOLE


@pytest.mark.parametrize("pack", [compress, gzip.compress, bytes], ids=["compress", "gzip", "plain"])
def test_cut_anywhere_it_is_torn(pack, tmp_path):
    whole = pack(tar_of(WHOLE)[: -(-(2 * 512 + 512 + 10_751) // 512) * 512 + 512])
    path = tmp_path / "a.taz"
    for share in (0, 0.01, 0.3, 0.6, 0.9, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(taz.TornError, match="ANQ20260010: not a whole"):
            taz.members(path, "ANQ20260010")


def special(name: str = "a.xml", **fields: object) -> bytes:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as target:
        info = tarfile.TarInfo(name)
        for field, value in fields.items():
            setattr(info, field, value)
        target.addfile(info)
    return tar.getvalue()


@pytest.mark.parametrize(
    ("tar", "why"),
    [
        (special("/etc/passwd"), "outside"),
        (special("a/../../b.xml"), "outside"),
        (special("a\\b.xml"), "outside"),
        (special(type=tarfile.SYMTYPE, linkname="/etc/passwd"), "link"),
        (special(type=tarfile.LNKTYPE, linkname="b"), "link"),
        (special(type=tarfile.CHRTYPE), "device"),
        (special(type=tarfile.FIFOTYPE), "device"),
        (tar_of({f"{number}.xml": b"" for number in range(101)}), "more than 100 members"),
        (tar_of({"a.xml": b""})[:512] + tar_of({"a.xml": b""}), "two members"),
        (gzip.compress(bytes(taz.MAX_BYTES + 1), 1), "once inflated"),
    ],
)
def test_refused(tar, why, tmp_path):
    path = tmp_path / "a.taz"
    path.write_bytes(tar)
    with pytest.raises(SourceError, match=why) as caught:
        taz.members(path, "ANQ20260010")
    assert not isinstance(caught.value, taz.TornError)


def test_names_within_names_without_end(tmp_path):
    path = tmp_path / "a.taz"
    path.write_bytes(special("././@LongLink", type=tarfile.GNUTYPE_LONGNAME, size=512)[:512] * 20_000)
    with pytest.raises(taz.TornError):
        taz.members(path, "ANQ20260010")


@given(st.binary(max_size=1200), st.sampled_from([b"", b"\x1f\x8b\x08", b"\x1f\x9d\x90"]))
def test_any_bytes_are_typed_errors(tmp_path_factory, data, magic):
    path = tmp_path_factory.getbasetemp() / "any.taz"
    path.write_bytes(magic + data)
    with pytest.raises(SourceError):
        taz.members(path, "ANQ20260010")


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=4), st.sampled_from(b"05xgLKS"))
def test_any_header_is_read_or_a_typed_error(tmp_path_factory, changes, kind):
    tar = bytearray(tar_of(WHOLE))
    for position, byte in [(156, kind), *changes]:
        tar[position] = byte
    tar[148:156] = b"%06o\0 " % (sum(tar[:148]) + 8 * 32 + sum(tar[156:512]))
    path = tmp_path_factory.getbasetemp() / "header.taz"
    path.write_bytes(tar)
    with contextlib.suppress(SourceError):
        assert all(len(content) <= len(tar) for content in taz.members(path, "ANQ20260010").values())
