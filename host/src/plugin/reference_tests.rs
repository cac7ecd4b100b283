//! The contract's reference, `docs/plugins/contract.md`: made from the WIT, so that it cannot say anything else.

use std::path::Path;

use wit_parser::{
    Docs, Function, InterfaceId, Resolve, SourceMap, Type, TypeDef, TypeDefKind, TypeOwner, World, WorldItem,
};

use super::encode::CONTRACT;
use super::version::SERVED;

const HEAD: &str = "\
<!-- Made from wit/ by `PROSPECTOR_WRITE=1 cargo test --workspace --lib -- reference`; not to be edited. -->

# The contract with plugins

";

fn reference() -> String {
    let mut files = SourceMap::default();
    CONTRACT.iter().for_each(|(name, text)| files.push_str(name, *text));
    let mut resolve = Resolve::default();
    let package = resolve.push_group(files.parse().expect("the contract parses")).expect("the contract resolves");
    let package = &resolve.packages[package];
    let mut page = format!(
        "{HEAD}`ghoststack:prospector@{SERVED}`, {} worlds and {} interfaces. The text is that of [wit/](../../wit/), item by item; the names are\n\
         those of WIT, and of the SDK in the way of Rust: `posted-at` is `posted_at`, `signal-kind` is `SignalKind`. What a plugin may do and who is\n\
         asked is told in [permissions.md](permissions.md).\n\n## Worlds\n\n| world | what it is | imports | exports |\n|---|---|---|---|\n",
        package.worlds.len(),
        package.interfaces.len()
    );
    for world in package.worlds.values() {
        page.push_str(&row(&resolve, &resolve.worlds[*world]));
    }
    let mut interfaces: Vec<(&String, &InterfaceId)> = package.interfaces.iter().collect();
    interfaces.sort();
    for (name, id) in interfaces {
        let interface = &resolve.interfaces[*id];
        page.push_str(&format!("\n## {name}\n\n{}\n", paragraphs(&interface.docs)));
        for function in interface.functions.values() {
            page.push_str(&format!(
                "\n### {name}.{}\n\n```wit\n{}\n```\n\n",
                function.name,
                signature(&resolve, function)
            ));
            page.push_str(&format!("{}\n", paragraphs(&function.docs)));
        }
        for id in interface.types.values() {
            page.push_str(&definition(&resolve, &resolve.types[*id]));
        }
    }
    page
}

fn row(resolve: &Resolve, world: &World) -> String {
    let names = |items: &mut dyn Iterator<Item = &WorldItem>| {
        let names: Vec<String> = items
            .filter_map(|item| match item {
                WorldItem::Interface { id, .. } => resolve.interfaces[*id].name.as_ref(),
                _ => None,
            })
            .map(|name| format!("[{name}](#{name})"))
            .collect();
        names.join(", ")
    };
    let (imports, exports) = (names(&mut world.imports.values()), names(&mut world.exports.values()));
    format!("| `{}` | {} | {imports} | {exports} |\n", world.name, cell(&world.docs))
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, ty(resolve, &param.ty))).collect();
    let result = function.result.map(|result| format!(" -> {}", ty(resolve, &result))).unwrap_or_default();
    format!("{}: func({}){result}", function.name, params.join(", "))
}

/// A type of the interface's own; those that it only uses are told of where they are from.
fn definition(resolve: &Resolve, of: &TypeDef) -> String {
    let name = of.name.as_deref().unwrap_or_default();
    let docs = match paragraphs(&of.docs) {
        none if none.is_empty() => none,
        some => format!("{some}\n\n"),
    };
    let table = |what: &str, head: &str, rows: Vec<(String, String, &Docs)>| {
        let mut table = format!("\n### {what} {name}\n\n{docs}| {head} |  |\n|---|---|---|\n");
        for (name, ty, docs) in rows {
            table.push_str(&format!("| `{name}` | {ty} | {} |\n", cell(docs)));
        }
        table
    };
    let code = |of: &Type| format!("`{}`", ty(resolve, of));
    match &of.kind {
        TypeDefKind::Record(record) => {
            let rows = record.fields.iter().map(|field| (field.name.clone(), code(&field.ty), &field.docs));
            table("record", "field | type", rows.collect())
        }
        TypeDefKind::Variant(variant) => {
            let held = |ty: &Option<Type>| ty.as_ref().map(code).unwrap_or_default();
            let rows = variant.cases.iter().map(|case| (case.name.clone(), held(&case.ty), &case.docs));
            table("variant", "case | holds", rows.collect())
        }
        TypeDefKind::Enum(cases) => {
            let rows = cases.cases.iter().map(|case| (case.name.clone(), String::new(), &case.docs));
            table("enum", "case | ", rows.collect())
        }
        TypeDefKind::Type(Type::Id(used)) if matches!(resolve.types[*used].owner, TypeOwner::Interface(_)) => {
            String::new()
        }
        TypeDefKind::Type(other) => {
            format!("\n### type {name}\n\n`{}`. {docs}", ty(resolve, other)).trim_end().to_owned() + "\n"
        }
        other => panic!("the reference does not know what to do with a {}", other.as_str()),
    }
}

fn ty(resolve: &Resolve, of: &Type) -> String {
    let inner = |of: &Option<Type>| of.as_ref().map_or_else(|| "_".to_owned(), |of| ty(resolve, of));
    let id = match of {
        Type::Id(id) => id,
        Type::Bool => return "bool".to_owned(),
        Type::U8 => return "u8".to_owned(),
        Type::U16 => return "u16".to_owned(),
        Type::U32 => return "u32".to_owned(),
        Type::U64 => return "u64".to_owned(),
        Type::S32 => return "s32".to_owned(),
        Type::S64 => return "s64".to_owned(),
        Type::F64 => return "f64".to_owned(),
        Type::String => return "string".to_owned(),
        other => panic!("the reference does not know {other:?}"),
    };
    let of = &resolve.types[*id];
    if let Some(name) = &of.name {
        return name.clone();
    }
    match &of.kind {
        TypeDefKind::Option(of) => format!("option<{}>", ty(resolve, of)),
        TypeDefKind::List(of) => format!("list<{}>", ty(resolve, of)),
        TypeDefKind::Result(of) => match (&of.ok, &of.err) {
            (None, Some(err)) => format!("result<_, {}>", ty(resolve, err)),
            (ok, err) => format!("result<{}, {}>", inner(ok), inner(err)),
        },
        TypeDefKind::Tuple(of) => {
            format!("tuple<{}>", of.types.iter().map(|of| ty(resolve, of)).collect::<Vec<_>>().join(", "))
        }
        other => panic!("the reference does not know a {} without a name", other.as_str()),
    }
}

fn paragraphs(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().trim().to_owned()
}

/// In a table: on one line.
fn cell(docs: &Docs) -> String {
    paragraphs(docs).split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[test]
fn the_reference_of_the_contract_is_that_of_the_wit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plugins/contract.md");
    let made = reference();
    if std::env::var_os("PROSPECTOR_WRITE").is_some() {
        std::fs::write(&path, &made).expect("the reference can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/plugins/contract.md is stale; write it anew with PROSPECTOR_WRITE=1");
}
