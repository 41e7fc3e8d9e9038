/** The whole page: a door, or the lists of whoever came in. */
import { ApolloProvider } from "@apollo/client/react";
import { useEffect, useState } from "react";

import { Board } from "./Board";
import { Door } from "./Door";
import { openLive, type Live, type Status } from "./live";
import { signOut, whoAmI } from "./rest";

export function Page() {
  const [user, setUser] = useState<string | null | undefined>();
  useEffect(() => {
    void whoAmI().then((session) => setUser(session.user));
  }, []);

  if (user === undefined) return null;
  if (user === null) return <Door onEnter={setUser} />;
  return <Room key={user} user={user} onLeave={() => setUser(null)} />;
}

const STATUS_WORDS: Record<Status, string> = {
  connecting: "Connecting",
  live: "Live",
  offline: "Offline, trying again",
};

/** One person's page, with a client of its own: a socket belongs to whoever opened it. */
function Room({ user, onLeave }: { user: string; onLeave: () => void }) {
  const [status, setStatus] = useState<Status>("connecting");
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    const opened = openLive(setStatus);
    setLive(opened);
    return opened.close;
  }, []);

  return (
    <>
      <header className="bar">
        <span className="brand">
          <span className="tick" aria-hidden="true">
            ✓
          </span>
          To do, live
        </span>
        <span className={`status ${status}`} role="status">
          {STATUS_WORDS[status]}
        </span>
        <nav>
          <a href="/graphql/">GraphiQL</a>
          <a href="/api/">REST</a>
        </nav>
        <span className="person">{user}</span>
        <button type="button" className="quiet" onClick={() => void signOut().then(onLeave)}>
          Sign out
        </button>
      </header>
      {live && (
        <ApolloProvider client={live.client}>
          <Board />
        </ApolloProvider>
      )}
    </>
  );
}
