"""Network layers for general use; none of them depends on drawings."""
