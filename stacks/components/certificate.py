"""The certificate of the public door: one that the owner brings, or one that is requested here and validated in DNS.

AWS renews the latter by itself for as long as its validation record stays.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.schema import Entrance


@dataclass(frozen=True)
class CertificateArgs:
    entrance: Entrance


class Certificate(pulumi.ComponentResource):
    """`arn` is known only once AWS has issued the certificate, so a listener that uses it waits for that."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Certificate", name, {}, opts)
        self._stem, self._entrance = name, args.entrance
        self._child = pulumi.ResourceOptions(parent=self)
        given = args.entrance.certificate_arn
        self.arn = pulumi.Output.from_input(given) if given else self._issued()
        self.register_outputs({"arn": self.arn})

    def _issued(self) -> pulumi.Output[str]:
        requested = aws.acm.Certificate(
            f"{self._stem}-requested",
            domain_name=self._entrance.domain_name,
            key_algorithm="RSA_2048",
            validation_method="DNS",
            opts=self._child,
        )
        validation = aws.acm.CertificateValidation(
            f"{self._stem}-issued",
            certificate_arn=requested.arn,
            validation_record_fqdns=[self._proof(requested).fqdn],
            opts=self._child,
        )
        arn: pulumi.Output[str] = validation.certificate_arn
        return arn

    def _proof(self, requested: aws.acm.Certificate) -> aws.route53.Record:
        """One name asks for one record, the same for all its certificates in an account: it may be there already."""
        wanted = requested.domain_validation_options.apply(lambda options: options[0])
        return aws.route53.Record(
            f"{self._stem}-validation",
            zone_id=self._entrance.hosted_zone_id or "",
            name=wanted.apply(lambda option: option.resource_record_name or ""),
            type=wanted.apply(lambda option: option.resource_record_type or ""),
            records=[wanted.apply(lambda option: option.resource_record_value or "")],
            ttl=300,
            allow_overwrite=True,
            opts=self._child,
        )
