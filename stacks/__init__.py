"""What should exist in AWS. `manifest`, `naming` and `errors` import no Pulumi: the tasks read them."""
