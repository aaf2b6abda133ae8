//! What the page weighs and where its bytes are: the place to look before a feature is cut.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::bindgen;
use crate::site::{self, Mode};
use crate::test::budget;
use crate::workspace::Workspace;

/// How many functions are listed unless told otherwise.
const FUNCTIONS: usize = 40;

/// How many crates are listed.
const CRATES: usize = 30;

/// What to print.
#[derive(Clone, Copy)]
pub(crate) struct Request {
    functions: usize,
}

impl Request {
    /// Reads the number of functions; nothing when it is none.
    pub(crate) fn parse(args: &[String]) -> Option<Self> {
        let functions = match args.first() {
            Some(count) => count.parse().ok()?,
            None => FUNCTIONS,
        };
        Some(Self { functions })
    }
}

/// Builds the page as it ships, weighs it, and takes its code apart.
pub(crate) fn report(workspace: &Workspace, request: Request) -> Result<()> {
    let site = site::build(workspace, Mode::Optimised)?;
    let parts = Parts::of(&bindgen::generate_named(workspace, &site.raw)?)?;

    println!(
        "\ncode {} kB, data {} kB, before compression",
        kb(parts.code()),
        kb(parts.data)
    );
    println!("\nby crate that wrote the function, and of that what it does for types of ours:");
    let mut crates = BTreeMap::<&str, (usize, usize)>::new();
    for (name, size) in &parts.functions {
        let (all, ours) = crates.entry(home(name)).or_default();
        *all += size;
        *ours += if is_ours(name) { size } else { &0 };
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, (size, _))| std::cmp::Reverse(*size));
    for (name, (size, ours)) in crates.into_iter().take(CRATES) {
        println!("{:>8} {:>8}  {name}", kb(size), kb(ours));
    }

    println!("\nthe largest functions:");
    let mut functions: Vec<_> = parts.functions.iter().collect();
    functions.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    for (name, size) in functions.into_iter().take(request.functions) {
        println!("{:>8}  {name}", kb(*size));
    }
    println!();
    budget::weigh(workspace).map(drop)
}

/// What a module is made of.
struct Parts {
    /// Every function with its name and bytes.
    functions: Vec<(String, usize)>,
    /// Bytes of constants.
    data: usize,
}

impl Parts {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a format with many sections, of which four are read"
    )]
    fn of(module: &Path) -> Result<Self> {
        let wasm = fs::read(module)?;
        let (mut imported, mut data) = (0, 0);
        let mut sizes = Vec::new();
        let mut names = BTreeMap::new();
        for payload in Parser::new(0).parse_all(&wasm) {
            match payload? {
                Payload::ImportSection(imports) => imported = functions(imports)?,
                Payload::DataSection(section) => data = section.range().len(),
                Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(sections) = section.as_known() else {
                        continue;
                    };
                    for section in sections {
                        let Name::Function(functions) = section? else {
                            continue;
                        };
                        for name in functions {
                            let name = name?;
                            names.insert(name.index as usize, name.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        let named = sizes.into_iter().enumerate().map(|(index, size)| {
            let name = names.remove(&(imported + index));
            (name.unwrap_or_else(|| "?".to_owned()), size)
        });
        Ok(Self {
            functions: named.collect(),
            data,
        })
    }

    fn code(&self) -> usize {
        self.functions.iter().map(|(_, size)| size).sum()
    }
}

/// How many functions a module imports: its own are counted after them.
fn functions(imports: wasmparser::ImportSectionReader<'_>) -> Result<usize> {
    let mut count = 0;
    for import in imports.into_imports() {
        count += usize::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
    }
    Ok(count)
}

/// The crate that a function was written in: the first in its path. `<leptos::A<app::B> as core::C>::d` is of `leptos`.
fn home(name: &str) -> &str {
    let path = name.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let path = ["mut ", "dyn ", "const "]
        .into_iter()
        .fold(path, |path, word| path.trim_start_matches(word));
    let end = path
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(path.len());
    &path[..end]
}

/// Whether a type of ours takes part: then it is our code that made the compiler write this.
fn is_ours(name: &str) -> bool {
    ["app::", "app[", "domain::", "domain["]
        .iter()
        .any(|ours| name.contains(ours))
}

fn kb(bytes: usize) -> String {
    format!("{:.1}", bytes as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_belongs_to_the_crate_that_wrote_it() {
        for (name, expect) in [
            ("app::desk::draw", "app"),
            ("<leptos::A<app::B> as core::C>::d", "leptos"),
            ("<&mut serde_json::De<R>>::parse", "serde_json"),
            ("<dyn core::any::Any>::is", "core"),
            ("__wbindgen_malloc", "__wbindgen_malloc"),
        ] {
            assert_eq!(home(name), expect);
        }
    }

    #[test]
    fn what_is_written_for_a_type_of_ours_is_ours() {
        assert!(is_ours("<leptos::A<app::B> as core::C>::d"));
        assert!(!is_ours("<leptos::A<u8> as core::C>::d"));
    }
}
