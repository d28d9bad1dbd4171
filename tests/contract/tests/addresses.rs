//! Addresses that we will call: what the domain refuses, the database refuses at the gateway, too.

use anyhow::{Result, ensure};
use millwright_contract_tests::{Caller, World};
use millwright_domain::public_address::is_public;
use millwright_domain::resource::{Kind, RESOURCES, Resource};
use serde_json::{Value, json};

const PUBLIC: [&str; 4] = [
    "https://hooks.example.com",
    "https://Hooks.Example.COM:8443/a/b?c=d&e=%20@f",
    "https://1.2.3.example:65535/",
    "https://localhost.example.com?x",
];

const NOT_PUBLIC: [&str; 46] = [
    "",
    "https://",
    "http://hooks.example.com",
    "HTTPS://hooks.example.com",
    "ftp://hooks.example.com",
    " https://hooks.example.com",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/\n",
    "https://hooks.example.com/é",
    "https://hooks.example.com\nhttps://localhost",
    "https://user@hooks.example.com",
    "https://user:password@hooks.example.com/",
    "https://hooks.example.com\\@localhost",
    "https://hooks.example.com#x",
    "https://hooks.example.com:0",
    "https://hooks.example.com:65536",
    "https://hooks..example.com",
    "https://hooks.example.com.",
    "https://-hooks.example.com",
    "https://hooks_a.example.com",
    "https://hooks",
    "https://localhost/",
    "https://LOCALHOST:8443",
    "https://a.localhost",
    "https://printer.Local?x",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://router.lan",
    "https://1.0.0.127.in-addr.arpa",
    "https://127.0.0.1",
    "https://10.1.2.3/",
    "https://192.168.1.1:8443/",
    "https://169.254.169.254/latest/meta-data",
    "https://8.8.8.8",
    "https://127.1",
    "https://2130706433/",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://0177.0.0.1",
    "https://127.0.0.0x1",
    "https://127.0.0.1.",
    "https://%31%32%37.0.0.1",
    "https://１２７.0.0.1",
    "https://[::1]/",
    "https://[fd00:ec2::254]",
    "https://[::ffff:127.0.0.1]:443/",
    "https://[fe80::1%25eth0]",
];

/// All fields that hold an address which we call.
fn fields() -> impl Iterator<Item = (&'static Resource, &'static str)> {
    RESOURCES.into_iter().flat_map(|resource| {
        let called = resource.fields.iter().filter(|field| field.kind == Kind::PublicAddress);
        called.map(move |field| (resource, field.name))
    })
}

/// A row of a table with such a field, but for the field.
fn rest(table: &str, mark: &str) -> Value {
    match table {
        "webhooks" => json!({"name": mark}),
        "push_subscriptions" => json!({"p256dh": "a".repeat(87), "auth": "a".repeat(22)}),
        _ => json!({}),
    }
}

fn insert(caller: &Caller, table: &str, mut row: Value, field: &str, address: &str) -> Result<u16> {
    if let Some(row) = row.as_object_mut() {
        row.insert(field.to_owned(), address.into());
    }
    Ok(caller.insert(table, &row)?.status)
}

#[test]
fn the_gateway_takes_an_address_of_the_open_internet_and_no_other() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let admin = world.person("admin", warehouse)?;
    let caller = world.caller(&admin.email)?;
    let mark = world.name.clone();
    let mut walked = 0;
    for (resource, field) in fields() {
        walked += 1;
        for address in PUBLIC {
            assert!(is_public(address), "{address}");
            let status = insert(&caller, resource.table, rest(resource.table, &mark), field, address)?;
            assert_eq!(status, 201, "{}.{field} of {address}", resource.table);
        }
        for address in NOT_PUBLIC {
            assert!(!is_public(address), "{address}");
            let status = insert(&caller, resource.table, rest(resource.table, &mark), field, address)?;
            assert_eq!(status, 400, "{}.{field} of {address}", resource.table);
        }
    }
    ensure!(walked >= 2, "webhooks and push subscriptions have one");
    Ok(())
}

/// A field for an address that someone adds later is of the kind that is judged.
#[test]
fn every_address_is_declared_as_one() {
    let addresses: Vec<_> = fields().map(|(resource, field)| (resource.table, field)).collect();
    for resource in RESOURCES {
        for field in resource.fields {
            let is_named_so = field.name.ends_with("url") || field.name.ends_with("endpoint");
            assert_eq!(
                is_named_so,
                addresses.contains(&(resource.table, field.name)),
                "{} {}",
                resource.table,
                field.name
            );
        }
    }
}

#[test]
fn an_address_is_not_changed_into_another_kind() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let admin = world.person("admin", warehouse)?;
    let caller = world.caller(&admin.email)?;
    let id = world.insert("webhooks", &json!({"name": world.name, "url": "https://hooks.example.com"}))?;
    let to = json!({"url": "https://169.254.169.254/"});
    let answer = caller.change(&format!("webhooks?id=eq.{id}"), &to)?;
    assert_eq!((answer.status, answer.code()), (400, "23514"));
    let kept = world.value("select url from public.webhooks where id = $1", &[&id])?;
    assert_eq!(kept, json!("https://hooks.example.com"));
    Ok(())
}
