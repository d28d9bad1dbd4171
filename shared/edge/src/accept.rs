//! The media types that a client takes (`Accept`), with their weights (RFC 9110, 12.5.1).

/// True if a client that says this takes an answer of that media type. The most specific of the ranges that it is in decides,
/// and a weight of 0 means that it does not.
#[must_use]
pub fn accepts(accept: &str, media_type: &str) -> bool {
    let (kind, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    let rank = |range: &str| match range.split_once('/') {
        Some(("*", "*")) => Some(1),
        Some((of, "*")) if of.eq_ignore_ascii_case(kind) => Some(2),
        _ => range.eq_ignore_ascii_case(media_type).then_some(3),
    };
    let ranges = accept.split(',').filter(|range| !range.trim().is_empty());
    let weighed = ranges.clone().filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        Some((rank(parts.next()?)?, parts.find_map(weight).unwrap_or(1.0)))
    });
    // Of ranges that are alike the one that is taken counts.
    let most = weighed.max_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    // A header that names nothing says nothing.
    most.map_or_else(|| ranges.count() == 0, |(_, weight)| weight > 0.0)
}

fn weight(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse().unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn the_most_specific_range_decides() {
        for taken in [
            "*/*",
            "",
            "application/json",
            "Application/JSON;charset=utf-8",
            "text/html, application/xhtml+xml, */*;q=0.8",
            "text/csv;q=0.9, application/*;q=0.1",
            "*/*;q=0, application/json;q=0.001",
        ] {
            assert!(accepts(taken, "application/json"), "{taken}");
        }
        for refused in [
            "text/csv",
            "text/*",
            "application/json;q=0",
            "application/json; q=0.0, */*",
            "application/*;q=0, */*;q=1",
            "application/problem+json",
        ] {
            assert!(!accepts(refused, "application/json"), "{refused}");
        }
    }
}
