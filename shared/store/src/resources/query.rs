//! A list's question, as PostgREST is asked.

use millwright_domain::resource::{Child, Comparison, Cursor, Filter, ListQuery, Resource, Sort};
use postgrest::Builder;
use uuid::Uuid;

pub(super) fn own_columns(resource: &Resource) -> String {
    resource.columns().join(",")
}

/// Columns, and embedded children.
pub(crate) fn embedded(columns: String, children: &[&Child]) -> String {
    let embedded = children.iter().map(|child| format!(",{}:{}({})", child.name, child.table, child.columns));
    columns + &embedded.collect::<String>()
}

/// The same, the children ordered.
pub(super) fn with_children(mut request: Builder, columns: String, children: &[&Child]) -> Builder {
    request = request.select(embedded(columns, children));
    for child in children {
        request = request.order_with_options(child.order, Some(child.name), true, false);
    }
    request
}

/// Only rows that lie under that one.
pub(super) fn within(request: Builder, resource: &Resource, parent: Option<Uuid>) -> Builder {
    match (resource.parent, parent) {
        (Some(above), Some(id)) => request.eq(above.field, id.to_string()),
        _ => request,
    }
}

/// The id comes first, whatever is asked, and the field of the order is there: the next page begins after both.
pub(super) fn columns(resource: &Resource, query: &ListQuery) -> String {
    let Some(fields) = &query.fields else {
        return own_columns(resource);
    };
    let mut columns = vec!["id", query.sort.field.name];
    columns.extend(fields);
    let mut seen = Vec::new();
    columns.retain(|column| {
        let new = !seen.contains(column);
        seen.push(*column);
        new
    });
    columns.join(",")
}

pub(super) fn filtered(request: Builder, filter: &Filter) -> Builder {
    let (field, values) = (filter.field, filter.values.as_slice());
    // A range has one value; the query's parser made sure of it.
    let end = values.first().map(String::as_str).unwrap_or_default();
    match filter.comparison {
        Comparison::AnyOf => match values {
            [value] => request.eq(field, value),
            values => request.in_(field, values.iter().map(|value| quoted(value))),
        },
        Comparison::Missing => request.is(field, "null"),
        Comparison::AtLeast => request.gte(field, end),
        Comparison::MoreThan => request.gt(field, end),
        Comparison::AtMost => request.lte(field, end),
        Comparison::LessThan => request.lt(field, end),
    }
}

/// Rows without a value come last in either direction, so that a page can go on after one of them.
pub(super) fn order(Sort { field, descending }: Sort) -> String {
    let direction = if descending { "desc" } else { "asc" };
    match field.name {
        "id" => format!("id.{direction}"),
        name => format!("{name}.{direction}.nullslast,id.{direction}"),
    }
}

pub(super) fn after(request: Builder, sort: Sort, Cursor(value, id): &Cursor) -> Builder {
    let beyond = if sort.descending { "lt" } else { "gt" };
    let name = sort.field.name;
    let condition = match value {
        _ if name == "id" => format!("id.{beyond}.{id}"),
        None => format!("and({name}.is.null,id.{beyond}.{id})"),
        Some(value) => {
            let value = quoted(value);
            let nulls = if sort.field.nullable { format!(",{name}.is.null") } else { String::new() };
            format!("{name}.{beyond}.{value},and({name}.eq.{value},id.{beyond}.{id}){nulls}")
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
    use millwright_domain::resource::WORK_ORDERS;

    fn query(parameters: &[(&str, &str)]) -> ListQuery {
        let cursor = |text: &str| serde_json::from_str(text).ok();
        ListQuery::parse(&WORK_ORDERS, parameters.iter().copied(), cursor).unwrap()
    }

    fn url(parameters: &[(&str, &str)]) -> String {
        let query = query(parameters);
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
        let parameters = [("area", "a\"),(b"), ("status", "new,on_hold")];
        assert_eq!(
            url(&parameters),
            "area=in.(\"a\\\")\",\"(b\") & status=in.(\"new\",\"on_hold\") & order=id.desc"
        );
    }

    #[test]
    fn a_page_goes_on_after_a_value_and_after_none() {
        let by_due = [("sort", "due_at"), ("cursor", &format!("[\"2026-03-02\",\"{ID}\"]"))];
        assert_eq!(
            url(&by_due),
            format!(
                "or=(due_at.gt.\"2026-03-02\",and(due_at.eq.\"2026-03-02\",id.gt.{ID}),due_at.is.null) & \
                 order=due_at.asc.nullslast,id.asc"
            )
        );
        let by_title = [("sort", "-title"), ("cursor", &format!("[\"x\",\"{ID}\"]"))];
        assert!(!url(&by_title).contains("is.null"), "a title is never missing");
        let after_none = [("sort", "-due_at"), ("cursor", &format!("[null,\"{ID}\"]"))];
        assert!(url(&after_none).starts_with(&format!("or=(and(due_at.is.null,id.lt.{ID}))")));
    }

    #[test]
    fn asked_fields_come_with_what_the_page_needs() {
        let query = query(&[("fields", "title,number,title"), ("sort", "due_at")]);
        assert_eq!(columns(&WORK_ORDERS, &query), "id,due_at,title,number");
    }
}
