#!/usr/bin/env python3
"""What gtruth sends to SageMaker, beside what boto3 and the AWS CLI send for the same job.

usage: wire.py GTRUTH

A job of every task type is sent three times to a recording endpoint. Target header, content type, signing scope and parsed body
have to be the same, and the body has to fit SageMaker's own API model in full: patterns, enums and maxima, which no
client checks. The other calls of gtruth are compared with boto3's likewise.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
import yaml

from api_model import ApiModel
from jobs import REGION, jobs
from recording_endpoint import RecordingEndpoint

ARN = f"arn:aws:sagemaker:{REGION}:111122223333:labeling-job/x"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "KEY-ID",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
JOB = {"LabelingJobName": "x", "LabelingJobArn": ARN, "LabelingJobStatus": "InProgress", "LabelCounters": {}}
ANSWERS = {
    "CreateLabelingJob": (200, {"LabelingJobArn": ARN}),
    "DescribeLabelingJob": (200, JOB),
    "ListLabelingJobs": (200, {"LabelingJobSummaryList": []}),
    "StopLabelingJob": (200, {}),
    "RenderUiTemplate": (200, {"RenderedContent": "", "Errors": []}),
}


def main(gtruth):
    os.environ.update(CREDENTIALS)
    model = ApiModel()
    n_requests = 0
    with RecordingEndpoint(ANSWERS) as endpoint, tempfile.TemporaryDirectory() as folder:
        for name, request in jobs():
            file = Path(folder, "job.yaml")
            file.write_text(yaml.safe_dump(request, sort_keys=False, allow_unicode=True))
            sent = {
                "gtruth": by_gtruth(endpoint, gtruth, "create", file, "--yes"),
                "boto3": by_boto3(endpoint, "create_labeling_job", request),
                "awscli": by_awscli(endpoint, folder, request),
            }
            compare(name, model, sent)
            n_requests += 1
        for arguments, call, parameters in [
            (("describe", "river"), "describe_labeling_job", {"LabelingJobName": "river"}),
            (
                ("list", "--status", "in-progress", "--name-contains", "r", "--limit", "7"),
                "list_labeling_jobs",
                {"SortBy": "CreationTime", "SortOrder": "Descending", "NameContains": "r",
                 "StatusEquals": "InProgress", "MaxResults": 7},
            ),
            (("stop", "river", "--yes"), "stop_labeling_job", {"LabelingJobName": "river"}),
        ]:
            sent = {
                "gtruth": by_gtruth(endpoint, gtruth, *arguments, "--region", REGION),
                "boto3": by_boto3(endpoint, call, parameters),
            }
            compare(" ".join(arguments), model, sent)
            n_requests += 1
    print(f"{n_requests} requests of gtruth are those of boto3 and the AWS CLI, and fit the API model")


def by_gtruth(endpoint, gtruth, *arguments):
    run([gtruth, "job", *arguments, "--endpoint-url", endpoint.url])
    return endpoint.take()


def by_boto3(endpoint, call, parameters):
    client = boto3.client("sagemaker", region_name=REGION, endpoint_url=endpoint.url)
    getattr(client, call)(**parameters)
    return endpoint.take()


def by_awscli(endpoint, folder, request):
    file = Path(folder, "request.json")
    file.write_text(json.dumps(request))
    run([
        Path(sys.executable).with_name("aws"), "sagemaker", "create-labeling-job", "--region", REGION,
        "--endpoint-url", endpoint.url, "--cli-input-json", f"file://{file}",
    ])
    return endpoint.take()


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: {' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}")


def compare(what, model, sent):
    ours = sent["gtruth"]
    for client, theirs in sent.items():
        if ours != theirs:
            sys.exit(f"error: {what}: gtruth sends\n  {ours}\nand {client}\n  {theirs}")
    faults = model.faults(ours.target.rpartition(".")[2], ours.body)
    if faults:
        sys.exit(f"error: {what}: the request does not fit SageMaker's API model\n  " + "\n  ".join(faults))


if __name__ == "__main__":
    main(*sys.argv[1:])
