//! Clients that others' programs make of nothing but `/api/openapi.json`: they are made without a warning, what is written with
//! them needs no cast, and it works.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_clients_tests::{Said, file, python, run};
use millwright_harness::Project;
use millwright_stack_tests::Api;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// None of these programs works for longer than some seconds, where nothing else does.
const LIMIT: Duration = Duration::from_mins(10);

/// The most bytes of types that a front-end has to read: without components for what is shared it would be a megabyte.
const MOST_BYTES: u64 = 550 * 1024;

/// A folder of its own, with the API's description in it.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated").join(name);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("openapi.json"), description().to_string()).unwrap();
    folder
}

fn description() -> Value {
    Api::open().get("", "/api/openapi.json").expect(200)
}

/// A program of the pinned npm packages.
fn npm(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(Project::here().root().join("node_modules/.bin").join(program));
    // What it is called by must be found in the project's packages.
    command.current_dir(folder).env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    command
}

fn ran(command: &mut Command, folder: &Path) -> Said {
    let log = folder.join("log.txt");
    let said = run(command, &log, LIMIT);
    assert!(said.well, "{command:?}:\n{}", said.text);
    said
}

/// The types that openapi-typescript makes.
fn types(folder: &Path) -> u64 {
    let said = ran(npm("openapi-typescript", folder).args(["openapi.json", "-o", "api.d.ts"]), folder);
    assert!(!said.text.to_lowercase().contains("warn"), "{}", said.text);
    fs::metadata(folder.join("api.d.ts")).unwrap().len()
}

#[test]
fn linters_have_nothing_to_say() {
    let folder = folder("lint");
    let config = file("generated/redocly.yaml");
    let mut redocly = npm("redocly", &folder);
    redocly.args(["lint", "openapi.json", "--format", "json", "--config"]).arg(config);
    let said = ran(&mut redocly, &folder);
    assert!(said.text.contains("\"warnings\": 0") && said.text.contains("\"errors\": 0"), "{}", said.text);
    let mut spectral = npm("spectral", &folder);
    spectral.args(["lint", "openapi.json", "--fail-severity", "hint", "--ruleset"]);
    let said = ran(spectral.arg(file("generated/spectral.yaml")), &folder);
    assert!(said.text.contains("No results"), "{}", said.text);
}

#[test]
fn an_app_in_typescript_needs_no_cast_and_works() {
    let api = Api::open();
    let folder = folder("typescript");
    let bytes = types(&folder);
    assert!(bytes <= MOST_BYTES, "the types have {bytes} bytes");
    let app = file("generated/app");
    check_types(&folder, &[app.join("*.ts")]);
    let mut bundle = npm("esbuild", &folder);
    bundle.arg(app.join("story.ts")).args([
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--outfile=story.mjs",
    ]);
    ran(&mut bundle, &folder);
    let mut story = Command::new("node");
    story.current_dir(&folder).arg("story.mjs").env("MILLWRIGHT_API", api.stack.api().unwrap());
    let said = ran(&mut story, &folder);
    assert!(said.text.ends_with("as it should be\n"), "{}", said.text);
}

/// No operation is left out, and no type is gone around.
#[test]
fn the_app_covers_the_api_and_trusts_its_types() {
    let mut text = String::new();
    for entry in fs::read_dir(file("generated/app")).unwrap() {
        text += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    for around in [" as ", "any", "@ts-", "!."] {
        // `import * as` is none, and neither is a comment.
        let is_code = |line: &&str| {
            !["//", "/*", "*", "import"].iter().any(|start| line.trim_start().starts_with(start))
        };
        let found = text.lines().filter(is_code).find(|line| word(line, around));
        assert_eq!(found, None, "{around}");
    }
    let description = description();
    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| format!(".{}(\"{path}\"", method.to_uppercase()))
    });
    let missing: Vec<_> = operations.filter(|call| !text.contains(call)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

fn word(line: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        word != "any" || !(before.ends_with(is_letter) || after.starts_with(is_letter))
    })
}

#[test]
fn orval_makes_a_client_that_compiles() {
    let folder = folder("orval");
    let config = json!({"millwright": {
        "input": {"target": "./openapi.json"},
        "output": {"target": "./orval.ts", "client": "fetch", "mode": "single"},
    }});
    fs::write(folder.join("orval.config.cjs"), format!("module.exports = {config}")).unwrap();
    let said = ran(npm("orval", &folder).args(["--config", "orval.config.cjs"]), &folder);
    let told = said.text.to_lowercase();
    assert!(!told.contains("warn") && !told.contains("error"), "{}", said.text);
    check_types(&folder, &[folder.join("orval.ts")]);
}

#[test]
fn a_client_in_python_works() {
    let api = Api::open();
    let folder = folder("python");
    let mut generate = python("openapi-python-client");
    let path =
        format!("{}:{}", Project::here().python().join("bin").display(), std::env::var("PATH").unwrap());
    generate.current_dir(&folder).env("PATH", path).args(["generate", "--path", "openapi.json"]);
    generate.args(["--output-path", "millwright", "--meta", "none", "--fail-on-warning", "--config"]);
    generate.arg(file("generated/python.yaml"));
    ran(&mut generate, &folder);
    let mut story = python("python");
    story.current_dir(&folder).arg(file("generated/story.py")).env("PYTHONPATH", &folder);
    story.env("PYTHONDONTWRITEBYTECODE", "1").env("MILLWRIGHT_API", api.stack.api().unwrap());
    let said = ran(&mut story, &folder);
    assert!(said.text.ends_with("as it should be\n"), "{}", said.text);
}

/// Checks these files in the strictest way that TypeScript has; `#api` is what was generated.
fn check_types(folder: &Path, files: &[PathBuf]) {
    let config = json!({
        "extends": file("generated/tsconfig.json"),
        "compilerOptions": {"paths": {"#api": [folder.join("api.d.ts")]}},
        "include": files,
    });
    fs::write(folder.join("tsconfig.json"), config.to_string()).unwrap();
    ran(npm("tsc", folder).args(["--project", "tsconfig.json"]), folder);
}
