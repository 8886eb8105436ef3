"""Reads a sample site back, by the rules of docs/source/formats.md rather than by the sample's own code."""

from __future__ import annotations

import json
import zipfile
from functools import cached_property
from pathlib import Path

ROOTS = {"QE": "questionsEcrites", "QG": "questionsGvt", "QOSD": "questionsOralesSansDebat"}


def kind_of(path: Path) -> str:
    return {"questions_ecrites": "QE", "questions_gouvernement": "QG", "questions_orales_sans_debat": "QOSD"}[
        path.parent.name
    ]


def legislature_of(path: Path) -> int:
    return int(path.parts[-4])


def read_archive(path: Path) -> dict[str, dict]:
    """The questions of an archive by uid."""
    with zipfile.ZipFile(path) as archive:
        if legislature_of(path) == 14:
            (member,) = archive.namelist()
            questions = json.loads(archive.read(member))[ROOTS[kind_of(path)]]["question"]
        else:
            questions = [json.loads(archive.read(name))["question"] for name in archive.namelist()]
    return {question["uid"]: question for question in questions}


def listed(node: object, key: str) -> list[dict]:
    """What a wrapper holds: nothing, one object, or a list."""
    if not isinstance(node, dict) or key not in node or node[key] is None:
        return []
    return node[key] if isinstance(node[key], list) else [node[key]]


def texts(question: dict, side: str) -> list[dict]:
    return listed(question.get(f"textes{side}"), f"texte{side}")


class Site:
    """A site's archives, and the records in them."""

    def __init__(self, directory: Path) -> None:
        self.paths = sorted(directory.rglob("questions/*/*.zip"))

    @cached_property
    def archives(self) -> dict[tuple[int, str], dict[str, dict]]:
        return {(legislature_of(path), kind_of(path)): read_archive(path) for path in self.paths}

    def records(self, *kinds: str, legislatures: tuple[int, ...] = (14, 15, 16, 17)) -> list[dict]:
        return [
            record
            for (legislature, kind), archive in self.archives.items()
            if kind in (kinds or ROOTS) and legislature in legislatures
            for record in archive.values()
        ]
