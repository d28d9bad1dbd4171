//! A var that names a cron must name one of the function's own triggers: otherwise the firing it is about never comes.

use anyhow::{Result, bail};
use millwright_harness::{Project, wrangler};

pub(super) fn check(project: &Project) -> Result<()> {
    let mut wrong = Vec::new();
    for function in wrangler::functions(project)? {
        let named = function.vars.iter().filter(|(name, _)| name.ends_with("_CRON"));
        for (name, cron) in named {
            if !function.crons.contains(cron) {
                wrong.push(format!("{}: {name} is `{cron}`, which is none of its triggers", function.name));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("{}", wrong.join("\n"))
}
