"""What an account needs before the first `pulumi up`: looking at it, and making what is missing."""
