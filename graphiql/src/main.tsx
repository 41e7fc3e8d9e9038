/** GraphiQL in the element `#graphiql`, for the endpoint named by its `data-endpoint`. */
import "./workers";

import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

import "graphiql/style.css";
import "./page.css";

import { createFetcher } from "./fetcher";

const WELCOME = `# Reads and subscriptions of this API.
#
# A subscription stays open: run one, write
# through REST, and see the change arrive.
#
# Documentation, at the left, has every field;
# Ctrl-Space completes what you type.
#
# You are who the page's session says, or say
# so in Headers: {"Authorization": "Token ..."}

{
  __typename
}
`;

const element = document.getElementById("graphiql");
if (!element?.dataset.endpoint) {
  throw new Error('The page has no <div id="graphiql" data-endpoint="...">.');
}
createRoot(element).render(
  <GraphiQL fetcher={createFetcher(element.dataset.endpoint)} defaultQuery={WELCOME} />,
);
