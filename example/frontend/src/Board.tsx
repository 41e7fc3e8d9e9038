/** The lists at the side, the chosen one's tasks beside them. */
import { useQuery } from "@apollo/client/react";
import { useState } from "react";

import { TaskPanel } from "./TaskPanel";
import { LISTS } from "./tasks";

export function Board() {
  const { data, error } = useQuery(LISTS);
  const [chosen, setChosen] = useState<string>();

  if (error) return <p role="alert">The lists could not be read: {error.message}</p>;
  if (!data) return null;
  const list = data.lists.find(({ id }) => id === chosen) ?? data.lists[0];
  return (
    <main className="board">
      <aside>
        <h2>Lists</h2>
        <ul className="lists">
          {data.lists.map(({ id, name, owner, members }) => (
            <li key={id}>
              <button
                type="button"
                aria-current={id === list?.id ? "true" : undefined}
                onClick={() => setChosen(id)}
              >
                <strong>{name}</strong>
                <span>{[owner, ...members].join(", ")}</span>
              </button>
            </li>
          ))}
        </ul>
      </aside>
      {list ? <TaskPanel key={list.id} list={list} /> : <p className="empty">You have no lists.</p>}
    </main>
  );
}
