"""Terraform and OpenTofu: source and plans to policy documents of which parts may be unknown."""
