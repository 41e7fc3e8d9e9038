/** The official graphql-ws client, obeying lines: `graphql_ws.mjs URL CONNECTION_PARAMS`. */
import { createClient } from "graphql-ws";

import { obey, socketOptions } from "./lines.mjs";

const client = createClient(socketOptions());

await obey(({ query, variables }, observer) => client.subscribe({ query, variables }, observer));
