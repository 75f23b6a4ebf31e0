//! Tables of inputs and outputs in the READMEs of modules, made from their files.

use std::{fs, path::Path};

use anyhow::Context as _;
use hcl::{Block, Expression};

use super::{
    FOLDER,
    tree::{File, Tree, label},
};
use crate::{codegen::Write, process::say, workspace::root};

/// What the tables stand between.
const BEGIN: &str = "<!-- tables -->";
const END: &str = "<!-- /tables -->";

/// Writes or compares the tables of every folder whose README has the marks; what differs.
pub(crate) fn all(write: Write) -> anyhow::Result<Vec<String>> {
    let tree = Tree::read(&root().join(FOLDER))?;
    let mut folders: Vec<_> = tree
        .sources()
        .filter_map(|file| file.path.parent())
        .collect();
    folders.dedup();
    let mut stale = Vec::new();
    for folder in folders {
        let path = root().join(FOLDER).join(folder).join("README.md");
        let Ok(page) = fs::read_to_string(&path) else {
            continue;
        };
        let Some(made) = filled(&page, &of_folder(&tree, folder)) else {
            continue;
        };
        if made == page {
            continue;
        }
        let shown = format!("{FOLDER}/{}", folder.join("README.md").display());
        match write {
            Write::Compare => stale.push(shown),
            Write::Update => {
                fs::write(&path, made).with_context(|| format!("could not write {shown}"))?;
                say(&format!("wrote {shown}"));
            }
        }
    }
    stale.sort();
    stale.dedup();
    Ok(stale)
}

/// The page with these tables between its marks; nothing if it has none.
fn filled(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_old, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{tables}{END}{after}"))
}

fn of_folder(tree: &Tree, folder: &Path) -> String {
    let files = tree
        .sources()
        .filter(|file| file.path.parent() == Some(folder));
    let files: Vec<&File> = files.collect();
    let blocks = |kind: &'static str| {
        let mut blocks: Vec<&Block> = files.iter().flat_map(|file| file.blocks(kind)).collect();
        blocks.sort_by_key(|block| label(block, 0).unwrap_or_default().to_owned());
        blocks
    };
    let mut text =
        String::from("\n## Inputs\n\n| name | what | type | default |\n|---|---|---|---|\n");
    for variable in blocks("variable") {
        let default = attribute(variable, "default");
        let default = default.map_or("must be given".to_owned(), |value| code(&short(value)));
        text.push_str(&row(&[
            code(label(variable, 0).unwrap_or_default()),
            described(variable),
            code(&attribute(variable, "type").map(short).unwrap_or_default()),
            default,
        ]));
    }
    text.push_str("\n## Outputs\n\n| name | what |\n|---|---|\n");
    for output in blocks("output") {
        let name = code(label(output, 0).unwrap_or_default());
        text.push_str(&row(&[name, described(output)]));
    }
    text.push('\n');
    text
}

fn attribute<'a>(block: &'a Block, name: &'a str) -> Option<&'a Expression> {
    let mut all = block.body().attributes();
    Some(all.find(|one| one.key() == name)?.expr())
}

fn described(block: &Block) -> String {
    match attribute(block, "description") {
        Some(Expression::String(text)) => text.replace('|', "\\|").replace('\n', " "),
        Some(other) => short(other),
        None => String::new(),
    }
}

/// An expression on one line.
fn short(expression: &Expression) -> String {
    let text = hcl::format::to_string(expression).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut joined = String::new();
    for line in lines {
        let between =
            if joined.is_empty() || joined.ends_with(['(', '[']) || line.starts_with([')', ']']) {
                ""
            } else if joined.ends_with(['{', ',']) || line.starts_with('}') {
                " "
            } else {
                ", "
            };
        joined.extend([between, line]);
    }
    joined
}

fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("`{}`", text.replace('|', "\\|"))
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_made_from_variables_and_outputs() {
        let variables = "variable \"b\" {\n  type = object({\n    rate = number\n    burst = optional(number)\n  })\n  \
                         description = \"Two | numbers.\"\n  default = { rate = 1 }\n}\n\
                         variable \"a\" {\n  type = string\n  description = \"A.\"\n}\n";
        let outputs = "output \"c\" {\n  value = 1\n  description = \"C.\"\n}\n";
        let tree = Tree::of(&[
            ("modules/m/outputs.tf", outputs),
            ("modules/m/variables.tf", variables),
        ]);
        let page = "# M\n\n<!-- tables -->\nold\n<!-- /tables -->\n";
        let made = filled(page, &of_folder(&tree.unwrap(), Path::new("modules/m"))).unwrap();
        assert!(
            made.starts_with("# M\n\n<!-- tables -->\n\n## Inputs\n"),
            "{made}"
        );
        assert!(
            made.contains("| `a` | A. | `string` | must be given |\n| `b` |"),
            "{made}"
        );
        assert!(made.contains("Two \\| numbers."), "{made}");
        assert!(
            made.contains("| `c` | C. |\n\n<!-- /tables -->\n"),
            "{made}"
        );
        assert!(filled("# no marks\n", "").is_none());
    }
}
