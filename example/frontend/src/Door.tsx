/** Who are you? */
import { useState } from "react";

import { signIn } from "./rest";

const PEOPLE = [
  { name: "ada", says: "owns the Analytical Engine" },
  { name: "grace", says: "is a member of it" },
];

export function Door({ onEnter }: { onEnter: (user: string | null) => void }) {
  const [complaint, setComplaint] = useState("");
  const enter = (name: string) =>
    signIn(name, name).then(
      (session) => onEnter(session.user),
      (error: Error) => setComplaint(error.message),
    );

  return (
    <main className="door">
      <h1>To do, live</h1>
      <p>
        A Django REST Framework API whose views are GraphQL subscriptions. Open this page twice,
        once in a private window, and be two people at once.
      </p>
      <div className="people">
        {PEOPLE.map(({ name, says }) => (
          <button key={name} type="button" className="card" onClick={() => void enter(name)}>
            <span className="avatar" aria-hidden="true">
              {name[0]}
            </span>
            <strong>Sign in as {name}</strong>
            <span>{says}</span>
          </button>
        ))}
      </div>
      {complaint && <p role="alert">{complaint}</p>}
    </main>
  );
}
