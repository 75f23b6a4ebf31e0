use super::*;

fn found(path: &str, text: &str) -> Vec<String> {
    in_tree(&Tree::of(&[(path, text)]).unwrap())
}

#[test]
fn a_plain_module_is_in_order() {
    let variable = "variable \"days\" {\n  type        = number\n  description = \"Days.\"\n\n  \
                    validation {\n    condition     = var.days > 0\n    error_message = \"Days must be 1 or \
                    more.\"\n  }\n}\n";
    let test = "run \"none\" {\n  expect_failures = [var.days]\n}\n";
    let tree = Tree::of(&[
        ("modules/a/variables.tf", variable),
        ("modules/a/tests/plan.tftest.hcl", test),
    ]);
    assert_eq!(in_tree(&tree.unwrap()), Vec::<String>::new());
    assert_eq!(
        variables::validations(&Tree::of(&[("modules/a/variables.tf", variable)]).unwrap()),
        (1, 0)
    );
    let untested = found("modules/a/variables.tf", variable);
    assert_eq!(untested.len(), 1, "{untested:?}");
}

#[test]
fn variables_that_say_nothing_are_found() {
    assert_eq!(found("variables.tf", "variable \"a\" {}\n").len(), 2);
    let lazy = "variable \"a\" {\n  type = string\n  description = \"A.\"\n  validation {\n    \
                condition = var.a != \"\"\n    error_message = \"bad\"\n  }\n}\n";
    let found = found("variables.tf", lazy);
    assert!(
        found.iter().any(|one| one.contains("no sentence")),
        "{found:?}"
    );
}

#[test]
fn what_terraform_1_5_does_not_know_is_found() {
    for text in [
        "terraform {\n  backend \"s3\" {\n    use_lockfile = true\n  }\n}\n",
        "removed {\n  from = aws_a.b\n}\n",
        "resource \"aws_a\" \"b\" {\n  secret_string_wo = \"x\"\n}\n",
        "locals {\n  a = provider::aws::arn_parse(var.a)\n}\n",
        "variable \"a\" {\n  type = string\n  description = \"A.\"\n  validation {\n    condition = \
         var.a < var.b\n    error_message = \"A is less.\"\n  }\n}\n",
    ] {
        let found = found("main.tf", text);
        assert!(
            found.iter().any(|one| one.contains("needs Terraform")),
            "{text}: {found:?}"
        );
    }
    let commented = "terraform {\n  backend \"s3\" {\n    # use_lockfile = true\n  }\n}\n";
    assert!(found("main.tf", commented).is_empty());
}

#[test]
fn providers_in_modules_counts_and_long_files_are_found() {
    assert_eq!(found("modules/a/main.tf", "provider \"aws\" {}\n").len(), 1);
    assert!(found("environments/prod/main.tf", "provider \"aws\" {}\n").is_empty());
    let counted = "module \"lambda\" {\n  source = \"./a\"\n  count  = 1\n}\n";
    assert_eq!(found("main.tf", counted).len(), 1);
    assert!(found("main.tf", &counted.replace("lambda", "neptune")).is_empty());
    assert_eq!(found("main.tf", &"# a\n".repeat(251)).len(), 1);
}

#[test]
fn a_variable_that_is_passed_on_as_another_is_found() {
    let thin = "module \"innerworld\" {\n  source = \"../..\"\n  debug  = var.debug\n}\n";
    assert!(found("environments/prod/main.tf", thin).is_empty());
    let crossed = thin.replace("var.debug", "var.tags");
    assert_eq!(found("environments/prod/main.tf", &crossed).len(), 1);
}

#[test]
fn every_resource_without_a_reason_is_found() {
    let wide = "locals {\n  a = {\n    Resource = \"*\"\n  }\n}\n";
    assert_eq!(found("main.tf", wide).len(), 1);
    let reasoned = wide.replace("    Resource", "    # Knows no resource.\n    Resource");
    assert!(found("main.tf", &reasoned).is_empty());
}

#[test]
fn folders_that_lack_a_file_and_files_of_operators_are_found() {
    let tree = Tree::of(&[("modules/a/main.tf", ""), ("main.tf", "")]).unwrap();
    let there = |path: &Path| path != Path::new("modules/a/outputs.tf");
    let found = complete(&tree, there);
    assert_eq!(found.len(), 2, "{found:?}");
    let files = ["infrastructure/a.tfvars", "infrastructure/a.tfvars.example"];
    assert_eq!(kept_out(&files.map(PathBuf::from)).len(), 1);
}

#[test]
fn accounts_and_keys_are_found() {
    let file = Path::new("infrastructure/main.tf");
    assert_eq!(secrets::in_text(file, "a = \"123456789012\"").len(), 1);
    let message =
        "    error_message = \"An ARN such as arn:aws:ses:us-east-1:123456789012:identity/a.\"";
    assert!(secrets::in_text(file, message).is_empty());
    let test = Path::new("infrastructure/tests/a.tftest.hcl");
    assert!(secrets::in_text(test, "a = \"123456789012\"").is_empty());
    assert_eq!(secrets::in_text(test, "a = \"493816250777\"").len(), 1);
    let key = format!("{}{}", concat!("AK", "IA"), "IOSFODNN7EXAMPLE");
    assert_eq!(secrets::in_text(test, &key).len(), 1);
    let shown = concat!("sk-", "or-v1-", "your-key");
    assert!(secrets::in_text(Path::new("infrastructure/README.md"), shown).is_empty());
    let key = shown.replace("your-key", "0123456789");
    assert_eq!(secrets::in_text(test, &key).len(), 1);
}
