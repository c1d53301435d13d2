"""CloudFormation's functions: AWS's own examples, and what is unknown, chosen or malformed.

The examples are those of
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
with a policy around the value.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

import pytest

from checker.source.tree import Scalar
from checker.span import whole_file
from checker.template.value import Value
from tests.templates import held, indented, lost, read

HEAD: Final = """
Parameters:
  Env: {Type: String, Default: dev}
  Stage: {Type: String, Default: beta, AllowedValues: [prod, beta]}
  Open: {Type: String}
  Hidden: {Type: String, Default: x, NoEcho: true}
  Latest: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}
  Named: {Type: 'AWS::SSM::Parameter::Name', Default: /a/b}
  DbSubnets: {Type: CommaDelimitedList, Default: '10.0.0.0/24, 10.0.1.0/24,10.0.2.0/24'}
  OpenList: {Type: CommaDelimitedList}
  Count: {Type: Number, Default: 3}
Mappings:
  RegionMap:
    us-east-1: {HVM64: ami-0, HVMG2: ami-1, '5': five}
    eu-west-1: {HVM64: ami-2, HVMG2: ami-3}
  Settings:
    prod: {Buckets: [a, b]}
    beta: {Buckets: [c]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsBeta: !Equals [!Ref Stage, beta]
  IsLive: !Equals [!Ref Stage, prod]
  Never: !Equals [!Ref Stage, other]
  Always: !Equals [a, a]
  NotProd: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Equals [!Ref 'AWS::Region', us-east-1]]
  Any: !Or [!Condition IsProd, !Condition Always]
  Circle: !Not [!Condition Circle]
  Other: !Equals [!Ref Open, !Ref Hidden]
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  NamedBucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Sub '${Env}-data'}}
  MaybeNamed: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !If [IsProd, live, !Ref 'AWS::NoValue']}}
  Role: {Type: 'AWS::IAM::Role', Properties: {Path: /team/, RoleName: r}}
  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q}}
  Topic: {Type: 'AWS::SNS::Topic'}
  Secret: {Type: 'AWS::SecretsManager::Secret', Properties: {Name: db}}
  Group: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: /app}}
  Narcissus: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Sub '${Narcissus}-x'}}
  Thing: {Type: 'Custom::Thing'}
  Held:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          Effect: Allow
          Action: 's3:*'
          Resource:
"""

EXAMPLES: Final[Mapping[str, str]] = {
    # Fn::Base64, Fn::Join, Fn::Select, Fn::Split, Fn::Length, Fn::ToJsonString: AWS's examples
    "!Base64 AWS CloudFormation": '"QVdTIENsb3VkRm9ybWF0aW9u"',
    "Fn::Base64: AWS CloudFormation": '"QVdTIENsb3VkRm9ybWF0aW9u"',
    "!Join [':', [a, b, c]]": '"a:b:c"',
    "!Join ['', ['arn:', !Ref 'AWS::Partition', ':s3:::elasticbeanstalk-*-', !Ref 'AWS::AccountId']]": (
        'Sub("arn:aws:s3:::elasticbeanstalk-*-${AWS::AccountId}")'
    ),
    "!Select ['1', [apples, grapes, oranges, mangoes]]": '"grapes"',
    "!Select [0, !Ref DbSubnets]": '"10.0.0.0/24"',
    "!Split ['|', 'a|b|c']": '["a", "b", "c"]',
    "!Split ['|', 'a||c|']": '["a", "", "c", ""]',
    "!Select [2, !Split [',', 'a,b,c']]": '"c"',
    "Fn::Length: [1, 2, 3]": '"3"',
    "Fn::Length: !Ref DbSubnets": '"3"',
    "Fn::ToJsonString: {Key: value, Id: !Ref Count, On: true}": (
        '"{\\"Key\\":\\"value\\",\\"Id\\":\\"3\\",\\"On\\":true}"'
    ),
    "Fn::ToJsonString: {B: !Ref Bucket}": 'Sub("{\\"B\\":\\"${Bucket}\\"}")',
    # Fn::FindInMap
    "!FindInMap [RegionMap, us-east-1, HVM64]": '"ami-0"',
    "!FindInMap [RegionMap, us-east-1, 5]": '"five"',
    "!FindInMap [RegionMap, !Ref 'AWS::Region', HVM64]": (
        'If(AWS::Region = "eu-west-1", "ami-2", "ami-0")'
    ),
    "Fn::FindInMap: [RegionMap, nowhere, HVM64, {DefaultValue: none}]": '"none"',
    "Fn::FindInMap: [RegionMap, !Ref 'AWS::Region', HVM64, {DefaultValue: none}]": (
        'If(AWS::Region = "eu-west-1", "ami-2", If(AWS::Region = "us-east-1", "ami-0", "none"))'
    ),
    "!FindInMap [Settings, !Ref Stage, Buckets]": 'If(Stage = "beta", ["c"], ["a", "b"])',
    "!FindInMap [RegionMap, nowhere, HVM64]": ('FindInMap("RegionMap", "nowhere", "HVM64")…'),
    # Fn::Sub
    "!Sub 'arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${Thing}'": (
        'Sub("arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${Thing}")'
    ),
    "!Sub ['www.${Domain}', {Domain: !Ref Env}]": '"www.dev"',
    "!Sub '${!aws:username}-${Env}'": '"${aws:username}-dev"',
    "!Sub '${Thing.Out.Put}'": "Thing.Out.Put",
    "Fn::Sub: ['${A}/${B}', {A: !If [IsProd, x, y], B: !If [IsProd, x, y]}]": (
        'If(Env = "prod", "x/x", "y/y")'
    ),
    # Ref and Fn::GetAtt
    "!Ref Env": '"dev"',
    "!Ref Count": '"3"',
    "!Ref Open": "Open",
    "!Ref OpenList": "OpenList…",
    "!Ref Hidden": "Hidden#2d711642",
    "!Ref Latest": "resolve:ssm:/a/b",
    "!Ref Named": '"/a/b"',
    "!Ref Thing": "Thing",
    "!Ref Nowhere": "Nowhere",
    "!Ref 'AWS::URLSuffix'": '"amazonaws.com"',
    "!Ref 'AWS::StackName'": "AWS::StackName",
    "!Ref NamedBucket": '"dev-data"',
    "!GetAtt NamedBucket.Arn": '"arn:aws:s3:::dev-data"',
    "!GetAtt Bucket.Arn": 'Sub("arn:aws:s3:::${Bucket}")',
    "Fn::GetAtt: [Bucket, Arn]": 'Sub("arn:aws:s3:::${Bucket}")',
    "!Sub 'arn:${AWS::Partition}:s3:::${Bucket}'": 'Sub("arn:aws:s3:::${Bucket}")',
    "!GetAtt MaybeNamed.Arn": (
        'If(Env = "prod", "arn:aws:s3:::live", Sub("arn:aws:s3:::${MaybeNamed}"))'
    ),
    "!GetAtt Role.Arn": 'Sub("arn:aws:iam::${AWS::AccountId}:role/team/r")',
    "!GetAtt Queue.Arn": 'Sub("arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:q")',
    "!Ref Topic": 'Sub("arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${Topic}")',
    "!Ref Secret": (
        'Sub("arn:aws:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db-${Secret#suffix}")'
    ),
    "!GetAtt Group.Arn": 'Sub("arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/app:*")',
    "!GetAtt Thing.Arn": "Thing.Arn",
    "!Ref Narcissus": 'Sub("${Narcissus}-x")',
    # conditions
    "!If [IsProd, a, b]": 'If(Env = "prod", "a", "b")',
    "!If [NotProd, a, b]": 'If(Env = "prod", "b", "a")',
    "!If [IsBeta, a, b]": 'If(Stage = "beta", "a", "b")',
    "!If [IsLive, a, b]": 'If(Stage = "beta", "b", "a")',
    "!If [Never, a, b]": '"b"',
    "!If [Always, a, b]": '"a"',
    "!If [Any, a, b]": '"a"',
    "!If [Both, a, b]": 'If(Env = "prod", If(AWS::Region = "us-east-1", "a", "b"), "b")',
    "!If [Circle, a, b]": 'If(Circle, "b", "a")',
    "!If [Missing, a, b]": 'If(Missing, "a", "b")',
    "!If [Other, a, b]": 'If(Hidden = Open, "a", "b")',
    "[a, !If [IsProd, b, !Ref 'AWS::NoValue']]": '["a", If(Env = "prod", "b", AWS::NoValue)]',
    "!Join ['-', [a, !If [IsProd, b, !Ref 'AWS::NoValue'], c]]": (
        'If(Env = "prod", "a-b-c", "a-c")'
    ),
    "!Select [0, !If [IsProd, [a], [b]]]": 'If(Env = "prod", "a", "b")',
    # what only the deployment knows
    "!ImportValue network": 'ImportValue("network")',
    "Fn::ImportValue: !Sub '${Env}-net'": 'ImportValue("dev-net")',
    "!GetAZs us-east-1": 'GetAZs("us-east-1")…',
    "!Cidr [10.0.0.0/16, 6, 8]": 'Cidr(["10.0.0.0/16", "6", "8"])…',
    "'{{resolve:ssm:name:1}}'": "resolve:ssm:name:1",
    "'arn:{{resolve:secretsmanager:x}}/y'": 'Sub("arn:${resolve:secretsmanager:x}/y")',
    "!Join [',', !Ref OpenList]": 'Join(",", OpenList…)',
    "!Select [0, !Ref OpenList]": 'Select("0", OpenList…)',
    "!Select [4, !Split [':', !GetAtt Queue.Arn]]": "AWS::AccountId",
    "!Split ['-', !Ref Open]": 'Split("-", Open)…',
    # malformed: unknown, by what is written
    "!Select [x, [a]]": 'Select("x", ["a"])',
    "!Select [7, [a]]": 'Select("7", ["a"])',
    "!Join [a]": "Fn::Join ['a', ]",
    "!Nothing x": "Fn::Nothing 'x'…",
    "Fn::GetAtt: x": "Fn::GetAtt 'x'…",
    "~": "AWS::NoValue",
}


def resource(written: str, given: Mapping[str, Value] | None = None) -> str:
    """Return the policy's resource, spelled out."""
    found = read(HEAD + indented(written, 12) + "\n", given=given)
    assert not lost(found)
    said = held(found)["/Resources/Held/Properties/PolicyDocument"]
    return said.partition('"Resource": ')[2].removesuffix("}}")


@pytest.mark.parametrize("written", EXAMPLES)
def test_functions(written: str) -> None:
    assert resource(written) == EXAMPLES[written]


def test_short_and_long_forms_and_json_say_the_same() -> None:
    short = "!Sub ['${A}-${B.Arn}', {A: !Select [0, !Split [',', 'x,y']]}]"
    long = 'Fn::Sub: ["${A}-${B.Arn}", {"A": {"Fn::Select": [0, {"Fn::Split": [",", "x,y"]}]}}]'
    assert (
        resource(short)
        == resource(long)
        == resource(f"{{{long.replace('Fn::Sub', _q('Fn::Sub'))}}}")
    )


def _q(text: str) -> str:
    return f'"{text}"'


def test_a_given_parameter_decides_conditions_as_well() -> None:
    given: dict[str, Value] = {"Env": Scalar("prod", whole_file("p"))}
    assert resource("!If [IsProd, a, b]", given) == '"a"'
    assert resource("!Sub '${Env}-x'", given) == '"prod-x"'
    listed: dict[str, Value] = {"OpenList": Scalar("a,b", whole_file("p"))}
    assert resource("!Select [1, !Ref OpenList]", listed) == '"b"'


LOOP: Final = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'one,two'}
Resources:
  Fn::ForEach::Roles:
    - Name
    - %s
    - Role${Name}:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement: {Effect: Allow, Principal: {AWS: !Ref Name}, Action: 'sts:AssumeRole'}
          Fn::ForEach::Tag:
            - Key
            - [Description, RoleName]
            - ${Key}: !Sub '${Name}-${Key}'
"""


def test_a_loop_stands_for_each_of_its_items() -> None:
    found = held(read(LOOP % "!Ref Names"))
    assert list(found) == [
        f"/Resources/Role{name}/Properties/AssumeRolePolicyDocument" for name in ("one", "two")
    ]
    assert '{"AWS": "two"}' in list(found.values())[1]


def test_a_loop_over_an_unknown_list_is_not_passed_over() -> None:
    (gone,) = lost(read(LOOP % "!Ref Missing"))
    assert "runs over a list that is only known at deployment" in gone.problem
    assert gone.address == "/Resources/Fn::ForEach::Roles"


INCLUDE: Final = """
Resources:
  Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: parts/roles.yaml}}
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: %s}}
"""
PARTS: Final = {
    "infra/parts/roles.yaml": "G:\n  Type: AWS::IAM::GroupPolicy\n  Properties:\n"
    "    GroupName: g\n    PolicyDocument: {Statement: {Effect: Allow, Action: 'a:*', Resource: '*'}}\n",
    "infra/parts/p.json": '{"Statement": {"Effect": "Allow", "Action": "b:*", "Resource": "*"}}',
}


def test_files_of_the_repository_are_included_at_their_own_lines() -> None:
    found = read(INCLUDE % "parts/p.json", "infra/t.yaml", files=PARTS)
    assert not lost(found)
    assert {(each.address, each.at.path) for each in found} == {
        ("/Resources/G/Properties/PolicyDocument@group/g", "infra/parts/roles.yaml"),
        ("/Resources/P/Properties/PolicyDocument", "infra/t.yaml"),
    }
    assert '"b:*"' in held(found)["/Resources/P/Properties/PolicyDocument"]


@pytest.mark.parametrize("location", ["s3://bucket/p.json", "../../up.json", "/etc/passwd", "no"])
def test_what_cannot_be_included_is_said(location: str) -> None:
    (gone,) = lost(read(INCLUDE % location, "infra/t.yaml", files=PARTS))
    assert "not in the repository" in gone.problem


def test_a_macro_may_make_anything_of_a_template() -> None:
    text = "Transform: [AWS::LanguageExtensions, Mine]\nResources: {B: {Type: 'AWS::S3::Bucket'}}\n"
    (gone,) = lost(read(text))
    assert gone.problem == "the macro `Mine` rewrites the template at deployment"
    (changed,) = lost(read(text.replace("B:", "C:")))
    assert gone.content != changed.content


MANY: Final = 60
CONDITIONS: Final = "Conditions:\n" + "".join(
    f"  C{n}: !Or [!Equals [!Ref 'AWS::Region', r{n}], !Equals [!Ref P{n}, x]]\n"
    for n in range(MANY)
)
ALL: Final = "  All: !And [" + ", ".join(f"!Condition C{n}" for n in range(MANY)) + "]\n"
LOOPS: Final = "".join(
    indented(f"Fn::ForEach::L{n}:\n  - X{n}\n  - [{','.join(map(str, range(20)))}]\n  -", 4 * n + 2)
    + "\n"
    for n in range(8)
)
POLICY: Final = """
  P:
    Type: AWS::IAM::ManagedPolicy
    Condition: All
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: '*', Resource: !Ref A}}
"""
CHAIN: Final = "".join(
    f"  A{n}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Sub '${{A{n + 1}}}${{A{n + 1}}}'}}}}\n"
    for n in range(400)
)


OPEN: Final = "Conditions:\n" + "".join(
    f"  C{n}: !Equals [!Ref 'AWS::Region', r{n}]\n  D{n}: !Equals [!Ref P{n}, x]\n"
    for n in range(MANY)
)
GRID: Final = ",".join(
    f"k{n}: {{{','.join(f'j{m}: v{n * m}' for m in range(60))}}}" for n in range(60)
)
EITHER: Final = "!Or [" + ", ".join(f"!Condition C{n}" for n in range(9)) + "]"


def within(depth: int) -> str:
    """Return a choice in a choice in a choice."""
    return f"!If [D{depth}, {within(depth - 1)}, {within(0)}]" if depth else "!If [Any, a, b]"


def of_texts(items: str, delimiter: str = "") -> str:
    """Return a policy about a text of many pieces that depend on conditions."""
    joined = f"!Join ['{delimiter}', [{items}]]"
    return OPEN + "Resources:" + POLICY.replace("!Ref A", joined).replace("All", "D0")


@pytest.mark.parametrize(
    "hostile",
    [
        OPEN
        + f"  Any: {EITHER}\nResources:"
        + POLICY.replace("!Ref A", within(30)).replace("All", "Any"),
        of_texts(",".join(f"!If [D{n}, a, b]" for n in range(40))),
        of_texts(",".join(f"!If [D{n}, a, !Ref 'AWS::NoValue']" for n in range(40)), "-"),
        f"Mappings: {{M: {{{GRID}}}}}\nConditions:\n"
        "  All: !Equals [!FindInMap [M, !Ref A, !Ref B], !FindInMap [M, !Ref C, !Ref D]]\nResources:"
        + POLICY,
        CONDITIONS + ALL + "Resources:" + POLICY,
        "Resources:\n" + LOOPS + indented("a: {Type: 'AWS::S3::Bucket'}", 36),
        "Resources:\n" + CHAIN + POLICY.replace("Ref A", "Ref A0"),
        "Resources:" + POLICY.replace("!Ref A", "!Sub '" + "${AWS::Region}" * 50_000 + "'"),
    ],
    ids=["choices", "texts", "absences", "maps", "conditions", "loops", "names", "pieces"],
)
def test_work_is_bounded(hostile: str) -> None:
    start = time.process_time()
    found = read(hostile)
    assert time.process_time() - start < 10
    assert found


STACK: Final = """
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: %s
      Parameters: {Target: %s}
"""
CHILD: Final = """
Parameters:
  Target: {Type: String}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: '*', Action: 'sts:AssumeRole'}}
      Policies:
        - PolicyName: p
          PolicyDocument: {Statement: {Effect: Allow, Action: 's3:*', Resource: !Ref Target}}
"""


def test_a_nested_template_is_read_with_what_is_given_to_it() -> None:
    files = {"a/child.yaml": CHILD}
    found = read(STACK % ("./child.yaml", "'*'"), "a/t.yaml", files=files)
    assert not lost(found)
    address = "/Resources/Child/Resources/Role/Properties/Policies/p/PolicyDocument"
    assert '"Resource": "*"' in held(found)[address]
    assert {document.at.path for document in found} == {"a/child.yaml"}
    opaque = held(read(STACK % ("child.yaml", "!GetAtt Bucket.Arn"), "a/t.yaml", files=files))
    assert 'Sub("arn:aws:s3:::${Child/Bucket}")' in "".join(opaque.values())


@pytest.mark.parametrize("place", ["https://s3.amazonaws.com/b/t.yaml", "!Ref Nowhere", "t.yaml"])
def test_a_nested_template_that_cannot_be_read_is_said(place: str) -> None:
    (gone,) = lost(read(STACK % (place, "x")))
    assert gone.address == "/Resources/Child/Properties/TemplateURL"


def test_a_large_template_is_read_quickly() -> None:
    statement = (
        "              - Effect: Allow\n                Action: [s3:GetObject, s3:PutObject]\n"
        "                Resource: !Sub 'arn:aws:s3:::bucket-%d-${AWS::Region}/*'\n"
    )
    role = (
        "  Role%d:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n"
        "        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]\n"
        "      Policies:\n        - PolicyName: p\n          PolicyDocument:\n            Statement:\n"
    )
    resources = (role % n + "".join(statement % k for k in range(11)) for n in range(500))
    text = "Resources:\n" + "".join(resources)
    assert 950_000 < len(text) < 1024 * 1024
    start = time.process_time()
    found = read(text)
    assert time.process_time() - start < 6  # it takes less than one; collections of garbage may not
    assert len(found) == 1_000
