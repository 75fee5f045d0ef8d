"""Network layers that know nothing of drawings."""
