/** What the socket brought, newest first. */
import type { TaskChange } from "./tasks";

function describe({ action, id, instance, instances }: TaskChange): string {
  if (action === "SNAPSHOT") return `${instances?.length ?? 0} tasks`;
  return instance ? instance.text : `task ${id}`;
}

export function EventLog({ changes }: { changes: TaskChange[] }) {
  return (
    <aside className="events">
      <h2>What arrived</h2>
      <ol>
        {changes.map((change, age) => (
          <li key={age}>
            <b className={change.action.toLowerCase()}>{change.action}</b>
            <span>{describe(change)}</span>
          </li>
        ))}
      </ol>
      {changes.length === 0 && <p className="empty">Nothing yet.</p>}
    </aside>
  );
}
