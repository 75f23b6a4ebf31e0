terraform {
  required_version = ">= 1.5.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  # Made by ../../shared. A backend takes no variables: whoever changes names or the region there changes them here.
  backend "s3" {
    bucket         = "innerworld-prod-terraform-state"
    key            = "prod/terraform.tfstate"
    region         = "us-east-1"
    encrypt        = true
    dynamodb_table = "innerworld-prod-terraform-locks"

    # From Terraform 1.10 on a lock can lie in the bucket: this line in place of the table.
    # use_lockfile = true
  }
}
