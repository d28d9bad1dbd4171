//! A list's question, as PostgREST is asked.

use millwright_domain::resource::{
    Child, Comparison, Cursor, Filter, Include, ListQuery, Name, Resource, Sort,
};
use postgrest::Builder;
use serde_json::{Value, json};
use uuid::Uuid;

/// All columns. Naming them instead would cost the gateway more than everything else it does for a request.
pub(crate) const ALL: &str = "*";

/// Columns, and what is told with them.
pub(crate) fn embedded(columns: &str, include: &Include) -> String {
    let mut asked = vec![columns.to_owned()];
    if !include.computed.is_empty() {
        // As columns of the row itself.
        asked.push(format!("...standing({})", include.computed.join(",")));
    }
    asked.extend(include.names.iter().map(|name| embed(name)));
    for child in &include.children {
        let key = child.key.map(|key| format!("!{key}")).unwrap_or_default();
        let names = child.of.names().filter(|_| include.names_of_children).map(embed);
        let columns: Vec<_> = std::iter::once(ALL.to_owned()).chain(names).collect();
        asked.push(format!("{}:{}{key}({})", child.name, child.of.table, columns.join(",")));
    }
    asked.join(",")
}

fn embed(name: &Name) -> String {
    format!("{}(*)", name.name)
}

/// The same, the children ordered, and of those that grow without end the newest.
pub(super) fn with_children(mut request: Builder, columns: &str, include: &Include) -> Builder {
    request = request.select(embedded(columns, include));
    for child in &include.children {
        request = ordered(request, child, child.name.to_owned());
    }
    request
}

/// Orders the children at this place.
pub(crate) fn ordered(request: Builder, child: &Child, place: String) -> Builder {
    match child.newest {
        Some(most) => {
            let request = request.foreign_table_limit(most, place.clone());
            request.order_with_options(child.order, Some(place), false, false)
        }
        None => request.order_with_options(child.order, Some(place), true, false),
    }
}

/// Only rows that lie under that one.
pub(super) fn within(request: Builder, resource: &Resource, parent: Option<Uuid>) -> Builder {
    match (resource.parent, parent) {
        (Some(above), Some(id)) => request.eq(above.field, id.to_string()),
        _ => request,
    }
}

/// All columns, or those that are asked for with the id and the field of the order, after which the next page begins.
pub(super) fn columns(query: &ListQuery) -> String {
    asked_columns(query).map_or_else(|| ALL.to_owned(), |columns| columns.join(","))
}

/// The columns that are asked for, if not all.
pub(super) fn asked_columns(query: &ListQuery) -> Option<Vec<&'static str>> {
    let fields = query.fields.as_ref()?;
    let mut columns = vec!["id", query.sort.field.name];
    columns.extend(fields);
    let mut seen = Vec::new();
    columns.retain(|column| {
        let new = !seen.contains(column);
        seen.push(*column);
        new
    });
    Some(columns)
}

pub(super) fn filtered(request: Builder, filter: &Filter) -> Builder {
    let (field, values) = (filter.field, filter.values.as_slice());
    // A range has one value; the query's parser made sure of it.
    let end = values.first().map(String::as_str).unwrap_or_default();
    let list = || values.iter().map(|value| quoted(value)).collect::<Vec<_>>();
    match filter.comparison {
        Comparison::AnyOf => match (values, filter.or_missing) {
            ([value], false) => request.eq(field, value),
            (_, false) => request.in_(field, list()),
            ([], true) => request.is(field, "null"),
            (_, true) => request.or(format!("{field}.in.({}),{field}.is.null", list().join(","))),
        },
        Comparison::NoneOf => match (values, filter.or_missing) {
            ([], _) => request.not("is", field, "null"),
            (_, false) => request.not("in", field, format!("({})", list().join(","))),
            (_, true) => request.or(format!("{field}.not.in.({}),{field}.is.null", list().join(","))),
        },
        Comparison::AtLeast => request.gte(field, end),
        Comparison::MoreThan => request.gt(field, end),
        Comparison::AtMost => request.lte(field, end),
        Comparison::LessThan => request.lt(field, end),
    }
}

/// The same, for a function of the database.
pub(super) fn said(filter: &Filter) -> Value {
    let op = match filter.comparison {
        Comparison::AnyOf => "in",
        Comparison::NoneOf => "not in",
        Comparison::AtLeast => "gte",
        Comparison::MoreThan => "gt",
        Comparison::AtMost => "lte",
        Comparison::LessThan => "lt",
    };
    json!({"column": filter.field, "op": op, "values": filter.values, "or_missing": filter.or_missing})
}

/// Rows without a value come last in either direction, so that a page can go on after one of them.
pub(super) fn order(Sort { field, descending }: Sort) -> String {
    let direction = if descending { "desc" } else { "asc" };
    match field.sort_column() {
        "id" => format!("id.{direction}"),
        name if field.sorts_nulls() => format!("{name}.{direction}.nullslast,id.{direction}"),
        name => format!("{name}.{direction},id.{direction}"),
    }
}

/// Only what follows that row. Said so that an index is entered there: what comes before is not read.
pub(super) fn after(request: Builder, sort: Sort, Cursor(value, id, _): &Cursor) -> Builder {
    let beyond = if sort.descending { "lt" } else { "gt" };
    let name = sort.field.sort_column();
    let condition = match sort.field.sort_value(value.as_deref()) {
        _ if name == "id" => format!("id.{beyond}.{id}"),
        None => format!("and({name}.is.null,id.{beyond}.{id})"),
        Some(value) => {
            let quoted = quoted(&value);
            if sort.field.sorts_nulls() {
                format!("{name}.{beyond}.{quoted},and({name}.eq.{quoted},id.{beyond}.{id}),{name}.is.null")
            } else {
                let condition = format!("{name}.{beyond}.{quoted},id.{beyond}.{id}");
                let from = if sort.descending { request.lte(name, value) } else { request.gte(name, value) };
                return from.or(condition);
            }
        }
    };
    request.or(condition)
}

/// In lists and logic a value may hold what separates them, so it is always quoted.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::resource::{Resource, VENDORS, WORK_ORDERS, include};

    fn query(resource: &'static Resource, parameters: &[(&str, &str)]) -> ListQuery {
        let cursor = |text: &str| serde_json::from_str(text).ok();
        ListQuery::parse(resource, parameters.iter().copied(), cursor).unwrap()
    }

    fn url(resource: &'static Resource, parameters: &[(&str, &str)]) -> String {
        let query = query(resource, parameters);
        let table = postgrest::Postgrest::new("http://gateway").from("work_orders");
        let request = query.filters.iter().fold(table, filtered);
        let request = match &query.after {
            Some(cursor) => after(request, query.sort, cursor),
            None => request,
        };
        let request = request.order(order(query.sort)).build().build().unwrap();
        let pairs = request.url().query_pairs().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join(" & ")
    }

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    #[test]
    fn values_are_quoted_where_they_could_be_taken_for_syntax() {
        let parameters = [("fo_number", "a\"),(b"), ("status", "new,on_hold")];
        assert_eq!(
            url(&WORK_ORDERS, &parameters),
            "fo_number=in.(\"a\\\")\",\"(b\") & status=in.(\"new\",\"on_hold\") & order=id.desc"
        );
    }

    #[test]
    fn a_page_goes_on_after_a_value_and_after_none() {
        let by_due = [("sort", "due_at"), ("cursor", &format!("[\"2026-03-02\",\"{ID}\"]"))];
        assert_eq!(
            url(&WORK_ORDERS, &by_due),
            format!(
                "due_or_never=gte.2026-03-02 & or=(due_or_never.gt.\"2026-03-02\",id.gt.{ID}) & \
                 order=due_or_never.asc,id.asc"
            )
        );
        let after_none = [("sort", "due_at"), ("cursor", &format!("[null,\"{ID}\"]"))];
        assert!(url(&WORK_ORDERS, &after_none).starts_with("due_or_never=gte.infinity & "));
        let by_urgency = [("sort", "-priority"), ("cursor", &format!("[\"high\",\"{ID}\"]"))];
        assert_eq!(
            url(&WORK_ORDERS, &by_urgency),
            format!("urgency=lte.2 & or=(urgency.lt.\"2\",id.lt.{ID}) & order=urgency.desc,id.desc")
        );
        let newest = [("cursor", &*format!("[null,\"{ID}\"]"))];
        assert_eq!(url(&WORK_ORDERS, &newest), format!("or=(id.lt.{ID}) & order=id.desc"));
    }

    #[test]
    fn rows_without_a_value_are_asked_for_with_others_or_left_out() {
        for (name, value, asked) in [
            ("assigned_to", "null".to_owned(), "assigned_to=is.null".to_owned()),
            (
                "assigned_to",
                format!("{ID},null"),
                format!("or=(assigned_to.in.(\"{ID}\"),assigned_to.is.null)"),
            ),
            ("assigned_to.not", "null".to_owned(), "assigned_to=not.is.null".to_owned()),
            ("assigned_to.not", format!("null,{ID}"), format!("assigned_to=not.in.(\"{ID}\")")),
            (
                "assigned_to.not",
                ID.to_owned(),
                format!("or=(assigned_to.not.in.(\"{ID}\"),assigned_to.is.null)"),
            ),
            ("priority.not", "low".to_owned(), "priority=in.(\"medium\",\"high\",\"critical\")".to_owned()),
        ] {
            assert_eq!(url(&WORK_ORDERS, &[(name, &*value)]), format!("{asked} & order=id.desc"));
        }
    }

    #[test]
    fn rows_of_a_short_list_come_last_where_they_have_no_value() {
        let by_phone = [("sort", "phone"), ("cursor", &format!("[\"1\",\"{ID}\"]"))];
        assert_eq!(
            url(&VENDORS, &by_phone),
            format!(
                "or=(phone.gt.\"1\",and(phone.eq.\"1\",id.gt.{ID}),phone.is.null) & order=phone.asc.nullslast,id.asc"
            )
        );
        let after_none = [("sort", "-phone"), ("cursor", &format!("[null,\"{ID}\"]"))];
        assert!(url(&VENDORS, &after_none).starts_with(&format!("or=(and(phone.is.null,id.lt.{ID}))")));
    }

    #[test]
    fn what_is_told_with_a_row_is_embedded_by_its_name() {
        let told = |value: &str| embedded(ALL, &include(&WORK_ORDERS, value, false).unwrap());
        assert_eq!(told("assignee,open_moves"), "*,...standing(open_moves),assignee(*)");
        assert_eq!(
            told("comments,relations"),
            "*,comments:comments(*),relations:work_order_relations!work_order_relations_work_order_id_fkey(*)"
        );
        assert!(told("names,comments").ends_with(",parent(*),comments:comments(*,author(*))"));
    }

    #[test]
    fn of_what_grows_without_end_the_newest_are_asked_for() {
        let table = postgrest::Postgrest::new("http://gateway").from("work_orders");
        let told = include(&WORK_ORDERS, "history,crew", true).unwrap();
        let request = with_children(table, "id", &told).build().build().unwrap();
        let asked = request.url().query_pairs().map(|(name, value)| format!("{name}={value}"));
        assert_eq!(
            asked.skip(1).collect::<Vec<_>>(),
            ["history.limit=100", "history.order=position.desc.nullslast", "crew.order=id.asc.nullslast"]
        );
    }

    #[test]
    fn asked_fields_come_with_what_the_page_needs() {
        let parameters = [("fields", "title,number,title"), ("sort", "due_at")];
        assert_eq!(columns(&query(&WORK_ORDERS, &parameters)), "id,due_at,title,number");
        assert_eq!(columns(&query(&WORK_ORDERS, &[])), "*");
    }
}
