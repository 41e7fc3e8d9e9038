/** Everything that this page writes, and who it is: plain REST, with the session's cookie. */

export type Priority = "low" | "normal" | "high";

/** What the API said when it refused, in words for people. */
export class Refusal extends Error {}

function csrfToken(): string {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/** The sentences of a Django REST Framework error: `{"detail": "..."}` or `{"field": ["..."]}`. */
function sentences(body: unknown): string {
  return typeof body === "object" && body !== null ? Object.values(body).flat().join(" ") : "";
}

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
    },
    body: body && JSON.stringify(body),
  });
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) {
    throw new Refusal(sentences(answer) || `The server answered ${response.status}.`);
  }
  return answer as T;
}

export interface Session {
  user: string | null;
}

export const whoAmI = () => call<Session>("GET", "/session/");
export const signIn = (username: string, password: string) =>
  call<Session>("POST", "/session/", { username, password });
export const signOut = () => call<Session>("DELETE", "/session/");

export const addTask = (list: string, text: string, priority: Priority) =>
  call("POST", "/api/tasks/", { list, text, priority });
export const setDone = (id: string, done: boolean) => call("PATCH", `/api/tasks/${id}/`, { done });
export const deleteTask = (id: string) => call("DELETE", `/api/tasks/${id}/`);
