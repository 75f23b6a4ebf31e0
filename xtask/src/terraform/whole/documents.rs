//! What the README and the page of a first deployment tell their reader: each command is possible as far as
//! files and plans can say, and numbers are those of the plans.

mod calls;
mod programs;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Rule, World};
use crate::terraform::{
    documents::{FIRST, README, Step, page, steps},
    plans::{PREFIX, Profile},
};

pub(super) const RULES: &[Rule] = &[
    ("commands_of_the_documents_can_be_run", commands),
    ("the_readme_has_the_sections_of_the_description", sections),
    ("the_readme_has_the_commands_of_the_description", described),
    ("numbers_of_the_documents_are_those_of_the_plans", numbers),
];

/// Headings that readers of the description look for.
const SECTIONS: &[&str] = &[
    "## Overview",
    "## Infrastructure Architecture",
    "### Terraform Module Structure",
    "### Authentication & Connection Flow",
    "### Real-Time Conversation Flow",
    "### GraphRAG User Context Processing",
    "### Database Design Patterns",
    "#### Neptune GraphRAG Schema",
    "#### DynamoDB Table Design",
    "## Quick Start",
    "### Prerequisites",
    "### Step 1: Create Backend Infrastructure",
    "### Step 2: Deploy Production Environment",
    "### Step 3: Configure Secrets",
    "### Step 4: Verify Deployment",
    "## Directory Structure",
    "## Database Architecture",
    "### Neptune GraphRAG Cluster",
    "### DynamoDB Tables",
    "## Security Features",
    "### Network Security",
    "### Authentication & Authorization",
    "### Data Protection",
    "## Monitoring & Observability",
    "### CloudWatch Alarms",
    "### Access Logging",
    "### Cost Monitoring",
    "## COST ANALYSIS & SCALABILITY",
    "### Infrastructure Cost Summary",
    "### Monthly Cost Overview by User Scale",
    "### Key Infrastructure Costs",
    "### Scalability Architecture",
    "### Business Model Implications",
    "### Scalability Limits & Thresholds",
    "## Common Operations",
    "### Deploying Updates",
    "### Managing Secrets",
    "### Monitoring Health",
    "### Scaling Operations",
    "## Troubleshooting",
    "## Environment Variables",
    "## Additional Resources",
    "## Contributing",
    "## Support",
];

/// The description's commands, line by line. Not among them: `-target=module.lambda`, which has another
/// address here, and models that their makers took back.
const DESCRIBED: &[&str] = &[
    "cd infrastructure/shared\nterraform init\nterraform plan\nterraform apply\n",
    "cd infrastructure/environments/prod",
    "cp terraform.tfvars.example terraform.tfvars",
    "terraform init\n",
    "terraform plan\nterraform apply\n",
    "aws secretsmanager update-secret \\\n  --secret-id \"innerworld-prod/openai/api-key\" \\\n  --secret-string '{\"api_key\":\"sk-or-v1-your-key\",\"provider\":\"openrouter\",\"base_url\":\"https://openrouter.ai/api/v1\",",
    "aws secretsmanager update-secret \\\n  --secret-id \"innerworld-prod/apple/signin-key\" \\\n  --secret-string '{\"team_id\":\"YOUR_TEAM_ID\",\"key_id\":\"YOUR_KEY_ID\",\"private_key\":\"YOUR_PRIVATE_KEY\",\"client_id\":\"com.gauntletai.innerworld\"}'",
    "terraform output\n",
    "curl $(terraform output -raw api_endpoints | jq -r '.health_check_url')",
    "aws neptune describe-db-clusters --db-cluster-identifier innerworld-prod-neptune-cluster",
    "aws secretsmanager list-secrets --query 'SecretList[?contains(Name, `innerworld-prod`)]'",
    "--secret-string '{\"api_key\":\"your-key\",\"model_primary\":",
    "aws dynamodb describe-table --table-name innerworld-prod-live-conversations",
    "aws logs tail /aws/lambda/innerworld-prod-conversation-handler --follow",
    "terraform apply -var=\"neptune_instance_class=db.r5.xlarge\"",
    "terraform apply -var=\"neptune_instance_count=3\"",
    "terraform apply -var=\"enable_dynamodb_streams=true\"",
    "aws apigatewayv2 get-authorizer --api-id <websocket-api-id> --authorizer-id <authorizer-id>",
    "aws cognito-idp get-user --access-token <token>",
    "aws ec2 describe-security-groups --group-ids <neptune-sg-id>",
    "aws lambda invoke --function-name innerworld-prod-conversation-handler test-output.json",
    "aws cloudwatch get-metric-statistics \\\n  --namespace AWS/DynamoDB \\\n  --metric-name ThrottledRequests \\\n",
];

fn commands(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in [README, FIRST] {
        let found = broken(world, &steps(&page(path)?));
        findings.extend(found.into_iter().map(|what| format!("{path}: {what}")));
    }
    Ok(findings)
}

/// What is wrong with these commands.
fn broken(world: &World, steps: &[Step]) -> Vec<String> {
    let known = Known {
        names: names(world),
        world,
    };
    let mut findings = Vec::new();
    for step in steps {
        let mut wrong = programs::of_step(&known, &step.folder, &step.words);
        wrong.extend(unknown_names(&known, &step.words));
        let line = step.words.join(" ");
        findings.extend(wrong.into_iter().map(|what| format!("`{line}`: {what}")));
    }
    findings
}

/// What commands may name.
struct Known<'a> {
    world: &'a World,
    /// Types of what has each name, in any profile.
    names: BTreeMap<String, BTreeSet<String>>,
}

/// Arguments that give a thing its name.
const NAMED_BY: &[&str] = &[
    "/function_name",
    "/bucket",
    "/alarm_name",
    "/dashboard_name",
    "/identifier",
    "/cluster_identifier",
    "/final_snapshot_identifier",
    "/name",
];

fn names(world: &World) -> BTreeMap<String, BTreeSet<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in world.plans.iter().flat_map(|plan| &plan.resources) {
        for name in NAMED_BY.iter().filter_map(|path| one.text(path)) {
            names
                .entry(name.to_owned())
                .or_default()
                .insert(one.kind.clone());
        }
    }
    names
}

/// Parts of words that have the prefix and are the name of nothing.
fn unknown_names(known: &Known<'_>, words: &[String]) -> Vec<String> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-_/.".contains(c);
    let parts = words
        .iter()
        .flat_map(|word| word.split(move |c| !is_of_name(c)));
    parts
        .filter(|part| part.contains(PREFIX) && *part != PREFIX && !known.names.contains_key(*part))
        .map(|part| format!("nothing is named {part}"))
        .collect()
}

fn sections(_world: &World) -> anyhow::Result<Vec<String>> {
    let readme = page(README)?;
    let missing = SECTIONS
        .iter()
        .filter(|section| !readme.lines().any(|line| line.starts_with(**section)));
    Ok(missing.map(|section| format!("no {section}")).collect())
}

fn described(_world: &World) -> anyhow::Result<Vec<String>> {
    let readme = page(README)?;
    let missing = DESCRIBED.iter().filter(|line| !readme.contains(**line));
    Ok(missing.map(|line| format!("no `{line}`")).collect())
}

/// Numbers of resources and of metrics that the page of a first deployment names.
fn numbers(world: &World) -> anyhow::Result<Vec<String>> {
    let made = |profile| anyhow::Ok(world.plan(profile)?.resources.len());
    let watched = |profile| {
        let price = world.plan(profile)?.outputs.get("alarms_price");
        let price = price.and_then(Value::as_str).unwrap_or_default();
        let before = price.split(" metrics").next().unwrap_or_default();
        let number = before.rsplit(' ').next().unwrap_or_default();
        anyhow::Ok(number.to_owned())
    };
    let (state, pilot) = (made(Profile::State)?, made(Profile::Pilot)?);
    let more = made(Profile::Recommended)? - pilot;
    let metrics = [Profile::Pilot, Profile::Recommended, Profile::Seed].map(watched);
    let metrics = metrics.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let wanted = [
        (FIRST, format!("`Plan: {state} to add, 0 to change")),
        (FIRST, format!("`Plan: {pilot} to add, 0 to change")),
        (FIRST, format!("The plan adds {more} resources")),
        (FIRST, format!("{} × 0.10", metrics.join(", "))),
        (README, format!("{} metrics", metrics.join(", "))),
    ];
    let mut findings = Vec::new();
    for (path, text) in wanted {
        if !page(path)?.contains(&text) {
            findings.push(format!("{path} does not say \"{text}\""));
        }
    }
    Ok(findings)
}
