"""Resource types that cost nothing by themselves, each with the reason. A test fails for a type in no list."""

_PLACES = "networks, their parts and their rules are free; what flows through them is counted with the family network"
_RIGHTS = "IAM is free"
_PARTS = "part of something that is counted or free itself"
_COUNTED = "what it makes run is counted, not the rule that makes it"
_TOLD = "publishing and the first 1,000 mails of a month are free"

FREE = {
    **dict.fromkeys(
        (
            "aws:ec2/vpc:Vpc",
            "aws:ec2/subnet:Subnet",
            "aws:ec2/internetGateway:InternetGateway",
            "aws:ec2/routeTable:RouteTable",
            "aws:ec2/route:Route",
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            "aws:ec2/securityGroup:SecurityGroup",
            "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
            "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
            "aws:ec2/networkAcl:NetworkAcl",
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        ),
        _PLACES,
    ),
    **dict.fromkeys(
        (
            "aws:iam/role:Role",
            "aws:iam/rolePolicy:RolePolicy",
            "aws:iam/policy:Policy",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "aws:iam/instanceProfile:InstanceProfile",
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        ),
        _RIGHTS,
    ),
    **dict.fromkeys(
        (
            "aws:lb/listener:Listener",
            "aws:lb/listenerRule:ListenerRule",
            "aws:lb/targetGroup:TargetGroup",
            "aws:ecr/lifecyclePolicy:LifecyclePolicy",
            "aws:dynamodb/tableItem:TableItem",
            "aws:kms/alias:Alias",
            "aws:s3/bucketPolicy:BucketPolicy",
            "aws:s3/bucketVersioning:BucketVersioning",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "aws:s3/bucketLogging:BucketLogging",
            "aws:wafv2/webAclAssociation:WebAclAssociation",
            "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
            "aws:secretsmanager/secretPolicy:SecretPolicy",
            "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
            "aws:amp/ruleGroupNamespace:RuleGroupNamespace",
            "aws:amp/alertManagerDefinition:AlertManagerDefinition",
        ),
        _PARTS,
    ),
    **dict.fromkeys(
        (
            "aws:ecs/capacityProvider:CapacityProvider",
            "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
            "aws:appautoscaling/target:Target",
        ),
        _COUNTED,
    ),
    **dict.fromkeys(
        ("aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy", "aws:sns/topicSubscription:TopicSubscription"), _TOLD
    ),
    "aws:budgets/budget:Budget": "a budget without actions is free",
    "aws:acm/certificate:Certificate": "a public certificate for a load balancer is free",
    "aws:acm/certificateValidation:CertificateValidation": "it only waits for the certificate",
    "aws:route53/record:Record": "aliases to a load balancer are free, and the zone is the owner's",
    "aws:cloudwatch/eventRule:EventRule": "events of AWS services are free",
    "aws:cloudwatch/eventTarget:EventTarget": "events of AWS services are free",
    "aws:ssm/parameter:Parameter": "standard parameters are free",
}
