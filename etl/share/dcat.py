"""The catalogue that data.gouv.fr harvests: DCAT-AP, as JSON-LD.

Names of properties and the lists of codes are those of DCAT-AP 3 and of the Publications Office of the European Union.
"""

from __future__ import annotations

from typing import Any

import msgspec

from etl.share.about import About, File
from etl.share.place import media_type

TITLE = "Questions au Gouvernement et réponses de l'Assemblée nationale"
#: Of a release of the sample, in front of each title.
MADE_UP = "EXEMPLE, questions inventées : "
_ABOUT = (
    "Toutes les questions des députés au Gouvernement (questions écrites, questions au Gouvernement, questions orales "
    "sans débat) et leurs réponses, à partir des données ouvertes de l'Assemblée nationale et du Journal officiel : "
    "textes, dates, ministères, auteurs, historique des changements. Une base DuckDB, qui se lit aussi à distance, et "
    "ses tables en Parquet."
)
_KEYWORDS = [
    "assemblée nationale",
    "parlement",
    "questions écrites",
    "questions au gouvernement",
    "députés",
    "ministères",
]
_EU = "http://publications.europa.eu/resource/authority"
_LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_SOURCE = {
    "@type": "foaf:Agent",
    "foaf:name": "Assemblée nationale",
    "foaf:homepage": {"@id": "https://data.assemblee-nationale.fr"},
}


def catalogue(about: About, url: str) -> bytes:
    """A catalogue of one dataset, whose files have addresses that stay.

    Args:
        about: the release that is pointed to.
        url: of the place.
    """
    title = f"{MADE_UP}{TITLE}" if about.made_up else TITLE
    dataset = {
        "@id": f"{url}/catalog.jsonld#questions",
        "@type": "dcat:Dataset",
        "dct:identifier": f"{url}/catalog.jsonld#questions",
        "dct:title": _french(title),
        "dct:description": _french(_ABOUT),
        "dct:creator": _SOURCE,
        "dct:license": {"@id": _LICENCE},
        "dct:rights": "Licence Ouverte / Open Licence version 2.0",
        "dct:accessRights": {"@id": f"{_EU}/access-right/PUBLIC"},
        "dct:language": {"@id": f"{_EU}/language/FRA"},
        "dct:spatial": {"@id": f"{_EU}/country/FRA"},
        "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/DAILY"},
        "dcat:theme": {"@id": f"{_EU}/data-theme/GOVE"},
        "dcat:keyword": [_french(word) for word in _KEYWORDS],
        "dct:modified": _typed(f"{about.created_at:%Y-%m-%dT%H:%M:%SZ}", "dateTime"),
        "dcat:version": about.release,
        "dct:temporal": _period(about),
        "dcat:distribution": [_distribution(file, about, url) for file in about.files],
    }
    found = {
        "@context": _CONTEXT,
        "@id": f"{url}/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _french(title),
        "dct:description": _french(_ABOUT),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": "anq"},
        "dct:modified": dataset["dct:modified"],
        "dcat:dataset": dataset,
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def _distribution(file: File, about: About, url: str) -> dict[str, Any]:
    address = {"@id": f"{url}/latest/{file.path}"}
    return {
        **address,
        "@type": "dcat:Distribution",
        "dct:title": _french(file.title),
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dct:format": file.path.rpartition(".")[2] if "." in file.path else "txt",
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{media_type(file.path).partition(';')[0]}"
        },
        "dcat:byteSize": _typed(str(file.bytes), "nonNegativeInteger"),
        "dct:license": {"@id": _LICENCE},
        "dct:modified": _typed(f"{about.created_at:%Y-%m-%dT%H:%M:%SZ}", "dateTime"),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": file.sha256,  # data.gouv.fr wants a text, and no hexBinary
        },
    }


def _period(about: About) -> dict[str, Any]:
    period: dict[str, Any] = {
        "@type": "dct:PeriodOfTime",
        "dcat:endDate": _typed(f"{about.fetched_at:%Y-%m-%d}", "date"),
    }
    if about.first_day:
        period["dcat:startDate"] = _typed(f"{about.first_day}", "date")
    return period


def _french(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "fr"}


def _typed(value: str, kind: str) -> dict[str, str]:
    return {"@value": value, "@type": f"xsd:{kind}"}
