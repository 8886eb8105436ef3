"""The index headings (rubriques): how often each occurs, what its texts are about, whose portfolio it is."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple


class Rubrique(NamedTuple):
    """An index heading, the theme of its texts (themes.py) and the portfolio that answers (facts.py)."""

    name: str
    theme: str
    portfolio: str


# After each theme and portfolio, the headings and how many questions of the 17th legislature carry them.
_TABLE = """
# agriculture, agriculture
agriculture 714|animaux 372|élevage 226|chasse et pêche 101|bois et forêts 99
aquaculture et pêche professionnelle 95|agroalimentaire 51|Mutualité sociale agricole 62
enseignement agricole 53
# santé, santé
santé 678|professions de santé 597|assurance maladie maternité 336|pharmacie et médicaments 330
établissements de santé 295|maladies 280|médecine 136|sang et organes humains 52|drogue 95
fonction publique hospitalière 81|fin de vie et soins palliatifs 17|assurance complémentaire 75
# solidarités, santé
personnes handicapées 555|enfants 276|professions et activités sociales 152
institutions sociales et médico sociales 114|dépendance 87|prestations familiales 66|personnes âgées 64
pauvreté 54|services à la personne 60|famille 42|politique sociale 50|femmes 106|discriminations 94
# éducation, éducation
enseignement 446|enseignement supérieur 268|examens, concours et diplômes 120
enseignement maternel et primaire 116|enseignement secondaire 114|sports 165
associations et fondations 152|jeunes 65|enseignement privé 50|laïcité 29
enseignement technique et professionnel 29|recherche et innovation 38
# sécurité, intérieur
sécurité des biens et des personnes 536|police 227|étrangers 190|sécurité routière 157|immigration 75
ordre public 60|gendarmerie 54|élections et référendums 58|papiers d'identité 31|armes 36
réfugiés et apatrides 56|gens du voyage 29|terrorisme 20|catastrophes naturelles 60
# justice, justice
justice 225|lieux de privation de liberté 192|professions judiciaires et juridiques 110
aide aux victimes 98|crimes, délits et contraventions 86|état civil 26|droits fondamentaux 28
propriété 21
# économie, économie
entreprises 284|industrie 276|commerce et artisanat 235|automobiles 172|numérique 136|consommation 111
banques et établissements financiers 75|bâtiment et travaux publics 80|assurances 55|postes 46
télécommunications 66|politique économique 46|commerce extérieur 50|tourisme et loisirs 43
moyens de paiement 14|jeux et paris 21|marchés publics 31|hôtellerie et restauration 16
# fiscalité, économie
impôts et taxes 153|finances publiques 103|impôts locaux 100|taxe sur la valeur ajoutée 85
impôt sur le revenu 72|donations et successions 22|fonctionnaires et agents publics 206
administration 77|contributions indirectes 2|impôt sur les sociétés 6
# écologie, écologie
énergie et carburants 457|déchets 194|environnement 97|eau et assainissement 92|pollution 67|climat 42
biodiversité 41|produits dangereux 44|cours d'eau, étangs et lacs 28|mer et littoral 37|nuisances 23
montagne 19|mines et carrières 19
# transports, transports
transports ferroviaires 177|transports routiers 78|taxis 68|transports aériens 65|voirie 55
cycles et motocycles 47|transports par eau 43|transports 37|transports urbains 21
# travail, travail
retraites : généralités 296|formation professionnelle et apprentissage 198|travail 114
emploi et activité 71|sécurité sociale 60|accidents du travail et maladies professionnelles 60
chômage 40|retraites : fonctionnaires civils et militaires 51|économie sociale et solidaire 43
syndicats 29|frontaliers 28|travailleurs indépendants et autoentrepreneurs 25
retraites : régime agricole 19
# armées, armées
défense 140|anciens combattants et victimes de guerre 70|décorations, insignes et emblèmes 25
espace et politique spatiale 11|cérémonies publiques et fêtes légales 13
# international, affaires étrangères
politique extérieure 510|Français de l'étranger 40|traités et conventions 19|Union européenne 20
ambassades et consulats 17|action humanitaire 14|organisations internationales 10
# culture, culture
patrimoine culturel 102|culture 88|presse et livres 79|audiovisuel et communication 63
arts et spectacles 30|propriété intellectuelle 21|archives et bibliothèques 7|langue française 4
architecture 1
# territoires, territoires
logement 320|collectivités territoriales 139|logement : aides et prêts 132|communes 122
fonction publique territoriale 109|élus 66|urbanisme 52|ruralité 51|aménagement du territoire 48
services publics 41|copropriété 16|baux 22|intercommunalité 11|départements 5|régions 5
# outre-mer, outre-mer
outre-mer 596
"""


def _read() -> list[tuple[Rubrique, int]]:
    theme = portfolio = ""
    counted = []
    for line in _TABLE.strip().splitlines():
        if line.startswith("# "):
            theme, portfolio = line[2:].split(", ")
            continue
        for entry in line.split("|"):
            name, count = entry.rsplit(" ", 1)
            counted.append((Rubrique(name, theme, portfolio), int(count)))
    return counted


RUBRIQUES = [rubrique for rubrique, _ in _read()]
CUMULATED = list(accumulate(count for _, count in _read()))
"""Cumulated weights of RUBRIQUES."""
