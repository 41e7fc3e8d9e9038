/** The Apollo Client of one signed-in person: subscriptions over a socket, the rest by POST. */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";

export type Status = "connecting" | "live" | "offline";

export interface Live {
  client: ApolloClient;
  close: () => void;
}

/** Open a client; `onStatus` hears how its socket is. The cookie says who is asking. */
export function openLive(onStatus: (status: Status) => void): Live {
  const url = new URL("/graphql/", location.href);
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = createClient({
    url: socketUrl.href,
    // Open at once and stay open: changing the list changes the subscription, not the socket.
    lazy: false,
    retryAttempts: Infinity,
    // By default a connection that is refused, as while a server starts again, ends all.
    shouldRetry: () => true,
    on: {
      connecting: (isRetry) => onStatus(isRetry ? "offline" : "connecting"),
      connected: () => onStatus("live"),
      closed: () => onStatus("offline"),
    },
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      new HttpLink({ uri: url.href }),
    ),
  });
  const close = () => {
    client.stop();
    void socket.dispose();
  };
  return { client, close };
}
