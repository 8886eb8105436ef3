-- What search() does, in this order: cut the query into clauses and words, find their stems, read the rows of these,
-- keep the questions that have all of them and none that is excluded, look at the places of phrases, and rank.
-- {between}, {word} and {little} come from etl/words.py, so that a query is cut as the texts were.

CREATE OR REPLACE MACRO search.fold(text) AS strip_accents(replace(replace(lower(nfc_normalize(text)), 'œ', 'oe'), 'æ', 'ae'));

CREATE OR REPLACE MACRO search.cut(text) AS
    list_filter(list_transform(regexp_extract_all(text, '{word}'), lambda word: replace(word, '.', '')), lambda word: word <> '');

CREATE OR REPLACE MACRO search.is_little(word) AS word IN ({little});

-- a question as one number, so that matches are counted fast
CREATE OR REPLACE MACRO search.shelf(legislature, question_type) AS
    (legislature * 4 + list_position(['QE', 'QG', 'QOSD'], question_type))::BIGINT << 32;

CREATE OR REPLACE MACRO search(query, at_most := NULL) AS TABLE
WITH clauses AS (
    SELECT clause, starts_with(piece, '-') AS without, search.cut(piece) AS words
    FROM (
        SELECT unnest(pieces) AS piece, generate_subscripts(pieces, 1) AS clause
        FROM (SELECT list_distinct(regexp_extract_all(translate(search.fold(query), '«»“”', '""""'), '-?"[^"]*"|[^\s"]+'))[:60] AS pieces)
    )
), cut AS (
    SELECT clause, without, len(list_filter(words, lambda word: NOT search.is_little(word))) AS size,
           unnest(words) AS word, generate_subscripts(words, 1) AS place
    FROM clauses
), numbered AS MATERIALIZED (
    SELECT *, 1::BIGINT << (row_number() OVER () - 1) AS mark FROM (FROM cut WHERE NOT search.is_little(word) LIMIT 60)
), asked AS MATERIALIZED (
    SELECT clause, without, size, place, mark, stem FROM search.words JOIN numbered USING (word)
), terms AS (
    SELECT stem, bit_or(mark) AS marks FROM asked WHERE NOT without OR size = 1 GROUP BY stem
), lists AS MATERIALIZED (
    SELECT search.shelf(legislature, question_type) AS shelf, chunk, stem, marks, numbers, weights
    FROM search.postings JOIN terms USING (stem)
), wanted AS (
    SELECT bit_or(mark) FILTER (NOT without) AS words,
           coalesce(bit_or(mark) FILTER (without AND size = 1), 0) AS unwanted,
           coalesce(bit_or(1::BIGINT << clause) FILTER (NOT without AND size > 1), 0) AS phrases
    FROM numbered
), chunks AS (
    SELECT shelf, chunk FROM lists GROUP BY ALL HAVING bit_or(marks) & (SELECT words FROM wanted) = (SELECT words FROM wanted)
), rarity AS (
    SELECT stem, round(1000 * ln(1 + (questions - having_it + 0.5) / (having_it + 0.5))) AS rarity
    FROM (SELECT stem, sum(len(numbers)) AS having_it FROM lists GROUP BY stem), (SELECT count(*) AS questions FROM main.questions)
), found AS (
    SELECT question, sum(weight * rarity)::DOUBLE AS score
    FROM (
        SELECT marks, rarity, shelf + unnest(numbers) AS question, unnest(weights) AS weight
        FROM lists SEMI JOIN chunks USING (shelf, chunk) JOIN rarity USING (stem)
    )
    GROUP BY question HAVING bit_or(marks) = (SELECT words FROM wanted)
), phrases AS (
    SELECT clause, size, place, stem FROM asked WHERE size > 1
), spots AS (
    SELECT question, clause, size, place, unnest(places) - place AS start
    FROM (
        SELECT search.shelf(legislature, question_type) + unnest(numbers) AS question, clause, size, place, unnest(places) AS places
        FROM search.postings JOIN phrases USING (stem)
    ) SEMI JOIN found USING (question)
), said AS (
    SELECT question, bit_or(1::BIGINT << clause) AS phrases
    FROM (SELECT question, clause FROM spots GROUP BY question, clause, size, start HAVING count(DISTINCT place) = size)
    GROUP BY question
), matches AS (
    SELECT score, question
    FROM found LEFT JOIN said USING (question)
    WHERE coalesce(phrases, 0) = (SELECT phrases FROM wanted)
    ORDER BY score DESC, question DESC LIMIT at_most
)
SELECT row_number() OVER () AS rank, round(score / 1e5, 3) AS score, (question >> 34)::SMALLINT AS legislature,
       ['QE', 'QG', 'QOSD'][question >> 32 & 3] AS question_type, (question & 4294967295)::INTEGER AS question_number
FROM matches;
