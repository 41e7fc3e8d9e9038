"""Teams, their projects and tasks: every kind of relation that an answer can be made of."""
