/*
question: When did each question come, fall due, and end?
question_fr: Quand chaque question est-elle arrivée, échue, et sortie ?
name_fr: vies_des_questions
columns:
  legislature:
  question_type:
  question_number:
  uid:
  deputy_id:
  author_name:
  group_abbr:
  department:
  ministry_asked:
  ministry: {fr: ministere_attributaire, type: VARCHAR, description: "Ministry in charge now, short form.", description_fr: "Ministère attributaire actuel, forme abrégée."}
  rubrique:
  title:
  asked_on:
  due_on:
  signalled_on: {fr: date_signalement, type: DATE, description: "Day of its signalement; NULL in the 14th and 15th, where the archives say nothing.", description_fr: "Date du signalement ; NULL aux 14e et 15e, dont les archives ne disent rien."}
  reattributed_on: {fr: date_reattribution, type: DATE, description: Day of its last change of ministry., description_fr: Date du dernier changement d'attribution.}
  answered_on: {fr: date_reponse, type: DATE, description: Day of its first answer., description_fr: Date de la première réponse.}
  days:
  left_on: {fr: date_sortie, type: DATE, description: "Day on which it left without an answer: withdrawn, lapsed with the mandate or the legislature, or closed.", description_fr: "Date de sortie sans réponse : retrait, caducité avec le mandat ou la législature, ou autre clôture."}
  ended_on: {fr: date_fin, type: DATE, description: "The one or the other; NULL while it is pending, and where nobody tells the day.", description_fr: "L'une ou l'autre ; NULL tant qu'elle est en attente, ou si personne ne donne la date."}
  status: {fr: statut, type: VARCHAR, description: "answered, pending, withdrawn, lapsed or closed, now.", description_fr: "answered (répondue), pending (en attente), withdrawn (retirée), lapsed (caduque) ou closed (autre clôture), actuellement."}
example: |
  SELECT uid, asked_on, due_on, answered_on, left_on, status
  FROM question_lives
  WHERE legislature = 17 AND question_type = 'QE'
  ORDER BY question_number LIMIT 5
*/
SELECT legislature, question_type, question_number, uid, deputy_id, author_name, group_abbr, department, ministry_asked, ministry, rubrique, title,
       CASE question_type WHEN 'QG' THEN answer_date ELSE question_date END AS asked_on,
       main.answer_due(question_type, question_date) AS due_on,
       signalled_on, reattributed_on,
       CASE status WHEN 'answered' THEN answer_date END AS answered_on,
       answered_on - question_date AS days,
       CASE WHEN status NOT IN ('answered', 'pending') THEN coalesce(questions.closed_on, CASE WHEN status = 'lapsed' AND legislatures.closed_on IS NOT NULL
            THEN greatest(legislatures.closed_on, question_date) END) END AS left_on,
       coalesce(answered_on, left_on) AS ended_on,
       status
FROM main.questions LEFT JOIN main.legislatures ON legislatures.number = legislature
