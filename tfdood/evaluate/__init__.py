"""Evaluation of SavedModels: tasks, measures, records and reports."""
