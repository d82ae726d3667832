"""The monthly budget of one environment, told by cost allocation tag: it warns and stops nothing."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.naming import STACK_TAG, Names

_ACTUAL_PERCENTS = (50, 80, 100)
_FORECAST_PERCENT = 100


@dataclass(frozen=True)
class BudgetArgs:
    names: Names
    monthly_usd: int
    topic_arn: pulumi.Input[str]
    emails: tuple[str, ...]


class Budget(pulumi.ComponentResource):
    """Alerts at 50, 80 and 100 % spent, and at 100 % foreseen, to the topic and to the addresses."""

    budget_name: pulumi.Output[str]

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Budget", name, {}, opts)
        self._args = args
        # A cost allocation tag is written `user:KEY$VALUE` (AWS Budgets API reference, CostFilters).
        mine = aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:{STACK_TAG}${args.names.prefix}"])
        spent = [self._notification("ACTUAL", percent) for percent in _ACTUAL_PERCENTS]
        made = aws.budgets.Budget(
            f"{name}-monthly",
            name=args.names.budget(),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(args.monthly_usd),
            limit_unit="USD",
            cost_filters=[mine],
            notifications=[*spent, self._notification("FORECASTED", _FORECAST_PERCENT)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.budget_name = made.name
        self.register_outputs({"budgetName": self.budget_name})

    def _notification(self, kind: str, percent: int) -> aws.budgets.BudgetNotificationArgs:
        return aws.budgets.BudgetNotificationArgs(
            comparison_operator="GREATER_THAN",
            notification_type=kind,
            threshold=percent,
            threshold_type="PERCENTAGE",
            subscriber_sns_topic_arns=[self._args.topic_arn],
            subscriber_email_addresses=list(self._args.emails),
        )
