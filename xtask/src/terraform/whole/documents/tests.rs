use serde_json::json;

use super::*;
use crate::terraform::{
    plans::{Plan, Resource},
    tree::Tree,
};

/// What is wrong with a block, where this little is made.
fn wrong(block: &str) -> Vec<String> {
    let resources = [
        (
            "aws_lambda_function",
            json!({"function_name": "innerworld-prod-a"}),
        ),
        ("aws_dynamodb_table", json!({"name": "innerworld-prod-b"})),
        (
            "aws_cloudwatch_log_group",
            json!({"name": "/aws/lambda/innerworld-prod-a"}),
        ),
    ];
    let resources = resources.into_iter().map(|(kind, values)| Resource {
        address: format!("module.innerworld.module.lambda.{kind}.this"),
        kind: kind.to_owned(),
        values,
    });
    let plan = Plan {
        profile: Profile::Recommended,
        resources: resources.collect(),
        outputs: serde_json::Map::from_iter([("many".to_owned(), json!({}))]),
    };
    let tree = Tree::of(&[(
        "environments/prod/main.tf",
        "variable \"size\" {}\noutput \"many\" {}\noutput \"one\" {}\noutput \"websocket_api_id\" {}\n",
    )]);
    let world = World::new(vec![plan], tree.unwrap()).unwrap();
    broken(&world, &steps(&format!("```bash\n{block}\n```\n")))
}

#[test]
fn what_is_possible_is_let_through() {
    for block in [
        "cd infrastructure/environments/prod\nterraform init\nterraform apply -var=\"size=3\"",
        "cp terraform.tfvars.example terraform.tfvars",
        "terraform apply -target=module.innerworld.module.lambda",
        "terraform plan -out=a.tfplan\nterraform apply a.tfplan",
        "curl $(terraform output -raw one | jq -r '.x')",
        "terraform output -json many | jq -r '.[]' | xargs -n 1 aws dynamodb describe-table --table-name",
        "aws lambda invoke --function-name innerworld-prod-a out.json",
        "aws logs tail /aws/lambda/innerworld-prod-a --follow",
        "aws apigatewayv2 get-authorizer --api-id <websocket-api-id> --authorizer-id $(terraform output -raw one)",
        "innerworld secrets check --prefix innerworld-prod\ninnerworld graph show --url $(terraform output -raw one)",
        "cargo xtask package-lambda --arch arm64\ncargo build --release --features aws",
    ] {
        assert_eq!(wrong(block), Vec::<String>::new(), "{block}");
    }
}

#[test]
fn what_is_not_there_is_found() {
    for (block, finding) in [
        ("cd infrastructure/nowhere", "is not there"),
        ("cp terraform.tfvars.none terraform.tfvars", "is not there"),
        ("cd docs\nterraform plan", "is no root"),
        ("terraform plam", "is not known"),
        ("terraform plan -var=\"sise=3\"", "no variable sise"),
        (
            "terraform apply -target=module.lambda",
            "nothing is made at",
        ),
        ("terraform apply a.plan", "no .tfplan"),
        ("terraform output -raw none", "no output none"),
        ("terraform output -raw many", "more than -raw prints"),
        (
            "aws lambda invoke --function-name innerworld-prod-b out.json",
            "names no aws_lambda",
        ),
        (
            "aws lambda invoke --function-name innerworld-prod-c out.json",
            "nothing is named",
        ),
        (
            "aws lambda invoke --funktion-name innerworld-prod-a out.json",
            "takes no --funktion",
        ),
        ("aws lambda list-things", "not on the list"),
        (
            "aws logs tail /aws/innerworld-prod-a",
            "names no aws_cloudwatch_log_group",
        ),
        (
            "aws cloudwatch get-metric-statistics --metric-name ThrottledRequests \\\n  --dimensions Name=TableName,Value=innerworld-prod-b",
            "Operation together",
        ),
        (
            "aws kms enable-key --key-id <what>",
            "nothing says what <what>",
        ),
        (
            "aws ec2 describe-security-groups --group-ids <neptune-sg-id>",
            "no output neptune",
        ),
        ("innerworld sekrets check", "no verb"),
        ("innerworld secrets check --prefics x", "no --prefics"),
        ("cargo xtask package-lambda --archh arm64", "no --archh"),
        ("cargo build --features awz", "no feature"),
        ("wget x", "nobody checks wget"),
    ] {
        let found = wrong(block);
        assert!(
            found.iter().any(|one| one.contains(finding)),
            "{block}: {found:?}"
        );
    }
}
