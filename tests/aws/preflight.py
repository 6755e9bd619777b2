#!/usr/bin/env python3
"""`gtruth job preflight` on a set-up that is sound, and on set-ups that are broken in one place each.

usage: preflight.py GTRUTH

moto stands for S3, IAM, STS, KMS and Lambda. What it lacks is answered in front of it: the simulator of IAM, the two
functions, and SageMaker.
"""

import http.client
import http.server
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from pathlib import Path

import boto3
import yaml
from moto.server import ThreadedMotoServer

REGION = "eu-west-1"
ACCOUNT = "123456789012"  # moto's
BUCKET = "river-sagemaker"
CORS = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposeHeaders": ["Access-Control-Allow-Origin"]}]
FUNCTIONS = {kind: f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:SageMaker-{kind}" for kind in ("pre", "post")}
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"},
}
# As template.yaml names its outputs; the resource is there because a stack needs one.
STACK = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {
        "PreHumanTaskLambdaArn": {"Value": FUNCTIONS["pre"]},
        "AnnotationConsolidationLambdaArn": {"Value": FUNCTIONS["post"]},
    },
}
TEAM = {"WorkteamName": "rangers", "MemberDefinitions": [{"OidcMemberDefinition": {"Groups": ["rangers"]}}]}
JOB = {
    "LabelingJobName": "river-survey",
    "LabelAttributeName": "survey",
    "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://{BUCKET}/in/river.manifest"}}},
    "OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/jobs"},
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/river-execution",
    "LabelCategoryConfigS3Uri": f"s3://{BUCKET}/in/labels.json",
    "HumanTaskConfig": {
        "WorkteamArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/rangers",
        "UiConfig": {"UiTemplateS3Uri": f"s3://{BUCKET}/in/survey.liquid.html"},
        "PreHumanTaskLambdaArn": FUNCTIONS["pre"],
        "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": FUNCTIONS["post"]},
        "TaskTitle": "River survey",
        "TaskDescription": "Name the animal",
        "NumberOfHumanWorkersPerDataObject": 3,
        "TaskTimeLimitInSeconds": 600,
    },
}


class Account:
    """An account of AWS on loopback. What a test breaks, it breaks in here."""

    def reset(self):
        """Nothing is broken, whatever was before."""
        self.denied = set()
        self.sagemaker = {
            "DescribeLabelingJob": (400, {"__type": "ResourceNotFound", "message": "Requested resource not found."}),
            "DescribeWorkteam": (200, {"Workteam": TEAM}),
            "RenderUiTemplate": (200, {"RenderedContent": "<p>", "Errors": []}),
        }
        self.answers = {
            "pre": lambda event: {"taskInput": event["dataObject"]},
            "post": lambda event: [
                {"datasetObjectId": element["datasetObjectId"], "consolidatedAnnotation": {"content": {"survey": 1}}}
                for element in event["payload"]
            ],
        }
        self.set_up()

    def __enter__(self):
        self.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.moto.start()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), front_of(self))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.moto.stop()

    def client(self, service):
        return boto3.client(service, region_name=REGION, endpoint_url=self.url)

    def set_up(self):
        self.forward("POST", "/moto-api/reset", {}, b"")
        s3 = self.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": CORS})
        lines = [{"source-ref": f"s3://{BUCKET}/in/{n}.png"} for n in range(3)]
        files = {
            "river.manifest": "\n".join(map(json.dumps, lines)),
            "survey.liquid.html": "<crowd-form>{{ task.input.source-ref }}</crowd-form>",
            "labels.json": '{"labels": [{"label": "otter"}]}',
            **{f"{n}.png": "png" for n in range(3)},
        }
        for name, content in files.items():
            s3.put_object(Bucket=BUCKET, Key=f"in/{name}", Body=content.encode())
        self.client("iam").create_role(RoleName="river-execution", AssumeRolePolicyDocument=json.dumps(TRUST))
        self.client("cloudformation").create_stack(StackName="river", TemplateBody=json.dumps(STACK))
        for arn in FUNCTIONS.values():
            self.client("lambda").create_function(
                FunctionName=arn.rpartition(":")[2], Role=JOB["RoleArn"], Runtime="provided.al2023",
                Handler="bootstrap", PackageType="Zip", Code={"ZipFile": b"PK\5\6" + bytes(18)},
            )

    def answer(self, method, path, headers, body):
        """What moto lacks; `None` for what it has."""
        operation = headers.get("X-Amz-Target", "").partition("SageMaker.")[2]
        if operation:
            status, answer = self.sagemaker[operation]
            return status, json.dumps(answer), {}
        if invoked := re.search(r"SageMaker-(\w+)/invocations$", urllib.parse.unquote(path)):
            try:
                return 200, json.dumps(self.answers[invoked[1]](json.loads(body))), {}
            except Exception as error:  # As Lambda does: whatever a function raises is its answer.
                report = {"errorType": type(error).__name__, "errorMessage": str(error)}
                return 200, json.dumps(report), {"X-Amz-Function-Error": "Unhandled"}
        form = urllib.parse.parse_qs(body.decode(errors="replace"))
        if form.get("Action") == ["SimulatePrincipalPolicy"]:
            return 200, self.simulate(form), {"Content-Type": "text/xml"}
        return None

    def simulate(self, form):
        chosen = lambda start: [value for name, [value] in form.items() if name.startswith(start)]
        members = "".join(
            f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>"
            f"<EvalDecision>{'implicitDeny' if action in self.denied else 'allowed'}</EvalDecision></member>"
            for action in chosen("ActionNames.member.")
            for resource in chosen("ResourceArns.member.")
        )
        return (
            '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
            f"<SimulatePrincipalPolicyResult><EvaluationResults>{members}</EvaluationResults>"
            "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        )

    def forward(self, method, path, headers, body):
        connection = http.client.HTTPConnection(*self.moto.get_host_and_port())
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())


def front_of(account):
    class Front(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = (self.command, self.path, self.headers, body)
            status, content, headers = account.answer(*request) or account.forward(*request)
            content = content.encode() if isinstance(content, str) else content
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = serve

        def log_message(self, *_):
            """Says nothing."""

    return Front


def delete(key):
    return lambda account, job: account.client("s3").delete_object(Bucket=BUCKET, Key=f"in/{key}")


def put(key, content):
    return lambda account, job: account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)


def sagemaker(operation, status, answer):
    return lambda account, job: account.sagemaker.update({operation: (status, answer)})


def function(kind, answer):
    return lambda account, job: account.answers.update({kind: answer})


def change(pointer, value):
    def apply(account, job):
        *parents, last = pointer.split(".")
        for name in parents:
            job = job[name]
        job[last] = value

    return apply


def no_cors(account, job):
    account.client("s3").delete_bucket_cors(Bucket=BUCKET)


def no_trust(account, job):
    policy = json.dumps(TRUST).replace("sagemaker.", "lambda.")
    account.client("iam").update_assume_role_policy(RoleName="river-execution", PolicyDocument=policy)


def deny(action):
    return lambda account, job: account.denied.add(action)


DENIED = (400, {"__type": "AccessDeniedException", "message": "no"})
NO_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"

# What is broken, the exit code, and (check, verdict, part of its line) of what is found in addition.
CASES = [
    ("nothing", None, 0, None),
    ("the manifest is missing", delete("river.manifest"), 1, ("manifest", "problem", "does not exist")),
    ("the manifest is not valid JSON", put("in/river.manifest", b"{"), 1, ("manifest", "problem", "line 1")),
    ("a data object is missing", delete("1.png"), 1, ("data objects", "problem", "in/1.png")),
    ("the template is missing", delete("survey.liquid.html"), 1, ("template", "problem", "does not exist")),
    ("the labels are missing", delete("labels.json"), 1, ("label categories", "problem", "does not exist")),
    ("the labels are none", put("in/labels.json", b"[]"), 1, ("label categories", "problem", "is not a label category file")),
    ("no CORS rule", no_cors, 1, ("CORS", "problem", "put-bucket-cors")),
    ("no trust", no_trust, 1, ("role", "problem", "does not trust")),
    ("no role", change("RoleArn", f"arn:aws:iam::{ACCOUNT}:role/none"), 1, ("role", "problem", "does not exist")),
    ("may not invoke", deny("lambda:InvokeFunction"), 1, ("permissions", "problem", "lambda:InvokeFunction on arn")),
    ("may not write", deny("s3:PutObject"), 1, ("permissions", "problem", "s3:PutObject")),
    ("no key", change("OutputConfig.KmsKeyId", NO_KEY), 1, ("encryption", "problem", "does not exist")),
    ("no bucket", change("OutputConfig.S3OutputPath", "s3://no-sagemaker"), 1, ("buckets", "problem", "no-sagemaker")),
    ("old output", put("jobs/river-survey/x", b""), 1, ("output folder", "problem", "is not empty")),
    ("no function", change("HumanTaskConfig.PreHumanTaskLambdaArn", FUNCTIONS["pre"] + "x"), 1,
     ("functions", "problem", "does not exist")),
    ("the pre function fails", function("pre", lambda event: 1 / 0), 1, ("template", "problem", "ZeroDivisionError")),
    ("the pre function has no input", function("pre", lambda event: {}), 1, ("template", "problem", "no taskInput")),
    ("the post function answers oddly", function("post", lambda event: {"statusCode": 200}), 1,
     ("consolidation", "problem", "is not a consolidation response")),
    ("another's post function", function("post", lambda event: event["payload"]["s3Uri"]), 0,
     ("consolidation", "unknown", "TypeError")),
    ("a template with a fault", sagemaker("RenderUiTemplate", 200, {"Errors": [{"Code": "x", "Message": "line 3"}]}), 1,
     ("template", "problem", "line 3")),
    ("the name is taken", sagemaker("DescribeLabelingJob", 200, {}), 1, ("job name", "problem", "is taken")),
    ("no team", sagemaker("DescribeWorkteam", 400, {"__type": "ValidationException", "message": "does not exist"}), 1,
     ("work team", "problem", "does not exist")),
    ("may not see the team", sagemaker("DescribeWorkteam", *DENIED), 0,
     ("work team", "unknown", "get sagemaker:DescribeWorkteam")),
]


def main(gtruth):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    os.environ.update(
        AWS_ACCESS_KEY_ID="KEY-ID", AWS_SECRET_ACCESS_KEY="secret", AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true", AWS_MAX_ATTEMPTS="1",
    )
    with Account() as account, tempfile.TemporaryDirectory() as folder:
        for what, breakage, code, expected in CASES:
            account.reset()
            job = json.loads(json.dumps(JOB))
            if breakage:
                breakage(account, job)
            file = Path(folder, "job.yaml")
            file.write_text(yaml.safe_dump(job, sort_keys=False))
            check(what, [gtruth, "job", "preflight", file, "--endpoint-url", account.url, "--json"], code, expected)
        account.reset()
        file.write_text(yaml.safe_dump(without_functions(JOB), sort_keys=False))
        command = [gtruth, "job", "preflight", file, "--endpoint-url", account.url, "--json", "--stack-name"]
        check("the functions of a stack", [*command, "river"], 0, None, n_functions=2)
        check("the functions of no stack", [*command, "lake"], 2, None)
    print(f"preflight tells {len(CASES) + 2} set-ups apart")


def without_functions(job):
    functions = ("PreHumanTaskLambdaArn", "AnnotationConsolidationConfig")
    task = {name: value for name, value in job["HumanTaskConfig"].items() if name not in functions}
    return job | {"HumanTaskConfig": task}


def check(what, command, code, expected, n_functions=None):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["findings"] if done.returncode < 2 else []
    notable = [finding for finding in found if finding["verdict"] != "ok"]
    text = lambda finding: f"{finding['message']}; {finding.get('remedy', '')}"
    if expected is None:
        functions = [finding for finding in found if finding["check"] == "functions"]
        as_expected = not notable and n_functions in (None, len(functions))
    else:
        check, verdict, part = expected
        as_expected = any(
            finding["check"] == check and finding["verdict"] == verdict and part in text(finding) for finding in notable
        )
    if done.returncode != code or not as_expected:
        lines = "\n  ".join(f"{finding['verdict']} {finding['check']}: {text(finding)}" for finding in notable)
        sys.exit(f"error: {what}: exit code {done.returncode}, expected {code} and {expected}\n  {lines}\n{done.stderr}")


if __name__ == "__main__":
    main(*sys.argv[1:])
