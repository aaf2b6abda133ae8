// Follows /events with the npm package `eventsource`: prints the id of each event and of what it is about.
import { EventSource } from "eventsource";

const [url, token] = process.argv.slice(2);
const authorized = (address, init) =>
  fetch(address, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });
const source = new EventSource(url, { fetch: authorized });
source.addEventListener("connected", () => console.log("connected"));
source.addEventListener("notification", (event) =>
  console.log(`${event.lastEventId} ${JSON.parse(event.data).notification.id}`),
);
