"""The Application Load Balancers: Envoy nodes that follow moto's Elastic Load Balancing state."""
