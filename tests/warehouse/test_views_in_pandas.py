"""Each view on the sample against the same figure worked out in pandas, from the tables alone."""

from __future__ import annotations

import pandas as pd
import pytest

from etl.warehouse.query import connect

DAYS = ["2016-02-10", "2025-03-31", "2026-09-01"]
RULE = pd.Timestamp("2014-11-28")
KEY = ["legislature", "question_type", "question_number"]


@pytest.fixture(scope="module")
def file(sampled):
    with connect(sampled) as connection:
        yield connection


def frame(file, sql: str) -> pd.DataFrame:
    """Rows as pandas has them, days as timestamps."""
    found = file.execute(sql).df()
    for name in found:
        if found[name].dtype == object and len(found[name].dropna()) and hasattr(found[name].dropna().iloc[0], "year"):
            found[name] = pd.to_datetime(found[name])
    return found


@pytest.fixture(scope="module")
def lives(file) -> pd.DataFrame:
    """Each question's days."""
    q = frame(file, "SELECT * EXCLUDE (question_text, answer_text) FROM questions")
    ends = frame(file, "SELECT number, closed_on FROM legislatures").set_index("number")["closed_on"]
    q["asked_on"] = q["question_date"].where(q["question_type"] != "QG", q["answer_date"])
    ruled = (q["question_type"] == "QE") & (q["question_date"] >= RULE)
    q["due_on"] = (q["question_date"] + pd.DateOffset(months=2)).where(ruled)
    q["answered_on"] = q["answer_date"].where(q["status"] == "answered")
    gone = q["status"].isin(["withdrawn", "lapsed", "closed"])
    ends = q["legislature"].map(ends)
    lapsed_on = ends.where(~(q["question_date"] > ends), q["question_date"]).where(q["status"] == "lapsed")
    q["left_on"] = q["closed_on"].fillna(lapsed_on).where(gone)
    q["author"] = q["deputy_id"].fillna(q["author_name"])
    return q


def at(lives: pd.DataFrame, file, day: str) -> pd.DataFrame:
    """The state of each question on a day."""
    day = pd.Timestamp(day)
    q = lives[lives["asked_on"] <= day].copy()
    later = q["answered_on"].fillna(q["left_on"]) > day
    q["status"] = q["status"].mask(later, "pending")
    q["answered_on"] = q["answered_on"].where(q["answered_on"] <= day)
    q["signalled_on"] = q["signalled_on"].where(q["signalled_on"] <= day)
    q["days"] = (q["answered_on"] - q["question_date"]).dt.days
    q["past"] = (q["due_on"] < day) & q["status"].isin(["answered", "pending"])
    q["good"] = q["past"] & (q["answered_on"] <= q["due_on"])
    q["waits"] = q["past"] & (q["status"] == "pending")
    q["lapsed"] = (q["status"] == "lapsed") & (q["left_on"] > q["due_on"])
    moves = frame(file, "FROM attributions").sort_values("rank")
    moves = moves[(moves["jo_date"] <= day) | (moves["rank"] == 1)]
    then = moves.groupby(KEY)["ministry"].last()
    moved = q["reattributed_on"] > day
    q.loc[moved, "ministry"] = q[moved].join(then.rename("then"), on=KEY)["then"].fillna(q["ministry_asked"])
    return q


def figures(q: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The counts and delays of groups of questions."""
    groups = q.groupby(by, dropna=False)
    found = pd.DataFrame({"asked": groups.size()})
    found["answered"] = groups["status"].apply(lambda one: (one == "answered").sum())
    found["pending"] = groups["status"].apply(lambda one: (one == "pending").sum())
    found["left_unanswered"] = found["asked"] - found["answered"] - found["pending"]
    ruled = groups["due_on"].count() > 0
    for name, source in (("overdue", "waits"), ("due", "past"), ("in_time", "good"), ("lapsed_late", "lapsed")):
        found[name] = groups[source].sum().where(ruled)
    found["in_time_rate"] = (found["in_time"] / found["due"]).where(found["due"] > 0)
    told = found["due"] + found["lapsed_late"]
    found["in_time_rate_with_lapsed"] = (found["in_time"] / told).where(told > 0)
    found["median_days"] = groups["days"].median()
    found["p90_days"] = groups["days"].quantile(0.9)
    return found.reset_index()


def same(given: pd.DataFrame, wanted: pd.DataFrame, by: list[str]) -> None:
    """The same rows, whatever their order and the width of their numbers."""
    assert len(given) == len(wanted) > 0
    columns = [name for name in wanted if name in given]
    assert len(columns) > len(by)
    ordered = [one[columns].sort_values(by).reset_index(drop=True) for one in (given, wanted)]
    for name in columns:
        if name not in by and not pd.api.types.is_datetime64_any_dtype(ordered[0][name]):
            for one in ordered:
                if pd.api.types.is_numeric_dtype(one[name]) or one[name].isna().all():
                    one[name] = one[name].astype(float)
    pd.testing.assert_frame_equal(*ordered, check_dtype=False)


@pytest.mark.parametrize("day", DAYS)
def test_delays_and_types(lives, file, day):
    q = at(lives, file, day)
    by = ["legislature", "question_type", "ministry"]
    same(frame(file, f"FROM response_delays(DATE '{day}')"), figures(q, by), by)
    wanted = figures(q, by[:2])
    groups = q.groupby(by[:2])
    wanted["answered_rate"] = wanted["answered"] / wanted["asked"]
    wanted["authors"] = groups["author"].nunique().values
    wanted["signalled"] = groups["signalled_on"].count().values
    wanted["signalled"] = wanted["signalled"].where((wanted["legislature"] >= 16) & (wanted["question_type"] == "QE"))
    same(frame(file, f"FROM question_types_compared(DATE '{day}')"), wanted, by[:2])


@pytest.mark.parametrize("day", DAYS)
def test_families(lives, file, day):
    families = frame(file, "SELECT ministry, family FROM ministry_families")
    q = at(lives, file, day).merge(families, on="ministry")
    given = frame(file, f"FROM questions_by_family(DATE '{day}')")
    same(given, q[["family", *KEY, "ministry", "status", "answered_on", "days"]], ["family", *KEY])
    by = ["legislature", "question_type", "family"]
    wanted = figures(q, by)
    wanted["ministries"] = q.groupby(by)["ministry"].nunique().values
    same(frame(file, f"FROM family_delays(DATE '{day}')"), wanted, by)


def test_regions_and_civilities_are_those_of_people(lives, file):
    mandates = frame(file, "SELECT mandate_id, region FROM mandates").set_index("mandate_id")["region"]
    deputies = frame(file, "SELECT deputy_id, civility FROM deputies").set_index("deputy_id")["civility"]
    known = lives[lives["mandate_id"].isin(mandates.index)]
    assert len(known) > 1000
    assert (known["region"].fillna("") == known["mandate_id"].map(mandates).fillna("")).all()
    named = lives[lives["deputy_id"].isin(deputies.index)]
    assert len(named) > 1000
    assert (named["civility"] == named["deputy_id"].map(deputies)).all()
    assert lives[~lives["deputy_id"].isin(deputies.index)]["civility"].isna().all()


def test_flows_of_families(lives, file):
    families = frame(file, "SELECT ministry, family FROM ministry_families")
    ended = lives["answered_on"].fillna(lives["left_on"])
    come = lives.assign(day=lives["asked_on"], event="asked", ministry=lives["ministry_asked"])
    gone = lives.assign(day=ended, event=lives["status"])[ended.notna()]
    events = pd.concat([come, gone]).merge(families, on="ministry")
    events["month"] = events["day"].dt.to_period("M").dt.to_timestamp()
    by = ["month", "legislature", "question_type", "family"]
    wanted = pd.crosstab([events[name] for name in by], events["event"]).reset_index()
    wanted.columns.name = None
    same(frame(file, "FROM family_flows"), wanted, by)


@pytest.mark.parametrize("day", DAYS)
def test_rows_of_questions(lives, file, day):
    q = at(lives, file, day)
    late = q[q["waits"]].copy()
    late["age_days"] = (pd.Timestamp(day) - late["asked_on"]).dt.days
    late["overdue_days"] = (pd.Timestamp(day) - late["due_on"]).dt.days
    same(
        frame(file, f"FROM overdue(DATE '{day}')"), late[[*KEY, "ministry", "due_on", "age_days", "overdue_days"]], KEY
    )
    renewals = frame(file, "FROM renewals")
    renewals = (
        renewals[renewals["renewed_on"] <= day].groupby(KEY)["renewed_on"].agg(["count", "min", "max"]).reset_index()
    )
    renewals = renewals.rename(columns={"count": "renewals", "min": "first_renewed_on", "max": "last_renewed_on"})
    renewals = renewals.merge(q[[*KEY, "asked_on", "answered_on", "status"]], on=KEY)
    renewals["days_before"] = (renewals["first_renewed_on"] - renewals["asked_on"]).dt.days
    renewals["days_after"] = (renewals["answered_on"] - renewals["last_renewed_on"]).dt.days
    same(frame(file, f"FROM renewed(DATE '{day}')"), renewals, KEY)
    signalled = q[q["signalled_on"].notna()].copy()
    if len(signalled):
        signalled["due_on"] = signalled["signalled_on"] + pd.Timedelta(days=10)
        signalled["days"] = (signalled["answered_on"] - signalled["signalled_on"]).dt.days
        columns = [*KEY, "signalled_on", "due_on", "days", "status"]
        same(frame(file, f"FROM signalled(DATE '{day}')"), signalled[columns], KEY)
        past = signalled[(signalled["due_on"] < day) & signalled["status"].isin(["answered", "pending"])]
        good = (past["answered_on"] <= past["due_on"]).sum()
        assert file.execute(
            f"SELECT count(in_time), count(*) FILTER (in_time) FROM signalled(DATE '{day}')"
        ).fetchone() == (len(past), good)


@pytest.mark.parametrize("day", DAYS)
def test_activity(lives, file, day):
    q = at(lives, file, day)
    start = q["asked_on"].dt.year - (q["asked_on"].dt.month < 10)
    q["session"] = start.astype(int).astype(str) + "-" + (start + 1).astype(int).astype(str)
    for name, kind in (("written", "QE"), ("to_government", "QG"), ("oral", "QOSD")):
        q[name] = q["question_type"] == kind
    q["written_answered"] = q["written"] & (q["status"] == "answered")
    counted = ["written", "written_answered", "to_government", "oral"]
    for view, by in (("deputy", "deputy_id"), ("group", "group_abbr"), ("department", "department")):
        groups = q[q[by].notna()].groupby(["legislature", "session", by])
        wanted = groups[counted].sum().reset_index()
        wanted["authors"] = groups["author"].nunique().values
        if view == "deputy":
            wanted["written_cap"] = 52.0
            wanted["written_cap"] = wanted["written_cap"].where(wanted["session"] >= "2015-2016")
            wanted["written_cap_share"] = wanted["written"] / wanted["written_cap"]
        else:
            wanted["written_per_author"] = wanted["written"] / wanted["authors"]
        same(frame(file, f"FROM activity_by_{view}(DATE '{day}')"), wanted, ["legislature", "session", by])


def test_ages(lives, file):
    opened = frame(file, "FROM legislatures").set_index("number")
    for age in (300, 760):
        found = []
        for legislature, mine in lives.groupby("legislature"):
            on = opened.loc[legislature, "opened_on"] + pd.Timedelta(days=age)
            known = mine["answered_on"].fillna(mine["left_on"]).fillna(mine["asked_on"]).max()
            end = opened.loc[legislature, "closed_on"]
            if on <= (known if pd.isna(end) else end):
                found.append(figures(at(mine, file, str(on.date())), ["legislature", "question_type"]))
        same(frame(file, f"FROM legislatures_at_age({age})"), pd.concat(found), ["legislature", "question_type"])


def test_months(lives, file):
    by = ["month", "legislature", "question_type"]
    ended = lives["answered_on"].fillna(lives["left_on"])
    come = lives.assign(month=lives["asked_on"].dt.to_period("M").dt.to_timestamp(), event="asked")
    gone = lives.assign(month=ended.dt.to_period("M").dt.to_timestamp(), event=lives["status"])[ended.notna()]
    events = pd.concat([come, gone])
    wanted = pd.crosstab([events[name] for name in by], events["event"]).reset_index()
    wanted.columns.name = None
    same(frame(file, "FROM monthly_flows"), wanted, by)
    quarters = wanted.assign(quarter=wanted["month"].dt.to_period("Q").dt.to_timestamp()).drop(columns="month")
    quarters = quarters.groupby(["quarter", *by[1:]]).sum().reset_index()
    same(frame(file, "FROM quarterly_flows"), quarters, ["quarter", *by[1:]])
    counted = come.groupby([*by, "rubrique"], dropna=False).size().rename("questions").reset_index()
    counted["month_questions"] = counted.groupby(by)["questions"].transform("sum")
    counted["share"] = counted["questions"] / counted["month_questions"]
    same(frame(file, "FROM rubriques_by_month"), counted, [*by, "rubrique"])
    topics = come.rename(columns={"title": "topic"}).groupby([*by, "rubrique", "topic"], dropna=False).size()
    same(frame(file, "FROM topics_by_month"), topics.rename("questions").reset_index(), [*by, "rubrique", "topic"])


def test_the_backlog_is_the_state_at_each_end_of_a_month(lives, file):
    given = frame(file, "FROM monthly_backlog(DATE '2026-08-15')")
    assert len(given) > 200
    last = given.assign(quarter=given["month"].dt.to_period("Q").dt.to_timestamp()).sort_values("day")
    by = ["quarter", "legislature", "question_type"]
    last = last.groupby(by)[["day", "pending"]].last().reset_index()
    same(frame(file, "FROM quarterly_backlog(DATE '2026-08-15')"), last, by)
    for row in given[given["month"].dt.month.isin([1, 6, 8])].itertuples():
        mine = lives[(lives["legislature"] == row.legislature) & (lives["question_type"] == row.question_type)]
        q = mine[mine["asked_on"] <= row.day]
        waits = q[~(q["answered_on"].fillna(q["left_on"]) <= row.day)]
        assert row.pending == len(waits), row
        late = float((waits["due_on"] < row.day).sum()) if q["due_on"].count() else None
        assert (None if pd.isna(row.overdue) else row.overdue) == late, row


def test_moves_closures_fields_and_joint_answers(lives, file):
    moves = frame(file, "FROM attributions").sort_values([*KEY, "rank"])
    moves = moves[moves.groupby(KEY)["rank"].transform("size") > 1]
    groups = moves.groupby(KEY)
    later = moves[moves["rank"] > 1]
    wanted = groups["ministry"].agg(["first", "last", "size"]).reset_index()
    wanted.columns = [*KEY, "first_ministry", "last_ministry", "moves"]
    wanted["moves"] -= 1
    wanted["moves_by_decree"] = later.groupby(KEY)["jo_type"].apply(lambda one: (one == "JO_LOI_DECRET").sum()).values
    other = moves["ministry"] != groups["ministry"].shift()
    wanted["moves_to_other_name"] = (other & (moves["rank"] > 1)).groupby([moves[name] for name in KEY]).sum().values
    wanted["first_moved_on"] = later.groupby(KEY)["jo_date"].first().values
    wanted = wanted.merge(lives[[*KEY, "question_date"]], on=KEY)
    wanted["days_before"] = (wanted["first_moved_on"] - wanted["question_date"]).dt.days
    same(frame(file, "FROM reattributions"), wanted, KEY)

    by = ["legislature", "question_type"]
    closures = lives.groupby([*by, "status", "closure_code", "closure_label"], dropna=False).size()
    closures = closures.rename("questions").reset_index().rename(columns={"closure_label": "reason"})
    closures["share"] = closures["questions"] / closures.groupby(by)["questions"].transform("sum")
    same(frame(file, "FROM closures"), closures, [*by, "status", "closure_code", "reason"])

    fields = frame(file, "SELECT * FROM questions").set_index([*by, "question_number"])
    counts = fields.notna().groupby(level=by).sum().stack().rename("filled").rename_axis([*by, "field"]).reset_index()
    same(frame(file, "FROM field_coverage"), counts, [*by, "field"])

    joint = frame(file, "FROM joint_answers").groupby("answer_group")["question_number"].size().rename("size")
    same(frame(file, "SELECT answer_group, size FROM joint_answer_groups"), joint.reset_index(), ["answer_group"])


def test_errata_and_answers_used_again(lives, file):
    texts = [
        frame(file, f"SELECT * EXCLUDE (text) FROM {of}_texts").assign(text_of=of) for of in ("question", "answer")
    ]
    every = pd.concat(texts)
    first = every[every["rank"] == 1].set_index([*KEY, "text_of"])["jo_date"].rename("first_published_on")
    wanted = every[(every["rank"] > 1) | every["erratum"].notna()].join(first, on=[*KEY, "text_of"])
    wanted = wanted.rename(columns={"jo_date": "published_on"})
    wanted["days_after"] = (wanted["published_on"] - wanted["first_published_on"]).dt.days
    columns = [*KEY, "text_of", "rank", "first_published_on", "published_on", "days_after", "erratum"]
    same(frame(file, "FROM errata"), wanted[columns], [*KEY, "text_of", "rank"])

    answers = frame(file, f"SELECT {', '.join(KEY)}, uid, answer_date, answer_text FROM questions")
    answers = answers[answers["answer_text"].notna()].sort_values(["answer_date", *KEY])
    answers["text_bytes"] = answers["answer_text"].str.encode("utf-8").str.len()
    answers["exact"] = answers.groupby("answer_text")["uid"].transform("first")
    like = frame(file, "FROM answer_resemblances")
    names = [like[f"original_{part}"].astype(str) for part in ("legislature", "type", "number")]
    like["like"] = "QANR5L" + names[0] + names[1] + names[2]
    answers = answers.merge(like[[*KEY, "like", "similarity"]], on=KEY, how="left")
    answers["original_uid"] = answers["like"].fillna(answers["exact"])
    answers["similarity"] = answers["similarity"].fillna(1.0)
    answers["original_answered_on"] = answers["original_uid"].map(answers.set_index("uid")["answer_date"])
    again = answers[answers["answer_date"] > answers["original_answered_on"]].copy()
    again["uses"] = again.groupby("original_uid")["uid"].transform("size")
    columns = [*KEY, "original_uid", "original_answered_on", "similarity", "uses", "text_bytes"]
    same(frame(file, "FROM reused_answers"), again[columns], KEY)


def test_reminders_and_copies(lives, file):
    mentions = frame(file, "FROM mentions WHERE reminds").merge(lives, on=KEY)
    pairs = mentions.merge(lives, left_on=["mentioned_type", "mentioned_number", "author"],
                           right_on=["question_type", "question_number", "author"], suffixes=("", "_old"))  # fmt: skip
    gap = pairs["legislature"] - pairs["legislature_old"]
    pairs = pairs[gap.isin([0, 1]) & (pairs["asked_on_old"] < pairs["asked_on"])]
    given = frame(file, "FROM reminders")
    assert len(given) == len(mentions)
    assert given["reminded_uid"].count() == len(pairs.drop_duplicates([*KEY, "rank"]))
    copies = frame(file, "FROM near_duplicates")
    assert len(copies) == file.execute("SELECT count(*) FROM resemblances").fetchone()[0] > 0
    texts = frame(
        file,
        "SELECT uid, passages FROM questions JOIN question_texts USING (legislature, question_type, question_number)",
    )
    held = {uid: set(passages) for uid, passages in zip(texts["uid"], texts["passages"], strict=True)}
    for row in copies.itertuples():
        one, other = held[row.uid], held[row.original_uid]
        letters = [sum(passage & 1023 for passage in some) for some in (one & other, one | other)]
        assert row.similarity == pytest.approx(letters[0] / letters[1])
        assert row.original_asked_on <= row.asked_on
    assert (copies["copies"] == copies.groupby("original_uid")["uid"].transform("size")).all()
