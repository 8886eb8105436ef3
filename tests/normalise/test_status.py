"""What closures say (docs/source/formats.md 2.4)."""

from __future__ import annotations

import pytest

from etl.normalise.status import of_closure


@pytest.mark.parametrize(
    ("code", "label", "status"),
    [
        ("REP_PUB", "Réponse publiée", "answered"),
        (None, "RÉPONSE PUBLIÉE", "answered"),
        ("REP_PUB", None, "answered"),
        (None, "Retrait à l'initiative de l'auteur", "withdrawn"),
        ("AU", "Retrait à l'initiative de l'auteur", "withdrawn"),
        (None, "Retrait pour cause de question identique", "withdrawn"),
        ("AU", None, "withdrawn"),
        (None, "Fin de mandat", "lapsed"),
        (None, "Retrait pour cause de caducité", "lapsed"),
        (None, "Question retirée (fin de mandat)", "lapsed"),
        (None, "Retrait afin de la poser à nouveau", "withdrawn"),
        (None, "Retrait de l'auteur en fin d'année", "withdrawn"),
        ("FL", None, "lapsed"),
        ("FL", "Fin de législature", "lapsed"),
        (None, "Caducité", "lapsed"),
        (None, "Question caduque", "lapsed"),
        (None, "pour cause de caducité", "lapsed"),
        (None, "Séance de QOSD annulée", "closed"),
        (None, "REPONSE PUBLIEE", "answered"),
        (None, "Reponse publiee", "answered"),
        (None, "Caducite", "lapsed"),
        (None, "Fin du mandat", "lapsed"),
        (None, "Retirée par son auteur", "withdrawn"),
        ("au", None, "withdrawn"),
        ("XYZ", "Réponse publiée", "answered"),
        ("REP_PUB", "Un libellé nouveau", "answered"),
        ("XYZ", None, None),
        ("XYZ", "Un libellé nouveau", None),
        (None, None, None),
        (None, "Sans réponse publiée", None),
    ],
)
def test_closures(code, label, status):
    assert of_closure(code, label) == status
