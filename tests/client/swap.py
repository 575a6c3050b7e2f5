#!/usr/bin/env python3
"""Puts a face into a picture or video through the web API: swap.py URL TOKEN FACE TARGET OUTPUT"""
import json, os, sys, urllib.parse, urllib.request

url, token, face, target, output = sys.argv[1:]


def ask(method, path, body=None, **headers):
    headers["Authorization"] = f"Bearer {token}"
    return urllib.request.urlopen(urllib.request.Request(url + path, body, headers, method=method))


def upload(path):
    name = urllib.parse.quote(os.path.basename(path))
    with open(path, "rb") as file:  # streamed: a film needs no memory
        length = str(os.path.getsize(path))
        sent = {"Content-Type": "application/octet-stream", "Content-Length": length}
        return json.load(ask("POST", f"/v1/uploads?name={name}", file, **sent))["id"]


job = {"sources": [upload(face)], "target": upload(target)}
sent = {"Content-Type": "application/json"}
job = json.load(ask("POST", "/v1/jobs", json.dumps(job).encode(), **sent))
for line in ask("GET", f"/v1/events?job={job['id']}"):  # a snapshot, then every change
    if not line.startswith(b"data:"):
        continue
    event = json.loads(line[5:])
    if event["type"] == "progress":
        print(f"\r{event['progress']['frames']} frames", end="", file=sys.stderr)
    job = {"snapshot": lambda: event["jobs"][0], "job": lambda: event["job"]}.get(
        event["type"], lambda: job)()
    if job["state"] in ("done", "failed", "refused", "cancelled"):
        break
if job["state"] != "done":
    sys.exit(f"{job['state']}: {job.get('failure', {}).get('message', '')}")
with ask("GET", f"/v1/jobs/{job['id']}/output") as answer, open(output, "wb") as file:
    while part := answer.read(1 << 20):
        file.write(part)
