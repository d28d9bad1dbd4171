use super::*;
use crate::endpoint::Method;
use millwright_domain::kpi::REPORTS;
use millwright_domain::resource::RESOURCES;
use serde_json::json;

/// The way to run this crate's code on the machine that builds its module, which cargo has for tests alone.
#[test]
#[ignore = "writes the OpenAPI document for `cargo xtask build`"]
fn the_document_is_written() {
    let path = std::env::var_os("MILLWRIGHT_OPENAPI").expect("MILLWRIGHT_OPENAPI names the file");
    std::fs::write(path, crate::openapi_document()).unwrap();
}

/// A path with a value in the place of each parameter.
fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "7" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn names_in(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect()
}

#[test]
fn every_path_leads_to_its_own_endpoint() {
    for endpoint in api().endpoints {
        let (found, parameters) = find(&filled(&endpoint.path)).unwrap();
        assert_eq!(found.path, endpoint.path);
        let expected: Vec<_> = names_in(&endpoint.path).into_iter().map(|name| (name, "7")).collect();
        let values: Vec<_> = parameters.0.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(values, expected, "{}", endpoint.path);
        let methods = |endpoint: &Endpoint| endpoint.allow();
        assert_eq!(methods(found), methods(&endpoint), "{}", endpoint.path);
    }
    assert!(find("/api/v1").is_none());
}

#[test]
fn every_resource_has_its_endpoints() {
    for resource in RESOURCES {
        let all = format!("/api/v1/{}", resource.path);
        let one =
            if resource.parent.is_some() { format!("{all}/{{child}}") } else { format!("{all}/{{id}}") };
        for path in [all, one] {
            let (endpoint, _) = find(&filled(&path)).unwrap();
            assert_eq!(endpoint.path, path);
            assert!(endpoint.operation(Method::Get).is_some(), "{path}");
        }
    }
}

#[test]
fn every_report_has_its_endpoint_and_no_other_has() {
    for report in REPORTS {
        let path = format!("/api/v1/reports/{}", report.path());
        assert_eq!(find(&path).unwrap().0.path, path);
    }
    assert_eq!(find("/api/v1/reports/other").unwrap().0.path, "/api/v1/reports/{name}");
}

/// The document names the paths, the methods and the path parameters that are served, and no others.
#[test]
fn the_document_and_the_router_agree() {
    let api = api();
    let document = openapi::document(&api);
    let described = document["paths"].as_object().unwrap();
    let mut paths = 0;
    for endpoint in &api.endpoints {
        let served: Vec<_> = endpoint.operations.iter().filter(|one| one.description.is_some()).collect();
        let item = &document["paths"][endpoint.path.as_ref()];
        if served.is_empty() {
            assert!(item.is_null(), "{}", endpoint.path);
            continue;
        }
        paths += 1;
        let item = item.as_object().unwrap();
        let mut names: Vec<_> = served.iter().map(|operation| operation.method.word()).collect();
        names.sort_unstable();
        assert_eq!(item.keys().collect::<Vec<_>>(), names, "{}", endpoint.path);
        for operation in served {
            let described = &item[operation.method.word()];
            let parameters = described["parameters"].as_array().into_iter().flatten();
            let of_path: Vec<_> = parameters.filter(|parameter| parameter["in"] == "path").collect();
            let in_document: Vec<_> =
                of_path.iter().filter_map(|parameter| parameter["name"].as_str()).collect();
            assert_eq!(in_document, names_in(&endpoint.path), "{}", endpoint.path);
            assert!(of_path.iter().all(|parameter| parameter["required"] == true));
            let security = &described["security"];
            let expected = if operation.handler.is_for_people() { Value::Null } else { json!([]) };
            assert_eq!(security, &expected, "{}", endpoint.path);
        }
    }
    assert_eq!(described.len(), paths);
}

#[test]
fn what_is_left_out_of_the_document_is_known() {
    let left_out = |endpoint: &Endpoint| endpoint.operations.iter().all(|one| one.description.is_none());
    let paths: Vec<_> =
        api().endpoints.into_iter().filter(left_out).map(|endpoint| endpoint.path.into_owned()).collect();
    let known =
        ["/api/health", "/api/openapi.json", "/api/docs", "/api/docs/{file}", "/api/v1/reports/{name}"];
    assert_eq!(paths, known);
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100);
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

/// Each operation with its path and method.
fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

/// What the name of an operation begins with.
const VERBS: [&str; 29] = [
    "decide",
    "list",
    "get",
    "create",
    "update",
    "delete",
    "export",
    "import",
    "sign",
    "refresh",
    "change",
    "revoke",
    "upload",
    "verify",
    "renew",
    "show",
    "send",
    "report",
    "preview",
    "dry",
    "transition",
    "assign",
    "acknowledge",
    "find",
    "search",
    "mark",
    "read",
    "count",
    "set",
];

#[test]
fn every_operation_has_a_name_of_its_own_in_one_style() {
    let document = document();
    let mut names: Vec<_> =
        operations(&document).filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    for name in &names {
        let (verb, what) = name.split_at(name.find(|letter: char| letter.is_ascii_uppercase()).unwrap());
        assert!(VERBS.contains(&verb), "{name}");
        assert!(what.chars().all(|letter| letter.is_ascii_alphanumeric()), "{name}");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count > RESOURCES.len() * 2);
}

#[test]
fn every_operation_says_what_it_does_under_a_heading_that_has_a_sentence() {
    let document = document();
    let tags = openapi::TAGS.map(|(name, _)| name);
    let mut used = std::collections::HashSet::new();
    for (at, operation) in operations(&document) {
        for said in ["summary", "description"] {
            assert!(operation[said].as_str().is_some_and(|said| !said.is_empty()), "{at} has no {said}");
        }
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(tags.contains(&tag), "{tag} of {at}");
        used.insert(tag.to_owned());
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.contains_key("default"), "{at} says nothing of problems");
    }
    assert_eq!(used.len(), tags.len(), "a heading has no operation");
}

/// What generated clients make of them: a list that takes several values takes them again and again.
#[test]
fn a_parameter_of_several_values_may_be_said_again() {
    for (at, operation) in operations(&document()) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter.get("explode").is_none(), "{at}: {parameter}");
        }
    }
}
