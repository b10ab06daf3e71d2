"""Outside systems that hear of what happens in the mesh: one file each, handed to the outbox by the doors."""
