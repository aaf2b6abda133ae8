"""Follows /events with httpx-sse: prints the id of each event and the id of the notification that it is about."""

import json
import sys
import time

import httpx
from httpx_sse import connect_sse

url, token = sys.argv[1:]
last_id, retry = "", 0.1
with httpx.Client(timeout=60, trust_env=False) as client:
    while True:
        headers = {"Authorization": f"Bearer {token}"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        try:
            with connect_sse(client, "GET", url, headers=headers) as source:
                for event in source.iter_sse():
                    last_id = event.id or last_id
                    if event.event == "connected":
                        print("connected", flush=True)
                    if event.event == "notification":
                        about = json.loads(event.data)["notification"]["id"]
                        print(f"{event.id} {about}", flush=True)
        except httpx.TransportError:
            pass
        time.sleep(retry)
