//! The file of the schema, and the answer that is made of it.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::messages;

/// What `cargo xtask terraform schema` writes.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    provider: Block,
    resources: BTreeMap<String, Block>,
    data: BTreeMap<String, Block>,
}

#[derive(Debug, Deserialize)]
struct Block {
    #[serde(default)]
    attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    blocks: BTreeMap<String, NestedBlock>,
}

/// Who gives it a value (`required`, `optional`, `computed`, `optional+computed`), and its type.
#[derive(Debug, Deserialize)]
struct Attribute(String, Value);

#[derive(Debug, Deserialize)]
struct NestedBlock {
    nesting: Nesting,
    #[serde(default)]
    min: i64,
    #[serde(default)]
    max: i64,
    #[serde(flatten)]
    block: Block,
}

/// With the numbers of the protocol.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Nesting {
    Single = 1,
    List = 2,
    Set = 3,
}

impl File {
    /// The answer to `GetProviderSchema`.
    pub(crate) fn answer(&self) -> anyhow::Result<messages::Schemas> {
        let all = |blocks: &BTreeMap<String, Block>| {
            let named = blocks.iter().map(|(name, block)| {
                let schema = schema(block).with_context(|| format!("in {name}"))?;
                anyhow::Ok((name.clone(), schema))
            });
            named.collect::<anyhow::Result<_>>()
        };
        Ok(messages::Schemas {
            provider: Some(schema(&self.provider)?),
            resources: all(&self.resources)?,
            data: all(&self.data)?,
        })
    }
}

fn schema(block: &Block) -> anyhow::Result<messages::Schema> {
    Ok(messages::Schema {
        version: 0,
        block: Some(block.message()?),
    })
}

impl Block {
    fn message(&self) -> anyhow::Result<messages::Block> {
        let attributes = self.attributes.iter().map(attribute);
        let blocks = self.blocks.iter().map(|(name, nested)| {
            anyhow::Ok(messages::NestedBlock {
                name: name.clone(),
                block: Some(nested.block.message()?),
                nesting: nested.nesting as i32,
                min_items: nested.min,
                max_items: nested.max,
            })
        });
        Ok(messages::Block {
            attributes: attributes.collect::<anyhow::Result<_>>()?,
            blocks: blocks.collect::<anyhow::Result<_>>()?,
        })
    }
}

fn attribute(
    (name, Attribute(mode, kind)): (&String, &Attribute),
) -> anyhow::Result<messages::Attribute> {
    let (required, optional, computed) = match mode.as_str() {
        "required" => (true, false, false),
        "optional" => (false, true, false),
        "computed" => (false, false, true),
        "optional+computed" => (false, true, true),
        other => bail!("{name} is said to be {other}"),
    };
    Ok(messages::Attribute {
        name: name.clone(),
        type_: serde_json::to_vec(kind)?,
        required,
        optional,
        computed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_answered_whole() {
        let text = include_str!("../aws-6.25.0.json");
        let file: File = serde_json::from_str(text).unwrap();
        let answer = file.answer().unwrap();
        assert_eq!(answer.resources.len(), file.resources.len());
        let function = answer.resources["aws_lambda_function"]
            .block
            .clone()
            .unwrap();
        let role = function.attributes.iter().find(|one| one.name == "role");
        assert!(role.unwrap().required);
        let vpc = function.blocks.iter().find(|one| one.name == "vpc_config");
        assert_eq!(vpc.map(|one| (one.nesting, one.max_items)), Some((2, 1)));
    }

    #[test]
    fn a_mode_that_nobody_knows_is_an_error() {
        let block = r#"{"attributes": {"name": ["wished", "string"]}}"#;
        let block: Block = serde_json::from_str(block).unwrap();
        assert!(block.message().is_err());
    }
}
