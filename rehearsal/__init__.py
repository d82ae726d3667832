"""AWS on a laptop: the whole kit on one machine, with real processes, a real load balancer and real traffic."""
