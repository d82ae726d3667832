"""The secrets' places. `fab secrets.set` sets their values, which are never in the program, its state or settings."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.naming import Names

_RECOVERY_DAYS = 30


@dataclass(frozen=True)
class SecretsArgs:
    names: Names
    external_fallback: bool


class Secrets(pulumi.ComponentResource):
    """ARNs only. `openai_key_arn` is None when prompts must not leave: then nothing could be mounted by mistake."""

    api_keys_arn: pulumi.Output[str]
    smoke_key_arn: pulumi.Output[str]
    openai_key_arn: pulumi.Output[str] | None

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Secrets", name, {}, opts)
        self._stem, self._args = name, args
        self.api_keys_arn = self._secret("api-keys", 'clients\' keys, as JSON {"name": "key"}')
        self.smoke_key_arn = self._secret("smoke-key", "the key that smoke uses")
        self.openai_key_arn = self._secret("openai-key", "OpenAI's key") if args.external_fallback else None
        self.register_outputs({"apiKeysArn": self.api_keys_arn, "smokeKeyArn": self.smoke_key_arn})

    @property
    def arns(self) -> list[pulumi.Output[str]]:
        return [arn for arn in (self.api_keys_arn, self.smoke_key_arn, self.openai_key_arn) if arn is not None]

    def _secret(self, which: str, description: str) -> pulumi.Output[str]:
        made = aws.secretsmanager.Secret(
            f"{self._stem}-{which}",
            name=self._args.names.secret(which),
            description=f"Switchyard: {description}",
            recovery_window_in_days=_RECOVERY_DAYS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        arn: pulumi.Output[str] = made.arn
        return arn
