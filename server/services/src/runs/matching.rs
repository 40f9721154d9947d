//! Which runs a query asks for, as SQL: a statement holds the filters that are given and no other.
//!
//! A statement with every filter optional has one plan for all of them, which at a million runs is the wrong one for
//! most. Each tenant's newest are taken from an index that has them in this order, so a page costs the same however
//! many runs there are.

use chrono::NaiveDate;
use domain::{
    OperationType, Outcome, RunCursor, RunId, RunPosition, Status,
    views::{
        run_list::{InitiatorFilter, OutcomeFilter},
        runs::RunQuery,
    },
};
use graph::PolicyKind;
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};

use crate::{Caller, Db, ServiceError, name_cursor::contains};

/// A query, with what the database has to be asked beforehand.
pub(super) struct Matching {
    query: RunQuery,
    reader: i64,
    tenants: Vec<i64>,
    from: Option<NaiveDate>,
    /// Each gives runs that match by one reason; a run may match by several.
    reasons: Vec<Reason>,
}

/// Why a run belongs to the list.
enum Reason {
    /// It is one of these tenants'.
    Tenants(Vec<i64>),
    /// It is one of these operations.
    Types(Vec<String>),
    /// One of these people started it.
    People(Vec<i64>),
    /// Nobody started it.
    System,
    /// Its failures hold this pattern.
    Failures(String),
    /// Its inputs hold what this JSON path says.
    Inputs(String),
    /// It is one of these.
    Numbers(Vec<i64>),
}

/// As an index has them.
const INPUTS: &str = "(r.context #> '{identity,inputs}') @@ ";

/// How much of what matches, from where on.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Newest(i64),
    OlderThan(RunPosition, i64),
    /// The nearest first.
    NewerThan(RunPosition, i64),
    /// Any of them, in no order.
    Any(i64),
    /// Any of those in this state, whatever state the query asks for.
    AnyOf(Status, Outcome, i64),
}

impl Part {
    pub fn of_page(cursor: Option<RunCursor>, at_most: i64) -> Self {
        match cursor {
            None => Self::Newest(at_most),
            Some(RunCursor::Older(at)) => Self::OlderThan(at, at_most),
            Some(RunCursor::Newer(at)) => Self::NewerThan(at, at_most),
        }
    }

    fn at_most(self) -> i64 {
        match self {
            Self::Newest(at_most)
            | Self::OlderThan(_, at_most)
            | Self::NewerThan(_, at_most)
            | Self::Any(at_most)
            | Self::AnyOf(_, _, at_most) => at_most,
        }
    }

    /// The same in the order in which an index has it.
    fn in_order(self) -> Self {
        match self {
            Self::Any(at_most) | Self::AnyOf(_, _, at_most) => Self::Newest(at_most),
            ordered => ordered,
        }
    }

    /// `order by …` of two columns with these names.
    pub fn order(self, created_at: &str, id: &str) -> String {
        match self {
            Self::Newest(_) | Self::OlderThan(..) => {
                format!(" order by {created_at} desc, {id} desc")
            }
            Self::NewerThan(..) => format!(" order by {created_at}, {id}"),
            Self::Any(_) | Self::AnyOf(..) => String::new(),
        }
    }
}

impl Matching {
    /// Checks the caller's right, and finds out what a text may mean.
    pub async fn of(caller: &Caller, db: &Db, query: &RunQuery) -> Result<Self, ServiceError> {
        let tenants = match query.tenant {
            Some(tenant) => {
                caller.role_on(tenant)?;
                vec![tenant.0]
            }
            None => caller.tenant_ids(),
        };
        let reasons = match &query.text {
            None => vec![Reason::Tenants(tenants.clone())],
            Some(text) => reasons(db, &tenants, text).await?,
        };
        Ok(Self {
            from: query.from,
            query: query.clone(),
            reader: caller.user_id.0,
            tenants,
            reasons,
        })
    }

    /// These runs, as far as the caller may see them.
    pub fn chosen(caller: &Caller, runs: &[RunId]) -> Self {
        Self {
            query: RunQuery::default(),
            reader: caller.user_id.0,
            tenants: caller.tenant_ids(),
            from: None,
            reasons: vec![Reason::Numbers(runs.iter().map(|run| run.0).collect())],
        }
    }

    /// The same, looking back no further than to this day.
    pub fn since(mut self, from: Option<NaiveDate>) -> Self {
        self.from = from;
        self
    }

    /// A select of `id` and `created_at` of the part, in its order.
    pub fn push(&self, sql: &mut QueryBuilder<Postgres>, part: Part) {
        sql.push("select id, created_at from (");
        for (index, reason) in self.reasons.iter().enumerate() {
            if index > 0 {
                sql.push(" union ");
            }
            sql.push("(");
            self.push_reason(sql, reason, part);
            sql.push(")");
        }
        sql.push(") as found").push(part.order("created_at", "id"));
        sql.push(" limit ").push(part.at_most());
    }

    /// A select of the numbers of those of these runs that match.
    pub fn push_among(&self, sql: &mut QueryBuilder<Postgres>, runs: &[RunId]) {
        let runs: Vec<i64> = runs.iter().map(|run| run.0).collect();
        sql.push("select r.id from operation_runs r where r.id = any(");
        sql.push_bind(runs).push(") and r.tenant_id = any(");
        sql.push_bind(self.tenants.clone()).push(") and (false");
        for reason in &self.reasons {
            match reason {
                Reason::Tenants(tenants) => {
                    sql.push(" or r.tenant_id = any(");
                    sql.push_bind(tenants.clone()).push(")");
                }
                Reason::Types(types) => {
                    sql.push(" or r.type = any(");
                    sql.push_bind(types.clone()).push(")");
                }
                Reason::People(people) => {
                    sql.push(" or r.user_id = any(");
                    sql.push_bind(people.clone()).push(")");
                }
                Reason::System => {
                    sql.push(" or r.user_id is null");
                }
                Reason::Failures(pattern) => {
                    sql.push(" or r.failure_text like ");
                    sql.push_bind(pattern.clone());
                }
                Reason::Inputs(path) => {
                    sql.push(" or ").push(INPUTS);
                    sql.push_bind(path.clone()).push("::jsonpath");
                }
                Reason::Numbers(numbers) => {
                    sql.push(" or r.id = any(");
                    sql.push_bind(numbers.clone()).push(")");
                }
            }
        }
        sql.push(")");
        self.push_conditions(sql, Part::Any(0), self.from, None);
    }

    fn push_reason(&self, sql: &mut QueryBuilder<Postgres>, reason: &Reason, part: Part) {
        match reason {
            // The order is that of an index over all tenants, as few runs have failures.
            Reason::Failures(pattern) => {
                let outcomes = self.one_by_one(part, &Outcome::values(true));
                // To be counted, too: the planner takes failures to be as frequent among runs that succeeded, and would
                // look for some of them in the whole table.
                let order = part.in_order();
                self.push_each_outcome(sql, (part, order), &outcomes, |sql| {
                    sql.push("r.tenant_id = any(");
                    sql.push_bind(self.tenants.clone());
                    sql.push(") and r.failure_text like ");
                    sql.push_bind(pattern.clone());
                });
            }
            Reason::Inputs(path) => {
                sql.push("select r.id, r.created_at from operation_runs r where ")
                    .push(INPUTS);
                sql.push_bind(path.clone());
                sql.push("::jsonpath and r.tenant_id = any(");
                sql.push_bind(self.tenants.clone()).push(")");
                self.push_conditions(sql, part, self.from, None);
                sql.push(part.order("r.created_at", "r.id"));
                sql.push(" limit ").push(part.at_most());
            }
            Reason::Numbers(runs) => {
                sql.push("select r.id, r.created_at from operation_runs r where r.id = any(");
                sql.push_bind(runs.clone()).push(") and r.tenant_id = any(");
                sql.push_bind(self.tenants.clone()).push(")");
                // A number is looked up however long ago its run was.
                self.push_conditions(sql, part, self.query.from, None);
                sql.push(part.order("r.created_at", "r.id"));
                sql.push(" limit ").push(part.at_most());
            }
            _ => self.push_each_tenant(sql, reason, part),
        }
    }

    /// Takes the part from each tenant by itself: in that order its index has them.
    fn push_each_tenant(&self, sql: &mut QueryBuilder<Postgres>, reason: &Reason, part: Part) {
        let tenants = match reason {
            Reason::Tenants(tenants) => tenants,
            _ => &self.tenants,
        };
        sql.push("select one.id, one.created_at from unnest(");
        sql.push_bind(tenants.clone()).push(") as of_tenant(id)");
        let named = match reason {
            Reason::Types(types) => {
                sql.push(" cross join unnest(").push_bind(types.clone());
                sql.push(") as named(value)");
                " and r.type = named.value"
            }
            Reason::People(people) => {
                sql.push(" cross join unnest(").push_bind(people.clone());
                sql.push(") as named(value)");
                " and r.user_id = named.value"
            }
            Reason::System => " and r.user_id is null",
            _ => "",
        };
        sql.push(" cross join lateral (");
        let outcomes = self.one_by_one(part, &[]);
        self.push_each_outcome(sql, (part, part), &outcomes, |sql| {
            sql.push("r.tenant_id = of_tenant.id");
            sql.push(named);
        });
        sql.push(") as one");
        sql.push(part.order("one.created_at", "one.id"));
        sql.push(" limit ").push(part.at_most());
    }

    /// The outcomes that are looked for one by one: each by itself is in its index's order, several together would have to
    /// be sorted, all of them. `all` are those of a query that names none.
    fn one_by_one(&self, part: Part, all: &[Outcome]) -> Vec<Option<Outcome>> {
        let several = match (part, self.query.outcome) {
            (Part::AnyOf(..), _) | (_, Some(OutcomeFilter::Is(_))) => &[],
            (_, Some(OutcomeFilter::NotSucceeded)) => &OutcomeFilter::BAD[..],
            (_, None) => all,
        };
        match several {
            [] => vec![None],
            several => several.iter().copied().map(Some).collect(),
        }
    }

    /// The part of each of these outcomes.
    fn push_each_outcome(
        &self,
        sql: &mut QueryBuilder<Postgres>,
        (part, order): (Part, Part),
        outcomes: &[Option<Outcome>],
        which: impl Fn(&mut QueryBuilder<Postgres>),
    ) {
        for (index, outcome) in outcomes.iter().enumerate() {
            if index > 0 {
                sql.push(" union all ");
            }
            sql.push("(select r.id, r.created_at from operation_runs r where ");
            which(sql);
            self.push_conditions(sql, part, self.from, *outcome);
            sql.push(order.order("r.created_at", "r.id"));
            sql.push(" limit ").push(part.at_most()).push(")");
        }
    }

    /// `only` is one of the outcomes that the query asks for.
    fn push_conditions(
        &self,
        sql: &mut QueryBuilder<Postgres>,
        part: Part,
        from: Option<NaiveDate>,
        only: Option<Outcome>,
    ) {
        let query = &self.query;
        // States stand in the statement itself: the planner has to see that a partial index fits.
        let (status, outcome) = match part {
            Part::AnyOf(status, outcome, _) => (Some(status), Some(outcome.into())),
            _ => (query.status, only.map(OutcomeFilter::Is).or(query.outcome)),
        };
        if let Some(status) = status.filter(|status| status.is_active() || outcome.is_none()) {
            sql.push(format!(" and r.status = '{}'", status.as_str()));
        }
        match outcome {
            Some(OutcomeFilter::Is(outcome)) => {
                sql.push(format!(" and r.outcome = '{}'", outcome.as_str()));
                if status == Some(Status::Completed) && outcome == Outcome::Pending {
                    sql.push(" and false");
                }
            }
            Some(OutcomeFilter::NotSucceeded) => {
                let [one, other] = OutcomeFilter::BAD.map(Outcome::as_str);
                sql.push(format!(" and r.outcome in ('{one}', '{other}')"));
            }
            None => {}
        }
        if let Some(operation_type) = &query.operation_type {
            sql.push(" and r.type = ").push_bind(operation_type.clone());
        }
        if query.mine {
            sql.push(" and r.user_id = ").push_bind(self.reader);
        }
        match query.initiator {
            Some(InitiatorFilter::Person(user)) => {
                sql.push(" and r.user_id = ").push_bind(user.0);
            }
            Some(InitiatorFilter::System) => {
                sql.push(" and r.user_id is null");
            }
            None => {}
        }
        if let Some(from) = from {
            sql.push(" and r.created_at >= ").push_bind(from);
            sql.push("::timestamp at time zone 'UTC'");
        }
        if let Some(last) = query.last {
            sql.push(format!(
                " and r.created_at >= now() - interval '{}'",
                last.length()
            ));
        }
        if let Some(to) = query.to {
            sql.push(" and r.created_at < (").push_bind(to);
            sql.push(" + 1)::timestamp at time zone 'UTC'");
        }
        let (than, at) = match part {
            Part::OlderThan(at, _) => ("<", at),
            Part::NewerThan(at, _) => (">", at),
            Part::Newest(_) | Part::Any(_) | Part::AnyOf(..) => return,
        };
        sql.push(format!(" and (r.created_at, r.id) {than} ("));
        sql.push_bind(at.created_at).push(", ");
        sql.push_bind(at.id.0).push(")");
    }
}

/// What in a run's inputs a text may mean: `schedule_id=5`, a kind of policies by its name or key, or a value as it stands.
fn in_inputs(text: &str) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let is_name = |name: &str| {
        let mut letters = name.bytes();
        letters.all(|letter| letter.is_ascii_lowercase() || letter == b'_')
    };
    if let Some((name, value)) = text.split_once('=')
        && !name.is_empty()
        && is_name(name)
    {
        let as_number = value
            .parse()
            .map(|number: i64| format!(" || $.**.{name} == {number}"));
        return format!(
            "$.**.{name} == {}{}",
            quoted(value),
            as_number.unwrap_or_default()
        );
    }
    let wanted = text.to_lowercase();
    let kinds = PolicyKind::all()
        .iter()
        .filter(|kind| kind.label.to_lowercase().contains(&wanted))
        .map(|kind| kind.key);
    let values: Vec<_> = std::iter::once(text)
        .chain(kinds)
        .map(|value| format!("$.** == {}", quoted(value)))
        .collect();
    values.join(" || ")
}

/// All that a text may mean: a tenant, an operation, a person, a run's number, something in its inputs, or words of a
/// failure.
async fn reasons(db: &Db, tenants: &[i64], text: &str) -> Result<Vec<Reason>, ServiceError> {
    let pattern = contains(text)?;
    let wanted = text.trim().to_lowercase();
    let (named, people): (Vec<i64>, Vec<i64>) = sqlx::query_as(
        "select array(select id from tenants where id = any($1) and lower(name) like $2),
                array(select distinct user_id from run_initiators where tenant_id = any($1) and lower(name) like $2)",
    )
    .bind(tenants)
    .bind(&pattern)
    .fetch_one(&db.pool)
    .await?;
    let types: Vec<_> = OperationType::ALL
        .into_iter()
        .filter(|operation| operation.label().to_lowercase().contains(&wanted))
        .map(|operation| operation.as_str().to_owned())
        .collect();
    let mut reasons = vec![
        Reason::Failures(pattern),
        Reason::Inputs(in_inputs(text.trim())),
    ];
    if !named.is_empty() {
        reasons.push(Reason::Tenants(named));
    }
    if !types.is_empty() {
        reasons.push(Reason::Types(types));
    }
    if !people.is_empty() {
        reasons.push(Reason::People(people));
    }
    if "system".contains(&wanted) {
        reasons.push(Reason::System);
    }
    if let Ok(number) = wanted.trim_start_matches('#').parse() {
        reasons.push(Reason::Numbers(vec![number]));
    }
    Ok(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_in_inputs_as_a_value_a_named_value_or_a_kind() {
        assert_eq!(
            in_inputs("schedule_id=5"),
            "$.**.schedule_id == \"5\" || $.**.schedule_id == 5"
        );
        assert_eq!(in_inputs("kinds=a"), "$.**.kinds == \"a\"");
        assert_eq!(in_inputs("say \"x\""), "$.** == \"say \\\"x\\\"\"");
        assert_eq!(in_inputs("a.b=c"), "$.** == \"a.b=c\"");
        assert_eq!(
            in_inputs("Shell SCRIPTS"),
            "$.** == \"Shell SCRIPTS\" || $.** == \"shell_scripts\""
        );
    }
}
