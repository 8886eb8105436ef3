/*
question: Do the archives of a legislature tell which questions were signalled?
question_fr: Les archives d'une législature disent-elles quelles questions ont été signalées ?
name_fr: signalement_connu
parameters:
  legislature:
returns: BOOLEAN
example: |
  SELECT number, signalled_known(number) AS known FROM legislatures WHERE number >= 14 ORDER BY number
*/
legislature >= 16
