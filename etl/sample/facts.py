"""Facts behind the sample: legislatures, volumes, governments, ministries, groups (docs/source/formats.md 1, 8, 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

TODAY = date(2026, 9, 1)
"""The sample's day: the morning before that Tuesday's issue is published."""


class Organ(NamedTuple):
    """A ministry or a political group: its PO identifier, short and full names."""

    ref: str
    short: str
    name: str


@dataclass(frozen=True)
class Legislature:
    """A legislature: its files' suffix, its days, its volumes, the share of its QE never answered."""

    number: int
    suffix: str
    opened: date
    closed: date
    first_issue: date
    volumes: dict[str, int]
    never_answered: float


LEGISLATURES = {
    14: Legislature(
        14,
        "_XIV",
        date(2012, 6, 20),
        date(2017, 6, 20),
        date(2012, 7, 3),
        {"QE": 104_143, "QG": 4_698, "QOSD": 1_682},
        0.02,
    ),
    15: Legislature(
        15,
        "_XV",
        date(2017, 6, 21),
        date(2022, 6, 21),
        date(2017, 7, 4),
        {"QE": 45_665, "QG": 4_851, "QOSD": 1_704},
        0.03,
    ),
    16: Legislature(
        16,
        "",
        date(2022, 6, 22),
        date(2024, 6, 9),
        date(2022, 7, 5),
        {"QE": 18_710, "QG": 1_940, "QOSD": 350},
        0.04,
    ),
    17: Legislature(
        17,
        "",
        date(2024, 7, 1),
        TODAY,
        date(2024, 10, 1),
        {"QE": 18_404, "QG": 1_800, "QOSD": 828},
        0.2,
    ),
}
LIVE = 17

FOLDERS = {
    "QE": ("questions_ecrites", "Questions_ecrites", "questionsEcrites", "QuestionEcrite_Type"),
    "QG": ("questions_gouvernement", "Questions_gouvernement", "questionsGvt", "QuestionGouvernement_Type"),
    "QOSD": (
        "questions_orales_sans_debat",
        "Questions_orales_sans_debat",
        "questionsOralesSansDebat",
        "QuestionOrale_Type",
    ),
}
"""By type: the folder, the file's stem, the root of the 14th legislature's document, `@xsi:type`."""

QE_BY_MONTH = {
    14: """2012-07 2435 1064 2052 3299 3350 2578 2223 2900 2651 3366 2013 2802 4482 1268 2032 2776 2696 3329
    1140 2451 2004 1902 1591 1860 4047 1044 2066 2413 2284 2105 964 1684 2413 1636 1365 3730 2208
    1386 1992 1061 686 941 453 823 1024 797 865 888 1071 433 738 882 767 759 535 871 461 295 129 63""",
    15: """2017-07 275 561 608 1160 785 917 707 1007 949 933 923 1183 1446 422 635 1348 820 941 820 993 801
    1050 773 845 1277 355 596 1019 694 826 536 816 933 1103 848 966 660 412 721 803 863 1054 497 855
    1055 793 605 695 600 367 626 748 651 502 464 647 606 297 210 63""",
    16: """2022-07 395 589 688 962 1027 837 725 811 801 782 907 964 1016 513 643 974 723 809 616 976 878 891
    705 478""",
    17: """2024-10 1597 800 615 605 990 838 918 773 751 1289 280 560 646 569 877 424 695 785 772 728 1064 882
    362 584""",
}
"""Written questions a month, from the first month on."""

GOVERNMENTS = [
    (date(2012, 6, 22), "premier ministre"),
    (date(2014, 4, 3), "premier ministre"),
    (date(2014, 8, 27), "premier ministre"),
    (date(2016, 12, 7), "premier ministre"),
    (date(2017, 6, 22), "premier ministre"),
    (date(2020, 7, 7), "premier ministre"),
    (date(2022, 7, 5), "première ministre"),
    (date(2024, 1, 12), "premier ministre"),
    (date(2024, 9, 21), "premier ministre"),
    (date(2024, 12, 24), "premier ministre"),
    (date(2025, 10, 13), "premier ministre"),
]
"""The day each government's ministers were named, and what its head is called."""

MINISTRIES = {
    "agriculture": """653256 Agriculture, agroalimentaire et forêt|de l'agriculture, de l'agroalimentaire \
et de la forêt
700752 Agriculture, agroalimentaire et forêt|de l'agriculture, de l'agroalimentaire et de la forêt
702898 Agriculture, agroalimentaire et forêt|de l'agriculture, de l'agroalimentaire et de la forêt
715828 Agriculture, agroalimentaire et forêt|de l'agriculture, de l'agroalimentaire et de la forêt
730006 Agriculture et alimentation|de l'agriculture et de l'alimentation
773402 Agriculture et alimentation|de l’agriculture et de l’alimentation
791613 Agriculture et souveraineté alimentaire|de l’agriculture et de la souveraineté alimentaire
833679 Agriculture et souveraineté alimentaire|de l’agriculture et de la souveraineté alimentaire
847653 Agriculture, souveraineté alimentaire et forêt|de l’agriculture, de la souveraineté alimentaire et \
de la forêt
855071 Agriculture, souveraineté alimentaire|de l’agriculture et de la souveraineté alimentaire
873647 Agriculture, agro-alimentaire et souveraineté alimentaire|de l’agriculture, de l'agro-alimentaire \
et de la souveraineté alimentaire""",
    "santé": """653252 Affaires sociales et santé|des affaires sociales et de la santé
700730 Affaires sociales|des affaires sociales et de la santé
702892 Affaires sociales, santé et droits des femmes|des affaires sociales, de la santé et des droits des \
femmes
715810 Affaires sociales et santé|des affaires sociales et de la santé
729979 Solidarités et santé|des solidarités et de la santé
773396 Solidarités et santé|des solidarités et de la santé
791605 Santé et prévention|de la santé et de la prévention
833677 Travail, santé et solidarités|du travail, de la santé et des solidarités
847655 Santé et accès aux soins|de la santé et de l'accès aux soins
855073 Travail, santé, solidarités et familles|du travail, de la santé, des solidarités et des familles
873673 Santé, familles, autonomie et personnes handicapées|de la santé, des familles, de l’autonomie et \
des personnes handicapées""",
    "éducation": """653299 Éducation nationale|de l'éducation nationale
700719 Éducation nationale, enseignement supérieur et recherche|de l'éducation nationale, de \
l'enseignement supérieur et de la recherche
702916 Éducation nationale, enseignement supérieur et recherche|de l'éducation nationale, de \
l'enseignement supérieur et de la recherche
715804 Éducation nationale, enseignement supérieur et recherche|de l'éducation nationale, de \
l'enseignement supérieur et de la recherche
729999 Éducation nationale|de l'éducation nationale
773378 Éducation nationale, jeunesse et sports|de l’éducation nationale, de la jeunesse et des sports
791601 Éducation nationale et jeunesse|de l’éducation nationale et de la jeunesse
834720 Éducation et jeunesse|de l’éducation nationale et de la jeunesse
847645 Éducation nationale|de l'éducation nationale
855061 Éducation nationale, enseignement supérieur et recherche|de l’éducation nationale, de \
l’enseignement supérieur et de la recherche
873652 Éducation nationale|de l’éducation nationale""",
    "justice": """653323 Justice|de la justice
700722 Justice|de la justice
702926 Justice|de la justice
715816 Justice|de la justice
729966 Justice|de la justice
773392 Justice|de la justice
791597 Justice|de la justice
833682 Justice|de la justice
847641 Justice|de la justice
855065 Justice|de la justice
873682 Justice|de la justice""",
    "intérieur": """653244 Intérieur|de l'intérieur
700740 Intérieur|de l'intérieur
702922 Intérieur|de l'intérieur
715825 Intérieur|de l'intérieur
729937 Intérieur|de l’intérieur
773384 Intérieur|de l’intérieur
801854 Intérieur et outre-mer|de l’intérieur et des outre-mer
833676 Intérieur et outre-mer|de l’intérieur et des outre-mer
847643 Intérieur|de l'intérieur
855063 Intérieur|de l'intérieur
873643 Intérieur|de l'intérieur""",
    "économie": """653293 Économie et finances|de l'économie et des finances
700724 Finances et comptes publics|des finances et des comptes publics
702920 Finances et comptes publics|des finances et des comptes publics
715807 Économie et finances|de l'économie et des finances
729982 Économie et finances|de l'économie et des finances
773380 Économie, finances et relance|de l’économie, des finances et de la relance
791591 Économie, finances, souveraineté industrielle et numérique|de l’économie, des finances et de la \
souveraineté industrielle et numérique
833675 Économie, finances, souveraineté industrielle et numérique|de l’économie, des finances et de la \
souveraineté industrielle et numérique
847657 Économie, finances et industrie|de l'économie, des finances et de l'industrie
855069 Économie, finances, souveraineté industrielle et numérique|de l’économie, des finances et de la \
souveraineté industrielle et numérique
873685 Économie, finances, souveraineté industrielle, énergétique et numérique|de l’économie, des finances \
et de la souveraineté industrielle, énergétique et numérique""",
    "écologie": """695768 Écologie, développement durable et énergie|de l'écologie, du développement \
durable et de l'énergie
700716 Écologie, développement durable et énergie|de l'écologie, du développement durable et de l'énergie
702910 Écologie, développement durable et énergie|de l'écologie, du développement durable et de l'énergie
715801 Environnement, énergie et mer|de l'environnement, de l'énergie et de la mer
729964 Transition écologique et solidaire|de la transition écologique et solidaire
773376 Transition écologique|de la transition écologique
791599 Transition écologique et cohésion des territoires|de la transition écologique et de la cohésion des \
territoires
833684 Transition écologique et cohésion des territoires|de la transition écologique et de la cohésion des \
territoires
847659 Transition écologique, énergie, climat et prévention des risques|de la transition écologique, de \
l'énergie, du climat et de la prévention des risques
855067 Transition écologique, biodiversité, forêt, mer et pêche|de la transition écologique, de la \
biodiversité, de la forêt, de la mer et de la pêche
873679 Transition écologique, biodiversité et négociations internationales|de la transition écologique, de \
la biodiversité et des négociations internationales sur le climat et la nature""",
    "transports": """653353 Transports, mer et pêche|chargé des transports, de la mer et de la pêche
700760 Transports, mer et pêche|chargé des transports, de la mer et de la pêche
702998 Transports, mer et pêche|chargé des transports, de la mer et de la pêche
715850 Transports, mer et pêche|chargé des transports, de la mer et de la pêche
729985 Transports|chargé des transports
773498 Transports|chargé des transports
801870 Transports|chargé des transports
834748 Transports|chargé des transports
847661 Transports|chargé des transports
855075 Transports|chargé des transports
873659 Transports|des transports""",
    "travail": """653356 Travail, emploi, formation professionnelle et dialogue social|du travail, de \
l'emploi, de la formation professionnelle et du dialogue social
700734 Travail, emploi et dialogue social|du travail, de l'emploi et du dialogue social
702938 Travail, emploi, formation professionnelle et dialogue social|du travail, de l'emploi, de la \
formation professionnelle et du dialogue social
715819 Travail, emploi, formation professionnelle et dialogue social|du travail, de l'emploi, de la \
formation professionnelle et du dialogue social
729996 Travail|du travail
773386 Travail, emploi et insertion|du travail, de l’emploi et de l’insertion
791607 Travail, plein emploi et insertion|du travail, du plein emploi et de l’insertion
833677 Travail, santé et solidarités|du travail, de la santé et des solidarités
847663 Travail et emploi|du travail et de l'emploi
855077 Travail et emploi|chargé du travail et de l'emploi
873667 Travail et solidarités|du travail et des solidarités""",
    "armées": """653280 Défense|de la défense
700737 Défense|de la défense
702906 Défense|de la défense
715813 Défense|de la défense
729977 Armées|des armées
773382 Armées|des armées
791603 Armées|des armées
833681 Armées|des armées
847665 Armées et anciens combattants|des armées et des anciens combattants
855079 Armées|des armées
873656 Armées et anciens combattants|des armées et des anciens combattants""",
    "affaires étrangères": """653230 Affaires étrangères|des affaires étrangères
700713 Affaires étrangères|des affaires étrangères et du développement international
702888 Affaires étrangères|des affaires étrangères et du développement international
715798 Affaires étrangères|des affaires étrangères et du développement international
729976 Europe et affaires étrangères|de l'Europe et des affaires étrangères
773374 Europe et affaires étrangères|de l’Europe et des affaires étrangères
791595 Europe et affaires étrangères|de l’Europe et des affaires étrangères
833683 Europe et affaires étrangères|de l’Europe et des affaires étrangères
847667 Europe et affaires étrangères|de l'Europe et des affaires étrangères
855081 Europe et affaires étrangères|de l’Europe et des affaires étrangères
873662 Europe et affaires étrangères|de l’Europe et des affaires étrangères""",
    "culture": """653274 Culture et communication|de la culture et de la communication
700749 Culture et communication|de la culture et de la communication
702900 Culture et communication|de la culture et de la communication
715834 Culture et communication|de la culture et de la communication
729989 Culture|de la culture
773394 Culture|de la culture
791619 Culture|de la culture
833680 Culture|de la culture
847669 Culture|de la culture
855083 Culture|de la culture
873669 Culture|de la culture""",
    "territoires": """653302 Égalité des territoires et logement|de l'égalité des territoires et du logement
700755 Logement et égalité des territoires|du logement et de l'égalité des territoires
702932 Logement, égalité des territoires et ruralité|du logement, de l'égalité des territoires et de la \
ruralité
715831 Logement et habitat durable|du logement et de l’habitat durable
729978 Cohésion des territoires|de la cohésion des territoires
773390 Cohésion des territoires et relations avec les collectivités territoriales|de la cohésion des \
territoires et des relations avec les collectivités territoriales
801872 Collectivités territoriales et ruralité|chargé des collectivités territoriales et de la ruralité
834732 Collectivités territoriales et ruralité|chargé des collectivités territoriales et de la ruralité
847671 Partenariat territoires et décentralisation|du partenariat avec les territoires et de la \
décentralisation
855085 Aménagement du territoire et décentralisation|de l’aménagement du territoire et de la \
décentralisation
873638 Aménagement du territoire et décentralisation|de l’aménagement du territoire et de la \
décentralisation""",
    "outre-mer": """653326 Outre-mer|des outre-mer
700764 Outre-mer|des outre-mer
702936 Outre-mer|des outre-mer
715846 Outre-mer|des outre-mer
730017 Outre-mer|des outre-mer
773388 Outre-mer|des outre-mer
801874 Outre-mer|chargé des outre-mer
834734 Outre-mer|chargé des outre-mer
847673 Outre-mer|des outre-mer
855087 Outre-mer|des outre-mer
873676 Outre-mer|des outre-mer""",
}
"""A line a government: the number of the PO identifier, the short name, and what follows "Ministère"."""

GROUPS = {
    14: """left 656018 GDR|Gauche démocrate et républicaine
green 656014 ECOLO|Écologiste|2016-05-19
socialist 656002 SRC|Socialiste, républicain et citoyen|2016-05-24
socialist 713077 SER|Socialiste, écologiste et républicain
radical 656022 RRDP|Radical, républicain, démocrate et progressiste
centre 656010 UDI|Union des démocrates et indépendants
right 656006 UMP|Union pour un Mouvement Populaire|2015-06-01
right 707869 LES-REP|Les Républicains
none 645633 NI|Non inscrit""",
    15: """left 730940 GDR|Gauche démocrate et républicaine
insoumis 730958 FI|La France insoumise
socialist 730946 NG|Nouvelle Gauche|2018-09-11
socialist 758835 SOC|Socialistes et apparentés
majority 730964 LAREM|La République en Marche
democrat 730970 MODEM|Mouvement Démocrate et apparentés|2020-09-23
democrat 774834 DEM|Mouvement Démocrate (MoDem) et Démocrates apparentés
centre 730952 LC|Les Constructifs : républicains, UDI, indépendants|2017-11-28
centre 744425 UDI-AGIR|UDI, Agir et Indépendants|2019-06-10
centre 765636 UDI-I|UDI et Indépendants|2019-09-27
centre 767217 UDI-A-I|UDI, Agir et Indépendants|2020-05-25
centre 771889 UDI_I|UDI et Indépendants
right 730934 LR|Les Républicains
none 723569 NI|Non inscrit""",
    16: """left 800502 GDR-NUPES|Gauche démocrate et républicaine - NUPES
insoumis 800490 LFI-NUPES|La France insoumise - Nouvelle Union Populaire écologique et sociale
green 800526 ECOLO|Écologiste - NUPES
socialist 800496 SOC|Socialistes et apparentés (membre de l’intergroupe NUPES)|2023-10-18
socialist 830170 SOC-A|Socialistes et apparentés
majority 800538 RE|Renaissance
democrat 800484 DEM|Démocrate (MoDem et Indépendants)
centre 800514 HOR|Horizons et apparentés
liot 800532 LIOT|Libertés, Indépendants, Outre-mer et Territoires
right 800508 LR|Les Républicains
far 800520 RN|Rassemblement National
none 793087 NI|Non inscrit""",
    17: """left 845514 GDR|Gauche Démocrate et Républicaine
insoumis 845413 LFI-NFP|La France insoumise - Nouveau Front Populaire
green 845439 ECOS|Écologiste et Social
socialist 845419 SOC|Socialistes et apparentés
majority 845407 EPR|Ensemble pour la République
democrat 845454 DEM|Les Démocrates
centre 845470 HOR|Horizons & Indépendants
liot 845485 LIOT|Libertés, Indépendants, Outre-mer et Territoires
right 845425 DR|Droite Républicaine
far 845401 RN|Rassemblement National
none 840056 NI|Non inscrit""",
}
"""A line a group: family, number of the PO identifier, abbreviation, name, last day if before the end."""

SEATS = {
    14: {
        "left": 15,
        "green": 17,
        "socialist": 289,
        "radical": 17,
        "centre": 29,
        "right": 199,
        "none": 11,
    },
    15: {
        "left": 16,
        "insoumis": 17,
        "socialist": 30,
        "majority": 290,
        "democrat": 47,
        "centre": 31,
        "right": 103,
        "none": 43,
    },
    16: {
        "left": 22,
        "insoumis": 75,
        "green": 23,
        "socialist": 31,
        "majority": 170,
        "democrat": 50,
        "centre": 30,
        "liot": 20,
        "right": 62,
        "far": 88,
        "none": 6,
    },
    17: {
        "left": 17,
        "insoumis": 71,
        "green": 38,
        "socialist": 66,
        "majority": 95,
        "democrat": 36,
        "centre": 33,
        "liot": 22,
        "right": 48,
        "far": 124,
        "none": 27,
    },
}
"""Seats a family, each sums to 577."""
