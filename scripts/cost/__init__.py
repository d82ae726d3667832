"""What an environment costs, from what the program declares and one dated table of prices. Asks nobody."""
