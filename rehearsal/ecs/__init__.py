"""ECS without AWS: services of the rehearsal's cloud become child processes on hosts with GPUs."""
