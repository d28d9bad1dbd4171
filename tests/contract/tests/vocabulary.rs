//! The words of the domain and those of the database are the same ones, in the same order.

use anyhow::{Context, Result};
use millwright_contract_tests::World;
use millwright_domain::time_zone::time_zones;
use millwright_domain::vocabulary::VOCABULARY;
use millwright_domain::words::{Home, WordSet};
use std::collections::BTreeMap;

#[test]
fn every_enum_is_declared_and_has_the_same_words_in_the_same_order() -> Result<()> {
    let mut world = World::open()?;
    let rows = world.sql.query(
        "select t.typname::text, array_agg(e.enumlabel::text order by e.enumsortorder)
         from pg_type t join pg_enum e on e.enumtypid = t.oid
         where t.typnamespace in ('public'::regnamespace, 'private'::regnamespace, 'functions'::regnamespace)
         group by t.typname",
        &[],
    )?;
    let kept: BTreeMap<String, Vec<String>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let declared = sets(|home| match home {
        Home::Enum(name) => Some(name.to_owned()),
        Home::Domain(_) | Home::Check(..) | Home::Function(_) | Home::FunctionEach(_) | Home::Apart(_) => {
            None
        }
    });
    assert_eq!(kept, declared, "left: the database; right: the vocabulary");
    Ok(())
}

#[test]
fn every_domain_of_words_is_declared_and_has_the_same_words() -> Result<()> {
    let mut world = World::open()?;
    // `value in ('a', 'b')` is kept as `VALUE = ANY (ARRAY['a'::text, 'b'::text])`.
    let rows = world.sql.query(
        "select t.typname::text, array(
           select m[1] from regexp_matches(pg_get_constraintdef(c.oid), '''([^'']*)''::text', 'g') m)
         from pg_type t join pg_constraint c on c.contypid = t.oid
         where t.typtype = 'd' and t.typbasetype = 'text'::regtype and t.typnamespace = 'public'::regnamespace
           and pg_get_constraintdef(c.oid) ~ '^CHECK \\(\\(VALUE = ANY \\(ARRAY\\['",
        &[],
    )?;
    let kept: BTreeMap<String, Vec<String>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let declared = sets(|home| match home {
        Home::Domain(name) => Some(name.to_owned()),
        Home::Enum(_) | Home::Check(..) | Home::Function(_) | Home::FunctionEach(_) | Home::Apart(_) => None,
    });
    assert_eq!(kept, declared, "left: the database; right: the vocabulary");
    Ok(())
}

#[test]
fn every_check_of_words_is_declared_and_has_the_same_words() -> Result<()> {
    let mut world = World::open()?;
    // `column in ('a', 'b')` is kept as `column = ANY (ARRAY['a'::text, 'b'::text])`.
    let rows = world.sql.query(
        "select t.relname::text || '.' || a.attname, array(
           select m[1] from regexp_matches(pg_get_constraintdef(c.oid), '''([^'']*)''::text', 'g') m)
         from pg_constraint c join pg_class t on t.oid = c.conrelid
         join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1]
         where c.contype = 'c' and cardinality(c.conkey) = 1 and a.atttypid = 'text'::regtype
           and t.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
           and pg_get_constraintdef(c.oid) ~ ('^CHECK \\(\\(' || a.attname || ' = ANY \\(ARRAY\\[')",
        &[],
    )?;
    let kept: BTreeMap<String, Vec<String>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let declared = sets(|home| match home {
        Home::Check(table, column) => Some(format!("{table}.{column}")),
        Home::Enum(_) | Home::Domain(_) | Home::Function(_) | Home::FunctionEach(_) | Home::Apart(_) => None,
    });
    assert_eq!(kept, declared, "left: the database; right: the vocabulary");
    Ok(())
}

#[test]
fn a_function_that_writes_words_knows_each_of_them() -> Result<()> {
    let mut world = World::open()?;
    let declared = sets(|home| match home {
        Home::Function(name) => Some(name.to_owned()),
        Home::Enum(_) | Home::Domain(_) | Home::Check(..) | Home::FunctionEach(_) | Home::Apart(_) => None,
    });
    for (function, words) in declared {
        let rows = world.sql.query(
            "select prosrc from pg_proc where proname = $1
               and pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'functions'::regnamespace)",
            &[&function],
        )?;
        let text: String = rows.first().with_context(|| format!("there is no {function}"))?.get(0);
        for word in words {
            let is_there =
                [format!("'{word}'"), format!("\"{word}\"")].iter().any(|quoted| text.contains(quoted));
            assert!(is_there, "{function} does not know '{word}'");
        }
    }
    Ok(())
}

#[test]
fn where_each_word_has_a_function_there_is_no_other_function() -> Result<()> {
    let mut world = World::open()?;
    let declared = sets(|home| match home {
        Home::FunctionEach(prefix) => Some(prefix.to_owned()),
        Home::Enum(_) | Home::Domain(_) | Home::Check(..) | Home::Function(_) | Home::Apart(_) => None,
    });
    for (prefix, mut words) in declared {
        let rows = world.sql.query(
            "select substr(proname, length($1) + 1) from pg_proc
             where pronamespace = 'functions'::regnamespace and starts_with(proname, $1) order by 1",
            &[&prefix],
        )?;
        let kept: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        words.sort_unstable();
        assert_eq!(kept, words, "the functions {prefix}…");
    }
    Ok(())
}

#[test]
fn a_time_zone_of_one_side_is_one_of_the_other() -> Result<()> {
    let mut world = World::open()?;
    let rows = world.sql.query(
        "select name from pg_timezone_names where private.is_time_zone(name) order by name collate \"C\"",
        &[],
    )?;
    let kept: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut declared: Vec<&str> = time_zones().collect();
    declared.sort_unstable();
    assert_eq!(kept, declared, "left: the database, which can count in each; right: the domain");
    let others = ["europe/berlin", "GMT+2", "<+02>-2", "posix/UTC", "CEST", " UTC", "UTC\n", ""];
    let taken = world.value(
        "select jsonb_agg(z) from unnest($1::text[]) z where private.is_time_zone(z)",
        &[&&others[..]],
    )?;
    assert!(taken.is_null(), "{taken}");
    Ok(())
}

/// The sets with a home of one kind, by its name.
fn sets(name: impl Fn(Home) -> Option<String>) -> BTreeMap<String, Vec<String>> {
    let words = |set: &WordSet| set.words.iter().map(|word| (*word).to_owned()).collect();
    VOCABULARY.iter().filter_map(|set| Some((name(set.home)?, words(set)))).collect()
}
