"""Policies in templates of CloudFormation, of the Serverless Application Model and of the CDK."""

from checker.cloudformation.read import documents, is_template

__all__ = ["documents", "is_template"]
