/** GraphiQL in the element `#graphiql`, for the endpoint named by its `data-endpoint`. */
import "./workers";

import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

import "graphiql/style.css";
import "./page.css";

import { createFetcher } from "./fetcher";

const WELCOME = `# Reads and subscriptions of this API.
#
# A subscription stays open: run it, then write through REST, and see the change arrive.
# Docs (the book icon) lists every field; Ctrl-Space completes what you type.
# Who you are: the page's session, or a token in "Headers": {"Authorization": "Token ..."}.

`;

const element = document.getElementById("graphiql");
if (!element?.dataset.endpoint) {
  throw new Error('The page has no <div id="graphiql" data-endpoint="...">.');
}
createRoot(element).render(
  <GraphiQL fetcher={createFetcher(element.dataset.endpoint)} defaultQuery={WELCOME} />,
);
