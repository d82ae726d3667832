"""AWS's control plane: moto in this process, with the parts that the kit needs and moto lacks."""
