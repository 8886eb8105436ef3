"""The families of every real ministry: of the Assembly's list since 2007, of questions, and of pages back to the 8th."""

from __future__ import annotations

import csv
import json
import zipfile

import duckdb
import pytest

from etl.parse.forms import read_document
from etl.schema import tables
from etl.schema.ddl import ddl
from etl.warehouse.derived import families
from etl.warehouse.load import _insert_rows

#: By eye: what an analyst would look for each of these under.
FAMILIES = {
    "Affaires sociales": {"Santé", "Solidarités"},
    "Affaires sociales et santé": {"Santé", "Solidarités"},
    "Affaires sociales, santé et droits des femmes": {"Santé", "Solidarités", "Égalité et discriminations"},
    "Affaires étrangères et européennes": {"Affaires étrangères", "Affaires européennes"},
    "Action et comptes publics": {"Budget et comptes publics", "Fonction publique et réforme de l'État"},
    "Agriculture et pêche": {"Agriculture", "Mer et pêche"},
    "Agriculture, souveraineté alimentaire et forêt": {"Agriculture"},
    "Aide aux victimes": {"Justice"},
    "Armées et anciens combattants": {"Défense", "Anciens combattants"},
    "Artisanat, commerce et tourisme": {"Commerce, artisanat et PME", "Tourisme"},
    "Autonomie et handicap": {"Autonomie et grand âge", "Handicap"},
    "Citoyenneté et lutte contre les discriminations": {"Intérieur", "Égalité et discriminations"},
    "Cohésion des territoires": {"Collectivités et territoires"},
    "Commerce extérieur et attractivité": {"Commerce extérieur"},
    "Décentralisation et fonction publique": {"Collectivités et territoires", "Fonction publique et réforme de l'État"},
    "Développement de la région capitale": {"Collectivités et territoires"},
    "Développement et francophonie": {"Affaires étrangères"},
    "Enfance, jeunesse et familles": {"Famille et enfance", "Jeunesse et vie associative"},
    "Enseignement et formation professionnels": {"Éducation", "Travail et emploi"},
    "Enseignement supérieur, recherche et espace": {"Enseignement supérieur et recherche"},
    "Espace rural et aménagement du territoire": {"Collectivités et territoires"},
    "Europe et affaires étrangères (M. le SE auprès du ministre)": {"Affaires européennes", "Affaires étrangères"},
    "Finances et comptes publics": {"Économie et finances", "Budget et comptes publics"},
    "Immigration, intégration, identité nationale et développement solidaire": {"Immigration et intégration"},
    "Intérieur": {"Intérieur"},
    "Intérieur et outre-mer": {"Intérieur", "Outre-mer"},
    "Justice et libertés (garde des sceaux)": {"Justice"},
    "Logement, égalité des territoires et ruralité": {"Logement et ville", "Collectivités et territoires"},
    "Outre-mer": {"Outre-mer"},
    "PME, innovation et économie numérique": {"Commerce, artisanat et PME", "Numérique"},
    "Porte-parole du Gouvernement": {"Premier ministre"},
    "Première ministre": {"Premier ministre"},
    "Redressement productif": {"Industrie"},
    "Relations avec le Parlement": {"Relations avec le Parlement"},
    "Retraites et santé au travail": {"Solidarités", "Travail et emploi"},
    "Santé et accès aux soins": {"Santé"},
    "Santé, familles, autonomie et personnes handicapées":
        {"Santé", "Famille et enfance", "Autonomie et grand âge", "Handicap"},
    "Sports, jeunesse, éducation populaire et vie associative": {"Sports", "Jeunesse et vie associative"},
    "Transition écologique et solidaire": {"Écologie"},
    "Transition écologique et cohésion des territoires": {"Écologie", "Collectivités et territoires"},
    "Transition énergétique": {"Énergie"},
    "Transports, mer et pêche": {"Transports", "Mer et pêche"},
    "Travail, emploi et santé": {"Travail et emploi", "Santé"},
    "Ville, jeunesse et sports": {"Logement et ville", "Jeunesse et vie associative", "Sports"},
    "Écologie, développement durable, transports et logement": {"Écologie", "Transports", "Logement et ville"},
    "Économie du tourisme": {"Tourisme"},
    "Économie sociale et solidaire": {"Économie sociale et solidaire"},
    "Économie, finances, souveraineté industrielle, énergétique et numérique":
        {"Économie et finances", "Industrie", "Énergie", "Numérique"},
    "Éducation nationale, enseignement supérieur et recherche": {"Éducation", "Enseignement supérieur et recherche"},
}  # fmt: skip


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        for statement in ddl():
            made.execute(statement)
        table = tables()["families"]
        _insert_rows(made, table, [dict(zip(table.names, row, strict=True)) for row in table.rows])
        yield made


def with_families(connection, ministries: dict[str, tuple[str, str]], labels: set[str]) -> dict[str, set[str]]:
    """By name, the families of ministries (id: name, short name) and of names that questions alone have."""
    organs = [
        {"organ_id": ref, "organ_type": "MINISTERE", "name": name, "short_name": short}
        for ref, (name, short) in ministries.items()
    ]
    _insert_rows(connection, tables()["organs"], organs)
    key = {"legislature": 17, "question_type": "QE", "rank": 1}
    rows = [key | {"question_number": number, "ministry": label} for number, label in enumerate(sorted(labels), 1)]
    _insert_rows(connection, tables()["attributions"], rows)
    families.fill(connection)
    assert connection.execute("SELECT what, value FROM ops.anomalies").fetchall() == []
    return {
        name: set(found)
        for name, found in connection.execute(
            "SELECT ministry, list(family) FROM ministry_families GROUP BY ALL"
        ).fetchall()
    }


def test_every_ministry_of_the_list_has_a_family(connection, real):
    with real("amo/organes_GP_MINISTERE_GOUV_ASSEMBLEE.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["codeType"] == "MINISTERE"]
    found = with_families(connection, {row["uid"]: (row["libelle"], row["libelleAbrege"]) for row in rows}, set())
    assert len(rows) == 654
    assert set(found) == {row["libelleAbrege"] for row in rows}
    by_id = connection.execute(
        "SELECT count(DISTINCT id) FROM (SELECT unnest(ministry_ids) AS id FROM ministry_families)"
    )
    assert by_id.fetchone() == (654,)


def test_families_by_eye(connection):
    assert with_families(connection, {}, set(FAMILIES)) == FAMILIES


def test_every_name_that_questions_have_has_a_family(connection, real):
    labels: set[str] = set()
    with real("questions_XVII_meta.csv").open(encoding="utf-8", newline="") as lines:
        labels |= {row["ministere"] for row in csv.DictReader(lines)}
    for path in real("json").glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if not member.endswith(".json"):
                    continue
                document = json.loads(archive.read(member))
                [holder] = document.values()
                for one in [holder] if "question" in document else holder["question"]:
                    charged = (one["minAttribs"] or {}).get("minAttrib") or []
                    charged = charged if isinstance(charged, list) else [charged]
                    labels |= {each["abrege"] for each in [one["minInt"], *(two["denomination"] for two in charged)]}
    for path in real("pages").iterdir():
        record, _ = read_document(path.read_bytes())
        labels |= {each.short for each in [record.ministry_asked, *(one.ministry for one in record.attributions)]}
    labels.discard(None)
    found = with_families(connection, {}, labels)
    assert len(labels) > 150 and set(found) == labels
