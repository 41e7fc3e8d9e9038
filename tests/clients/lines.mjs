/**
 * How a test drives a client: one JSON object a line, commands on stdin, events on stdout.
 *
 * Commands: {"do": "subscribe", "id", "query", "variables"}, {"do": "unsubscribe", "id"}, and
 * {"do": "count"}, answered by {"event": "count", "next"}: how many `next` messages came over the
 * wire, whether or not anyone still listened.
 * Events: {"event": "connected"}, {"event": "closed", "code"}, and of one subscription
 * {"event": "next" | "error" | "complete", "id", "payload"}.
 */
import { createInterface } from "node:readline";
import WebSocket from "ws";

/** A WebSocket as a page of the server's own origin opens it. */
class PageWebSocket extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols, { origin: url.replace(/^ws(s?:\/\/[^/]+).*/, "http$1") });
  }
}
globalThis.WebSocket = PageWebSocket;

let nextMessages = 0;

/** Options of a stock graphql-ws client for the endpoint and the credentials of argv. */
export function socketOptions() {
  const [url, connectionParams] = process.argv.slice(2);
  return {
    url,
    lazy: false,
    // By default a connection that is refused, as while a server starts again, ends all for good.
    shouldRetry: () => true,
    connectionParams: JSON.parse(connectionParams),
    on: {
      connected: () => say({ event: "connected" }),
      closed: ({ code }) => say({ event: "closed", code }),
      message: ({ type }) => {
        if (type === "next") nextMessages += 1;
      },
    },
  };
}

function say(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The GraphQL errors of an operation's end by `error`, or what else ended it. */
function errorPayload(error) {
  if (Array.isArray(error)) return error;
  return error.errors ?? [{ message: error.message ?? error.reason, code: error.code }];
}

/**
 * Obey commands until stdin ends.
 *
 * `subscribe` takes a command and an observer {next, error, complete}, and returns what
 * unsubscribes.
 */
export async function obey(subscribe) {
  const running = new Map();
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    const { id } = command;
    if (command.do === "subscribe") {
      const observer = {
        next: (payload) => say({ event: "next", id, payload }),
        error: (error) => say({ event: "error", id, payload: errorPayload(error) }),
        // graphql-ws also says so when it is the client that ends the operation.
        complete: () => running.has(id) && say({ event: "complete", id }),
      };
      running.set(id, subscribe(command, observer));
    } else if (command.do === "unsubscribe") {
      const unsubscribe = running.get(id);
      running.delete(id);
      unsubscribe();
    } else {
      say({ event: "count", next: nextMessages });
    }
  }
  process.exit(0);
}
