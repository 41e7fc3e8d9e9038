/** Apollo Client over its GraphQLWsLink, obeying lines: `apollo.mjs URL CONNECTION_PARAMS`. */
import { ApolloClient, InMemoryCache, gql } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";

import { obey, socketOptions } from "./lines.mjs";

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: new GraphQLWsLink(createClient(socketOptions())),
});

await obey(({ query, variables }, observer) => {
  const subscription = client
    .subscribe({ query: gql(query), variables, fetchPolicy: "no-cache" })
    // Apollo 4 brings an operation's end by `error` as a last result.
    .subscribe({
      ...observer,
      next: ({ data, error }) => (error ? observer.error(error) : observer.next({ data })),
    });
  return () => subscription.unsubscribe();
});
