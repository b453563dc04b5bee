"""Medical policy as code: the policy document is the program."""
