"""Towns, with their department after "dans" and their region: facts for the texts."""

from __future__ import annotations

_TABLE = """Bourg-en-Bresse|l'Ain|Auvergne-Rhône-Alpes
Laon|l'Aisne|Hauts-de-France
Montluçon|l'Allier|Auvergne-Rhône-Alpes
Manosque|les Alpes-de-Haute-Provence|Provence-Alpes-Côte d'Azur
Privas|l'Ardèche|Auvergne-Rhône-Alpes
Charleville-Mézières|les Ardennes|Grand Est
Pamiers|l'Ariège|Occitanie
Troyes|l'Aube|Grand Est
Narbonne|l'Aude|Occitanie
Millau|l'Aveyron|Occitanie
Arles|les Bouches-du-Rhône|Provence-Alpes-Côte d'Azur
Bayeux|le Calvados|Normandie
Aurillac|le Cantal|Auvergne-Rhône-Alpes
Cognac|la Charente|Nouvelle-Aquitaine
Saintes|la Charente-Maritime|Nouvelle-Aquitaine
Vierzon|le Cher|Centre-Val de Loire
Tulle|la Corrèze|Nouvelle-Aquitaine
Bastia|la Haute-Corse|Corse
Beaune|la Côte-d'Or|Bourgogne-Franche-Comté
Guingamp|les Côtes-d'Armor|Bretagne
Guéret|la Creuse|Nouvelle-Aquitaine
Bergerac|la Dordogne|Nouvelle-Aquitaine
Pontarlier|le Doubs|Bourgogne-Franche-Comté
Montélimar|la Drôme|Auvergne-Rhône-Alpes
Vernon|l'Eure|Normandie
Dreux|l'Eure-et-Loir|Centre-Val de Loire
Carhaix|le Finistère|Bretagne
Alès|le Gard|Occitanie
Saint-Gaudens|la Haute-Garonne|Occitanie
Auch|le Gers|Occitanie
Libourne|la Gironde|Nouvelle-Aquitaine
Béziers|l'Hérault|Occitanie
Redon|l'Ille-et-Vilaine|Bretagne
Châteauroux|l'Indre|Centre-Val de Loire
Chinon|l'Indre-et-Loire|Centre-Val de Loire
Vienne|l'Isère|Auvergne-Rhône-Alpes
Dole|le Jura|Bourgogne-Franche-Comté
Dax|les Landes|Nouvelle-Aquitaine
Vendôme|le Loir-et-Cher|Centre-Val de Loire
Roanne|la Loire|Auvergne-Rhône-Alpes
Le Puy-en-Velay|la Haute-Loire|Auvergne-Rhône-Alpes
Châteaubriant|la Loire-Atlantique|Pays de la Loire
Montargis|le Loiret|Centre-Val de Loire
Figeac|le Lot|Occitanie
Marmande|le Lot-et-Garonne|Nouvelle-Aquitaine
Mende|la Lozère|Occitanie
Saumur|le Maine-et-Loire|Pays de la Loire
Coutances|la Manche|Normandie
Épernay|la Marne|Grand Est
Chaumont|la Haute-Marne|Grand Est
Laval|la Mayenne|Pays de la Loire
Lunéville|la Meurthe-et-Moselle|Grand Est
Verdun|la Meuse|Grand Est
Pontivy|le Morbihan|Bretagne
Forbach|la Moselle|Grand Est
Clamecy|la Nièvre|Bourgogne-Franche-Comté
Maubeuge|le Nord|Hauts-de-France
Beauvais|l'Oise|Hauts-de-France
Argentan|l'Orne|Normandie
Béthune|le Pas-de-Calais|Hauts-de-France
Thiers|le Puy-de-Dôme|Auvergne-Rhône-Alpes
Oloron-Sainte-Marie|les Pyrénées-Atlantiques|Nouvelle-Aquitaine
Tarbes|les Hautes-Pyrénées|Occitanie
Prades|les Pyrénées-Orientales|Occitanie
Haguenau|le Bas-Rhin|Grand Est
Mulhouse|le Haut-Rhin|Grand Est
Villefranche-sur-Saône|le Rhône|Auvergne-Rhône-Alpes
Vesoul|la Haute-Saône|Bourgogne-Franche-Comté
Autun|la Saône-et-Loire|Bourgogne-Franche-Comté
La Flèche|la Sarthe|Pays de la Loire
Albertville|la Savoie|Auvergne-Rhône-Alpes
Annemasse|la Haute-Savoie|Auvergne-Rhône-Alpes
Dieppe|la Seine-Maritime|Normandie
Provins|la Seine-et-Marne|Île-de-France
Mantes-la-Jolie|les Yvelines|Île-de-France
Niort|les Deux-Sèvres|Nouvelle-Aquitaine
Abbeville|la Somme|Hauts-de-France
Castres|le Tarn|Occitanie
Montauban|le Tarn-et-Garonne|Occitanie
Draguignan|le Var|Provence-Alpes-Côte d'Azur
Carpentras|le Vaucluse|Provence-Alpes-Côte d'Azur
Fontenay-le-Comte|la Vendée|Pays de la Loire
Châtellerault|la Vienne|Nouvelle-Aquitaine
Bellac|la Haute-Vienne|Nouvelle-Aquitaine
Épinal|les Vosges|Grand Est
Sens|l'Yonne|Bourgogne-Franche-Comté
Étampes|l'Essonne|Île-de-France
Aubervilliers|la Seine-Saint-Denis|Île-de-France
Créteil|le Val-de-Marne|Île-de-France
Argenteuil|le Val-d'Oise|Île-de-France"""

PLACES: list[tuple[str, str, str]] = [
    (town, department, region) for town, department, region in (line.split("|") for line in _TABLE.splitlines())
]

_NUMBERS = """01 02 03 04 07 08 09 10 11 12 13 14 15 16 17 18 19 2B 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37
38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 76 77 78
79 80 81 82 83 84 85 86 87 88 89 91 93 94 95"""
NUMBERS = _NUMBERS.split()
"""The number of each place's department."""
