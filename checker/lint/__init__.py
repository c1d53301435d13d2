"""What a linter would say: likely mistakes in what a change touches. Never a verdict."""
