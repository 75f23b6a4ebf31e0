//! Policies of IAM, read from the JSON that a plan holds.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;

use crate::terraform::plans::{Plan, Resource};

/// A statement of a policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    pub(super) effect: String,
    #[serde(default)]
    action: Value,
    #[serde(default)]
    not_action: Value,
    #[serde(default)]
    resource: Value,
    #[serde(default)]
    pub(super) condition: Value,
    #[serde(default)]
    pub(super) principal: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    statement: Vec<Statement>,
}

impl Statement {
    pub(super) fn actions(&self) -> Vec<&str> {
        texts(&self.action)
    }

    pub(super) fn resources(&self) -> Vec<&str> {
        texts(&self.resource)
    }

    /// It names what it does not allow: everything else is.
    pub(super) fn is_inverse(&self) -> bool {
        !self.not_action.is_null()
    }
}

/// One text, or a list of them.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The statements of the policy in a resource's argument `policy`.
pub(super) fn statements(resource: &Resource) -> anyhow::Result<Vec<Statement>> {
    let text = resource.text("/policy");
    let text = text.with_context(|| format!("{}: its policy is not known", resource.address))?;
    let policy: Policy = serde_json::from_str(text)
        .with_context(|| format!("{}: its policy cannot be read", resource.address))?;
    Ok(policy.statement)
}

/// What roles may do, with the name of the role.
pub(super) fn of_roles(plan: &Plan) -> anyhow::Result<Vec<(&Resource, Vec<Statement>)>> {
    let policies = plan
        .resources
        .iter()
        .filter(|one| matches!(one.kind.as_str(), "aws_iam_role_policy" | "aws_iam_policy"));
    policies.map(|one| Ok((one, statements(one)?))).collect()
}
