/**
 * One list's tasks. A write goes to REST and changes nothing here: what is shown is what the
 * subscription says, whoever wrote it.
 */
import { useSubscription } from "@apollo/client/react";
import { useEffect, useReducer, useRef, useState } from "react";

import { EventLog } from "./EventLog";
import { addTask, deleteTask, setDone, type Priority } from "./rest";
import { applyChange, TASKS, type Task, type TaskChange, type TaskList, type Tasks } from "./tasks";

interface State {
  tasks: Tasks;
  changes: TaskChange[];
}

function receive({ tasks, changes }: State, change: TaskChange): State {
  return { tasks: applyChange(tasks, change), changes: [change, ...changes].slice(0, 12) };
}

export function TaskPanel({ list }: { list: TaskList }) {
  const [{ tasks, changes }, dispatch] = useReducer(receive, { tasks: null, changes: [] });
  const [refusal, setRefusal] = useState("");
  const { error } = useSubscription(TASKS, {
    variables: { list: list.id },
    fetchPolicy: "no-cache",
    onData: ({ data }) => data.data && dispatch(data.data.tasks),
  });
  const write = (request: Promise<unknown>) =>
    void request.then(
      () => setRefusal(""),
      (reason: Error) => setRefusal(reason.message),
    );

  const rows = [...(tasks?.values() ?? [])];
  const open = rows.filter(({ done }) => !done).length;
  return (
    <>
      <section className="panel" aria-label={list.name}>
        <h1>{list.name}</h1>
        <p className="count">
          {tasks ? `${open} of ${rows.length} to do` : "Waiting for the tasks"}
        </p>
        <AddTask onAdd={(text, priority) => write(addTask(list.id, text, priority))} />
        {(error || refusal) && <p role="alert">{error?.message ?? refusal}</p>}
        <ul className="tasks">
          {rows.map((task) => (
            <TaskRow key={task.id} task={task} write={write} />
          ))}
        </ul>
      </section>
      <EventLog changes={changes} />
    </>
  );
}

function TaskRow({ task, write }: { task: Task; write: (request: Promise<unknown>) => void }) {
  const { id, text, done, priority } = task;
  const row = useRef<HTMLLIElement>(null);
  // Whenever the subscription brings the row, it flashes.
  useEffect(() => {
    row.current?.animate({ background: ["var(--wash)", "transparent"] }, 1400);
  }, [task]);
  return (
    <li ref={row} className={done ? "done" : undefined}>
      <label>
        <input type="checkbox" checked={done} onChange={() => write(setDone(id, !done))} />
        <span>{text}</span>
      </label>
      <span className={`priority ${priority}`}>{priority}</span>
      <button
        type="button"
        className="quiet"
        aria-label={`Delete ${text}`}
        onClick={() => write(deleteTask(id))}
      >
        ✕
      </button>
    </li>
  );
}

function AddTask({ onAdd }: { onAdd: (text: string, priority: Priority) => void }) {
  const add = (form: FormData) =>
    onAdd(String(form.get("text")), String(form.get("priority")) as Priority);
  return (
    <form action={add} className="add">
      <input name="text" placeholder="What needs doing?" aria-label="New task" required />
      <select name="priority" aria-label="Priority" defaultValue="normal">
        <option>low</option>
        <option>normal</option>
        <option>high</option>
      </select>
      <button type="submit">Add</button>
    </form>
  );
}
