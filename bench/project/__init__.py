"""The API that is measured: tasks, over REST, under several kinds of realtime."""
