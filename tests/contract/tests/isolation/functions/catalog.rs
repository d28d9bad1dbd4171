//! The functions that clients reach, as the database knows them.

use anyhow::Result;
use millwright_contract_tests::World;

/// A function of a schema that the gateway shows.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) parameters: Vec<Parameter>,
    /// As SQL names it among those of the same name.
    pub(crate) signature: String,
    /// With its owner's rights.
    pub(crate) is_definer: bool,
    /// Columns are asked for in brackets.
    pub(crate) gives_rows: bool,
}

/// One of its parameters.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// The table whose row it takes.
    pub(crate) row_of: Option<String>,
}

impl Function {
    /// The table that it is a column of, to the gateway.
    pub(crate) fn column_of(&self) -> Option<&str> {
        match self.parameters.as_slice() {
            [only] => only.row_of.as_deref(),
            _ => None,
        }
    }
}

/// True for what a signed-in person or a stranger may call.
const REACHED: &str = "p.prorettype <> 'trigger'::regtype and exists (
    select from unnest(array['anon', 'authenticated']) who
    where has_schema_privilege(who, p.pronamespace, 'usage') and has_function_privilege(who, p.oid, 'execute'))";

/// Those that the gateway shows them.
pub(crate) fn shown(world: &mut World) -> Result<Vec<Function>> {
    let rows = world.sql.query(
        &format!(
            "select p.proname::text, p.proretset, array(
               select coalesce(p.proargnames[n], '') from generate_series(1, p.pronargs) n),
             array(select format_type(t, null) from unnest(p.proargtypes) with ordinality u (t, n) order by n),
             array(select c.relname::text from unnest(p.proargtypes) with ordinality u (t, n)
               join pg_type y on y.oid = t left join pg_class c on c.oid = y.typrelid order by n),
             p.oid::regprocedure::text, p.prosecdef
             from pg_proc p where p.pronamespace in ('public'::regnamespace, 'functions'::regnamespace)
               and {REACHED} order by 1"
        ),
        &[],
    )?;
    let read = |row: &postgres::Row| {
        let (names, kinds, tables): (Vec<String>, Vec<String>, Vec<Option<String>>) =
            (row.get(2), row.get(3), row.get(4));
        let parameters = names.into_iter().zip(kinds).zip(tables);
        let parameters = parameters.map(|((name, kind), row_of)| Parameter { name, kind, row_of }).collect();
        Function {
            name: row.get(0),
            signature: row.get(5),
            is_definer: row.get(6),
            gives_rows: row.get(1),
            parameters,
        }
    };
    Ok(rows.iter().map(read).collect())
}

/// Those with their owner's rights, also where only another function calls them.
pub(crate) fn definers(world: &mut World) -> Result<Vec<String>> {
    let schemas = "('public'::regnamespace, 'private'::regnamespace, 'functions'::regnamespace)";
    let rows = world.sql.query(
        &format!(
            "select p.pronamespace::regnamespace || '.' || p.proname from pg_proc p
             where p.prosecdef and p.pronamespace in {schemas} and {REACHED} order by 1"
        ),
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
