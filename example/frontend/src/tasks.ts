/** The tasks of one list: what is asked of gql_live, and how its changes become a picture. */
import { gql, type TypedDocumentNode } from "@apollo/client";

import type { Priority } from "./rest";

export interface TaskList {
  id: string;
  name: string;
  owner: string;
  members: string[];
}

export interface Task {
  id: string;
  text: string;
  done: boolean;
  priority: Priority;
  list: string;
}

export interface TaskChange {
  action: "SNAPSHOT" | "CREATED" | "UPDATED" | "DELETED" | "RESYNC";
  id: string | null;
  instance: Task | null;
  instances: Task[] | null;
}

export const LISTS: TypedDocumentNode<{ lists: TaskList[] }> = gql`
  query Lists {
    lists {
      id
      name
      owner
      members
    }
  }
`;

export const TASKS: TypedDocumentNode<{ tasks: TaskChange }, { list: string }> = gql`
  subscription Tasks($list: ID) {
    tasks(filter: { list: $list }, snapshot: true) {
      action
      id
      instance {
        id
        text
        done
        priority
        list
      }
      instances {
        id
        text
        done
        priority
        list
      }
    }
  }
`;

/** The tasks by id; `null` until the first snapshot. */
export type Tasks = ReadonlyMap<string, Task> | null;

/** The tasks after `change`. */
export function applyChange(tasks: Tasks, change: TaskChange): Tasks {
  switch (change.action) {
    case "SNAPSHOT":
      return new Map(change.instances?.map((task) => [task.id, task]));
    case "CREATED":
    case "UPDATED":
      return change.instance ? new Map(tasks).set(change.instance.id, change.instance) : tasks;
    case "DELETED":
      return new Map([...(tasks ?? [])].filter(([id]) => id !== change.id));
    case "RESYNC":
      // A subscriber with a snapshot is sent a new SNAPSHOT instead.
      return tasks;
  }
}
