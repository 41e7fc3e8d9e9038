/** How GraphiQL reaches gql_live: queries by POST, subscriptions over `graphql-transport-ws`. */
import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { type DocumentNode, parse } from "graphql";
import { createClient } from "graphql-ws";

const CSRF_COOKIE = "csrftoken";
const FORBIDDEN = 4403;

/** The value of the cookie called `name`, if the page may read one. */
function cookie(name: string): string | undefined {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found && decodeURIComponent(found.slice(name.length + 1));
}

/** Django's proof that a request with the session's cookie comes from a page of its own. */
function csrfHeaders(): Record<string, string> {
  const token = cookie(CSRF_COOKIE);
  return token ? { "X-CSRFToken": token } : {};
}

/**
 * The document, by which the fetcher knows a subscription. The editor's own is that of a while ago:
 * who is quicker would have a subscription posted.
 */
function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined; // the server says what is wrong with it
  }
}

/** The WebSocket address of an HTTP address on this page's origin. */
function socketAddress(endpoint: string): string {
  const url = new URL(endpoint, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * A fetcher for the GraphQL endpoint at `endpoint`.
 *
 * What the headers editor holds goes with each POST and, as `{"headers": {...}}`, into
 * `connection_init`: each subscription has a client, and so a socket, of its own, because the
 * headers may have changed since the last one.
 */
export function createFetcher(endpoint: string): Fetcher {
  const url = new URL(endpoint, location.href).href;
  return (params, options) => {
    const headers: Record<string, string> = options?.headers ?? {};
    const fetcher = createGraphiQLFetcher({
      url,
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { ...csrfHeaders(), ...init?.headers } }),
      wsClient: createClient({
        url: socketAddress(endpoint),
        connectionParams: { headers },
        retryAttempts: Infinity,
        // By default a connection that fails, as while a server starts again, ends all; but
        // credentials that were refused will be refused again, and the user should read so.
        shouldRetry: (event) => !(event instanceof CloseEvent && event.code === FORBIDDEN),
      }),
    });
    return fetcher(params, { ...options, documentAST: parsed(params.query) });
  };
}
