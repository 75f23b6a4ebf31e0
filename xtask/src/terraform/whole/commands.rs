//! The commands that the system's first description gives its reader: each must work word for word, as far
//! as a plan can say. The one that cannot is the targeted apply, which has another address here.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use super::{Rule, World, found};
use crate::{
    terraform::{
        FOLDER,
        plans::{Plan, Profile},
        tree::label,
    },
    workspace::root,
};

pub(super) const RULES: &[Rule] = &[
    ("files_that_the_commands_name_are_there", files),
    ("variables_that_the_commands_set_are_declared", variables),
    ("targets_of_the_commands_exist", targets),
    ("outputs_that_the_commands_need_are_there", outputs),
    ("things_that_the_commands_name_are_made", names),
    ("files_of_the_description_are_there", described),
    ("variables_of_the_description_are_told_to_functions", told),
];

/// Files that the description draws.
const FILES: &[&str] = &[
    "README.md",
    "main.tf",
    "variables.tf",
    "outputs.tf",
    "environments/prod/main.tf",
    "environments/prod/terraform.tfvars.example",
    "modules/cognito/cognito_triggers",
    "shared/backend.tf",
];

/// Modules that the description draws, and what is in each.
const MODULES: (&[&str], &[&str]) = (
    &[
        "networking",
        "cognito",
        "neptune",
        "dynamodb",
        "lambda",
        "secrets",
    ],
    &["main.tf", "variables.tf", "outputs.tf"],
);

/// Variables that the description promises to functions, with their values where they are fixed. The region
/// is set by Lambda itself.
const VARIABLES: &[(&str, Option<&str>)] = &[
    ("NEPTUNE_ENDPOINT", None),
    ("NEPTUNE_READER_ENDPOINT", None),
    ("NEPTUNE_PORT", Some("8182")),
    ("NEPTUNE_IAM_AUTH", Some("true")),
    (
        "LIVE_CONVERSATIONS_TABLE",
        Some("innerworld-prod-live-conversations"),
    ),
    (
        "WEBSOCKET_CONNECTIONS_TABLE",
        Some("innerworld-prod-websocket-connections"),
    ),
    (
        "SESSION_CONTEXT_TABLE",
        Some("innerworld-prod-session-context"),
    ),
    ("COGNITO_USER_POOL_ID", None),
    ("COGNITO_USER_POOL_CLIENT_ID", None),
    ("ENVIRONMENT", Some("prod")),
    ("DEBUG", Some("false")),
];

/// A command, where it is run, and what it takes for granted.
struct Command {
    folder: &'static str,
    line: &'static str,
    needs: Needs,
}

/// What a command needs.
enum Needs {
    /// A folder with a root.
    Root,
    /// A file to copy.
    File(&'static str),
    /// A variable of the root.
    Variable(&'static str),
    /// A module of the root, by its address there.
    Module(&'static str),
    /// An output of the root.
    Output(&'static str),
    /// A thing that is made: its type, the argument that names it, and its name.
    Thing(&'static str, &'static str, &'static str),
    /// A setting of a thing: type, argument and value.
    Setting(&'static str, &'static str, &'static str),
}

use Needs::{File, Module, Output, Root, Setting, Thing, Variable};

const STATE: &str = "infrastructure/shared";
const PROD: &str = "infrastructure/environments/prod";

const fn command(folder: &'static str, line: &'static str, needs: Needs) -> Command {
    Command {
        folder,
        line,
        needs,
    }
}

const MODEL: (&str, &str) = (
    "aws_secretsmanager_secret",
    "innerworld-prod/openai/api-key",
);
const HANDLER: (&str, &str) = (
    "aws_lambda_function",
    "innerworld-prod-conversation-handler",
);
const CLUSTER: (&str, &str) = ("aws_neptune_cluster", "innerworld-prod-neptune-cluster");

const COMMANDS: &[Command] = &[
    command(
        STATE,
        "terraform init; terraform plan; terraform apply",
        Root,
    ),
    command(
        STATE,
        "creates the bucket",
        Thing(
            "aws_s3_bucket",
            "/bucket",
            "innerworld-prod-terraform-state",
        ),
    ),
    command(
        STATE,
        "creates the table of locks",
        Thing(
            "aws_dynamodb_table",
            "/name",
            "innerworld-prod-terraform-locks",
        ),
    ),
    command(
        STATE,
        "locks by LockID",
        Setting("aws_dynamodb_table", "/hash_key", "LockID"),
    ),
    command(
        PROD,
        "terraform init; terraform plan; terraform apply",
        Root,
    ),
    command(
        PROD,
        "cp terraform.tfvars.example terraform.tfvars",
        File("terraform.tfvars.example"),
    ),
    command(
        PROD,
        "aws secretsmanager update-secret --secret-id \"innerworld-prod/openai/api-key\"",
        Thing(MODEL.0, "/name", MODEL.1),
    ),
    command(
        PROD,
        "aws secretsmanager update-secret --secret-id \"innerworld-prod/apple/signin-key\"",
        Thing(MODEL.0, "/name", "innerworld-prod/apple/signin-key"),
    ),
    command(
        PROD,
        "curl $(terraform output -raw api_endpoints | jq -r '.health_check_url')",
        Output("api_endpoints"),
    ),
    command(
        PROD,
        "aws neptune describe-db-clusters --db-cluster-identifier innerworld-prod-neptune-cluster",
        Thing(CLUSTER.0, "/cluster_identifier", CLUSTER.1),
    ),
    // The description says -target=module.lambda: the modules lie one deeper here.
    command(
        PROD,
        "terraform apply -target=module.innerworld.module.lambda",
        Module("module.innerworld.module.lambda"),
    ),
    command(
        PROD,
        "aws dynamodb describe-table --table-name innerworld-prod-live-conversations",
        Thing(
            "aws_dynamodb_table",
            "/name",
            "innerworld-prod-live-conversations",
        ),
    ),
    command(
        PROD,
        "aws logs tail /aws/lambda/innerworld-prod-conversation-handler --follow",
        Thing(
            "aws_cloudwatch_log_group",
            "/name",
            "/aws/lambda/innerworld-prod-conversation-handler",
        ),
    ),
    command(
        PROD,
        "terraform apply -var=\"neptune_instance_class=db.r5.xlarge\"",
        Variable("neptune_instance_class"),
    ),
    command(
        PROD,
        "terraform apply -var=\"neptune_instance_count=3\"",
        Variable("neptune_instance_count"),
    ),
    command(
        PROD,
        "terraform apply -var=\"enable_dynamodb_streams=true\"",
        Variable("enable_dynamodb_streams"),
    ),
    command(
        PROD,
        "aws apigatewayv2 get-authorizer --api-id <websocket-api-id> --authorizer-id <authorizer-id>",
        Output("websocket_api_id"),
    ),
    command(
        PROD,
        "aws apigatewayv2 get-authorizer --api-id <websocket-api-id> --authorizer-id <authorizer-id>",
        Output("authorizer_id"),
    ),
    command(
        PROD,
        "aws ec2 describe-security-groups --group-ids <neptune-sg-id>",
        Output("neptune_security_group_id"),
    ),
    command(
        PROD,
        "aws lambda invoke --function-name innerworld-prod-conversation-handler test-output.json",
        Thing(HANDLER.0, "/function_name", HANDLER.1),
    ),
];

fn each() -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter()
}

fn missing(command: &Command, what: impl std::fmt::Display) -> String {
    format!("{}: {}: no {what}", command.folder, command.line)
}

fn files(_world: &World) -> anyhow::Result<Vec<String>> {
    let there = |command: &&Command| {
        let folder = root().join(command.folder);
        match command.needs {
            Root => !folder.is_dir(),
            File(file) => !folder.join(file).is_file(),
            _ => false,
        }
    };
    Ok(each()
        .filter(there)
        .map(|command| missing(command, "such file"))
        .collect())
}

/// Names of blocks of a kind in the files of a folder.
fn declared<'a>(world: &'a World, folder: &str, kind: &'a str) -> BTreeSet<&'a str> {
    let folder = Path::new(folder)
        .strip_prefix(FOLDER)
        .unwrap_or(Path::new(folder))
        .to_owned();
    let files = world
        .tree
        .sources()
        .filter(|file| file.path.parent() == Some(&folder));
    files
        .flat_map(|file| file.blocks(kind))
        .filter_map(|block| label(block, 0))
        .collect()
}

fn variables(world: &World) -> anyhow::Result<Vec<String>> {
    let undeclared = each().filter_map(|command| match command.needs {
        Variable(name) => {
            let declared = declared(world, command.folder, "variable");
            (!declared.contains(name)).then(|| missing(command, format_args!("variable {name}")))
        }
        _ => None,
    });
    Ok(undeclared.collect())
}

/// An unknown target is silently nothing for Terraform.
fn targets(world: &World) -> anyhow::Result<Vec<String>> {
    let plan = world.plan(Profile::Recommended)?;
    let unknown = each().filter_map(|command| match command.needs {
        Module(address) => {
            let within = format!("{address}.");
            let there = plan
                .resources
                .iter()
                .any(|one| one.address.starts_with(&within));
            (!there).then(|| missing(command, address))
        }
        _ => None,
    });
    Ok(unknown.collect())
}

fn outputs(world: &World) -> anyhow::Result<Vec<String>> {
    let absent = each().filter_map(|command| match command.needs {
        Output(name) => {
            let declared = declared(world, command.folder, "output");
            (!declared.contains(name)).then(|| missing(command, format_args!("output {name}")))
        }
        _ => None,
    });
    let mut findings: Vec<_> = absent.collect();
    // `-raw` prints texts, numbers and truth values alone.
    let plan = world.plan(Profile::Recommended)?;
    if !plan
        .outputs
        .get("api_endpoints")
        .is_some_and(Value::is_string)
    {
        findings.push(found(plan, "api_endpoints is no text"));
    }
    Ok(findings)
}

fn names(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for command in each() {
        let profile = if command.folder == STATE {
            Profile::State
        } else {
            Profile::Recommended
        };
        let plan: &Plan = world.plan(profile)?;
        if let Thing(kind, path, name) | Setting(kind, path, name) = command.needs
            && !plan.of(kind).any(|one| one.text(path) == Some(name))
        {
            findings.push(missing(command, name));
        }
    }
    Ok(findings)
}

fn described(_world: &World) -> anyhow::Result<Vec<String>> {
    let (modules, files) = MODULES;
    let of_modules = modules.iter().flat_map(|module| {
        files
            .iter()
            .map(move |file| format!("modules/{module}/{file}"))
    });
    let all = FILES
        .iter()
        .map(|file| (*file).to_owned())
        .chain(of_modules);
    let missing = all.filter(|file| !root().join(FOLDER).join(file).exists());
    Ok(missing.map(|file| format!("no {FOLDER}/{file}")).collect())
}

fn told(world: &World) -> anyhow::Result<Vec<String>> {
    let plan = world.plan(Profile::Recommended)?;
    let mut findings = Vec::new();
    for (name, wanted) in VARIABLES {
        let path = format!("/environment/0/variables/{name}");
        let values: BTreeSet<&str> = plan
            .of("aws_lambda_function")
            .filter_map(|one| one.text(&path))
            .collect();
        let right = match wanted {
            Some(wanted) => values == BTreeSet::from([*wanted]),
            None => values.len() == 1 && !values.contains(""),
        };
        if !right {
            findings.push(found(plan, format_args!("{name} is {values:?}")));
        }
    }
    Ok(findings)
}
