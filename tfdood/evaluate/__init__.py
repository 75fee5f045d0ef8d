"""The paper's tables and figures, from a SavedModel: one file a task."""
