//! This function's name, as it stands in log lines, in health reports and in `wrangler.toml`.

/// The name.
pub(crate) const FUNCTION: &str = "request-api";
