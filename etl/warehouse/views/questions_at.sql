/*
question: What was the state of each question on a day?
question_fr: Dans quel état était chaque question à une date donnée ?
name_fr: questions_au
parameters:
  as_of: {fr: au, type: DATE, description: "The day; what the source dates after it has not happened yet.", description_fr: "La date ; ce que la source date d'après n'a pas encore eu lieu."}
columns:
  legislature: {fr: legislature, type: SMALLINT, description: Legislature., description_fr: Législature.}
  question_type: {fr: type_question, type: VARCHAR, description: "QE, QG or QOSD.", description_fr: "QE, QG ou QOSD."}
  question_number: {fr: numero, type: INTEGER, description: Number., description_fr: Numéro.}
  uid: {fr: uid, type: VARCHAR, description: The Assembly's own identifier., description_fr: Identifiant de l'Assemblée.}
  deputy_id: {fr: id_depute, type: VARCHAR, description: Author., description_fr: Auteur.}
  author_name: {fr: nom_auteur, type: VARCHAR, description: "Author's first name and name, where known.", description_fr: "Prénom et nom de l'auteur, quand ils sont connus."}
  group_abbr: {fr: sigle_groupe, type: VARCHAR, description: "Author's group at the time of the question.", description_fr: "Groupe de l'auteur au moment de la question."}
  department: {fr: departement, type: VARCHAR, description: Department of the author's constituency., description_fr: Département d'élection de l'auteur.}
  ministry: {fr: ministere, type: VARCHAR, description: "Ministry in charge on the day, short form.", description_fr: "Ministère attributaire à cette date, forme abrégée."}
  rubrique: {fr: rubrique, type: VARCHAR, description: Index heading., description_fr: Rubrique de l'index.}
  title: {fr: titre, type: VARCHAR, description: The best heading there is., description_fr: Le meilleur intitulé.}
  asked_on: {fr: date_question, type: DATE, description: "Day on which it was published; of a QG, which is published with its answer, that day.", description_fr: "Date de publication ; pour une QG, publiée avec sa réponse, cette date."}
  signalled_on: {fr: date_signalement, type: DATE, description: "Day of its signalement, if by then; NULL in the 14th and 15th, where the source says nothing.", description_fr: "Date du signalement, s'il a déjà eu lieu ; NULL aux 14e et 15e, dont la source ne dit rien."}
  due_on: {fr: echeance, type: DATE, description: "Last day on which an answer is in time; NULL but for a QE since 2014-11-28.", description_fr: "Dernier jour où une réponse est dans les délais ; NULL sauf pour une QE depuis le 28 novembre 2014."}
  answered_on: {fr: date_reponse, type: DATE, description: "Day of its first answer, if by then.", description_fr: "Date de la première réponse, si elle est déjà parue."}
  days: {fr: delai_jours, type: BIGINT, description: "Days from its publication to its answer; NULL for a QG.", description_fr: "Jours entre la publication et la réponse ; NULL pour une QG."}
  left_on: {fr: date_sortie, type: DATE, description: "Day on which it left without an answer, if by then: withdrawn, lapsed with the mandate or the legislature, or closed.", description_fr: "Date de sortie sans réponse, si elle a déjà eu lieu : retrait, caducité avec le mandat ou la législature, ou autre clôture."}
  status: {fr: statut, type: VARCHAR, description: "answered, pending, withdrawn, lapsed or closed, on the day.", description_fr: "answered (répondue), pending (en attente), withdrawn (retirée), lapsed (caduque) ou closed (autre clôture), à cette date."}
  in_time: {fr: dans_les_delais, type: BOOLEAN, description: "Of a question whose due day has passed: whether it had its answer by then; FALSE while none has come. NULL before, without a due day, and for one that left without an answer.", description_fr: "Pour une question dont l'échéance est passée : la réponse est-elle venue à temps ; FALSE tant qu'il n'y en a pas. NULL avant l'échéance, sans échéance, et pour une question sortie sans réponse."}
example: |
  SELECT status, count(*) AS questions, count(in_time) AS due, count(*) FILTER (in_time) AS in_time
  FROM questions_at(DATE '2025-06-30')
  WHERE legislature = 17
  GROUP BY ALL ORDER BY ALL
*/
WITH dated AS (
    SELECT questions.*,
           CASE question_type WHEN 'QG' THEN answer_date ELSE question_date END AS asked_on,
           main.answer_due(question_type, question_date) AS due_on,
           CASE WHEN status <> 'answered' THEN coalesce(questions.closed_on, legislatures.closed_on) END AS left_on
    FROM main.questions LEFT JOIN main.legislatures ON legislatures.number = legislature
),
known AS (
    SELECT * REPLACE (
        CASE WHEN status = 'answered' AND answer_date <= CAST(as_of AS DATE) THEN answer_date END AS answer_date,
        CASE WHEN status <> 'pending' AND left_on <= CAST(as_of AS DATE) THEN left_on END AS left_on,
        -- what has ended on a day that the source does not tell is not taken for pending
        CASE WHEN coalesce(CASE status WHEN 'answered' THEN answer_date ELSE left_on END > CAST(as_of AS DATE), FALSE)
             THEN 'pending' ELSE status END AS status
    )
    FROM dated
    WHERE asked_on <= CAST(as_of AS DATE)
),
earlier AS (
    SELECT legislature, question_type, question_number, arg_max(attributions.ministry, rank) AS ministry
    FROM main.attributions
    SEMI JOIN main.questions ON questions.legislature = attributions.legislature
          AND questions.question_type = attributions.question_type
          AND questions.question_number = attributions.question_number AND reattributed_on > CAST(as_of AS DATE)
    WHERE jo_date <= CAST(as_of AS DATE) OR rank = 1
    GROUP BY ALL
)
SELECT known.legislature, known.question_type, known.question_number, uid, deputy_id, author_name, group_abbr, department,
       CASE WHEN reattributed_on > CAST(as_of AS DATE) THEN coalesce(earlier.ministry, ministry_asked)
            ELSE known.ministry END AS ministry,
       rubrique, title, asked_on,
       CASE WHEN signalled_on <= CAST(as_of AS DATE) THEN signalled_on END AS signalled_on,
       due_on, answer_date AS answered_on, answer_date - question_date AS days, left_on, status,
       CASE WHEN due_on < CAST(as_of AS DATE)
            THEN CASE status WHEN 'answered' THEN answer_date <= due_on WHEN 'pending' THEN FALSE END END AS in_time
FROM known LEFT JOIN earlier USING (legislature, question_type, question_number)
