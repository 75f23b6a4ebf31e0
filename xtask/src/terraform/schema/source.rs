//! Reads one folder of the bindings. Their text is generated, so its lines have fixed forms:
//!
//! ```text
//! export class VpcOutputReference extends cdktf.ComplexObject {
//!   // cidr_block - computed: false, optional: true, required: false
//!   private _x = new VpcTimeoutsOutputReference(this, "timeouts");
//!     return this.getStringAttribute('cidr_block');
//! export function vpcTimeoutsToHclTerraform(struct?: ...): any {
//!       cidr_block: {
//!         value: cdktf.stringToHclTerraform(this._cidrBlock),
//!         isBlock: false,
//!         type: "simple",
//!         storageClassType: "string",
//! ```

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;
use serde_json::{Value, json};

/// What a configuration may say within one pair of braces.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Block {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, (&'static str, Value)>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    blocks: BTreeMap<String, NestedBlock>,
}

#[derive(Debug, PartialEq, Serialize)]
struct NestedBlock {
    nesting: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    min: u8,
    #[serde(skip_serializing_if = "is_zero")]
    max: u8,
    #[serde(flatten)]
    block: Block,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference over"
)]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// The block of a folder's `index.js`.
pub(super) fn block(script: &str) -> anyhow::Result<Block> {
    let source = original(script)?;
    let read = Source::read(&source);
    let mut block = read.block(read.main.context("no class of the provider")?)?;
    // The bindings' own name for what the language says itself.
    if read.is_provider {
        block.attributes.remove("alias");
    }
    Ok(block)
}

/// The `TypeScript` text that the script was made of, which its source map holds.
fn original(script: &str) -> anyhow::Result<String> {
    let (_, map) = script.rsplit_once("base64,").context("no source map")?;
    let map: Value = serde_json::from_slice(&BASE64_STANDARD.decode(map.trim())?)?;
    let source = map.pointer("/sourcesContent/0").and_then(Value::as_str);
    Ok(source.context("the source map has no text")?.to_owned())
}

/// Classes with their members, and what is written for each, by the names of the classes.
#[derive(Debug, Default)]
struct Source<'a> {
    main: Option<&'a str>,
    is_provider: bool,
    classes: BTreeMap<&'a str, Vec<Member<'a>>>,
    written: BTreeMap<String, BTreeMap<&'a str, Written<'a>>>,
    /// Lines of interfaces: what may be left out ends with `?`.
    interfaces: BTreeMap<&'a str, Vec<&'a str>>,
}

/// A member, and how it is read.
#[derive(Debug)]
struct Member<'a> {
    name: &'a str,
    mode: &'static str,
    reader: &'a str,
}

/// How a member is written into a configuration.
#[derive(Clone, Copy, Debug, Default)]
struct Written<'a> {
    value: &'a str,
    is_block: bool,
    kind: &'a str,
    storage: &'a str,
}

impl<'a> Source<'a> {
    fn read(text: &'a str) -> Self {
        let mut read = Self::default();
        let (mut class, mut writer, mut field) = ("", String::new(), "");
        for line in text.lines() {
            if let Some((name, rest)) = after(line, "export class ").and_then(first_word) {
                class = name;
                if rest.contains("cdktf.Terraform") {
                    read.main = Some(name);
                    read.is_provider = rest.contains("cdktf.TerraformProvider");
                    name.clone_into(&mut writer);
                }
            } else if let Some((name, _)) = after(line, "export interface ").and_then(first_word) {
                class = name;
                read.interfaces.entry(name).or_default();
            } else if let Some(name) = after(line, "export function ") {
                // Functions are written before the class that they serve.
                let name = name
                    .split_once("ToHclTerraform(")
                    .map_or("", |(name, _)| name);
                writer = capitalised(name);
            } else if let Some(member) = member(line) {
                read.classes.entry(class).or_default().push(member);
            } else if line.trim_start().starts_with("readonly ") {
                read.interfaces.entry(class).or_default().push(line.trim());
            } else if line.contains("= new ") || line.contains("return this.get") || is_set(line) {
                let last = read.classes.get_mut(class).and_then(|all| all.last_mut());
                if let Some(member) = last.filter(|member| member.reader.is_empty()) {
                    member.reader = line.trim();
                }
            } else if let Some(name) = line.trim().strip_suffix(": {") {
                field = name;
            } else if let Some((name, value)) = line.trim().split_once(": ") {
                let fields = read.written.entry(writer.clone()).or_default();
                let written = fields.entry(field).or_default();
                written.set(name, value.trim_end_matches(','));
            }
        }
        read
    }

    fn block(&self, class: &str) -> anyhow::Result<Block> {
        let reference = format!("{class}OutputReference");
        let members = self.classes.get(reference.as_str());
        let Some(members) = members.or_else(|| self.classes.get(class)) else {
            return self.only_written(class);
        };
        let written = self.written.get(class);
        let mut block = Block::default();
        for member in members {
            let Member { name, mode, reader } = *member;
            let written = written.and_then(|all| all.get(name)).copied();
            match written {
                Some(written) if written.is_block && mode != "optional+computed" => {
                    let nested = self.nested(written, mode == "required")?;
                    block.blocks.insert(name.to_owned(), nested);
                }
                _ => {
                    let kind = self
                        .type_of(written, reader)
                        .with_context(|| format!("{class}.{name}"))?;
                    block.attributes.insert(name.to_owned(), (mode, kind));
                }
            }
        }
        Ok(block)
    }

    /// Nobody reads what is said within the blocks of a provider, so they have no class, and a block that
    /// nothing can be said in has no member.
    fn only_written(&self, class: &str) -> anyhow::Result<Block> {
        let mut block = Block::default();
        let lines = self.interfaces.get(class);
        let lines = lines.with_context(|| format!("there is no {class}"))?;
        let written = self.written.get(class).into_iter().flatten();
        for (name, written) in written.filter(|(_, written)| !written.kind.is_empty()) {
            let camel = camel(name);
            let required = lines
                .iter()
                .any(|line| line.starts_with(&format!("readonly {camel}:")));
            let mode = if required { "required" } else { "optional" };
            block
                .attributes
                .insert((*name).to_owned(), (mode, simple(*written)?));
        }
        Ok(block)
    }

    fn nested(&self, written: Written<'_>, required: bool) -> anyhow::Result<NestedBlock> {
        let several = written.value.contains("listMapperHcl(");
        let class = written.storage;
        let class = match written.kind {
            "struct" => class,
            _ => class.strip_suffix("List").unwrap_or(class),
        };
        let nesting = match written.kind {
            "struct" => "single",
            "set" => "set",
            _ => "list",
        };
        Ok(NestedBlock {
            nesting,
            min: u8::from(required),
            max: u8::from(!several && nesting != "single"),
            block: self.block(class)?,
        })
    }

    /// The type of an attribute, in Terraform's own JSON form.
    fn type_of(&self, written: Option<Written<'_>>, reader: &str) -> anyhow::Result<Value> {
        if let Some(written) = written.filter(|written| !written.is_block) {
            return simple(written);
        }
        let Some((class, arguments)) =
            after_in(reader, "= new ").and_then(|new| new.split_once('('))
        else {
            return read_by(reader);
        };
        let set = arguments.contains(", true)");
        let kind = if set { "set" } else { "list" };
        Ok(match class {
            "cdktf.StringMap" => json!(["map", "string"]),
            "cdktf.NumberMap" => json!(["map", "number"]),
            "cdktf.BooleanMap" => json!(["map", "bool"]),
            "cdktf.AnyMap" => json!(["map", "dynamic"]),
            "cdktf.StringMapList" => json!([kind, ["map", "string"]]),
            _ => match class.strip_suffix("List") {
                Some(class) => json!([kind, self.object(class)?]),
                None => self.object(class.strip_suffix("OutputReference").unwrap_or(class))?,
            },
        })
    }

    fn object(&self, class: &str) -> anyhow::Result<Value> {
        let reference = format!("{class}OutputReference");
        let members = self.classes.get(reference.as_str());
        let members = members.with_context(|| format!("there is no {reference}"))?;
        let written = self.written.get(class);
        let types = members.iter().map(|member| {
            let written = written.and_then(|all| all.get(member.name)).copied();
            Ok((member.name, self.type_of(written, member.reader)?))
        });
        let types: BTreeMap<_, _> = types.collect::<anyhow::Result<_>>()?;
        Ok(json!(["object", types]))
    }
}

impl<'a> Written<'a> {
    fn set(&mut self, name: &str, value: &'a str) {
        match name {
            "value" => self.value = value,
            "isBlock" => self.is_block = value == "true",
            "type" => self.kind = value.trim_matches('"'),
            "storageClassType" => self.storage = value.trim_matches('"'),
            _ => {}
        }
    }
}

fn simple(written: Written<'_>) -> anyhow::Result<Value> {
    let kind = written.kind;
    Ok(match written.storage {
        "string" => json!("string"),
        "number" => json!("number"),
        "boolean" => json!("bool"),
        "stringList" => json!([kind, "string"]),
        "numberList" => json!([kind, "number"]),
        "stringMap" => json!(["map", "string"]),
        "numberMap" => json!(["map", "number"]),
        "booleanMap" => json!(["map", "bool"]),
        "anyMap" => json!(["map", "dynamic"]),
        "stringMapList" => json!([kind, ["map", "string"]]),
        other => bail!("nothing is known of {other}"),
    })
}

/// The type of what the provider alone gives, by the function that reads it.
fn read_by(reader: &str) -> anyhow::Result<Value> {
    let kind = if is_set(reader) { "set" } else { "list" };
    let function = after_in(reader, "this.get").and_then(|rest| rest.split_once("Attribute("));
    Ok(match function.map(|(function, _)| function) {
        Some("String") => json!("string"),
        Some("Number") => json!("number"),
        Some("Boolean") => json!("bool"),
        Some("List") => json!([kind, "string"]),
        Some("NumberList") => json!([kind, "number"]),
        Some("StringMap") => json!(["map", "string"]),
        Some("NumberMap") => json!(["map", "number"]),
        Some("BooleanMap") => json!(["map", "bool"]),
        Some("AnyMap") => json!(["map", "dynamic"]),
        _ => bail!("it is not known how it is read: {reader}"),
    })
}

/// `// name - computed: true, optional: false, required: false`
fn member(line: &str) -> Option<Member<'_>> {
    let (name, rest) = line
        .trim()
        .strip_prefix("// ")?
        .split_once(" - computed: ")?;
    let (computed, rest) = rest.split_once(", optional: ")?;
    let (optional, required) = rest.split_once(", required: ")?;
    let mode = match (computed, optional, required) {
        (_, _, "true") => "required",
        ("true", "true", _) => "optional+computed",
        ("true", _, _) => "computed",
        _ => "optional",
    };
    Some(Member {
        name,
        mode,
        reader: "",
    })
}

fn is_set(line: &str) -> bool {
    line.contains("cdktf.Fn.tolist(")
}

fn after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.strip_prefix(start)
}

fn after_in<'a>(line: &'a str, middle: &str) -> Option<&'a str> {
    line.split_once(middle).map(|(_, rest)| rest)
}

fn first_word(text: &str) -> Option<(&str, &str)> {
    text.split_once(' ')
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// `role_arn` is `roleArn` in the bindings.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| all + &capitalised(word))
}

#[cfg(test)]
mod tests;
