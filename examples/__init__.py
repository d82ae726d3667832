"""What an application that uses the gateway looks like. Imports nothing of the rest: copy a folder and it is yours."""
