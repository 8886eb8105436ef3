-- search(): cut the query into clauses and words, find their stems, read the rows of these, keep the questions that have
-- all of them and none that is excluded, look at the places of phrases and at exact forms, and rank. A query that is a
-- question's key gives that question.
-- What stands between braces comes from etl/search/words.py, so that a query is cut as the texts were, and from
-- etl/schema/key.py.

CREATE OR REPLACE MACRO search.fold(text) AS replace(replace(strip_accents(lower(text)), 'œ', 'oe'), 'æ', 'ae');

CREATE OR REPLACE MACRO search.cut(text) AS
    list_filter(list_transform(regexp_extract_all(text, '{word}'), lambda word:
        CASE WHEN regexp_full_match(word, '{unit}') THEN translate(word, '²³', '23') ELSE regexp_replace(word, '{left_out}', '', 'g') END),
                lambda word: word <> '');

CREATE OR REPLACE MACRO search.is_little(word) AS contains(' {little} ', concat(' ', word, ' '));

-- a word as search.words has it, and for one that it has not the stems that it may come from, less an ending
CREATE OR REPLACE MACRO search.forms(word) AS [word] || [
    left(word, size) || '-' for size in range(length(word), 2, -1) if regexp_full_match(word[size + 1:], '{ending}')
];

-- legislature, type and number of a query that is a question's key, 17/QE/270 or its uid; empty when it is none
CREATE OR REPLACE MACRO search.key(query) AS regexp_extract(
    upper(trim(query)), '^(?:QANR5L)?([0-9]{1,2})[-/ ]?(QE|QG|QOSD)[-/ ]?([0-9]{1,7})$', ['legislature', 'type', 'number']);

-- a question's key as one number, so that matches are counted fast: this, and its number
CREATE OR REPLACE MACRO search.shelf(legislature, question_type) AS {shelf};

CREATE OR REPLACE MACRO search.asked(query) AS TABLE
WITH clauses AS (
    SELECT clause, starts_with(piece, '-') AS without, starts_with(piece, '=') AS exact, search.cut(piece) AS words
    FROM (
        SELECT unnest(pieces) AS piece, generate_subscripts(pieces, 1) AS clause
        FROM (
            SELECT list_distinct(regexp_extract_all(
                translate(search.fold(query), '‐‑«»“”  ', '--""""  '), '[-=]?"[^"]*"|[-=]?(?:{spaced})[^\s"]*|[^\s"]+'))[:60] AS pieces
            WHERE search.key(query).number = ''
        )
    )
), cut AS (
    SELECT clause, without, exact, len(list_filter(words, lambda word: NOT search.is_little(word))) AS size,
           unnest(words) AS word, generate_subscripts(words, 1) - 1 AS place
    FROM clauses
), numbered AS (
    SELECT *, 1::BIGINT << CASE WHEN without THEN 60 ELSE row_number() OVER () - 1 END AS mark,
           unnest(CASE WHEN exact THEN [word] ELSE search.forms(word) END) AS form
    FROM (FROM cut WHERE NOT search.is_little(word) LIMIT 60)
)
SELECT clause, without, exact, size, place, numbered.word AS word, stem,
       -- with all the bits that no word has, so that a question has every word, and none that is excluded, when its
       -- bits are all but the excluded ones' bit: no subquery, each of which takes a millisecond to plan
       mark | ~(bit_or(mark) OVER () | (1::BIGINT << 60)) AS mark
FROM numbered LEFT JOIN search.words AS known ON known.word = form
QUALIFY rank() OVER (PARTITION BY place, clause ORDER BY stem IS NULL, form = numbered.word DESC, length(form) DESC) = 1;

CREATE OR REPLACE MACRO main.search(query, at_most := NULL) AS TABLE
WITH asked AS MATERIALIZED (
    FROM search.asked(query)
), lists AS MATERIALIZED (
    SELECT search.shelf(legislature, question_type) AS shelf, chunk, stem, marks, numbers, weights
    FROM search.postings
    JOIN (SELECT stem, bit_or(mark) AS marks FROM asked WHERE NOT without OR size = 1 GROUP BY stem) USING (stem)
), chunks AS (
    SELECT shelf, chunk FROM lists GROUP BY ALL
    HAVING bit_or(marks) | (1::BIGINT << 60) = -1
), rarity AS (
    SELECT stem, round(1000 * ln(1 + (questions - having_it + 0.5) / (having_it + 0.5))) AS rarity
    FROM (SELECT stem, sum(len(numbers)) AS having_it FROM lists GROUP BY stem),
         (SELECT count(*) AS questions FROM main.questions)
), found AS (
    SELECT question, sum(weight * rarity)::DOUBLE AS score
    FROM (
        SELECT marks, rarity, shelf + unnest(numbers) AS question, unnest(weights) AS weight
        FROM lists SEMI JOIN chunks USING (shelf, chunk) JOIN rarity USING (stem)
    )
    GROUP BY question HAVING bit_or(marks) = ~(1::BIGINT << 60)
), spots AS (
    -- where a phrase would start, by each of its words
    SELECT (question << 32) + (clause << 26) + unnest(places) - place AS spot, size
    FROM (
        SELECT search.shelf(legislature, question_type) + unnest(numbers) AS question, clause, size, place,
               unnest(places) AS places
        FROM search.postings JOIN (FROM asked WHERE size > 1) USING (stem)
    ) SEMI JOIN found USING (question)
), said AS (
    SELECT question, bit_or(1::BIGINT << clause) AS phrases
    FROM (
        SELECT spot >> 32 AS question, (spot >> 26) & 63 AS clause
        FROM spots GROUP BY spot HAVING count(*) = any_value(size)
    )
    GROUP BY question
), inexact AS (
    -- the index has stems: of an exact form the texts themselves are read
    SELECT search.shelf(legislature, question_type) + question_number AS question
    FROM main.questions
    JOIN (
        SELECT {legislature} AS legislature, {question_type} AS question_type, {question_number} AS question_number, words
        FROM found, (SELECT list(DISTINCT known.word) AS words FROM asked AS known WHERE exact AND NOT without HAVING count(*) > 0)
        -- of no question: a join with no row at all would read texts (8 ms) before it sees that
        UNION ALL SELECT -1, '', -1, []
    ) USING (legislature, question_type, question_number)
    WHERE NOT list_has_all(search.cut(search.fold(concat_ws(
        ' | ', rubrique, tete_analyse, array_to_string(analyses, ' | '), title, question_text, answer_text))), words)
), matches AS (
    SELECT score, question
    FROM found LEFT JOIN said USING (question) ANTI JOIN inexact USING (question)
    WHERE coalesce(phrases, 0) = (
        SELECT coalesce(bit_or(1::BIGINT << clause) FILTER (NOT without AND size > 1), 0) FROM asked)
    UNION ALL
    SELECT 0 AS score, search.shelf(legislature, question_type) + question_number AS question
    FROM main.questions
    WHERE legislature = TRY_CAST(search.key(query).legislature AS SMALLINT)
    AND question_type = search.key(query).type AND question_number = TRY_CAST(search.key(query).number AS INTEGER)
    ORDER BY score DESC, question DESC LIMIT at_most
)
SELECT row_number() OVER () AS rank, round(score / 1e5, 3) AS score, {legislature} AS legislature,
       {question_type} AS question_type, {question_number} AS question_number
FROM matches;

-- for each word of a query that no text has, the nearest that one has; of several, that of most questions
CREATE OR REPLACE MACRO main.did_you_mean(query) AS TABLE
WITH near AS MATERIALIZED (
    SELECT missing.word, known.word AS suggestion, stem, damerau_levenshtein(missing.word, known.word) AS distance
    FROM (SELECT DISTINCT word FROM search.asked(query) WHERE stem IS NULL AND NOT without) AS missing
    JOIN search.words AS known
    ON length(known.word) BETWEEN length(missing.word) - 2 AND length(missing.word) + 2 AND NOT ends_with(known.word, '-')
    AND damerau_levenshtein(missing.word, known.word) <= CASE WHEN length(missing.word) < 6 THEN 1 ELSE 2 END
), spread AS (
    SELECT stem, sum(len(numbers)) AS questions FROM search.postings SEMI JOIN near USING (stem) GROUP BY stem
)
SELECT word, suggestion FROM near JOIN spread USING (stem)
QUALIFY row_number() OVER (PARTITION BY word ORDER BY distance, questions DESC, suggestion) = 1
ORDER BY word;

CREATE OR REPLACE MACRO fr.vouliez_vous_dire(requete) AS TABLE
SELECT word AS mot, suggestion FROM main.did_you_mean(requete);

CREATE OR REPLACE MACRO fr.recherche(requete, au_plus := NULL) AS TABLE
SELECT rank AS rang, score, legislature, question_type AS type, question_number AS numero
FROM main.search(requete, at_most := au_plus);

COMMENT ON MACRO TABLE main.search IS 'Questions found by the words of their headings, texts and answers, best first: search(''retraites agricoles -"droit à l''''eau"'', at_most := 20) — Questions trouvées par les mots de leurs rubriques, textes et réponses, les meilleures d''abord';
COMMENT ON MACRO TABLE fr.recherche IS 'Questions found by the words of their headings, texts and answers, best first: search() in French — Questions trouvées par les mots de leurs rubriques, textes et réponses, les meilleures d''abord : fr.recherche(''retraites agricoles -"droit à l''''eau"'', au_plus := 20)';
COMMENT ON MACRO TABLE main.did_you_mean IS 'For each word of a query that no text has, the nearest word that one has — Pour chaque mot d''une requête qu''aucun texte ne contient, le mot le plus proche';
COMMENT ON MACRO TABLE fr.vouliez_vous_dire IS 'For each word of a query that no text has, the nearest word that one has: did_you_mean() in French — Pour chaque mot d''une requête qu''aucun texte ne contient, le mot le plus proche';
COMMENT ON MACRO search.key IS 'Legislature, type and number of a query that is a question''s key — Législature, type et numéro d''une requête qui est la clé d''une question';
COMMENT ON MACRO TABLE search.asked IS 'What search() understands of a query: clauses, words and stems — Ce que search() comprend d''une requête : clauses, mots et racines';
COMMENT ON MACRO search.fold IS 'Lower case, without accents or ligatures — En minuscules, sans accents ni ligatures';
COMMENT ON MACRO search.cut IS 'The words of a folded text — Les mots d''un texte sans accents';
COMMENT ON MACRO search.is_little IS 'Whether a folded word is not indexed, such as le — Si un mot sans accents n''est pas indexé, comme le';
COMMENT ON MACRO search.forms IS 'What to look for a folded word under in search.words — Sous quoi chercher un mot sans accents dans search.words';
COMMENT ON MACRO search.shelf IS 'Legislature and type as one number — Législature et type en un nombre';
