/** The editors' language services: each runs in a worker, which is a file beside this script. */
import type { Environment } from "monaco-editor";
import editorWorker from "monaco-editor/esm/vs/editor/editor.worker.js?worker&url";
import jsonWorker from "monaco-editor/esm/vs/language/json/json.worker.js?worker&url";
import graphqlWorker from "monaco-graphql/esm/graphql.worker.js?worker&url";

const ADDRESSES: Record<string, string> = { json: jsonWorker, graphql: graphqlWorker };

/**
 * Start the worker at `address`.
 *
 * A browser refuses a worker from another origin (static files on a host of their own), but lets
 * one from this origin import it.
 */
function startWorker(address: string): Worker {
  const url = new URL(address, import.meta.url);
  if (url.origin === location.origin) {
    return new Worker(url, { type: "module" });
  }
  const source = new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(source), { type: "module" });
}

const environment: Environment = {
  getWorker: (_id, label) => startWorker(ADDRESSES[label] ?? editorWorker),
};
Object.assign(globalThis, { MonacoEnvironment: environment });
