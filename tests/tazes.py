"""Issues of the Journal officiel written by hand: XML, tar, and LZW as `compress` does it."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

from etl.catalogue import Issue


def compress(data: bytes, last_width: int = 16, clear_at: int | None = None) -> bytes:
    """LZW as `compress` writes it: codes in groups of eight, that end when the width changes."""
    out, group, width = bytearray(b"\x1f\x9d" + bytes([0x80 | last_width])), [], 9
    table, free = {bytes([byte]): byte for byte in range(256)}, 257

    def end_group(*, last: bool = False) -> None:
        bits = sum(code << (rank * width) for rank, code in enumerate(group))
        out.extend(bits.to_bytes((len(group) * width + 7) // 8 if last else width * bool(group), "little"))
        group.clear()

    held = b""
    for position, byte in enumerate(data):
        longer = held + bytes([byte])
        if longer in table:
            held = longer
            continue
        group.append(table[held])
        if len(group) == 8:
            end_group()
        if free < 1 << last_width:
            table[longer], free = free, free + 1
            if free > 1 << width and width < last_width:
                end_group()
                width += 1
        if clear_at is not None and position >= clear_at:
            group.append(256)
            end_group()
            table, free, width, clear_at = {bytes([byte]): byte for byte in range(256)}, 257, 9, None
        held = bytes([byte])
    if held:
        group.append(table[held])
    end_group(last=True)
    return bytes(out)


def tar_of(members: dict[str, bytes]) -> bytes:
    """A tar of these files."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as target:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            target.addfile(info, io.BytesIO(content))
    return tar.getvalue()


def question(number: int | str, part: str = "QE", text: str | None = None, day: str = "2026-03-10", **more: str) -> str:
    """A question of an issue; `more` are other elements."""
    extra = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    body = f"<texteQuestion>{number}. — 10 mars 2026. — {text}</texteQuestion>" if text else ""
    return (
        f"<question><idQuestion><numeroQuestion>{number}</numeroQuestion><type>{part}</type>"
        "<legislature>17</legislature><source>AN</source></idQuestion>"
        f"<referencePublication><datePublication>{day}</datePublication><pageJO>2101</pageJO>"
        "<noPublication>10</noPublication></referencePublication><ministreJO>Eau</ministreJO>"
        f"<parlementaire>Mme Claire Abadie</parlementaire><Objet>Les rivières</Objet>{body}{extra}</question>"
    )


def answer(*numbers: int, text: str = "Oui.", day: str = "2026-03-10") -> str:
    """An answer and the questions that it serves."""
    return "".join(question(number, "REP", day=day) for number in numbers) + (
        f"<reponse><texteReponse>{numbers[0]}. — 10 mars 2026. — {text}</texteReponse><referencePublication>"
        f"<datePublication>{day}</datePublication><pageJO>2140</pageJO></referencePublication></reponse>"
    )


def redif(asked: str = "", answered: str = "") -> bytes:
    """The document of an issue."""
    return f'<Q><Section part="QE">{asked}</Section><Section part="REP">{answered}</Section></Q>'.encode()


def issue_of(document: bytes, **others: bytes) -> bytes:
    """A whole issue, by gzip."""
    names = {f"{name}.xml": content for name, content in others.items()}
    return gzip.compress(tar_of({"REDIF_ANQ10.xml": document, **names}), mtime=0)


def put(root: Path, issue: Issue, content: bytes) -> Path:
    """An issue in a folder that has the site's tree."""
    path = root / issue.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
