"""Reports: Markdown tables and one page with the pictures."""
