"""What questions are about: for each theme its subjects, and sentences to ask and to answer with.

In a sentence, {names} are slots that prose.py fills; every sentence is our own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_END_OF_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-ZÀÂÉÎÔ{])")


class Theme(NamedTuple):
    """Subjects with their article, tête d'analyse headings, sentences of concern, sentences of reply."""

    subjects: list[str]
    heads: list[str]
    concerns: list[str]
    replies: list[str]


def _sentences(text: str) -> list[str]:
    return _END_OF_SENTENCE.split(" ".join(text.split()))


def _theme(subjects: str, heads: str, concerns: str, replies: str) -> Theme:
    return Theme(_listed(subjects), _listed(heads), _sentences(concerns), _sentences(replies))


def _listed(text: str) -> list[str]:
    return " ".join(text.split()).split("|")


ASK = _sentences("""
Cette situation, signalée par de nombreux élus et habitants dans {dept}, ne saurait durer plus longtemps. À
{ville}, les personnes concernées disent ne plus savoir à quelle administration s'adresser. Selon les
représentants du secteur, {pct} % d'entre elles seraient touchées, contre {pct2} % en {an}. La {loi} devait
pourtant apporter une réponse durable à ces difficultés. Le {decret} en a toutefois restreint la portée. Une
proposition en ce sens avait été débattue dès le {date}, sans qu'aucune suite lui soit donnée. Les services
déconcentrés de l'État invoquent l'absence d'instruction nationale. De nombreux courriers adressés à
l'administration sont restés sans réponse. Les collectivités territoriales, qui font face à des dépenses
croissantes, ne peuvent compenser seules ce désengagement. Cette différence de traitement est d'autant plus
mal comprise qu'elle ne repose sur aucun critère objectif. Il en résulte une grande inquiétude chez les
personnes concernées et leurs familles. Les acteurs de terrain plaident pour une simplification des
démarches et pour un interlocuteur unique. Une enquête conduite auprès de {n} personnes confirme l'ampleur
du phénomène. Les crédits ouverts à ce titre, soit {montant} millions d'euros, n'ont été consommés qu'à
hauteur de {pct} %. D'autres pays européens ont su mettre en place des dispositifs plus simples et moins
coûteux. Cette évolution, si elle se confirmait, aurait de lourdes conséquences pour l'économie locale. Le
Gouvernement s'était engagé à agir avant la fin de l'année {an}. Les délais constatés atteignent {mois}
mois, ce qui n'est pas acceptable. Dans un contexte de hausse des prix, cette incertitude pèse sur les plus
modestes. La Cour des comptes avait elle-même appelé à une réforme dans un rapport publié en {an}. Ces
inquiétudes ont été relayées par les parlementaires de tous les bancs. À ce jour, aucune évaluation
d'ensemble n'a été rendue publique. Les représentants des professions concernées, réunis à {ville} le
{date}, ont unanimement souligné que les mesures annoncées depuis {an} n'avaient pas permis d'enrayer la
dégradation observée. Alors que les besoins ne cessent de croître, les moyens consacrés à cette politique
ont été réduits de {pct2} % en cinq ans, ce qui oblige les structures locales à renoncer à une partie de
leurs missions. Plusieurs solutions sont pourtant à portée de main, qu'il s'agisse d'alléger les formalités,
de mieux répartir les crédits entre les territoires ou de confier davantage de responsabilités aux acteurs
locaux. Cette réalité contraste avec les engagements pris devant la représentation nationale, selon lesquels
chaque territoire devait disposer, avant la fin de l'année {an}, de moyens à la hauteur de ses besoins.
L'absence de données consolidées empêche en outre d'apprécier l'ampleur du problème, si bien que chaque
département élabore ses propres critères, au risque d'une rupture d'égalité entre les citoyens. Enfin, il
semble que les consignes données aux services aient été interprétées de manière restrictive, au point que
{n2} demandes ont été rejetées en {mois} mois dans la seule région {region}.
""")
"""Concerns that fit any theme."""

END = _sentences("""
{il} lui demande donc quelles mesures le Gouvernement entend prendre afin de remédier à cette situation.
{il} souhaite connaître ses intentions sur ce sujet ainsi que le calendrier envisagé. {il} lui demande si
une évolution de la réglementation est envisagée avant la fin de l'année. {il} souhaiterait savoir quels
moyens seront consacrés à cette politique dans le prochain budget. Aussi lui demande-t-on de bien vouloir
préciser les suites qui seront réservées à ces demandes légitimes. {il} l'interroge sur les dispositions que
le ministère compte mettre en œuvre pour répondre à ces attentes. Au regard de ces éléments, une réponse
claire et rapide est attendue par les acteurs de terrain. {il} lui demande par conséquent de lui indiquer le
nombre de personnes concernées et les actions engagées.
""")
"""How a question ends."""

FIRST = _sentences("""
La question {dusujet} retient toute l'attention du Gouvernement. Le Gouvernement est pleinement conscient
des préoccupations que suscite le dossier {dusujet}. S'agissant {dusujet}, il convient de rappeler le cadre
applicable. Les services du ministère suivent de près l'évolution {dusujet}. L'attention appelée sur la
situation {dusujet} rejoint une priorité du Gouvernement. Les interrogations relatives à l'avenir {dusujet}
appellent les éléments de réponse suivants.
""")
"""How an answer begins."""

REPLY = _sentences("""
Une enveloppe de {montant} millions d'euros a été inscrite à cet effet dans la loi de finances pour {an}.
Les services de l'État {loc} ont reçu instruction d'examiner chaque dossier avec bienveillance. Il convient
d'abord de rappeler que la {loi} a profondément modifié le cadre applicable. Le {decret} en a précisé les
modalités d'application. Une concertation a été engagée le {date} avec l'ensemble des parties prenantes. À
l'issue de ces travaux, {n2} propositions ont été retenues, dont plusieurs sont déjà en vigueur. Les
premiers résultats sont encourageants, puisque {pct} % des demandes ont abouti. Ce dispositif a bénéficié à
{n} personnes au cours de l'année {an}. Le Gouvernement n'entend pas revenir sur ces principes, qui assurent
un équilibre entre les intérêts en présence. Le ministère demeure toutefois attentif aux situations
individuelles les plus difficiles. Une mission d'inspection a été diligentée et ses conclusions seront
rendues publiques. Des moyens humains supplémentaires, soit {n2} équivalents temps plein, ont été affectés à
cette politique. La simplification des procédures constitue un autre axe de travail. Un portail unique
permettra, à compter de {an2}, d'effectuer l'ensemble des démarches en ligne. Un accueil physique restera
assuré pour les usagers qui le souhaitent. Les collectivités territoriales sont associées à chaque étape de
cette réforme. La mise en œuvre relève en premier lieu de l'échelon local, dans le respect de la libre
administration des collectivités. En outre, une aide exceptionnelle de {montant2} euros peut être accordée
sur décision du préfet. Par ailleurs, une campagne d'information a été lancée auprès du public. Le suivi de
ces engagements est assuré par un comité qui se réunit tous les {mois} mois. Au niveau européen, la France
défend une position exigeante et constante. Une évaluation indépendante sera conduite d'ici à {an2}. Dans
l'attente, les mesures transitoires adoptées en {an} demeurent applicables. Les textes en vigueur ne font
pas obstacle à ce que des dérogations soient accordées au cas par cas. Le taux de satisfaction mesuré auprès
des usagers s'établit à {pct2} %. Les indicateurs disponibles font apparaître une amélioration de {pct}
points sur un an. Le coût global de ces mesures est évalué à {montant} millions d'euros par an. Les
représentants du secteur ont été reçus au ministère à plusieurs reprises, la dernière fois le {date}. Les
organisations consultées ont salué les avancées obtenues, tout en exprimant le souhait d'aller plus loin. Le
Parlement sera naturellement associé à ces évolutions lors de l'examen des prochains textes. À {ville},
comme dans de nombreux territoires, une expérimentation est en cours et sera prolongée. Enfin, un point
d'étape sera présenté avant la fin de l'année {an2}. Les agents chargés de ces missions ont suivi une
formation adaptée. Le ministère veillera à ce que les délais annoncés soient respectés. Ces orientations
témoignent de la détermination du Gouvernement à apporter des réponses concrètes. L'ensemble de ces mesures
répond aux préoccupations exprimées. Sur le plan juridique, le Conseil d'État a jugé que la différence de
traitement ainsi instituée était justifiée par une différence de situation et qu'elle demeurait en rapport
direct avec l'objet de la norme. Il n'est pas envisagé, à ce stade, de modifier cet équilibre par voie
réglementaire, dans la mesure où les évolutions récentes n'ont pas encore produit tous leurs effets. Les
travaux conduits sous l'autorité du préfet de région ont permis d'identifier {n2} situations prioritaires,
pour lesquelles une solution a été proposée dans un délai de {mois} mois. Les données les plus récentes,
arrêtées au {date}, montrent que {pct} % des structures interrogées ont engagé les adaptations nécessaires,
ce qui témoigne d'une réelle appropriation de la réforme. À cet égard, la circulaire adressée aux préfets et
aux directeurs d'administration centrale rappelle que l'instruction des demandes doit être individuelle,
motivée et menée avec le souci constant de l'intérêt des usagers. Le Gouvernement partage l'objectif d'une
meilleure coordination entre les acteurs, condition nécessaire pour que les moyens engagés, qui ont
progressé de {pct2} % depuis {an}, produisent leurs pleins effets sur le terrain. Une attention particulière
est portée aux territoires ruraux, aux quartiers prioritaires et aux outre-mer, dans lesquels les
difficultés d'accès aux services se cumulent avec d'autres fragilités économiques et sociales. Le groupe de
travail réuni pour la première fois le {date} associe les administrations, les représentants des
collectivités territoriales, les organisations professionnelles et plusieurs personnalités qualifiées.
S'agissant du calendrier, les premières dispositions sont entrées en vigueur en {an} et les dernières le
seront au plus tard au cours de l'année {an2}, afin de laisser à chacun le temps de s'y préparer. Sur le
plan financier, l'effort consenti par l'État s'élève à {montant} millions d'euros en autorisations
d'engagement, auxquels s'ajoutent les cofinancements apportés par l'Union européenne et par les régions. Les
organismes concernés peuvent d'ores et déjà solliciter un accompagnement méthodologique auprès des services
déconcentrés, qui disposent à cette fin de référents spécialement formés. Le rapport remis au Parlement en
application de la {loi} détaille, département par département, les résultats obtenus ainsi que les marges de
progrès qui subsistent. En tout état de cause, les personnes qui s'estimeraient lésées disposent des voies
de recours de droit commun et peuvent également saisir le Défenseur des droits, dont les délégués tiennent
des permanences de proximité. Dans cette perspective, une convention pluriannuelle d'objectifs a été conclue
avec les principaux opérateurs, qui se sont engagés à réduire leurs délais de {mois} semaines en moyenne.
Cette démarche s'inscrit dans le cadre plus général de la planification engagée par le Gouvernement, qui
vise à donner de la visibilité aux acteurs économiques comme aux collectivités jusqu'en {an2}. Les échanges
se poursuivent avec la Commission européenne afin de garantir la sécurité juridique du dispositif au regard
des règles relatives aux aides d'État et à la libre concurrence. Les inspections compétentes ont par
ailleurs été chargées d'examiner les écarts constatés d'un territoire à l'autre et de proposer, dans un
délai de {mois} mois, les correctifs qui paraîtraient utiles. Il appartient enfin aux employeurs et aux
gestionnaires concernés de mobiliser l'ensemble des outils existants, notamment ceux qui ont été créés par
le {decret}, encore trop peu utilisés.
""")
"""Replies that fit any theme."""

THEMES = {
    "agriculture": _theme(
        """
les délais de versement des aides de la politique agricole commune|la prise en charge des pertes de récolte
liées au gel|la rémunération des éleveurs laitiers|l'accompagnement des viticulteurs frappés par la
mévente|la transmission des exploitations agricoles|le coût de l'alimentation animale|la lutte contre le
frelon asiatique à pattes jaunes|l'indemnisation des élevages touchés par la grippe aviaire|la pénurie de
vétérinaires en zone rurale|le renouvellement des peuplements forestiers attaqués par les scolytes|les
conditions d'abandon des animaux de compagnie|l'étiquetage de l'origine des produits transformés|les charges
supportées par les apiculteurs|l'avenir de la pêche artisanale en Méditerranée
""",
        """
aides|élevage|viticulture|exploitants|politique agricole
""",
        """
Dans {dept}, {n} exploitations attendaient encore en {an} le solde des sommes qui leur étaient dues. Les
producteurs rappellent que leurs charges ont augmenté de {pct} % en {mois} mois alors que les prix payés à
la ferme stagnaient. À {ville}, plusieurs éleveurs envisagent de cesser leur activité faute de repreneur.
Les jeunes agriculteurs installés depuis {an} sont les plus fragiles, car leurs emprunts courent encore sur
de longues années. La chambre d'agriculture estime à {montant} millions d'euros les pertes subies par la
filière en région {region}. Les contrôles se multiplient et chaque erreur de déclaration, même de bonne foi,
suspend les versements pendant {mois} mois. Les importations venues de pays aux normes moins exigeantes
créent une concurrence que les exploitants jugent déloyale. La trésorerie des fermes ne permet plus
d'attendre la fin de l'instruction des dossiers. Certaines coopératives ont déjà réduit leur collecte de
{pct2} % par rapport à l'année précédente.
""",
        """
Les versements de la campagne {an} ont été avancés au mois d'octobre et {pct} % des bénéficiaires ont perçu
leur acompte dans les délais. Un fonds d'urgence doté de {montant} millions d'euros a été ouvert pour les
exploitations dont le chiffre d'affaires a reculé de plus de {pct2} %. Les directions départementales des
territoires ont été renforcées afin de traiter les {n} dossiers restés en instance. Le régime des calamités
a été refondu par la {loi}, qui fait intervenir la solidarité nationale au-delà d'un certain taux de pertes.
Les caisses de la mutualité sociale agricole peuvent accorder un report ou une prise en charge partielle des
cotisations. La France défend au Conseil de l'Union européenne une clause de réciprocité des normes de
production. Les négociations commerciales sont désormais encadrées afin que le coût de la matière première
agricole soit pris en compte dans le prix. Le plan de filière adopté le {date} prévoit la reconversion de
{n} hectares d'ici à {an2}. L'installation et la transmission feront l'objet d'un guichet unique dans chaque
département. Les vétérinaires sanitaires bénéficient d'une revalorisation des actes réalisés pour le compte
de l'État.
""",
    ),
    "santé": _theme(
        """
les délais d'accès à une consultation d'ophtalmologie|la fermeture nocturne du service d'urgences|la pénurie
de médicaments d'intérêt thérapeutique majeur|la revalorisation des infirmiers libéraux|le remboursement des
prothèses capillaires|la prise en charge de l'endométriose|la formation des manipulateurs en
électroradiologie|la reconnaissance du diplôme des orthophonistes|les difficultés de recrutement des
hôpitaux de proximité|la prise en charge des malades du covid long|le statut des praticiens à diplôme hors
Union européenne|la tarification des transports sanitaires|le dépistage organisé du cancer colorectal|la
place des pharmacies dans les zones sous-denses|l'accès aux soins dentaires des enfants
""",
        """
accès aux soins|établissements|remboursement|professions de santé|prévention
""",
        """
À {ville}, il faut compter {mois} mois pour obtenir un rendez-vous chez un spécialiste. Dans {dept}, {pct} %
des médecins généralistes ont plus de soixante ans et leur succession n'est pas assurée. Les patients
renoncent aux soins ou se tournent vers un service d'urgences lui-même saturé. Les professionnels concernés
constatent que leurs tarifs n'ont pas évolué depuis {an} alors que leurs frais ont crû de {pct2} %. Une
association de malades, qui compte {n} adhérents, dénonce des inégalités selon le lieu de résidence. Le
service a fermé {n2} nuits en {an} faute de praticiens en nombre suffisant. Les familles doivent avancer des
sommes importantes, qui ne leur sont remboursées qu'en partie. La Haute Autorité de santé a rendu le {date}
un avis favorable qui n'a pas été suivi d'effet. Le reste à charge atteint {n2} euros par mois pour certains
patients.
""",
        """
L'Agence nationale de sécurité du médicament suit l'approvisionnement chaque semaine et a contingenté les
exportations de {n2} spécialités. La {loi} a supprimé le plafond qui limitait le nombre d'étudiants admis
dans les filières de santé. Une convention signée le {date} avec l'assurance maladie revalorise les actes de
{pct} % sur la durée de son application. L'agence régionale de santé en région {region} a engagé {montant}
millions d'euros pour soutenir les établissements de proximité. Les maisons de santé pluriprofessionnelles
sont passées de {n2} à {n} en quelques années. Le service d'accès aux soins couvre aujourd'hui {pct2} % de
la population et sera généralisé en {an2}. Les assistants médicaux permettent à chaque cabinet de suivre
davantage de patients. La commission de la transparence a évalué le service médical rendu et ses conclusions
s'imposent pour l'inscription au remboursement. Les compétences des infirmiers, des sages-femmes et des
pharmaciens ont été élargies par le {decret}. Les indemnités versées aux praticiens qui s'installent en zone
sous-dense ont été portées à {montant2} euros par mois.
""",
    ),
    "solidarités": _theme(
        """
les délais de traitement des dossiers par les maisons départementales des personnes
handicapées|l'accompagnement des élèves en situation de handicap sur le temps périscolaire|la revalorisation
des aides à domicile|le manque de places en institut médico-éducatif|le placement des enfants confiés à
l'aide sociale à l'enfance|le calcul de l'allocation aux adultes handicapés|l'hébergement d'urgence des
femmes victimes de violences|la situation financière des établissements d'hébergement pour personnes âgées
dépendantes|la rémunération des assistants maternels|le statut des aidants familiaux|l'accessibilité des
bâtiments recevant du public|les conditions d'attribution de la prime d'activité|les moyens des banques
alimentaires
""",
        """
allocations et ressources|établissements|politique de l'enfance|accès aux droits|personnels
""",
        """
À {ville}, une famille attend depuis {mois} mois la décision qui ouvrirait une place à son enfant. Les
associations gestionnaires dans {dept} n'arrivent plus à équilibrer leurs comptes et {n2} postes y sont
vacants. Les intéressés doivent fournir à chaque renouvellement les mêmes justificatifs, alors que leur
situation n'évoluera pas. Le montant versé reste inférieur au seuil de pauvreté, que {pct} % des
bénéficiaires ne franchissent jamais. Les aidants épuisés n'ont accès à aucune solution de répit à moins de
{n2} kilomètres. Les professionnels de ce secteur, en grande majorité des femmes, n'ont pas tous bénéficié
des revalorisations décidées en {an}. Faute de place en France, des enfants sont accueillis en Belgique,
loin de leurs proches. Les conseils départementaux font valoir que leurs dépenses sociales ont augmenté de
{pct2} %. Le nombre de personnes sans solution est estimé à {n} dans la seule région {region}.
""",
        """
Le délai moyen de traitement a été ramené à {mois} mois et les droits sont désormais accordés sans
limitation de durée lorsque le handicap n'est pas susceptible d'évoluer. La Caisse nationale de solidarité
pour l'autonomie a versé {montant} millions d'euros aux départements pour accompagner cette mesure. Un plan
de création de {n} solutions nouvelles, présenté le {date}, donne la priorité aux territoires les moins bien
dotés. La revalorisation des salaires de la branche de l'aide à domicile représente une hausse moyenne de
{pct} %. L'allocation a été portée à {montant2} euros par mois et les revenus du conjoint ne sont plus pris
en compte. Les établissements en difficulté peuvent saisir une commission départementale qui examine leur
situation au cas par cas. La {loi} a fixé un tarif plancher pour chaque heure d'intervention. Les
départements demeurent chefs de file de l'action sociale et il leur revient d'en fixer les modalités. Un
congé rémunéré est ouvert aux proches aidants pour une durée qui peut atteindre un an. L'inspection générale
des affaires sociales a été chargée d'un rapport attendu en {an2}.
""",
    ),
    "éducation": _theme(
        """
la fermeture de classes en zone rurale|le remplacement des enseignants absents|la rémunération des
accompagnants d'élèves en situation de handicap|l'organisation de la plateforme d'admission dans
l'enseignement supérieur|les moyens de la médecine scolaire|l'enseignement des langues régionales|le
logement étudiant dans les villes moyennes|le financement des clubs sportifs amateurs|la lutte contre le
harcèlement scolaire|le statut des enseignants contractuels|l'avenir des lycées professionnels|la
reconnaissance du bénévolat associatif|la carte de l'éducation prioritaire|le niveau des élèves en
mathématiques
""",
        """
écoles|personnels|fonctionnement|programmes|étudiants
""",
        """
Dans {dept}, {n2} classes doivent fermer à la prochaine rentrée alors que les effectifs n'y reculent que de
{pct} %. Les parents d'élèves de {ville} ont relevé {n2} heures de cours perdues depuis septembre. Beaucoup
de ces agents sont employés à temps incomplet et perçoivent moins de {montant2} euros par mois. Un seul
médecin scolaire suit plus de {n} élèves dans ce secteur. Les maires n'ont été consultés qu'une fois les
décisions prises. Les associations ont vu leurs subventions baisser de {pct2} % depuis {an} et peinent à
recruter des bénévoles. Les étudiants consacrent à leur loyer plus de la moitié de leurs ressources. Les
enquêtes internationales publiées en {an} confirment un recul que les équipes observent dans leurs classes.
Les établissements privés sous contrat ne sont pas soumis aux mêmes règles, ce qui nourrit un sentiment
d'injustice.
""",
        """
Le taux d'encadrement n'a jamais été aussi favorable dans le premier degré et l'académie bénéficie de {n2}
emplois supplémentaires. Aucune école rurale ne ferme sans l'accord du maire, conformément à l'engagement
pris le {date}. Le remplacement de courte durée est désormais organisé au sein de chaque établissement et
{pct} % des heures perdues ont été rendues aux élèves. La rémunération des personnels a été revalorisée et
représente un effort budgétaire de {montant} millions d'euros. Les accompagnants accèdent à un contrat à
durée indéterminée au terme de trois années d'exercice. Le {decret} précise les conditions dans lesquelles
les élèves peuvent bénéficier d'un aménagement. Le calendrier de la plateforme a été resserré et {pct2} %
des candidats ont reçu une proposition dès le premier jour. Un protocole de traitement des situations de
harcèlement s'applique dans tous les établissements. Les bourses sur critères sociaux ont été relevées et
{n} étudiants supplémentaires en bénéficient. Le fonds pour le développement de la vie associative soutient
le fonctionnement des petites structures.
""",
    ),
    "sécurité": _theme(
        """
les effectifs du commissariat de police|l'insécurité dans les transports du quotidien|les rodéos motorisés
en milieu urbain|les délais d'obtention des cartes d'identité et des passeports|la mise en œuvre des
obligations de quitter le territoire français|le renouvellement des titres de séjour|les moyens des brigades
de gendarmerie|la reconnaissance de l'état de catastrophe naturelle après la sécheresse|le statut des
sapeurs-pompiers volontaires|l'armement des polices municipales|les stationnements illicites de résidences
mobiles|la protection des élus menacés|la vidéoprotection dans les petites communes
""",
        """
police|délinquance|effectifs|réglementation|sécurité civile
""",
        """
Les habitants de {ville} subissent depuis {mois} mois des nuisances répétées qui excèdent les moyens de la
police municipale. Les atteintes aux biens ont progressé de {pct} % dans {dept} au cours de l'année {an}. Le
commissariat compte {n2} agents de moins qu'à sa création, alors que la population de sa circonscription a
augmenté. Les dépôts de plainte se heurtent à des horaires réduits et à des locaux vétustes. Il faut parfois
patienter {mois} mois pour obtenir un rendez-vous en préfecture. Des communes voisines, touchées par les
mêmes intempéries, ont été reconnues sinistrées quand d'autres ne l'ont pas été. Le maire a saisi le préfet
le {date}, sans recevoir de réponse. Les volontaires assurent {pct2} % des interventions et se disent
découragés. Les caméras installées n'ont été subventionnées qu'à hauteur de {pct} %.
""",
        """
La circonscription de sécurité publique dispose aujourd'hui de {n2} agents, soit une progression de {pct} %
depuis {an}. La loi d'orientation et de programmation prévoit le recrutement de {n} policiers et gendarmes
d'ici à {an2}. Deux cents brigades de gendarmerie nouvelles sont créées, dont plusieurs {loc}. Les
opérations conduites depuis le {date} ont donné lieu à {n} contrôles et à {n2} interpellations. Les
rendez-vous pour les titres d'identité sont désormais accessibles sur un moteur de recherche national, et le
délai moyen est passé sous les {mois} jours. La commission interministérielle se prononce commune par
commune, au vu de données de géotechnique et de météorologie. Le préfet dispose du pouvoir de mise en
demeure et d'évacuation forcée dans les conditions fixées par la {loi}. Les crédits du fonds
interministériel de prévention de la délinquance s'élèvent à {montant} millions d'euros. La nouvelle
prestation de fidélité et de reconnaissance valorise l'engagement des volontaires. Les services préfectoraux
ont été renforcés par {n2} vacataires.
""",
    ),
    "justice": _theme(
        """
la surpopulation carcérale|les délais de jugement devant le conseil de prud'hommes|l'aide
juridictionnelle|l'accompagnement des victimes de violences conjugales|la situation des greffiers|le
recouvrement des pensions alimentaires|l'occupation illicite de logements|le statut des mandataires
judiciaires à la protection des majeurs|la lutte contre les fraudes en ligne|l'encadrement du démarchage des
notaires par des sociétés privées|les conditions de travail des surveillants pénitentiaires|l'exécution des
courtes peines
""",
        """
procédure|tribunaux|détention|victimes
""",
        """
Le taux d'occupation de la maison d'arrêt voisine de {ville} atteint {pct} % au-delà de ses capacités. Les
justiciables attendent {mois} mois une première audience. Dans {dept}, {n2} postes de greffier ne sont pas
pourvus. Les avocats observent que le barème n'a pas été revu depuis {an}. Les victimes doivent raconter les
mêmes faits à plusieurs reprises, devant des interlocuteurs qui changent. Les propriétaires lésés
n'obtiennent le concours de la force publique qu'après {mois} mois de procédure. Une enquête du {date} fait
état de {n} affaires classées faute de moyens. Les surveillants dénoncent {n2} agressions en un an. Les
petits contentieux du quotidien sont ainsi privés de juge.
""",
        """
Le budget de la justice a augmenté de {pct} % depuis {an} et permet le recrutement de {n} magistrats et
greffiers. Le programme de construction pénitentiaire se poursuit et {n} places seront livrées d'ici à
{an2}. La politique de l'amiable donne aux parties un moyen de résoudre leur différend en moins de {mois}
mois. Le dispositif de téléphone grave danger équipe aujourd'hui {n} personnes. La {loi} a doublé les peines
encourues et accéléré la procédure administrative. Le montant de l'unité de valeur a été relevé par le
{decret}. Le protocole signé le {date} avec les organisations représentatives revalorise la carrière des
greffes. L'agence de recouvrement intervient dès le premier impayé et verse directement la pension au parent
créancier. Une circulaire de politique pénale demande aux procureurs une réponse systématique et rapide. Les
juridictions de région {region} bénéficient du concours de {n2} juristes assistants.
""",
    ),
    "économie": _theme(
        """
les difficultés de trésorerie des petites entreprises|la fermeture d'un site industriel|le prix de
l'électricité payé par les artisans boulangers|la couverture du territoire en fibre optique|les frais
bancaires sur les successions|la concurrence des plateformes étrangères de vente en ligne|le démarchage
téléphonique abusif|la fermeture de bureaux de poste|le remboursement des prêts garantis par l'État|les
délais de livraison des pièces automobiles|les arnaques à la rénovation énergétique|la qualité du réseau de
téléphonie mobile|la revitalisation des commerces de centre-bourg|l'assurance des collectivités après les
émeutes
""",
        """
entreprises|commerce|prix et concurrence|industrie|protection des consommateurs
""",
        """
À {ville}, l'annonce de la fermeture menace {n2} emplois directs et autant chez les sous-traitants. La
facture d'une entreprise artisanale a été multipliée en {mois} mois, sans qu'elle puisse la répercuter. Les
commerçants {loc} constatent une baisse de fréquentation de {pct} %. Les consommateurs trompés n'obtiennent
presque jamais réparation. L'opérateur s'était engagé à raccorder {n} foyers avant {an}, mais {pct2} %
d'entre eux attendent toujours. Les professionnels redoutent que les produits importés sans contrôle ne
faussent durablement le marché. Les frais prélevés varient d'un établissement à l'autre sans justification
apparente. Plusieurs communes ne trouvent plus d'assureur ou se voient imposer une franchise de {montant}
milliers d'euros. Les repreneurs intéressés se heurtent à l'absence d'interlocuteur au sein du groupe.
""",
        """
Un commissaire aux restructurations suit ce dossier avec le préfet et les élus, et {n2} offres de reprise
sont à l'étude. Le bouclier tarifaire a représenté {montant} millions d'euros pour les très petites
entreprises. La direction générale de la concurrence, de la consommation et de la répression des fraudes a
contrôlé {n} établissements en {an}, dont {pct} % présentaient une anomalie. Le médiateur du crédit peut
étaler le remboursement sur une durée allant jusqu'à dix ans. La {loi} encadre désormais ces frais et en
interdit la perception dans les cas les plus simples. Le déploiement du réseau a progressé de {pct2} % et
l'Autorité de régulation a sanctionné l'opérateur défaillant. Le plan d'investissement consacre {montant}
millions d'euros à la décarbonation des sites industriels. La présence postale est garantie par un contrat
tripartite signé le {date}. Le consommateur peut signaler toute pratique douteuse sur le site public prévu à
cet effet. Les droits de douane applicables aux petits colis seront revus au niveau européen en {an2}.
""",
    ),
    "fiscalité": _theme(
        """
la fiscalité des résidences secondaires|le taux de taxe sur la valeur ajoutée applicable aux travaux de
rénovation|la suppression de la demi-part des veuves|la contribution foncière des entreprises|les erreurs de
déclaration d'occupation des biens immobiliers|le régime fiscal des locations meublées de
tourisme|l'exonération de taxe foncière des personnes âgées modestes|la situation des agents publics
contractuels|la dématérialisation des démarches administratives|le barème des frais kilométriques|le crédit
d'impôt pour l'emploi d'un salarié à domicile|la fermeture des trésoreries de proximité
""",
        """
assiette|exonération|taux|fonctionnement|réforme
""",
        """
Un contribuable de {ville} a vu son imposition passer en un an de {n2} à {montant2} euros. Cette mesure
concerne {n} foyers dans {dept}, dont beaucoup disposent de faibles revenus. Le rapport remis le {date}
montre que {pct} % des redevables n'ont pas compris les formulaires. Les réclamations restent sans réponse
pendant {mois} mois. Les entreprises qui investissent sont ainsi moins bien traitées que celles qui
distribuent. Les communes perdent {montant} milliers d'euros de recettes sans compensation. Les usagers les
plus âgés, qui n'ont pas toujours d'ordinateur, doivent se déplacer de plus en plus loin. La règle n'a pas
été actualisée depuis {an}, malgré une inflation de {pct2} %. Des situations identiques reçoivent un
traitement différent d'un service à l'autre.
""",
        """
L'article concerné du code général des impôts prévoit une exonération lorsque le revenu fiscal de référence
n'excède pas {montant2} euros. Le coût de cette dépense fiscale est évalué à {montant} millions d'euros pour
{an}. La {loi} a prorogé le dispositif jusqu'en {an2}. Les dégrèvements ont été prononcés d'office pour {n}
contribuables, sans démarche de leur part. Une extension du taux réduit se heurterait au droit de l'Union
européenne, qui en dresse une liste limitative. Les services des finances publiques tiennent {n2}
permanences dans les maisons France Services {loc}. Il a paru préférable de réserver l'avantage aux ménages
dont les ressources le justifient. Le barème a été revalorisé de {pct} % pour tenir compte de la hausse des
prix. La doctrine administrative sera précisée sur ce point dans les prochains mois. Les collectivités
perçoivent une compensation intégrale, dont la dynamique est garantie.
""",
    ),
    "écologie": _theme(
        """
l'implantation d'éoliennes à proximité des habitations|la qualité de l'eau destinée à la consommation
humaine|la lutte contre les dépôts sauvages de déchets|le recul du trait de côte|la présence de polluants
éternels dans les sols|l'aide à la rénovation énergétique des logements|la prolifération des sangliers|la
protection des captages|l'avenir de la filière solaire|la gestion des cours d'eau après les inondations|les
zones à faibles émissions|la collecte des emballages de boissons|le développement des réseaux de chaleur|le
loup et la protection des troupeaux
""",
        """
énergies renouvelables|déchets|eau|protection|pollution
""",
        """
Les analyses réalisées à {ville} le {date} révèlent un dépassement des seuils pour {pct} % des prélèvements.
Les riverains estiment que l'enquête publique n'a pas permis un véritable débat. Dans {dept}, {n2} projets
ont été déposés en {mois} mois, sans vision d'ensemble. Les collectivités doivent financer seules des
travaux évalués à {montant} millions d'euros. Les propriétaires qui ont engagé des travaux attendent
toujours le versement de {montant2} euros. Le coût du traitement de ces déchets a crû de {pct2} % depuis
{an}. Les associations de protection de la nature demandent la publication des études d'impact. Les artisans
formés à ces techniques manquent et les délais atteignent {mois} mois. L'érosion menace {n2} habitations
dont la valeur est devenue nulle.
""",
        """
L'agence de l'eau a consacré {montant} millions d'euros à la mise aux normes des installations en région
{region}. La programmation pluriannuelle de l'énergie fixe un objectif de {pct} % en {an2}. Chaque projet
est soumis à une autorisation environnementale, après enquête publique et avis de l'autorité compétente. La
{loi} confie au maire la définition des zones d'accélération. Le prix du dispositif est désormais modulé
selon les revenus des ménages et {n} dossiers ont été soldés en {an}. Une valeur limite plus stricte sera
applicable aux eaux distribuées à compter de {an2}. L'éco-organisme est tenu de prendre en charge {pct2} %
du coût de la collecte. Les services de l'État ont dressé {n2} procès-verbaux depuis le {date}. Le fonds de
prévention des risques naturels peut financer les études et les relocalisations. Le Conseil national de la
transition écologique a rendu un avis favorable.
""",
    ),
    "transports": _theme(
        """
la dégradation de la ligne ferroviaire|la suppression de trains d'équilibre du territoire|l'état des ponts
routiers|l'accès des personnes à mobilité réduite aux gares|la tarification des autoroutes|les nuisances
sonores de l'aérodrome|la concurrence entre taxis et voitures de transport avec chauffeur|le développement
des pistes cyclables|la desserte des îles du littoral|les retards répétés des trains régionaux|la pénurie de
conducteurs de cars scolaires|le contournement routier|le fret ferroviaire de proximité
""",
        """
infrastructures|exploitation|tarifs|sécurité
""",
        """
Entre {ville} et la métropole voisine, le temps de trajet a augmenté de {mois} minutes en dix ans. Les
usagers ont subi {n2} suppressions de trains au cours du seul trimestre écoulé. Le pont, construit au siècle
dernier, est limité à un tonnage qui interdit le passage des cars scolaires. La fermeture de la ligne
obligerait {n} voyageurs à reprendre leur voiture. Les travaux, annoncés pour {an}, ont été reportés à
plusieurs reprises. Le coût de la remise en état est estimé à {montant} millions d'euros, que la région ne
peut assumer seule. Les péages ont augmenté de {pct} % alors que la dette est amortie. Les professionnels
{loc} ont perdu {pct2} % de leur clientèle. Les riverains relèvent des vols de nuit malgré l'arrêté du
{date}.
""",
        """
SNCF Réseau a engagé un programme de régénération de {montant} millions d'euros sur cet axe. Le contrat de
plan entre l'État et la région {region} réserve {pct} % de ses crédits au ferroviaire. Les études
préliminaires ont été achevées le {date} et la déclaration d'utilité publique est attendue en {an2}. Un
recensement a montré que {n} ouvrages appelaient une surveillance renforcée. L'organisation des services
régionaux relève de la compétence de la région, autorité organisatrice des mobilités. Les contrats de
concession encadrent la hausse des tarifs selon une formule liée à l'inflation. La {loi} a renforcé les
contrôles et {n2} véhicules ont été immobilisés en {an}. Le schéma directeur d'accessibilité couvre {n2}
gares prioritaires. Le plan vélo a financé {n} kilomètres d'aménagements cyclables. La formation des
conducteurs a été raccourcie de {mois} semaines pour répondre à la pénurie.
""",
    ),
    "travail": _theme(
        """
le niveau des petites pensions de retraite|la prise en compte des carrières longues|le financement des
centres de formation d'apprentis|l'indemnisation des demandeurs d'emploi en fin de droits|la situation des
travailleurs frontaliers|la reconnaissance de la pénibilité|le cumul d'un emploi et d'une retraite|le retard
de paiement des pensions de réversion|la retraite des anciens bénéficiaires de travaux d'utilité
collective|les conditions de travail dans la logistique|la prévention des accidents mortels du
travail|l'emploi des travailleurs saisonniers|l'accès des indépendants aux indemnités journalières
""",
        """
montant des pensions|apprentissage|conditions de travail|indemnisation|réforme
""",
        """
Une habitante de {ville}, qui a commencé à travailler à seize ans, ne perçoit que {montant2} euros par mois.
Dans {dept}, {n} personnes sont dans ce cas et n'ont reçu aucune information. La baisse de la prise en
charge met en péril {n2} formations, dont certaines en milieu rural. Les caisses invoquent un délai de
{mois} mois pour compléter les dossiers. Les périodes accomplies en {an} n'ont pas été validées, faute de
justificatifs que l'employeur n'a jamais remis. Les accidents ont progressé de {pct} % dans ce secteur. Les
allocataires de plus de cinquante-cinq ans retrouvent difficilement un emploi stable. L'accord conclu le
{date} n'a pas été étendu. Les intéressés comparent leur sort à celui d'autres professions, dont {pct2} %
partent plus tôt.
""",
        """
La réforme a prévu une majoration pouvant atteindre une centaine d'euros par mois pour les carrières
complètes au salaire minimum. Au total, {n} retraités ont vu leur pension réexaminée avant la fin de l'année
{an}. Le {decret} permet désormais la validation de ces trimestres dans la limite de {mois} mois. Le niveau
de prise en charge des contrats est fixé par France compétences, au vu des coûts réels observés. Les
apprentis sont {n} de plus qu'il y a cinq ans, soit une hausse de {pct} %. L'assurance chômage relève
d'abord de la négociation entre partenaires sociaux. Le plan de prévention des accidents graves mobilise
{n2} agents de contrôle supplémentaires. La caisse nationale a résorbé {pct2} % de son retard et s'engage
sur un versement dans les {mois} semaines. La {loi} a ouvert une seconde pension aux assurés qui reprennent
une activité. Une concertation s'est ouverte le {date} avec les organisations syndicales et patronales.
""",
    ),
    "armées": _theme(
        """
l'attribution de la carte du combattant|la rénovation des logements des familles de militaires|le maintien
en condition opérationnelle des hélicoptères|les effectifs de la réserve opérationnelle|la campagne double
des anciens combattants|l'indemnisation des victimes des essais nucléaires|l'entretien des nécropoles|la
fidélisation des militaires du rang|le calendrier de livraison des navires|la promotion des bénévoles dans
l'ordre national du Mérite|l'accueil des pupilles de la Nation|le budget des associations d'anciens
combattants
""",
        """
équipements|anciens combattants|personnels|pensions
""",
        """
Les associations d'anciens combattants {loc} rassemblent {n} adhérents, dont l'âge moyen progresse. Le taux
de disponibilité de ces matériels ne dépasse pas {pct} %. À {ville}, des familles de militaires occupent des
logements dont la réfection est promise depuis {an}. Seuls {n2} dossiers ont reçu une suite favorable sur
les {n} qui ont été déposés. Les intéressés avancent en âge et craignent de ne jamais voir leur engagement
reconnu. L'entreprise titulaire du marché a pris {mois} mois de retard. Le point d'indice n'a augmenté que
de {pct2} % sur la période. Les cérémonies du {date} ont rappelé combien cette mémoire est vive. Les
réservistes attendent parfois {mois} mois leur première convocation.
""",
        """
La loi de programmation militaire consacre {montant} millions d'euros à cette capacité d'ici à {an2}. Le
point de pension a été relevé de {pct} % au 1er janvier. L'Office national des combattants et des victimes
de guerre instruit {n} demandes par an. Les conditions d'attribution sont fixées par le code des pensions
militaires d'invalidité et des victimes de guerre. La rénovation de {n2} logements a été engagée dans le
cadre d'un contrat de concession. Le taux de disponibilité a progressé de {pct2} points depuis la
verticalisation des contrats. La réserve compte désormais {n} volontaires de plus qu'en {an}. Le comité
institué par la {loi} examine chaque dossier au vu de critères médicaux. Les livraisons ont repris le {date}
et le calendrier sera tenu. Le plan famille améliore l'accueil des enfants et l'emploi des conjoints lors
des mutations.
""",
    ),
    "international": _theme(
        """
la situation humanitaire dans le Haut-Karabagh|la détention arbitraire de ressortissants français à
l'étranger|la scolarité dans les lycées français du monde|la ratification d'un accord commercial|les
rendez-vous dans les consulats|la protection des journalistes en zone de conflit|l'aide publique au
développement|la coopération fiscale avec les États voisins|les droits des femmes en Afghanistan|la liberté
religieuse des minorités du Proche-Orient|la fiscalité des Français établis hors de France|le respect des
droits humains dans les chaînes d'approvisionnement
""",
        """
relations bilatérales|droits de l'homme|aide et coopération|Union européenne
""",
        """
Des organisations non gouvernementales ont recensé {n} personnes déplacées depuis le {date}. Nos
compatriotes attendent {mois} mois un rendez-vous pour renouveler un passeport. Les familles n'ont reçu
aucune nouvelle de leurs proches depuis {mois} mois. La diaspora installée à {ville} est très inquiète et
s'est réunie à plusieurs reprises. Les frais de scolarité ont augmenté de {pct} % en {an}. Les parlements
nationaux n'ont pas été associés à la négociation. Le rapport remis aux Nations unies fait état de {n2}
violations. L'aide française ne représente que {pct2} % de l'effort européen. Plusieurs partenaires
européens ont déjà suspendu leur coopération.
""",
        """
La France a condamné ces faits dès le {date} et l'a rappelé lors de chaque entretien bilatéral. Notre
ambassade a effectué {n2} visites consulaires et demeure en contact avec les familles. Un soutien
humanitaire de {montant} millions d'euros a été débloqué, dont {pct} % ont transité par les agences des
Nations unies. La France a obtenu de ses partenaires l'adoption de mesures restrictives visant {n2}
personnes et entités. Un service de réponse téléphonique couvre aujourd'hui {pct2} % des postes consulaires.
Le Parlement sera saisi de la ratification, conformément à l'article 53 de la Constitution. Les bourses
scolaires bénéficient à {n} élèves et leur enveloppe est maintenue. La {loi} de programmation fixe une
trajectoire que les crédits de {an} respectent. Le Conseil des affaires étrangères y reviendra au début de
l'année {an2}. Le ministère est pleinement mobilisé pour la protection de nos ressortissants.
""",
    ),
    "culture": _theme(
        """
la sauvegarde du patrimoine religieux rural|les moyens de la presse d'information locale|la rémunération des
artistes-auteurs|le financement des radios associatives|l'accès à la culture en milieu rural|la restauration
d'un monument historique|la protection des œuvres face à l'intelligence artificielle|la situation des
intermittents du spectacle|l'avenir du passe destiné aux jeunes|la fermeture de salles de cinéma
indépendantes|le soutien aux écoles de musique|la diffusion de l'audiovisuel public en langues régionales
""",
        """
patrimoine|spectacle vivant|presse|aides|droits d'auteur
""",
        """
L'église de {ville} est fermée au public depuis {mois} mois pour des raisons de sécurité. La commune, qui
compte {n} habitants, ne peut réunir les {montant} millions d'euros nécessaires. Les radios associatives
{loc} redoutent une baisse de {pct} % de leur dotation. La moitié des auteurs perçoit moins de {montant2}
euros par mois. Le nombre de points de vente de la presse a reculé de {pct2} % depuis {an}. Les compagnies
ont dû annuler {n2} représentations. Les établissements d'enseignement artistique dépendent presque
entièrement des communes. Les ayants droit n'ont pas été consultés avant la publication du {decret}. Le
festival, créé il y a vingt ans, pourrait ne pas avoir lieu en {an2}.
""",
        """
La direction régionale des affaires culturelles a apporté {pct} % du financement des études. Le loto du
patrimoine a soutenu {n2} projets en région {region}. Le fonds de soutien à l'expression radiophonique est
maintenu à {montant} millions d'euros. Une mission confiée au Conseil supérieur de la propriété littéraire
et artistique remettra ses conclusions en {an2}. La {loi} a créé un label pour les librairies et les salles
indépendantes. Les aides à la presse ont été recentrées sur les titres d'information politique et générale.
L'année blanche a bénéficié à {n} artistes et techniciens. Le plan en faveur de la ruralité, présenté le
{date}, finance {n2} résidences d'artistes. Les conservatoires classés restent éligibles aux crédits de
l'État. Le règlement européen impose aux fournisseurs une obligation de transparence.
""",
    ),
    "territoires": _theme(
        """
la crise du logement dans les zones tendues|la baisse de la dotation globale de fonctionnement|le statut de
l'élu local|l'application de l'objectif de zéro artificialisation nette|le recrutement des secrétaires de
mairie|les conditions d'attribution des logements sociaux|la gestion des copropriétés dégradées|le transfert
de la compétence eau et assainissement|les délais d'instruction des permis de construire|le versement des
aides personnelles au logement|le maintien des maisons France Services|la location de courte durée dans les
communes touristiques|l'encadrement des charges locatives
""",
        """
dotations|logement social|élus locaux|urbanisme|services de proximité
""",
        """
La commune de {ville} a vu ses dotations baisser de {pct} % alors que ses charges augmentaient. Le délai
d'attente d'un logement social atteint {mois} mois dans {dept}. Près de {n} demandes y sont en instance,
pour {n2} attributions seulement. Les maires ruraux craignent de ne plus pouvoir autoriser la moindre
construction. Les locataires ont reçu une régularisation de charges de {montant2} euros. Le transfert, prévu
pour {an2}, entraînerait une hausse du prix de l'eau de {pct2} %. Depuis {an}, {n2} élus ont démissionné de
leur mandat en région {region}. Le dossier déposé le {date} n'a reçu qu'une réponse d'attente. Les syndics
ne répondent plus et les immeubles se dégradent.
""",
        """
La dotation globale de fonctionnement a été abondée de {montant} millions d'euros et {pct} % des communes en
bénéficient. La {loi} assouplit le calendrier et garantit à chaque commune une surface minimale. Un décret
en préparation permettra de mutualiser les surfaces consommées par les projets d'envergure nationale.
L'Agence nationale de l'habitat a rénové {n} logements en {an}. Les préfets ont reçu le {date} une
instruction leur demandant d'accompagner les communes sans les sanctionner. La revalorisation du métier
passe par un plan de requalification des agents de catégorie C. Le transfert obligatoire ne s'applique plus
aux communes qui ne l'ont pas encore réalisé. Les {n2} opérateurs labellisés reçoivent chacun une aide
forfaitaire de {montant2} euros. Le prêt à taux zéro a été étendu à {pct2} % des communes. Les indemnités
des maires ont été relevées et leur protection fonctionnelle est devenue automatique.
""",
    ),
    "outre-mer": _theme(
        """
l'approvisionnement en eau potable en Guadeloupe|le coût de la vie à La Réunion|la lutte contre l'orpaillage
illégal en Guyane|la reconstruction des écoles à Mayotte|la continuité territoriale avec la Polynésie
française|l'indemnisation des victimes du chlordécone|l'échouage des sargasses sur les côtes
martiniquaises|la situation économique de la Nouvelle-Calédonie|l'octroi de mer|le logement social dans les
territoires ultramarins|les évacuations sanitaires à Saint-Pierre-et-Miquelon|la desserte aérienne de
Wallis-et-Futuna
""",
        """
vie chère|eau|santé|sécurité|développement
""",
        """
Les prix de l'alimentation y sont supérieurs de {pct} % à ceux de l'Hexagone. Des quartiers entiers restent
privés d'eau {mois} jours par mois. Plus de {n} élèves n'y sont scolarisés que par demi-journées. Les sommes
annoncées le {date}, soit {montant} millions d'euros, n'ont pas été engagées. Le chômage touche {pct2} % des
jeunes. Les billets d'avion ont augmenté de {montant2} euros depuis {an}. Les collectivités, déjà très
endettées, ne peuvent financer ces travaux. Les habitants ont le sentiment de ne pas être traités comme des
citoyens à part entière. Les entreprises locales attendent {mois} mois le paiement de leurs factures par les
collectivités.
""",
        """
Un plan de {montant} millions d'euros, signé le {date}, associe l'État et les collectivités. Les réseaux ont
été repris sur {n2} kilomètres et les tours d'eau concernent désormais {pct} % d'abonnés en moins. Le
protocole de lutte contre la vie chère a permis une baisse moyenne de {pct2} % sur {n} produits. La {loi}
simplifie la commande publique pour accélérer la reconstruction. L'aide à la continuité territoriale a été
relevée et {n} voyageurs en ont bénéficié en {an}. Les forces de sécurité ont détruit {n2} sites clandestins
depuis le début de l'année. Le fonds exceptionnel d'investissement finance {n2} opérations prioritaires. Un
comité de suivi, présidé par le préfet, se réunit tous les {mois} jours. Le rectorat recrutera {n2}
enseignants contractuels à la rentrée {an2}. La réforme de l'octroi de mer sera soumise à la concertation
avec les élus.
""",
    ),
}
"""By name, as rubriques.py gives them."""
