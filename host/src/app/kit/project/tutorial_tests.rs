//! The tutorial walks through what is written, word for word.

use std::path::Path;

use super::*;
use crate::plugin::component::World;

/// The blocks of code of a language in a page.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).filter_map(|rest| rest.split_once("```").map(|(block, _)| block)).collect()
}

#[test]
fn the_tutorial_is_of_the_project_that_is_written() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plugins/tutorial.md");
    let page = fs::read_to_string(page).expect("the tutorial is there");
    let name: Name = "night-owls".parse().expect("a name");
    let files = files(&name, Shape { world: World::Platform, language: Language::Rust });
    let code = blocks(&page, "rust");
    assert!(code.len() >= 7, "the tutorial shows code");
    for block in code {
        assert!(files.iter().any(|(_, text)| text.contains(block)), "the project has no such code:\n{block}");
    }
    let readme = &files.iter().find(|(path, _)| path == "README.md").expect("there").1;
    let told: String = blocks(&page, "sh").concat();
    for command in blocks(readme, "sh").iter().flat_map(|block| block.lines()) {
        let command = command.split("  #").next().unwrap_or_default().trim();
        assert!(told.lines().any(|line| line == command), "the tutorial leaves out: {command}");
    }
    let table = readme.lines().filter(|line| line.starts_with("| `src/"));
    assert!(table.clone().count() == 4 && table.into_iter().all(|line| page.contains(line)), "{readme}");
}
