"""The building blocks of an environment, one noun a file. Each gets its settings as arguments and reads nothing."""
