/** The official graphql-sse client, obeying lines: `graphql_sse.mjs URL HEADERS`. */
import { createClient } from "graphql-sse";

import { obey } from "../lines.mjs";

const [url, headers] = process.argv.slice(2);
const client = createClient({ url, headers: JSON.parse(headers), retryAttempts: 0 });

await obey(({ query, variables }, observer) => client.subscribe({ query, variables }, observer));
